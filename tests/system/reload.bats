#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# New rules, and people in other groups than before: live sessions follow, at a reload and not
# before.

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
	stop_sending carol
	app_stop
	cp "$SPOOL/nsswitch" /etc/nsswitch.conf 2> /dev/null || :
	for user in alice dave; do
		gpasswd -a "$user" supporters
	done > /dev/null
	gpasswd -d carol supporters > /dev/null 2>&1 || :
	rm -rf /etc/netfence/users
	seed_rules
	netfencectl reload
	wait_for tables_as_before
}

@test "a policy that vanishes frees its live users, and who that is is said" {
	[ "$(app open one fenced alice)" = 0 ]
	fenced alice
	rules netfence.yaml <<< 'version: 1'
	run netfencectl reload
	[ "$status" = 0 ]
	[[ $output == *alice* ]]
	free alice
	[ "$(app close one)" = 0 ]
	wait_for tables_as_before
}

@test "a user's own policy comes before the group's, and goes again" {
	[ "$(app open one fenced alice)" = 0 ]
	[ "$(app open two fenced bob)" = 0 ]
	rules users/alice.yaml <<-END
	egress:
	  - allow: udp/5001
	    to: ["$OTHER4", "$OTHER6"]
	END
	stopped alice udp "$OTHER4" 5001
	netfencectl reload
	reaches alice udp "$OTHER4" 5001
	reaches alice udp "$OTHER6" 5001
	stopped alice udp "$MONITOR4" 162
	fenced bob
	rm /etc/netfence/users/alice.yaml
	netfencectl reload
	fenced alice
	stopped alice udp "$OTHER4" 5001
	fenced bob
}

@test "a reload with errors changes nothing, and the next good one does" {
	[ "$(app open one fenced alice)" = 0 ]
	rules users/alice.yaml <<< 'egress: [ { allow: anything, to: any } ]'
	run netfencectl reload
	[ "$status" = 5 ]
	fenced alice
	rules users/alice.yaml <<< 'egress: []'
	netfencectl reload
	stopped alice udp "$MONITOR4" 162
	stopped alice udp "$MONITOR6" 162
}

@test "leaving a group: not at the next login while fenced, but at a reload" {
	[ "$(app open one fenced alice)" = 0 ]
	gpasswd -d alice supporters
	[ "$(app open two fenced alice)" = 0 ]
	fenced alice
	run netfencectl reload
	[[ $output == *alice* ]]
	free alice
	[ "$(app close one)" = 0 ]
	[ "$(app close two)" = 0 ]
	wait_for tables_as_before
	[ "$(app open three fenced alice)" = 0 ]
	free alice
}

@test "joining a group: at the next login, and a reload alone is enough for who is in already" {
	[ "$(app open one fenced carol)" = 0 ]
	free carol
	gpasswd -a carol supporters
	free carol
	[ "$(app open two fenced carol)" = 0 ]
	fenced carol
	gpasswd -d carol supporters
	netfencectl reload
	free carol
	gpasswd -a carol supporters
	netfencectl reload
	fenced carol
}

forbidden_arrives()
{
	[ "$(window_packets)" -gt 0 ]
}

free_sessions() # USER
{
	netfencectl --json sessions -l |
		jq "[.sessions[] | select(.user == \"$1\" and .state == \"free\")] | length"
}

commits()
{
	netfencectl --json status | jq .commits
}

is_no_session_of()
{
	[ "$(free_sessions "$1")" = 0 ] && [ ! -e "/run/netfence/sessions/$(id -u "$1")" ]
}

@test "a session that nothing fenced is fenced by the next rules, freed, and fenced again" {
	[ "$(app open one fenced carol)" = 0 ]
	[ "$(free_sessions carol)" = 1 ]
	[ "$(netfencectl --json sessions | jq '.sessions | length')" = 0 ]
	free carol
	for n in 1 2; do
		rules users/carol.yaml <<< 'egress: [ { allow: udp/162, to: monitoring } ]'
		run netfencectl reload
		[[ $output == *"carol: users/carol, was free"* ]]
		fenced carol
		wait_for logged 'session-start user="carol" .*policy="users/carol".*reason="fenced from now on"'
		[ "$(free_sessions carol)" = 0 ]
		rm /etc/netfence/users/carol.yaml
		run netfencectl reload
		[[ $output == *"carol: FREE"* ]]
		free carol
	done
	[ "$(app close one)" = 0 ]
	wait_for is_no_session_of carol
	# One begin and one end of what was fenced at some time.
	[ "$(lines_logged 'event=session-start user="carol"')" = 1 ]
	wait_for logged 'event=session-end user="carol"'
	# Nobody is fenced who has no session.
	rules users/carol.yaml <<< 'egress: []'
	netfencectl reload
	free carol
}

@test "what was open in it is cut" {
	[ "$(app open one fenced carol)" = 0 ]
	start_sending carol
	wait_for forbidden_arrives
	rules users/carol.yaml <<< 'egress: []'
	netfencectl reload
	forget_seen
	sleep 0.3 # time enough for hundreds
	nothing_forbidden_arrived
	stop_sending carol
}

@test "a session that nothing fences survives a restart, for the rules that come then" {
	[ "$(app open one fenced carol)" = 0 ]
	[ "$(app open two fenced dave)" = 0 ]
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	[ "$(app close two)" = 0 ]
	start_netfenced
	[ "$(free_sessions carol)" = 1 ]
	rules users/carol.yaml <<< 'egress: [ { allow: udp/162, to: monitoring } ]'
	netfencectl reload
	fenced carol
	stop_netfenced
	start_netfenced
	fenced carol
	forget_log
	app_stop
	wait_for logged 'event=session-end user="carol"'
	wait_for tables_as_before
}

@test "who joined a group is still its member after a restart" {
	[ "$(app open one fenced carol)" = 0 ]
	gpasswd -a carol supporters
	netfencectl reload
	fenced carol
	kill -KILL "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	start_netfenced
	fenced carol
}

@test "sessions that nothing fences cost no commit, and end with their openers" {
	before=$(commits)
	for ((n = 0; n < 40; n++)); do
		[ "$(app open "s$n" fenced carol)" = 0 ]
	done
	[ "$(free_sessions carol)" = 40 ]
	[ "$(app close s0)" = 0 ]
	[ "$(free_sessions carol)" = 39 ]
	app_stop
	wait_for is_no_session_of carol
	[ "$(commits)" = "$before" ]
}

@test "subordinate uids that go from one live user to another: for as long as they are there, the first has them" {
	[ "$(app open one fenced alice)" = 0 ]
	[ "$(app open two fenced dave)" = 0 ]
	cp /etc/subuid "$SPOOL/subuid"
	sed -i -e '/^alice:/d' -e 's/^dave:.*/dave:100000:65536/' /etc/subuid
	grep -q '^alice:100000:65536' "$SPOOL/subuid"
	forget_log
	netfencectl reload
	wait_for logged 'dave: fenced without the further subordinate uids: shared with a fenced user'
	# Nobody is kept out for that but who wants them.
	[ "$(app open three fenced bob)" = 0 ]
	[ "$(app open four fenced dave)" != 0 ]
	fenced alice
	fenced dave
	fenced bob
	our_rules | grep -Eq '[ ,]100000-'
	not_logged 'two users at once'
	[ "$(app close one)" = 0 ]
	wait_for free alice
	[ "$(app open five fenced dave)" = 0 ]
	cp "$SPOOL/subuid" /etc/subuid
}

@test "a directory that does not answer changes nothing" {
	cp /etc/nsswitch.conf "$SPOOL/nsswitch"
	[ "$(app open one fenced alice)" = 0 ]
	[ "$(app open two fenced bob)" = 0 ]
	sed -i "s/^passwd: .*/passwd: nowhere/" /etc/nsswitch.conf
	netfencectl reload
	fenced_by_uid 1001
	fenced_by_uid 1002
	cp "$SPOOL/nsswitch" /etc/nsswitch.conf
	netfencectl reload
	fenced alice
	fenced bob
}

@test "a directory of groups that does not answer changes nothing, at a login or a reload" {
	cp /etc/nsswitch.conf "$SPOOL/nsswitch"
	[ "$(app open one fenced alice)" = 0 ]
	[ "$(app open two fenced bob)" = 0 ]
	sed -i "s/^group: .*/group: nowhere/" /etc/nsswitch.conf
	netfencectl reload
	fenced_by_uid 1001
	fenced_by_uid 1002
	[ "$(app open three fenced alice)" = 0 ]
	netfencectl reload
	fenced_by_uid 1001
	cp "$SPOOL/nsswitch" /etc/nsswitch.conf
	netfencectl reload
	fenced alice
	fenced bob
}

# Without any name service.
fenced_by_uid() # UID
{
	local before

	before=$(seen "$LAN4" udp 53)
	setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "echo > /dev/udp/$LAN4/53" \
		2> /dev/null || :
	[ "$(seen "$LAN4" udp 53)" = "$before" ] || return
	before=$(seen "$MONITOR4" udp 162)
	setpriv --reuid="$1" --regid="$1" --clear-groups bash -c "echo > /dev/udp/$MONITOR4/162"
	[ "$(seen "$MONITOR4" udp 162)" -gt "$before" ]
}
