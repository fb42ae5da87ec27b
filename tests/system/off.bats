#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netfencectl off and on: no fence for a while, and then all of them again.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
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
	netfencectl on
	stop_sending alice
	app_stop
	kill_all_of alice
	seed_rules
	netfencectl reload
	wait_for tables_as_before
}

# status says no while it is off.
start_off()
{
	daemon netfenced netfenced -d
	wait_for netfencectl sessions
}

# Counts have begun anew.
sends_what_is_allowed()
{
	! count_allowed | grep -qx 0
}

@test "off lifts the fences at once, logins pass, and on fences them all" {
	[ "$(app open one fenced alice)" = 0 ]
	fenced alice
	SUDO_USER=carol run netfencectl off --for 10m --reason 'LAN backup, "T-7"'
	[ "$status" = 0 ]
	[[ $output == "off until "* ]]
	free alice
	tables_as_before
	[ "$(app open two fenced bob)" = 0 ]
	free bob
	wait_for logged 'event=off from="carol \(uid 0.*reason="off for 600 s: LAN backup, \\"T-7\\""'
	wait_for logged 'event=off user="bob" uid=1002 policy="groups/supporters" service="fenced" reason="let in without a fence"'
	run netfencectl status
	[ "$status" = 1 ]
	[[ $output == *"OFF until"*"LAN backup"* ]]
	netfencectl metrics | grep -qx 'netfence_off 1'
	[ "$(netfencectl --json status | jq -r .off.by)" = carol ]
	[ "$(netfencectl --json status | jq '.off.left > 500 and .off.left <= 600')" = true ]
	[ "$(netfencectl --json sessions | jq -r '[.sessions[].state] | unique | join(" ")')" = off ]
	run netfencectl show alice
	[[ $output == *"netfence is OFF"* ]]
	run netfencectl on
	[ "$status" = 0 ]
	fenced alice
	fenced bob
	wait_for logged 'event=off reason="the fences are back"'
	[ "$(netfencectl --json status | jq .off)" = null ]
	[ "$(app close one)" = 0 ]
	[ "$(app close two)" = 0 ]
	wait_for tables_as_before
}

@test "it is over by itself, and what was open then is cut" {
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 2s --reason test
	start_sending alice
	wait_for eval '[ "$(window_packets)" -gt 0 ]'
	wait_for logged 'event=off reason="the fences are back"'
	forget_seen
	wait_for sends_what_is_allowed
	nothing_forbidden_arrived
	[ "$(app open two fenced bob)" = 0 ]
	fenced bob
}

@test "fences that cannot come back: status says who is without, until they are back" {
	only_with iptables # and its lock
	netfencectl off --for 10m --reason test
	[ "$(app open one fenced alice)" = 0 ]
	exec 9> /run/xtables.lock
	flock 9
	run netfencectl on
	[ "$status" != 0 ]
	run netfencectl status
	[ "$status" = 1 ]
	[[ $output == *"1 user is WITHOUT A FENCE"*"lock"* ]]
	# A login that fails meanwhile changes nothing about that.
	[ "$(app open two fenced alice)" = 14 ]
	[ "$(netfencectl --json status | jq -r '.problems[].id')" = unfenced ]
	exec 9>&-
	wait_for netfencectl status
	fenced alice
}

@test "a restart changes nothing about it, and it ends all the same" {
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 12s --reason test
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	start_off
	free alice
	[ "$(netfencectl --json status | jq -r .off.reason)" = test ]
	[ "$(app open two fenced bob)" = 0 ]
	patiently logged 'event=off reason="the fences are back"'
	fenced alice
	fenced bob
	[ ! -e /var/lib/netfence/off ]
}

@test "time that is over while the daemon is away" {
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 1s --reason test
	stop_netfenced
	sleep 1.1 # nobody is there who could tell
	start_netfenced
	fenced alice
	wait_for logged 'event=off .*time is over: on again'
}

@test "a file that is damaged means on" {
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 10m --reason test
	stop_netfenced
	truncate -s 30 /var/lib/netfence/off
	start_netfenced
	fenced alice
	wait_for logged 'that netfence was off cannot be read'
}

@test "while it is off and the daemon away, the module still refuses" {
	netfencectl off --for 10m --reason test
	stop_netfenced
	[ "$(app open one fenced alice)" = 14 ]
	start_off
	[ "$(app open one fenced alice)" = 0 ]
	free alice
}

@test "what a session leaves that ended meanwhile is fenced again" {
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 10m --reason test
	[ "$(app open two fenced alice)" = 0 ]
	start_sending alice
	[ "$(app close one)" = 0 ]
	[ "$(app close two)" = 0 ]
	wait_for eval '[ "$(window_packets)" -gt 0 ]'
	netfencectl on
	forget_seen
	wait_for sends_what_is_allowed
	nothing_forbidden_arrived
	stop_sending alice
	wait_for tables_as_before
}

@test "a login that waits for its fence just then is let in; a reload goes through" {
	netfencectl off --for 10m --reason test
	[ "$(app open one fenced alice)" = 0 ]
	rules users/alice.yaml <<< 'egress: []'
	netfencectl reload
	free alice
	rm /etc/netfence/users/alice.yaml
	netfencectl on
	stopped alice udp "$MONITOR4" 162
	netfencectl reload
	fenced alice
}

@test "max-session goes on, and what is over is shut when the fences are back" {
	seed_rules
	printf '    %s\n' 'max-session: 2s' 'on-expiry: close' >> /etc/netfence/netfence.yaml
	netfencectl reload
	[ "$(app open one fenced alice)" = 0 ]
	netfencectl off --for 10m --reason test
	sleep 2.1 # nothing tells
	free alice
	[ "$(app open two fenced alice)" = 0 ]
	free alice
	netfencectl on
	wait_for logged 'event=expired user="alice"'
	wait_for stopped alice udp "$MONITOR4" 162
	[ "$(app open three fenced alice)" = 14 ]
	rm -rf /etc/netfence/users
}

@test "main killed at any instant of off and on: one of both, and the last word counts" {
	[ "$(app open one fenced alice)" = 0 ]
	for ((n = 0; n < 20; n++)); do
		netfencectl off --for 10m --reason test > /dev/null 2>&1 &
		asker=$!
		at_some_instant 30
		kill_process netfenced-main
		wait "$asker" || :
		netfencectl on > /dev/null 2>&1 &
		asker=$!
		at_some_instant 30
		kill_process netfenced-main
		wait "$asker" || :
		wait_for netfencectl on
		stopped alice udp "$LAN4" 53
	done
	((kills > 20))
	fenced alice
	[ ! -e /var/lib/netfence/off ]
}

@test "off takes both, up to a day; on is no error where it was on" {
	run netfencectl off --for 15m
	[ "$status" = 2 ]
	run netfencectl off --reason x
	[ "$status" = 2 ]
	run netfencectl off --for 25h --reason x
	[ "$status" = 2 ]
	run netfencectl on
	[ "$status" = 0 ]
	[ "$output" = "netfence was not off" ]
	run as carol netfencectl off --for 1m --reason x
	[ "$status" = 4 ]
}
