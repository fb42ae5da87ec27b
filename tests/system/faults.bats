#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# No memory, and no process to be had, in each of netfenced's processes in turn: a login is refused
# with its reason, or fenced; live fences stay shut; and when that is over the next login works.
# FAULTS_STOP=1 stops at the first that goes wrong, FAULTS_TRACE=1 has netfenced say where it failed.

load ../lib/netfence
load ../lib/unrest
load ../lib/talk

setup_file()
{
	setup_host
	crowd 2000
	export FAULTS=$SPOOL/faults NETFENCED_PID=$SPOOL/netfenced.pid
	faults new
	printf 'egress: []\non-logout: kill\n' | rules users/carol.yaml
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
	[ ! -e "$SPOOL/churn.pid" ] || churned churn
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	wait_for alone
}

alone()
{
	netfencectl status | grep -q '^fences  *1 user, 1 session'
}

# One after another, each allocation fails once; how it went is worth a line.
each_fails() # WORD PROCESS [ARGUMENT ...]
{
	faults "$@" > "$SPOOL/tally" || { cat "$SPOOL/tally"; return 1; }
	sed -n '/failed in turn/s/^/# /p' "$SPOOL/tally" >&3
	failed=$(sed -n 's/.*: \([0-9]*\) failed in turn.*/\1/p' "$SPOOL/tally")
	[ "$failed" -gt 0 ]
}

# First, while nobody has ever logged in: a start reads whoever is known to be in which group, and
# each of those hundreds would be some allocations more.
@test "main: each allocation of a start, with a session that is on" {
	each_fails starts netfenced-main u1 u2
}

@test "the others: each allocation of a start" {
	for name in netfenced netfenced-ipv4 netfenced-ipv6 netfenced-reap; do
		each_fails starts "$name" u1 u2
	done
	# One whose groups are what the login says: it is a reload that asks for them.
	each_fails starts netfenced-names bob
}

@test "main: each allocation of a login" {
	each_fails logins netfenced-main "" $(crowd_names 1 2000)
}

@test "the engines: each allocation of a commit" {
	each_fails logins netfenced-ipv4 "" $(crowd_names 1 2000)
	wait_for alone # or a user has a fence still, and needs no commit
	# nftables' one table is the other's.
	with_nftables || each_fails logins netfenced-ipv6 "" $(crowd_names 1 2000)
}

@test "both or neither: what one family cannot have in force cuts nothing" {
	only_with iptables
	listeners_up
	talker bob bob
	[ "$(talk bob open t4 tcp "$LAN4" 80)" = open ]
	[ "$(talk bob open t6 tcp "$LAN6" 80)" = open ]
	for name in netfenced-ipv4 netfenced-ipv6; do
		faults arm "$name" tables 1 1000000000
		[ "$(app open two fenced bob)" = 14 ]
		faults disarm
		[ "$(talk bob say t4)" = echo ]
		[ "$(talk bob say t6)" = echo ]
	done
	[ "$(app open two fenced bob)" = 0 ]
	[ -z "$(sockets_of bob)" ]
	[ "$(app close two)" = 0 ]
	talkers_end
}

@test "names: each allocation of a reload, whose users stay fenced" {
	# Who are in that group whoever is asked; of the odd ones only the login says so.
	each_fails logins netfenced-names "netfencectl reload > /dev/null" \
		$(crowd_names 1 2000 | sed -n 'n; p')
	((failed > 20)) # and not only where the answer is put together
}

@test "main: none to look at what a logout has left, and then some: the fence goes" {
	for n in 1 10 40 100; do
		[ "$(app open two fenced bob)" = 0 ]
		[ "$(app close two)" = 0 ]
		faults arm netfenced-main memory 1 "$n"
		wait_for alone
	done
}

@test "the reaper: none to look at whom to end, and then some: they are ended" {
	[ "$(app open two fenced carol)" = 0 ]
	daemon stray setpriv --reuid=carol --clear-groups -- sleep 1000
	wait_for grep -q sleep "/proc/$(cat "$SPOOL/stray.pid")/comm"
	faults arm netfenced-reap memory 1 2
	[ "$(app close two)" = 0 ]
	wait_for gone "$(cat "$SPOOL/stray.pid")"
	[ "$(faults disarm | cut -d ' ' -f 3)" = 2 ]
}

@test "one allocation in 400 fails everywhere, while PAM sessions come and go" {
	faults arm '*' memory 0 0 400
	churn churn fenced 4 200 1 $(crowd_names 1 20)
	patiently churn_ended churn
	result=$(churned churn)
	echo "# $result; $(faults disarm)" >&3
	[ "$(cut -d ' ' -f 2 <<< "$result")" -gt 0 ]
	opened=$(patiently pamtester fenced bob open_session close_session)
}

@test "the IPv4 engine ends with each login, and is started later and later: fenced in time" {
	pam_service hurried timeout=4
	# As often as it takes for the pause to be as long as it may get.
	for n in {1..9}; do
		faults arm netfenced-ipv4 memory 1 1
		[ "$(app open two hurried "u$((2 * n))")" = 0 ]
		[ "$(faults disarm | cut -d ' ' -f 3)" = 1 ]
		[ "$(app close two)" = 0 ]
	done
}

@test "no process to be had for any of them that ends: refused in time, and all is well when there is" {
	n=0
	for name in netfenced-main netfenced-ipv4 netfenced-ipv6 netfenced-reap netfenced-names; do
		forget_log
		before=$(process "$name")
		faults arm netfenced fork 1 1000000000
		kill -KILL "$before"
		wait_for logged "$name cannot be started: Resource temporarily unavailable"
		case $name in
		*-main | *-ipv?)
			# One who is not fenced already; the odd ones are in no such group.
			n=$((n + 2))
			[ "$(app open two fenced "u$n")" = 14 ]
			[ "$name" = netfenced-main ] || wait_for logged \
				"refused user=\"u$n\".*\"no fence in time: the [^ ]* engine is being started\""
			;;
		*) [ "$(app open two fenced bob)" = 0 ] && [ "$(app close two)" = 0 ] ;;
		esac
		faults disarm
		[ "$(app open three fenced bob)" = 0 ]
		fenced bob
		[ "$(app close three)" = 0 ]
	done
}

@test "main: each descriptor of a login, and then none at all for a while" {
	each_fails logins netfenced-main:descriptors "" $(crowd_names 1 2000)
	faults arm netfenced-main descriptors 1 1000000000
	[ "$(app open two fenced bob)" = 14 ]
	faults disarm
	[ "$(app open three fenced bob)" = 0 ]
	fenced bob
	[ "$(app close three)" = 0 ]
}
