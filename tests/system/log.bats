#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an auditor reads: who had which network access, from when to when; in syslog, and in
# systemd's journal with fields to search for.

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
	forget_log
}

teardown()
{
	on_failure
	app close a > /dev/null
	journald_down
	seed_rules
	rm -rf /etc/netfence/users
	wait_for netfencectl reload
	wait_for tables_as_before
}

# The real one. It wants a cgroup file system, and says so where there is none.
journald_up()
{
	[ -x /lib/systemd/systemd-journald ] || skip "no journald here"
	mountpoint -q /sys/fs/cgroup || mount -t cgroup2 -o ro none /sys/fs/cgroup ||
		skip "no cgroups here"
	mkdir -p /run/systemd/journal /run/log/journal
	daemon journald /lib/systemd/systemd-journald
	wait_for journalctl --sync
}

journald_down()
{
	[ -e "$SPOOL/journald.pid" ] || return 0
	kill -KILL "$(cat "$SPOOL/journald.pid")" 2> /dev/null || :
	wait_for gone "$(cat "$SPOOL/journald.pid")"
	rm "$SPOOL/journald.pid"
}

journal() # MATCH ...
{
	journalctl --sync
	journalctl --no-pager -q -o json "$@"
}

journal_has() # MATCH ...
{
	[ -n "$(journal "$@")" ]
}

@test "a session's start and end, field by field and in this order" {
	[ "$(app open a fenced alice)" = 0 ]
	id=$(netfencectl --json sessions | python3 -c 'import json, sys
print(json.load(sys.stdin)["sessions"][0]["id"])')
	app close a
	what="user=\"alice\" uid=$(id -u alice) session=$id policy=\"groups/supporters\" service=\"fenced\""
	wait_for logged "event=session-start $what\$"
	wait_for logged "event=session-end $what reason=\"closed\"\$"
}

@test "what outlives the last session has a line when it has gone; else there is none" {
	[ "$(app open a fenced alice)" = 0 ]
	as alice setsid sleep 600 < /dev/null > /dev/null 2>&1 3>&- &
	wait_for pgrep -u alice -x sleep
	app close a
	wait_for eval '[[ $(netfencectl sessions) == *"held by 1 process"* ]]'
	# Once it has been met it is watched: until then nothing was known to outlive anything.
	left=$(pgrep -u alice -x sleep)
	wait_for eval 'grep -qs "^Pid:[[:space:]]*$left\$" /proc/$(pgrep -x netfenced-main)/fdinfo/*'
	not_logged event=fence-end
	kill -KILL "$left"
	wait_for logged "event=fence-end user=\"alice\" uid=$(id -u alice) policy=\"groups/supporters\" reason="
	wait_for tables_as_before
	forget_log
	[ "$(app open a fenced alice)" = 0 ]
	app close a
	wait_for tables_as_before
	not_logged event=fence-end
}

@test "denied and refused, field by field" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	line=$(grep -n 'reject: any' /etc/netfence/netfence.yaml | cut -d: -f1)
	wait_for logged "event=denied user=\"alice\" uid=$(id -u alice) session=[0-9]+ policy=\"groups/supporters\" proto=\"udp\" dst=\"$LAN4\" dport=53 rule=\"/etc/netfence/netfence.yaml:$line\" count=1"
	echo "carol:$(id -u dave):10" >> /etc/subuid
	rules users/carol.yaml <<< 'egress: []'
	netfencectl reload
	[ "$(app open b fenced carol)" != 0 ]
	sed -i '$d' /etc/subuid
	wait_for logged "event=refused user=\"carol\" uid=$(id -u carol) service=\"fenced\" reason=\".*\"\$"
}

@test "what a reload gives and takes" {
	[ "$(app open a fenced alice)" = 0 ]
	rules users/alice.yaml <<< 'egress: []'
	netfencectl reload
	wait_for logged "event=reload user=\"alice\" uid=$(id -u alice) policy=\"users/alice\" reason="
}

@test "in the journal with fields, and on authpriv" {
	journald_up
	[ "$(app open a fenced alice)" = 0 ]
	wait_for journal_has NETFENCE_USER=alice NETFENCE_EVENT=session-start
	journal NETFENCE_USER=alice NETFENCE_EVENT=session-start | python3 -c "import json, sys
entry = json.loads(sys.stdin.readline())
assert entry['NETFENCE_POLICY'] == 'groups/supporters', entry
assert entry['NETFENCE_UID'] == '$(id -u alice)', entry
assert entry['NETFENCE_SERVICE'] == 'fenced', entry
assert entry['SYSLOG_FACILITY'] == '10' and entry['PRIORITY'] == '6', entry
assert entry['MESSAGE'].startswith('event=session-start user=\"alice\" uid='), entry
assert entry['_UID'] == '$(id -u netfence)', entry"
	app close a
	wait_for journal_has NETFENCE_USER=alice NETFENCE_EVENT=session-end NETFENCE_REASON=closed
	! journal_has NETFENCE_USER=bob || false
}

@test "a journal that has gone: the line is in syslog" {
	journald_up
	journald_down
	[ -S /run/systemd/journal/socket ]
	[ "$(app open a fenced alice)" = 0 ]
	app close a
	wait_for logged 'event=session-end user="alice"'
}
