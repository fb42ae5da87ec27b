#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No window: a fenced user sends without pause, whatever goes on. What arrives at the other end is
# counted: nothing where nothing may, and without a gap where it may.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	more_rules first
	crowd 1100
	keep_netfenced
}

setup()
{
	RANDOM=$BATS_TEST_NUMBER
	app_start
	[ "$(app open first fenced alice)" = 0 ]
	start_sending alice
}

teardown()
{
	on_failure
	stop_sending alice
	for name in churn crowd; do
		[ ! -e "$SPOOL/$name.pid" ] || churned "$name"
	done
	app_stop
	wait_for tables_as_before
}

# The same for all whom these tests watch, another for others.
more_rules() # first|second
{
	rules groups/vendors.yaml <<-END
	egress:
	  - allow: udp/$([ "$1" = first ] && echo 162 || echo 163)
	    to: monitoring
	END
	rules rules.d/more.yaml <<-END
	policies:
	  $1:
	    egress: []
	users:
	  carol: $1
	END
}

# One allowed user's turn after another, while something goes on.
goes_on() # SECONDS
{
	local end=$((SECONDS + $1))

	while ((SECONDS < end)); do
		allowed_without_gap alice
	done
}

@test "while 32 sessions at a time come and go, the user's own among them" {
	churn churn fenced 32 0 1 alice bob dave $(crowd_names 1 61)
	[ "$(app close first)" = 0 ]
	goes_on 4
	result=$(churned churn)
	echo "# $result" >&3
	[[ $result == "opened "*" refused 0 unclosed 0 "* ]]
	[ "$(cut -d ' ' -f 2 <<< "$result")" -gt 100 ]
	nothing_forbidden_arrived
}

@test "while each of netfenced's processes is killed again and again" {
	churn churn fenced 8 0 1 alice bob $(crowd_names 1 20)
	for round in 1 2 3; do
		for name in "${PROCESSES[@]}"; do
			at_some_instant 100
			kill_process "$name"
			allowed_without_gap alice
			wait_for netfenced_answers
		done
	done
	result=$(churned churn)
	echo "# $result" >&3
	[ "$(cut -d ' ' -f 2 <<< "$result")" -gt 0 ]
	nothing_forbidden_arrived
}

@test "while the rules are reloaded, the user's own policy among them" {
	churn churn fenced 8 0 1 alice bob carol $(crowd_names 1 20)
	for round in {1..8}; do
		more_rules "$( ((round % 2)) && echo second || echo first)"
		sed -i "s/comment: .*/comment: round $round/" /etc/netfence/netfence.yaml
		netfencectl reload
		allowed_without_gap alice
	done
	result=$(churned churn)
	[[ $result == "opened "*" unclosed 0 "* ]]
	nothing_forbidden_arrived
}

@test "with 1,000 other users in the table: sessions, kills and reloads, all at once" {
	churn crowd -h fenced 20 1000 50 $(crowd_names 101 1100)
	patiently holding crowd
	with_nftables || iptables-legacy -S | grep -q -- '-N NETFENCE#'
	churn churn fenced 32 0 1 alice bob dave $(crowd_names 1 61)
	for round in 1 2; do
		for name in netfenced-main netfenced-ipv4 netfenced netfenced-ipv6; do
			at_some_instant 100
			kill_process "$name"
			allowed_without_gap alice
			wait_for netfenced_answers
			more_rules "$( ((RANDOM % 2)) && echo second || echo first)"
			netfencectl reload || :
		done
	done
	result=$(churned churn)
	echo "# $result" >&3
	churned crowd
	nothing_forbidden_arrived
}
