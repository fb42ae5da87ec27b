#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whatever dies, at whatever instant, and whatever is lost of the records: live sessions stay
# fenced, and in the end nothing is left.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	crowd 40
	keep_netfenced
}

setup()
{
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	SEND_NICE=10 start_sending alice
	sending STOP
}

teardown()
{
	on_failure
	stop_sending alice
	[ ! -e "$SPOOL/churn.pid" ] || churned churn
	app_stop
	[ ! -e "$SPOOL/unkept" ] || keep_netfenced
	wait_for netfenced_answers
	wait_for tables_as_before
	wait_for no_records # they go after that
	wait_for nobody_is_known
	forget_seen
}

no_records()
{
	[ -z "$(find /run/netfence/sessions -type f)" ]
}

nobody_is_known()
{
	netfencectl status | grep -q '^fences  *0 users, 0 sessions'
}

sending() # STOP|CONT
{
	kill "-$1" "$(cat "$SPOOL/sender-alice.pid")"
}

# Another one: the keeper has started it.
restarted() # PID-BEFORE
{
	[ "$(netfenced_pid)" != "$1" ] && netfenced_answers
}

restart_netfenced()
{
	local before

	before=$(netfenced_pid)
	kill -TERM "$before"
	wait_for restarted "$before"
}

@test "kill -9 at a hundred and fifty random instants" {
	[ -z "${CRASH_SEED:-}" ] || RANDOM=$CRASH_SEED
	seed=$RANDOM
	RANDOM=$seed
	echo "# CRASH_SEED=$seed"
	churn churn fenced 4 0 1 alice bob $(crowd_names 1 20)
	sending CONT
	# On a machine that takes its time there is less often somebody to be killed.
	for ((instant = 1; instant <= 150 || (kills < 75 && instant <= 600); instant++)); do
		at_some_instant 40
		# Of the supervisor often enough that the pauses before its children's next lives
		# do not add up.
		case $((RANDOM % 8)) in
		0 | 1 | 2) kill_process netfenced ;;
		3 | 4) kill_process netfenced-main ;;
		5) kill_process netfenced-ipv4 ;;
		6) kill_process netfenced-ipv6 ;;
		7) kill_process netfenced-ipv4; kill_process netfenced-ipv6 ;;
		esac
		((instant % 10)) || fences_stand
	done
	wait_for netfenced_answers
	# Sessions can be had again at once.
	opened=$(patiently pamtester fenced bob open_session close_session)
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	result=$(churned churn)
	echo "# $kills killed; sessions: $result" >&3
	((kills >= 75))
	[ "$(cut -d ' ' -f 2 <<< "$result")" -gt 0 ]
}

@test "restarts with a session live: not one packet, and no change to the tables" {
	before=$(tables)
	sending CONT
	for n in 1 2 3 4; do
		restart_netfenced
	done
	[ "$(tables)" = "$before" ]
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	[ "$(app close one)" = 0 ]
}

@test "sessions that are opened and closed while it is away" {
	[ "$(app open two fenced bob)" = 0 ]
	touch "$SPOOL/unkept"
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(cat "$SPOOL/keeper.pid")"
	# The module tries until its deadline.
	[ "$(app open three fenced dave)" != 0 ]
	[ "$(app close two)" = 0 ]
	keep_netfenced
	fenced alice
	# Its opener lives, but no session of bob's: only the opener's end tells.
	app_stop
	stop_sending alice
	wait_for tables_as_before
}

damage() # COMMAND with the record's file behind it
{
	local before

	before=$(netfenced_pid)
	kill -STOP "$(cat "$SPOOL/keeper.pid")"
	kill -TERM "$before"
	wait_for gone "$before"
	"$@"
	sending CONT
	kill -CONT "$(cat "$SPOOL/keeper.pid")"
	wait_for restarted "$before"
	wait_for allowed_goes_on
	wait_for allowed_goes_on
	nothing_forbidden_arrived
}

record() { echo "/run/netfence/sessions/$(id -u alice)"; }
cut_short() { truncate -s 20 "$(record)"; }
empty_it() { : > "$(record)"; }
fill_with_rubbish() { head -c 5000 /dev/urandom > "$(record)"; }
lose_records() { rm -f /run/netfence/sessions/*; }
lose_run_folder() { rm -rf /run/netfence; }

@test "a record that is cut short, empty, or rubbish: who was fenced stays so" {
	[ -s "$(record)" ]
	damage cut_short
	damage empty_it
	damage fill_with_rubbish
}

@test "records or run folder are lost: who was fenced stays so, and a clean end" {
	for what in lose_records lose_run_folder; do
		before=$(netfenced_pid)
		forget_seen
		sending CONT
		$what
		kill -KILL "$before"
		wait_for restarted "$before"
		wait_for allowed_goes_on
		[ "$(app open "$what" fenced alice)" = 0 ]
		wait_for allowed_goes_on
		nothing_forbidden_arrived
		sending STOP
	done
}

@test "the records are removed while it runs: one login is refused, and all are there again" {
	rm -r /run/netfence/sessions
	[ "$(app open lost fenced bob)" = 14 ]
	wait_for test -s "/run/netfence/sessions/$(id -u alice)"
	[ "$(app open found fenced bob)" = 0 ]
	restart_netfenced
	forget_seen
	sending CONT
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	netfencectl sessions | grep -q '^ *[0-9].* bob '
}

@test "stale chains that iptables-restore, or nft, has brought back at boot" {
	save_rules
	stop_sending alice
	app_stop
	wait_for tables_as_before
	before=$(netfenced_pid)
	kill -STOP "$(cat "$SPOOL/keeper.pid")"
	kill -TERM "$before"
	wait_for gone "$before"
	restore_rules
	tables_differ
	kill -CONT "$(cat "$SPOOL/keeper.pid")"
	wait_for restarted "$before"
	wait_for tables_as_before
}

@test "an engine stands still under the lock: others get it back, and the login its fence" {
	for name in netfenced-ipv4 netfenced-ipv6; do
		engine=$(process "$name")
		[ -n "$engine" ]
		kill -STOP "$engine"
		answers=$(grep -c ^= "$SPOOL/app.out")
		echo "open $name fenced bob" > "$SPOOL/app.in"
		begun=${EPOCHREALTIME/[.,]/}
		timeout 10 iptables-legacy -w 10 -A INPUT -p tcp --dport 7777 -j ACCEPT
		timeout 10 iptables-legacy -w 10 -D INPUT -p tcp --dport 7777 -j ACCEPT
		((${EPOCHREALTIME/[.,]/} - begun < 8000000))
		wait_for gone "$engine"
		wait_for fenced bob
		wait_for netfenced_answers
		wait_for app_answered "$answers"
		[ "$(app open "again-$name" fenced bob)" = 0 ]
		fenced alice
	done
}
