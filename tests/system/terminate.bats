#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netfencectl terminate: what a user runs is ended, or what belongs to one session; then the
# sessions end, and the fence goes.

load ../lib/netfence

setup_file()
{
	setup_host
	sshd_up host
	start_netfenced
}

setup()
{
	app_start
	forget_log
}

teardown()
{
	on_failure
	logout_all
	app_stop
	kill_all_of alice,carol
	seed_rules
	netfencectl reload
	wait_for tables_as_before
}

# An ssh session that has left a process of its own in the background, which ignores TERM, and
# whose parent has ended if it is a daemon.
login_with() # NAME USER child|daemon
{
	local command='sleep 1000 & '

	[ "$3" = child ] || command='(setsid sleep 1000 > /dev/null 2>&1 &) ; '
	rm -f "$SPOOL/$1.in" "$SPOOL/$1.out"
	mkfifo "$SPOOL/$1.in"
	(
		keep_no_descriptors
		ssh_as "$2" "trap '' TERM; $command echo in; read -r _"
	) <> "$SPOOL/$1.in" > "$SPOOL/$1.out" 2>&1 &
	echo $! > "$SPOOL/$1.ssh"
	disown
	wait_for begun_or_refused "$1"
	begun "$1"
}

id_of() # USER: of the latest session
{
	netfencectl --json sessions | jq "[.sessions[] | select(.user == \"$1\") | .id] | max"
}

sessions_of() # USER
{
	netfencectl --json sessions | jq "[.sessions[] | select(.user == \"$1\" and .id)] | length"
}

# Without those that have ended, and only have to be buried yet by whoever has inherited them.
running() # USER
{
	ps -o stat=,comm= -U "$1" | awk '$1 !~ /^Z/ { print $2 }'
}

nothing_runs_of() # USER
{
	[ -z "$(running "$1")" ]
}

# A failed `! nothing_runs_of` bats would not see.
runs() # USER HOW-MANY COMMAND
{
	[ "$(running "$1" | grep -cx "$3")" = "$2" ] || { pgrep -U "$1" -la; return 1; }
}

no_sessions_of() # USER
{
	[ "$(sessions_of "$1")" = 0 ]
}

@test "a user: everything ends, by TERM and then KILL, and the fence goes; nobody else notices" {
	login_with one alice child
	login_with two alice daemon
	daemon other setpriv --reuid=carol --regid=carol --clear-groups sleep 1000
	SUDO_USER=dave run netfencectl terminate alice
	[ "$status" = 0 ]
	[ "$output" = "alice: terminated, 2 sessions; the fence goes when nothing is left" ]
	nothing_runs_of alice
	kill -0 "$(cat "$SPOOL/other.pid")"
	wait_for no_sessions_of alice
	wait_for tables_as_before
	wait_for logged 'event=terminate user="alice" uid=1001 from="dave" reason="processes are ended"'
	wait_for logged 'event=terminate user="alice" uid=1001 reason="nothing is left"'
}

@test "one session of several, with what has left its parents" {
	login_with one alice daemon
	login_with two alice daemon
	login_with three alice child
	runs alice 3 sleep
	second=$(netfencectl --json sessions | jq '[.sessions[].id] | sort | .[1]')
	run netfencectl terminate --session "$second"
	[ "$status" = 0 ]
	[ "$output" = "alice: the session is terminated" ]
	wait_for eval '[ "$(sessions_of alice)" = 2 ]'
	# Where audit tells logins apart the daemon has gone as well, else it is not known whose it is.
	if has_audit; then
		runs alice 2 sleep
	else
		echo "# no audit here: what has left its parents stays" >&3
		runs alice 3 sleep
	fi
	fenced alice
	netfencectl terminate --session "$(id_of alice)"
	wait_for eval '[ "$(sessions_of alice)" = 1 ]'
	runs alice 1 bash
	netfencectl terminate alice
	wait_for no_sessions_of alice
	wait_for tables_as_before
}

# Does a login here get a number of audit's?
has_audit()
{
	grep -q loginuid /etc/pam.d/sshd && [ "$(ssh_as alice cat /proc/self/sessionid)" != 4294967295 ]
}

@test "one session with nothing below its opener: nothing of the others is touched" {
	[ "$(app open one fenced alice)" = 0 ]
	login two alice
	run netfencectl terminate --session "$(id_of alice)"
	[ "$status" = 0 ]
	wait_for eval '[ "$(sessions_of alice)" = 1 ]'
	# The other one's opener is a process of root's, with nothing of alice's below it.
	run netfencectl terminate --session "$(id_of alice)"
	[ "$status" = 0 ]
	[ "$(sessions_of alice)" = 1 ]
	fenced alice
}

@test "what is left of a user without sessions ends as well" {
	[ "$(app open one fenced alice)" = 0 ]
	daemon left setpriv --reuid=alice --regid=alice --clear-groups sleep 1000
	[ "$(app close one)" = 0 ]
	fenced alice
	run netfencectl terminate alice
	[ "$status" = 0 ]
	[[ $output == *"0 sessions"* ]]
	wait_for tables_as_before
}

@test "no login is let in meanwhile, and the next one is" {
	login_with one alice child
	netfencectl terminate alice > "$SPOOL/terminate.out" 2>&1 &
	wait_for logged 'event=terminate user="alice"'
	[ "$(app open two fenced alice)" = 14 ]
	wait_for logged 'event=refused user="alice".*netfencectl terminate'
	[ "$(app open three fenced bob)" = 0 ]
	wait
	grep -q terminated "$SPOOL/terminate.out"
	[ "$(app open two fenced alice)" = 0 ]
	fenced alice
}

@test "a policy that only observes: an administrator's word counts" {
	printf '    %s\n' 'mode: observe' >> /etc/netfence/netfence.yaml
	netfencectl reload
	login_with one alice child
	run netfencectl terminate alice
	[ "$status" = 0 ]
	nothing_runs_of alice
}

@test "who is not fenced is not ended, nor root, nor what is not there" {
	[ "$(app open one fenced carol)" = 0 ]
	daemon other setpriv --reuid=carol --regid=carol --clear-groups sleep 1000
	run netfencectl terminate carol
	[ "$status" = 1 ]
	[[ $output == *"nothing fences that user"* ]]
	run netfencectl terminate --session "$(netfencectl --json sessions -l | jq '.sessions[0].id')"
	[ "$status" = 1 ]
	kill -0 "$(cat "$SPOOL/other.pid")"
	run netfencectl terminate root
	[ "$status" = 1 ]
	run netfencectl terminate --session 4711
	[ "$status" = 1 ]
	run netfencectl terminate nobody-at-all
	[ "$status" = 2 ]
	run netfencectl terminate --session x
	[ "$status" = 2 ]
	run netfencectl terminate
	[ "$status" = 2 ]
}
