#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Trying rules out: what a reload would change, rules that return unless they are confirmed, the
# previous ones, and the last good ones at a start.

load ../lib/netfence

setup_file()
{
	setup_host
	http_up far
	start_netfenced
	app_start
}

# Each test begins with a session of alice under the seed rules.
setup()
{
	seed_rules
	have_netfenced
	netfencectl reload > /dev/null
	: > "$SPOOL/app.out"
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
}

teardown()
{
	on_failure
	have_netfenced
	app close a > /dev/null
	wait_for tables_as_before
}

# Rules that let the supporters out to $OTHER4 and nowhere else.
other_rules()
{
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: udp/162
	        to: $OTHER4
	END
}

under_other_rules()
{
	reaches alice udp "$OTHER4" 162 && stopped alice udp "$MONITOR4" 162
}

# Without the session's traffic: only what is asked for may end a wait.
monitor_in_rules()
{
	our_rules ".*" | grep -q "[^0-9]$MONITOR4[^0-9]"
}

@test "reload --dry-run says what would change, and changes nothing" {
	other_rules
	run netfencectl reload --dry-run
	[ "$status" = 0 ]
	[[ $output == *"alice: the rules of groups/supporters differ"* ]]
	[[ $output == *"would be in force"* ]]
	fenced alice
	rules netfence.yaml <<< "version: 1"
	run netfencectl reload --dry-run
	[[ $output == *"alice: FREE, was groups/supporters"* ]]
	fenced alice
	seed_rules
	run netfencectl reload --dry-run
	[ "$output" = unchanged ]
}

# A connection of alice's that stays until it is cut.
connected() # ADDRESS
{
	daemon connection setpriv --reuid=alice --regid=alice --init-groups python3 -uc 'import socket, sys
s = socket.create_connection((sys.argv[1], 80))
print("open")
try:
    s.recv(1)
except OSError as error:
    print("cut", error)' "$1"
	wait_for grep -qx open "$SPOOL/connection.log"
}

@test "reload --dry-run counts what would be cut, reload cuts it" {
	for address in "$PATCH4" "$PATCH6"; do
		connected "$address"
		other_rules
		run netfencectl reload --dry-run
		[[ $output == *"1 open connection would be cut"* ]]
		! grep -q cut "$SPOOL/connection.log" || false
		netfencectl reload
		wait_for grep -q ^cut "$SPOOL/connection.log"
		seed_rules
		run netfencectl reload --dry-run
		[[ $output != *connection* ]]
		netfencectl reload
	done
}

@test "reload --dry-run of bad rules says why they are" {
	echo "version: 3" | rules netfence.yaml
	run netfencectl reload --dry-run
	[ "$status" = 5 ]
	[[ $output == *"/etc/netfence/netfence.yaml:1:"*": error:"* ]]
	fenced alice
}

@test "reload --confirm: unconfirmed rules give way to the previous ones" {
	other_rules
	run netfencectl reload --confirm 5s
	[ "$status" = 0 ]
	[[ $output == *"netfencectl confirm"* ]]
	under_other_rules
	wait_for monitor_in_rules
	fenced alice
	wait_for logged 'event=reload .*previous rules'
	netfencectl status | grep -q rollback
}

@test "reload --confirm: confirmed rules stay" {
	other_rules
	netfencectl reload --confirm 2s
	netfencectl confirm
	run netfencectl confirm
	[ "$status" = 1 ]
	# The former deadline goes by: a second one, set later, is seen to ring.
	seed_rules
	netfencectl reload --confirm 2s
	wait_for eval '! monitor_in_rules'
	under_other_rules
}

@test "reload --confirm: a reload that changes nothing leaves it to be confirmed" {
	other_rules
	netfencectl reload --confirm 2s
	run netfencectl reload
	[[ $output == unchanged* ]]
	wait_for monitor_in_rules
	fenced alice
}

@test "reload --confirm: what was never confirmed is not gone back to" {
	other_rules
	netfencectl reload --confirm 60s
	echo "version: 1" | rules netfence.yaml
	netfencectl reload --confirm 2s
	wait_for monitor_in_rules
	fenced alice
}

@test "reload --confirm: not confirmed while the daemon was away" {
	other_rules
	due=$(netfencectl --json reload --confirm 1s | sed -n 's/.*"confirm_until": *//p')
	stop_netfenced
	wait_for eval '[ "$(date +%s)" -gt "$due" ]'
	start_netfenced
	fenced alice
	netfencectl status | grep -q rollback
}

@test "rollback: the previous rules, also after a restart, until the next reload" {
	other_rules
	netfencectl reload
	under_other_rules
	netfencectl rollback
	fenced alice
	stop_netfenced
	start_netfenced
	fenced alice
	netfencectl reload
	under_other_rules
}

@test "rollback: where there are no previous rules it says so" {
	stop_netfenced
	rm -f /var/lib/netfence/rules.previous
	start_netfenced
	run netfencectl rollback
	[ "$status" = 5 ]
	[[ $output == *"there are no previous rules"* ]]
	fenced alice
}

@test "a start with broken rules takes the last good ones, and says so loudly" {
	stop_netfenced
	echo "version: 3" | rules netfence.yaml
	daemon netfenced netfenced -d
	wait_for eval 'netfencectl status | grep -q "last good"'
	run netfencectl status
	[ "$status" = 1 ]
	fenced alice
	wait_for logged 'THE RULES HAVE ERRORS'
	[ "$(app open b fenced bob)" = 0 ]
	fenced bob
	app close b
	# Mended, a reload is enough.
	seed_rules
	netfencectl reload
	netfencectl status
}

@test "times that are none, and options that do not go together, are refused" {
	for time in 0 -1 5x "" 25h 99999999999999999999; do
		run netfencectl reload --confirm "$time"
		[ "$status" = 2 ]
	done
	run netfencectl reload --dry-run --confirm 5m
	[ "$status" = 2 ]
	run netfencectl rollback now
	[ "$status" = 2 ]
}
