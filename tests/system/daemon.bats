#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The daemon itself: what its processes may do, and what happens when they die.

load ../lib/netfence

setup_file()
{
	setup_host
	sshd_up host
	start_netfenced
}

# Each test begins with a netfenced and without a fence.
teardown()
{
	on_failure
	logout_all
	have_netfenced
	wait_for tables_as_before
}

capabilities() # PID
{
	sed -n 's/^CapEff:\t0*\([0-9a-f]\)/\1/p' "/proc/$1/status"
}

# The processes below the supervisor, by what they may do.
with_capabilities() # HEX
{
	local pid

	for pid in $(family_of "$(netfenced_pid)"); do
		[ "$(capabilities "$pid")" != "$1" ] || echo "$pid"
	done
}

main_pid()
{
	local pid

	for pid in $(with_capabilities 0); do
		echo "$pid"
	done | head -1
}

@test "main has no capability and is not root; engines have NET_ADMIN and NET_RAW, no more" {
	main=$(main_pid)
	[ -n "$main" ]
	[ "$(stat -c %U "/proc/$main")" = netfence ] ||
		[ "$(awk '/^Uid:/ { print $2 }' "/proc/$main/status")" = "$(id -u netfence)" ]
	[ "$(with_capabilities 3000 | wc -l)" = 2 ]
	for pid in $main $(with_capabilities 3000); do
		grep -q '^NoNewPrivs:.*1' "/proc/$pid/status"
		[ "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" != 0 ]
	done
}

@test "no file with a setuid bit or capabilities was installed" {
	[ -z "$(find "$BUILD/stage" -perm /6000)" ]
	[ -z "$(getcap -r "$BUILD/stage" 2> /dev/null)" ]
}

@test "the module exports its two entry points only and links no more than libpam and libc" {
	module=$(find / -xdev -path '*/security/pam_netfence.so' -type f | head -1)
	[ "$(nm -D --defined-only "$module" | awk '$2 == "T" { print $3 }' | sort | xargs)" = \
		"pam_sm_close_session pam_sm_open_session" ]
	run bash -c "ldd '$module' | grep -Ev 'linux-vdso|ld-linux|libpam|libc\.|libaudit|libcap-ng|libsubid|libeconf'"
	[ -z "$output" ]
}

@test "a second netfenced is refused" {
	run timeout 10 netfenced
	[ "$status" != 0 ]
	[ "$status" != 124 ]
	netfencectl status
}

@test "stopping the daemon opens nothing" {
	login one alice
	stop_netfenced
	fenced alice
	start_netfenced
	fenced alice
	logout one
	wait_for tables_as_before
}

@test "sessions that end while the daemon is away are over when it comes back" {
	login one alice
	stop_netfenced
	logout one
	fenced alice
	start_netfenced
	wait_for tables_as_before
}

@test "kill -9 of any of its processes: the fence holds, and the next login is fenced" {
	login one alice
	for n in 1 2 3 4; do
		mapfile -t pids < <(family_of "$(netfenced_pid)")
		((n < ${#pids[@]})) || break
		kill -KILL "${pids[n]}"
		fenced alice
		wait_for netfencectl status
		wait_for ssh_as bob true
		run ssh_as bob "LC_ALL=C; echo > /dev/udp/$LAN4/53"
		[[ $output == *"not permitted"* ]]
	done
	logout one
	wait_for tables_as_before
}

@test "kill -9 of the supervisor: nothing of it stays alive, and a start takes over" {
	login one alice
	mapfile -t pids < <(family_of "$(netfenced_pid)")
	kill -KILL "${pids[0]}"
	for pid in "${pids[@]}"; do
		wait_for gone "$pid"
	done
	fenced alice
	start_netfenced
	fenced alice
	logout one
	wait_for tables_as_before
}

@test "--flush removes every trace, and not while a netfenced runs" {
	login one alice
	run netfenced --flush
	[ "$status" != 0 ]
	fenced alice
	stop_netfenced
	tables_differ
	netfenced --flush
	tables_as_before
	logout one
	start_netfenced
	wait_for tables_as_before
}

@test "sd_notify says READY=1" {
	stop_netfenced
	rm -f /tmp/notify "$SPOOL/notified"
	daemon notify python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/tmp/notify")
print(s.recv(4096).decode(), flush=True)'
	wait_for test -S /tmp/notify
	chmod 777 /tmp/notify
	daemon netfenced env NOTIFY_SOCKET=/tmp/notify netfenced -d
	wait_for grep -q READY=1 "$SPOOL/notify.log"
	wait_for netfencectl status
}
