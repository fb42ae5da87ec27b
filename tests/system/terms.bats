#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The terms of a stay: what becomes of what a user leaves, how long a stay may last, who is fenced
# without a session, and what a reload and a login make of changed groups and nameservers.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
	app_start
}

setup()
{
	: > "$SPOOL/app.out"
}

teardown()
{
	local name

	on_failure
	for name in a b; do
		app close "$name" > /dev/null
	done
	usermod -G supporters alice
	left_running_ends
	seed_rules
	netfencectl reload > /dev/null
	wait_for tables_as_before
}

# The seed rules, with more keys for the supporters.
with_keys() # YAML ...
{
	seed_rules
	printf '    %s\n' "$@" >> /etc/netfence/netfence.yaml
	netfencectl reload
}

# A process of alice's that outlives her session, and does not mind TERM where it is told so.
leave_running() # [deaf]
{
	: > "$SPOOL/left.pid"
	(
		keep_no_descriptors
		as alice setsid bash -c "${1:+trap '' TERM;} echo \$\$; exec -a left sleep 600" \
			> "$SPOOL/left.pid" 2> /dev/null < /dev/null &
	)
	wait_for left_is_alice
}

left()
{
	head -1 "$SPOOL/left.pid"
}

left_is_alice()
{
	[ -n "$(left)" ] && [ "$(stat -c %U "/proc/$(left)" 2> /dev/null)" = alice ]
}

left_running_ends()
{
	[ -e "$SPOOL/left.pid" ] || return 0
	gone "$(left)" || kill -KILL "$(left)"
	wait_for gone "$(left)"
	rm "$SPOOL/left.pid"
}

shut() # USER
{
	stopped "$1" udp "$MONITOR4" 162 && stopped "$1" udp "$MONITOR6" 162 &&
		stopped "$1" udp 127.0.0.1 5353
}

state_of() # USER
{
	netfencectl --json sessions | python3 -c 'import json, sys
print(*sorted({s["state"] for s in json.load(sys.stdin)["sessions"]
	if s["user"] == sys.argv[1]}))' "$1"
}

@test "on-logout: hold keeps the fence as it is for what was left" {
	with_keys "on-logout: hold"
	[ "$(app open a fenced alice)" = 0 ]
	leave_running
	app close a
	wait_for eval '[ "$(state_of alice)" = held ]'
	fenced alice
	left_running_ends
	wait_for tables_as_before
}

@test "on-logout: close shuts it entirely, until the next login" {
	with_keys "on-logout: close"
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
	leave_running
	app close a
	wait_for shut alice
	# It is the same policy, and what is in force says why nothing passes.
	run netfencectl show alice
	[[ $output == *"policy   groups/supporters"* ]]
	[[ $output == *"shut until the next login"* ]]
	[[ $output != *"differ"* ]]
	run netfencectl explain alice udp/162 "$MONITOR4"
	[ "$status" = 1 ]
	[[ $output == *"denied   the fence is shut"* ]]
	[[ $output != *"differ"* ]]
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
}

@test "on-logout: kill ends what was left, which the fence waits for" {
	with_keys "on-logout: kill"
	[ "$(app open a fenced alice)" = 0 ]
	leave_running
	app close a
	wait_for gone "$(left)"
	wait_for tables_as_before
}

@test "on-logout: kill, and it does not mind TERM" {
	with_keys "on-logout: kill"
	[ "$(app open a fenced alice)" = 0 ]
	leave_running deaf
	app close a
	wait_for gone "$(left)"
	wait_for tables_as_before
}

@test "on-logout: kill, and it forks itself without end" {
	with_keys "on-logout: kill"
	[ "$(app open a fenced alice)" = 0 ]
	as alice setsid "$BUILD/tests/lib/forker" udp "$LAN4" 53 > /dev/null 2>&1 3>&- &
	before=$(seen "$LAN4" udp 53)
	wait_for pgrep -u alice
	app close a
	wait_for eval '! pgrep -u alice'
	[ "$(seen "$LAN4" udp 53)" = "$before" ]
	wait_for tables_as_before
}

@test "observe ends nothing and stops nothing" {
	with_keys "mode: observe" "on-logout: kill" "max-session: 1s" "on-expiry: kill"
	[ "$(app open a fenced alice)" = 0 ]
	free alice
	leave_running
	app close a
	wait_for eval '[ "$(state_of alice)" = held ]'
	left_is_alice
}

@test "max-session: when it is over the fence is shut, for open sessions too" {
	with_keys "max-session: 8s"
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
	wait_for eval '[ "$(state_of alice)" = expired ]'
	wait_for shut alice
	run netfencectl show alice
	[[ $output == *"shut: the time is over (max-session)"* ]]
	[ "$(app open b fenced alice)" = 14 ]
	wait_for logged 'event=refused user="alice".*max-session'
	app close a
	wait_for tables_as_before
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
}

@test "max-session with on-expiry: kill ends the user's processes" {
	with_keys "max-session: 2s" "on-expiry: kill"
	[ "$(app open a fenced alice)" = 0 ]
	leave_running deaf
	wait_for gone "$(left)"
	fenced alice
}

@test "max-session: the clock goes on while the daemon is away" {
	with_keys "max-session: 3s"
	[ "$(app open a fenced alice)" = 0 ]
	stop_netfenced
	start_netfenced
	wait_for eval '[ "$(state_of alice)" = expired ]'
	wait_for shut alice
}

@test "always: fenced from the start, session or not, members of a group too" {
	with_keys "always: true"
	wait_for fenced alice
	wait_for fenced bob
	free carol
	[ "$(state_of alice)" = always ]
	stop_netfenced
	fenced alice
	start_netfenced
	fenced alice
	[ "$(app open a fenced alice)" = 0 ]
	app close a
	fenced alice
	with_keys
	wait_for tables_as_before
	free alice
}

@test "a reload reads the groups of live users again" {
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
	usermod -G "" alice
	fenced alice
	run netfencectl reload
	[[ $output == *"alice: FREE, was groups/supporters"* ]]
	free alice
	usermod -G supporters alice
	run netfencectl reload
	[[ $output == *"alice: groups/supporters, was free"* ]]
	fenced alice
}

@test "a login narrows a live fence by a new group, and never widens it" {
	cat >> /etc/netfence/netfence.yaml <<-END
	  nothing:
	    precedence: 5
	    egress: []
	  more:
	    precedence: 9
	    egress:
	      - allow: any
	        to: any
	END
	groupadd -f nothing
	groupadd -f more
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
	usermod -G supporters,more alice
	[ "$(app open b fenced alice)" = 0 ]
	fenced alice
	app close b
	usermod -G supporters,nothing alice
	[ "$(app open b fenced alice)" = 0 ]
	stopped alice udp "$MONITOR4" 162
	app close b
	stopped alice udp "$MONITOR4" 162
}

@test "resolvers are followed as resolv.conf changes" {
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: domain
	        to: resolvers
	END
	cp /etc/resolv.conf "$SPOOL/resolv.conf"
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	reaches alice udp "$RESOLVER4" 53
	stopped alice udp "$OTHER4" 53
	echo "nameserver $OTHER4" > /etc/resolv.conf
	wait_for reaches alice udp "$OTHER4" 53
	stopped alice udp "$RESOLVER4" 53
	cp "$SPOOL/resolv.conf" /etc/resolv.conf
}

@test "a damaged record: its user is held by the policy until nothing is left" {
	[ "$(app open a fenced alice)" = 0 ]
	leave_running
	stop_netfenced
	echo rubbish > "/run/netfence/sessions/$(id -u alice)"
	start_netfenced
	wait_for eval '[ "$(state_of alice)" = held ]'
	fenced alice
	left_running_ends
	wait_for tables_as_before
}
