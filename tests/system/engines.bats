#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Which engine it is, that nftables' leaves iptables alone, and that another one than before takes
# over without a gap.

unset ENGINE

load ../lib/netfence
load ../lib/unrest

# The host has no tables of iptables, unless a test makes them.
setup_file()
{
	network_up
	syslog_up
	install_netfence
	person alice supporters
	person bob supporters
	person carol
	for_all_services
	sshd_up host
	tables > "$SPOOL/tables"
}

setup()
{
	seed_rules
	forget_log
}

teardown()
{
	on_failure
	kill_holder
	stop_sending alice
	app_stop
	wait_for tables_as_before
	gone "$(netfenced_pid)" || stop_netfenced
	forget_seen
}

settings() # ENGINE
{
	printf 'settings:\n  engine: %s\n' "$1" | cat /etc/netfence/netfence.yaml - > "$SPOOL/with"
	rules netfence.yaml < "$SPOOL/with"
}

start_with() # ENGINE
{
	daemon netfenced netfenced -d -e "$1"
	wait_for netfencectl status
}

status_says() # WORDS
{
	[[ $(netfencectl status) == *"$1"* ]]
}

in_iptables()
{
	iptables-legacy-save | grep -q NETFENCE && ip6tables-legacy-save | grep -q NETFENCE
}

in_nftables()
{
	nft list table inet netfence > /dev/null 2>&1
}

in_iptables_alone()
{
	in_iptables && ! in_nftables
}

in_nftables_alone()
{
	in_nftables && ! iptables-legacy-save | grep -q NETFENCE &&
		! ip6tables-legacy-save | grep -q NETFENCE
}

no_legacy_table()
{
	[ -z "$(cat /proc/net/ip_tables_names /proc/net/ip6_tables_names)" ]
}

# Others who write iptables' tables.
hold_lock()
{
	rm -f "$SPOOL/holder.fifo"
	mkfifo "$SPOOL/holder.fifo"
	touch /run/xtables.lock
	daemon holder flock /run/xtables.lock cat "$SPOOL/holder.fifo"
	wait_for eval '! flock -n /run/xtables.lock true'
}

kill_holder()
{
	[ -e "$SPOOL/holder.pid" ] || return 0
	: > "$SPOOL/holder.fifo" &
	wait_for gone "$(cat "$SPOOL/holder.pid")"
	rm "$SPOOL/holder.pid"
}

# ---------------------------------------------------------------- which

@test "nftables, as the settings say: fenced, and no table of iptables comes to be" {
	no_legacy_table
	settings nftables
	start_netfenced
	status_says 'engine nftables (settings)'
	status_says 'IPv4 and IPv6 in force; nobody is fenced, so there is no table'
	free alice
	login one alice
	fenced alice
	free carol
	in_nftables
	status_says 'IPv4 and IPv6 in force, table inet netfence'
	netfencectl rules | grep -q '^table inet netfence'
	[ "$(netfencectl --json status | python3 -c 'import json, sys
o = json.load(sys.stdin); print(o["engine"], o["engine_by"], o["families"]["ipv6"]["table"])')" = \
		"nftables settings 1" ]
	netfencectl doctor > /dev/null || :
	logout one
	wait_for free alice
	wait_for eval '! in_nftables'
	stop_netfenced
	netfenced --flush
	no_legacy_table
}

@test "-e goes before the settings" {
	settings iptables
	start_with nftables
	status_says 'engine nftables (-e)'
	no_legacy_table
	run netfenced -e nonsense
	[ "$status" = 2 ]
	[[ $output == *'there is no engine "nonsense"; there are: auto, iptables, nftables'* ]]
}

@test "who has the lock of iptables' tables delays nobody with nftables" {
	hold_lock
	start_with nftables
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	fenced alice
	rm /run/xtables.lock
	[ "$(app open two fenced bob)" = 0 ]
	fenced bob
	status_says 'engine nftables'
}

# ---------------------------------------------------------------- another one

@test "auto: iptables where the kernel has its tables" {
	start_netfenced
	status_says 'engine iptables (auto)'
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	in_iptables_alone
	fenced alice
}

# The shim has the kernel say what one without ip_tables says.
@test "auto: nftables where it has none" {
	export FAULTS=$SPOOL/faults
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" new
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" arm '*' tables 1 1000000000 0
	LD_PRELOAD=$BUILD/tests/faults/shim.so start_netfenced
	status_says 'engine nftables (auto)'
	wait_for logged 'engine: nftables \(auto\)'
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	in_nftables_alone
	fenced alice
}

begin_change() # FROM
{
	start_with "$1"
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	SEND_NICE=10 start_sending alice
	forget_seen
}

goes_on()
{
	count_allowed > "$SPOOL/allowed"
	wait_for allowed_goes_on
	nothing_forbidden_arrived
}

@test "another engine after a restart, there and back: nothing gets out" {
	begin_change iptables
	in_iptables_alone
	for round in 1 2 3; do
		stop_netfenced
		start_with nftables
		wait_for in_nftables_alone
		goes_on
		[ "$(app open "to-$round" fenced bob)" = 0 ]
		fenced bob
		[ "$(app close "to-$round")" = 0 ]
		stop_netfenced
		start_with iptables
		wait_for in_iptables_alone
		goes_on
	done
	netfencectl sessions | grep -q alice
	not_logged 'event=repair'
}

@test "another engine after a restart, without any record: whom the other holds is held" {
	begin_change iptables
	stop_netfenced
	rm -f /run/netfence/sessions/*
	start_with nftables
	wait_for in_nftables_alone
	goes_on
	wait_for logged 'uid [0-9]+ is fenced in the kernel, and has no record'
	stop_netfenced
	rm -f /run/netfence/sessions/*
	start_with iptables
	wait_for in_iptables_alone
	goes_on
}

@test "another engine by a reload, there and back, at once: nothing gets out" {
	settings iptables
	start_netfenced
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	SEND_NICE=10 start_sending alice
	forget_seen
	for round in 1 2 3; do
		seed_rules
		settings nftables
		netfencectl reload
		wait_for in_nftables_alone
		wait_for status_says 'engine nftables (settings)'
		goes_on
		[ "$(app open "to-$round" fenced bob)" = 0 ]
		fenced bob
		[ "$(app close "to-$round")" = 0 ]
		seed_rules
		settings iptables
		netfencectl reload
		wait_for in_iptables_alone
		goes_on
	done
	wait_for netfencectl status
	fenced alice
}

@test "killed in the middle of a change: nothing gets out, and it comes to its end" {
	settings iptables
	keep_netfenced
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	SEND_NICE=10 start_sending alice
	forget_seen
	engine=iptables
	for round in {1..12}; do
		[ "$engine" = iptables ] && engine=nftables || engine=iptables
		seed_rules
		settings "$engine"
		netfencectl reload
		name=${PROCESSES[RANDOM % 4]}
		at_some_instant 40
		kill_process "$name"
		wait_for netfenced_answers
		wait_for "in_${engine}_alone"
		nothing_forbidden_arrived
	done
	goes_on
	unkeep_netfenced
}

@test "iptables' traces wait for its lock, and logins do not" {
	begin_change iptables
	stop_netfenced
	hold_lock
	start_with nftables
	in_nftables
	in_iptables
	[ "$(app open two fenced bob)" = 0 ]
	fenced bob
	goes_on
	kill_holder
	wait_for in_nftables_alone
	goes_on
}

@test "an engine that this kernel does not have: refused with the reason; a reload mends it" {
	export FAULTS=$SPOOL/faults
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" new
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" arm '*' tables 1 1000000000 0
	settings iptables
	LD_PRELOAD=$BUILD/tests/faults/shim.so daemon netfenced netfenced -d
	wait_for eval 'netfencectl status | grep -q "the kernel has no IPv4 tables: load ip_tables"'
	app_start
	[ "$(app open one fenced alice)" != 0 ]
	seed_rules
	settings nftables
	netfencectl reload
	status_says 'engine nftables (settings)'
	[ "$(app open two fenced alice)" = 0 ]
	fenced alice
}

@test "--flush removes the traces of both" {
	begin_change iptables
	stop_netfenced
	hold_lock
	start_with nftables
	in_nftables
	in_iptables
	stop_netfenced
	kill_holder
	netfenced --flush
	! in_nftables
	tables_as_before
	free alice
}
