#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No memory, and no process to be had, in each of netfenced's processes in turn: a login is refused
# with its reason, or fenced; live fences stay shut; and when that is over the next login works.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	crowd 2000
	export FAULTS=$SPOOL/faults NETFENCED_PID=$SPOOL/netfenced.pid
	faults new
	LD_PRELOAD=$BUILD/tests/faults/shim.so keep_netfenced
	wait_for grep -q shim.so "/proc/$(netfenced_pid)/maps"
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	SEND_NICE=10 start_sending alice
}

faults()
{
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" "$@"
}

# Whatever failed: alice, who was logged in all the time, is fenced, and can send what she may.
teardown()
{
	on_failure
	faults disarm
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	wait_for alone
}

alone()
{
	netfencectl status | grep -q '^fences  *1 user, 1 session'
}

@test "main: each allocation of a login and a logout" {
	faults logins netfenced-main "" $(crowd_names 1 2000)
}

@test "the engines: each allocation of a commit" {
	faults logins netfenced-ipv4 "" $(crowd_names 1 2000)
	faults logins netfenced-ipv6 "" $(crowd_names 1 2000)
}

@test "main: each allocation of a start, with a session that is on" {
	faults starts netfenced-main u1 u2
}

@test "the others: each allocation of a start" {
	for name in netfenced netfenced-ipv4 netfenced-ipv6 netfenced-names netfenced-reap; do
		faults starts "$name" u1 u2
	done
}
