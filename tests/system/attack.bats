#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Callers that say what no module says, and a machine on which everything that netfenced leans on
# fails: it goes on serving, says why it refuses, and leaves nothing behind.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
}

setup()
{
	have_netfenced
	main=$(process main)
}

# Whatever was done to it: main is the one that it was, serves, and no trace is left.
teardown()
{
	local name

	for name in held crowd; do
		[ ! -e "$SPOOL/$name.pid" ] || kill_daemon "$name"
	done
	umount /run/netfence/sessions 2> /dev/null || :
	wait_for netfencectl status
	wait_for tables_as_before
	wait_for no_sessions
}

caller() # WORD [ARGUMENT ...]
{
	python3 "$BATS_TEST_DIRNAME/../lib/caller.py" "$@"
}

# One that stays.
caller_stays() # NAME WORD [ARGUMENT ...]
{
	local name=$1

	shift
	daemon "$name" python3 -u "$BATS_TEST_DIRNAME/../lib/caller.py" "$@"
}

kill_daemon() # NAME
{
	local pid

	pid=$(cat "$SPOOL/$1.pid")
	kill -KILL "$pid" 2> /dev/null || :
	wait_for gone "$pid"
	rm "$SPOOL/$1.pid"
}

process() # main|ipv4|ipv6|reap|…
{
	local pid

	for pid in $(family_of "$(netfenced_pid)"); do
		[ "$(cat "/proc/$pid/comm")" != "netfenced-$1" ] || echo "$pid"
	done
}

same_main()
{
	[ "$(process main)" = "$main" ]
}

is_another() # NAME PID-BEFORE
{
	local now

	now=$(process "$1")
	[ -n "$now" ] && [ "$now" != "$2" ]
}

no_sessions()
{
	[ "$(netfencectl sessions)" = "no fenced sessions" ]
}

answers() # NAME WORDS
{
	grep -q "$2" "$SPOOL/$1.log"
}

# ---------------------------------------------------------------- callers

@test "rubbish" {
	caller rubbish 2000
	caller cut-short
	same_main
}

@test "half a message, and nothing at all: hung up on after a while, both at once" {
	caller half > "$SPOOL/half" 3>&- &
	half=$!
	run caller silent
	wait "$half"
	[ "$output" = "hung up" ]
	[ "$(cat "$SPOOL/half")" = "hung up" ]
	same_main
}

@test "a length that cannot be, an operation that is not there, versions that are none" {
	[[ $(caller huge) == "ERROR the request is too long" ]]
	[[ $(caller too-long) == "ERROR the request is too long" ]]
	[[ $(caller operation 4711) == "ERROR unknown operation" ]]
	[[ $(caller operation 64) == "ERROR unknown operation" ]]
	[[ $(caller version 0) == ERROR* ]]
	[[ $(caller version 99) == ERROR*older* ]]
	[[ $(caller version 65535) == ERROR*older* ]]
	[[ $(caller operation 1) == "ERROR the request is damaged" ]]
	[[ $(caller operation 2) == ERROR* ]]
	[[ $(caller operation 3) == "ERROR the request is damaged" ]]
	[ "$(caller slow)" = TEXT ]
	same_main
}

@test "several questions at once to one connection: an error, and no session" {
	caller many-requests > "$SPOOL/many"
	[ "$(grep -c ERROR "$SPOOL/many")" = 3 ]
	[ "$(grep -c 'hung up' "$SPOOL/many")" = 3 ]
	same_main
}

@test "an OPEN, and SIGKILL before the answer" {
	for n in 1 2 3 4 5; do
		run caller ask-and-die alice
		[ "$status" = 137 ]
	done
	same_main
}

@test "an answer that is never taken is no session" {
	run caller not-taken alice
	[ "${lines[0]}" = FENCED ]
	[ "${lines[1]}" = "hung up" ]
	same_main
}

@test "CLOSE with a wrong key, of another's number, and twice" {
	run caller close-wrongly alice
	[ "${lines[0]}" = "ERROR there is no such session" ]
	[ "${lines[1]}" = "ERROR there is no such session" ]
	[ "${lines[2]}" = "ERROR there is no such session" ]
	[ "${lines[3]}" = DONE ]
	[ "${lines[4]}" = "ERROR there is no such session" ]
}

@test "others than root are not listened to, even where the socket's mode lets them" {
	chmod 666 /run/netfence/netfenced.sock
	chmod 755 /run/netfence
	run as alice python3 "$BATS_TEST_DIRNAME/../lib/caller.py" operation 16
	chmod 600 /run/netfence/netfenced.sock
	echo "$output"
	[ "$output" = "hung up" ]
	wait_for logged "uid $(id -u alice) is not root"
	same_main
}

@test "more silent callers than netfenced takes: whoever comes is served when they have gone" {
	prlimit --nofile=8192:8192 --pid $$
	caller_stays crowd crowd 5000
	wait_for answers crowd 'here 5000' || wait_for answers crowd 'here 5000'
	caller operation 16 > "$SPOOL/late" 3>&- &
	late=$!
	kill_daemon crowd
	wait "$late"
	grep -q ^TEXT "$SPOOL/late"
	same_main
}

@test "thirteen hundred sessions at once, of which each takes a descriptor" {
	caller_stays held hold alice 1300
	wait_for answers held here || wait_for answers held here
	answers held 'here 1300'
	fenced alice
	pamtester fenced bob open_session close_session
	kill_daemon held
	wait_for no_sessions
	same_main
}

# ---------------------------------------------------------------- users

@test "a process that took a socket along to another network keeps the fence" {
	rm -f "$SPOOL/go"
	caller_stays held open alice
	wait_for answers held FENCED
	daemon stray setpriv --reuid=alice --regid=alice --init-groups \
		python3 -u "$BATS_TEST_DIRNAME/../lib/stray.py" "$SPOOL/go" "$LAN4" 4321
	wait_for answers stray .
	! answers stray cannot || skip "nobody may make a user namespace here"
	before=$(seen "$LAN4" tcp 4321)
	kill_daemon held
	wait_for session_is held
	# Looks over a second find nobody here; what is held now is held for its sake.
	end=$((SECONDS + 4))
	while ((SECONDS < end)); do
		tables_differ
	done
	touch "$SPOOL/go"
	wait_for gone "$(cat "$SPOOL/stray.pid")"
	cat "$SPOOL/stray.log"
	[ "$(seen "$LAN4" tcp 4321)" = "$before" ]
	answers stray 'No route to host'
	wait_for tables_as_before
}

session_is() # STATE
{
	netfencectl --json sessions | grep -q "\"state\": *\"$1\""
}

# ---------------------------------------------------------------- what fails below

@test "a family that cannot be written: neither is changed, and the login refused with the reason" {
	only_with iptables # nobody can refer to our chains from another table of nftables
	# Somebody's rule leads incoming packets to our chain, where owner cannot judge them: the
	# kernel refuses the whole table.
	ip6tables-legacy -N NETFENCE
	ip6tables-legacy -A INPUT -p tcp --dport 1 -j NETFENCE
	tables > "$SPOOL/odd"
	run caller open alice
	[[ $output == "REFUSED IPv6: "*"INPUT leads to NETFENCE"* ]]
	tables | diff "$SPOOL/odd" -
	[ "$(caller open carol | cut -d ' ' -f 1)" = FENCED ] && false
	ip6tables-legacy -D INPUT -p tcp --dport 1 -j NETFENCE
	ip6tables-legacy -X NETFENCE 2> /dev/null || :
	pamtester fenced alice open_session close_session
	same_main
}

@test "one login that cannot be fenced does not refuse those beside it" {
	# The last uid there is, is none to the kernel.
	caller_stays held open bob 4294967290-4294967295
	pamtester fenced alice open_session close_session
	wait_for answers held ' '
	answers held REFUSED
	pamtester fenced alice open_session close_session
	same_main
}

@test "an addition to a live fence that the kernel refuses is refused, and stays nobody's trouble" {
	caller_stays held open alice
	wait_for answers held FENCED
	run caller open alice 4294967290-4294967295
	[[ $output == REFUSED* ]]
	fenced alice
	pamtester fenced bob open_session close_session
	fenced alice
	same_main
}

@test "no room for a record: refused with its reason, and nothing lost" {
	caller_stays held open alice
	wait_for answers held FENCED
	cp -a /run/netfence/sessions/. "$SPOOL/records"
	mount -t tmpfs -o size=16k,mode=0700,uid=netfence,gid=netfence full /run/netfence/sessions
	cp -a "$SPOOL/records/." /run/netfence/sessions
	# main has the folder open that lies below: it has to begin anew to see this one.
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	start_netfenced
	main=$(process main)
	fenced alice
	head -c 65536 /dev/zero > /run/netfence/sessions/.filler 2> /dev/null || :
	run caller open bob
	[[ $output == "REFUSED "*"No space left on device"* ]]
	# Her record's page is there already.
	caller_stays again open alice
	wait_for answers again FENCED
	kill_daemon again
	fenced alice
	rm /run/netfence/sessions/.filler
	pamtester fenced bob open_session close_session
	same_main
	# A restart knows alice still.
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	start_netfenced
	fenced alice
	kill_daemon held
	wait_for tables_as_before
	stop_netfenced
	umount /run/netfence/sessions
	rm -f /run/netfence/sessions/*
	start_netfenced
}

# The IPv4 half is done, the other is not: the lock is held. An engine that was asked something else
# when it was stopped is replaced before that; then once more.
stands_still_under_the_lock()
{
	engine=$(process ipv6)
	kill -STOP "$engine"
	caller_stays held open alice
	wait_for tables_differ
	! flock -n /run/xtables.lock true || { kill_daemon held; wait_for tables_as_before; false; }
}

@test "main is killed while an engine stands still under the lock: others get it back at once" {
	only_with iptables
	mv /etc/netfence/netfence.yaml "$SPOOL/rules"
	mv /var/lib/netfence "$SPOOL/state"
	wait_for stands_still_under_the_lock
	kill -KILL "$main"
	# The new main has no rules at all, and so makes no commit that would let it go.
	timeout 20 flock /run/xtables.lock true
	wait_for is_another ipv6 "$engine"
	mv "$SPOOL/rules" /etc/netfence/netfence.yaml
	rm -rf /var/lib/netfence
	mv "$SPOOL/state" /var/lib/netfence
	stop_netfenced
	start_netfenced
}

@test "the supervisor sleeps while its children's pauses last" {
	# Each death doubles the pause before the next life.
	for n in 1 2 3 4 5 6 7; do
		main=$(process main)
		kill -KILL "$main"
		wait_for is_another main "$main"
	done
	pid=$(netfenced_pid)
	used() { awk '{ print $14 + $15 }' "/proc/$pid/stat"; }
	before=$(used)
	main=$(process main)
	kill -KILL "$main"
	wait_for is_another main "$main"
	# A pause of more than a second, in hundredths of a second.
	(($(used) - before < 20))
	stop_netfenced
	start_netfenced
}

# ---------------------------------------------------------------- how it is run

@test "no descriptor but its own in any of its processes" {
	for pid in $(family_of "$(netfenced_pid)"); do
		name=$(cat "/proc/$pid/comm")
		for fd in "/proc/$pid/fd"/*; do
			link=$(readlink "$fd")
			echo "$name ${fd##*/} $link"
		done
	done > "$SPOOL/descriptors"
	cat "$SPOOL/descriptors"
	of() { grep "^netfenced-$1 " "$SPOOL/descriptors" | grep -Ev ' [012] '; }
	# The engines: the lock, netlink and raw sockets, the socket to main; no folder, no socket
	# that listens.
	for name in ipv4 ipv6; do
		[ "$(of "$name" | grep -c xtables.lock)" = 1 ]
		of "$name" | grep -Ev ' (/run/xtables.lock|socket:.*)$' && false
	done
	of reap | grep -Ev ' (socket:.*|/|/proc)$' && false
	of main | grep -E 'netfenced.lock|signalfd' && false
	# One socket that listens, and that is main's.
	inode=$(ss -Hxl src /run/netfence/netfenced.sock | awk '{ print $6 }')
	[ "$(of main | grep -c "socket:\[$inode\]")" = 1 ]
	[ "$(grep -c "netfenced-.*socket:\[$inode\]" "$SPOOL/descriptors")" = 1 ]
}

@test "two at once: the second says so and harms nobody" {
	run timeout 10 netfenced
	[ "$status" = 1 ]
	[[ $output == *"runs already"* ]]
	same_main
}

@test "SIGHUP reads the rules again" {
	caller_stays held open alice
	wait_for answers held FENCED
	cp -p /etc/netfence/netfence.yaml "$SPOOL/before.yaml"
	sed -i 's/^groups:/users:\n  carol:\n    egress: []\ngroups:/' /etc/netfence/netfence.yaml
	kill -HUP "$(netfenced_pid)"
	wait_for refused_or_fenced carol
	cp -p "$SPOOL/before.yaml" /etc/netfence/netfence.yaml
	netfencectl reload
	same_main
}

refused_or_fenced() # USER
{
	netfencectl login-test "$1" | grep -q fenced
}

@test "a socket handed over by the service manager" {
	stop_netfenced
	daemon netfenced python3 "$BATS_TEST_DIRNAME/../lib/caller.py" hand-over netfenced -d
	wait_for netfencectl status
	pamtester fenced alice open_session close_session
	wait_for tables_as_before
	# It is the manager's: a restart of ours leaves it there.
	[ -S /run/netfence/netfenced.sock ]
	stop_netfenced
	[ -S /run/netfence/netfenced.sock ]
	# Anything else in its place is refused.
	run env LISTEN_FDS=1 bash -c 'LISTEN_PID=$$ exec netfenced 3< /dev/null'
	[ "$status" = 1 ]
	[[ $output == *"handed over"* ]]
	start_netfenced
}
