#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nobody takes what is logged: whoever reads /dev/log, or the journal's socket, stands still, is
# started again, or is not there. Logins do not wait for that, and no line is lost unsaid.

load ../lib/netfence

JOURNAL=$SPOOL/journal

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
	: > "$JOURNAL"
}

teardown()
{
	local name

	on_failure
	for name in syslogd journal; do
		[ ! -e "$SPOOL/$name.pid" ] || kill -CONT "$(cat "$SPOOL/$name.pid")" || :
	done
	reader_ends journal /run/systemd/journal/socket
	[ -e "$SPOOL/syslogd.pid" ] || syslog_up
	app close a > /dev/null
	seed_rules
	[ -e "/proc/$(netfenced_pid)" ] || start_netfenced
	wait_for netfencectl reload
	wait_for tables_as_before
	wait_for all_said
}

journal_up()
{
	daemon journal python3 -u "$BATS_TEST_DIRNAME/../lib/journal.py" "$JOURNAL"
	wait_for test -S /run/systemd/journal/socket
}

# Stands still, with a socket that has no room left.
reader_stops() # NAME SOCKET
{
	kill -STOP "$(cat "$SPOOL/$1.pid")"
	wait_for grep -q '^State:[[:space:]]*T' "/proc/$(cat "$SPOOL/$1.pid")/status"
	python3 - "$2" <<-'END'
	import socket, sys
	sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
	sock.connect(sys.argv[1])
	sock.setblocking(False)
	try:
	    while True:
	        sock.send(b"MESSAGE=stuffing\n" if "journal" in sys.argv[1] else b"<15>stuffing")
	except BlockingIOError:
	    pass
	END
}

reader_goes_on() # NAME
{
	kill -CONT "$(cat "$SPOOL/$1.pid")"
}

reader_ends() # NAME SOCKET
{
	[ -e "$SPOOL/$1.pid" ] || return 0
	kill -KILL "$(cat "$SPOOL/$1.pid")"
	wait_for gone "$(cat "$SPOOL/$1.pid")"
	rm "$SPOOL/$1.pid" "$2"
}

# One of status' members of the log.
of_log() # MEMBER
{
	netfencectl --json status | python3 -c "import json, sys
print(json.load(sys.stdin)['log']['$1'])"
}

all_said()
{
	[ "$(of_log waiting)" = 0 ]
}

# Sessions, one after another, and status between them.
sessions_go_on() # HOW-MANY
{
	local i

	for ((i = 0; i < $1; i++)); do
		[ "$(app open a fenced alice)" = 0 ]
		[ "$(app close a)" = 0 ]
		timeout 20 netfencectl status > /dev/null
	done
}

# That many starts and ends in a file, in turn, each session's own and the next one's after it.
sessions_in_order() # HOW-MANY FILE
{
	sed -En 's/.*event=(session-(start|end)) .* session=([0-9]+) .*/\1 \3/p' "$2" |
		awk -v n="$1" '
			NR % 2 { good += $1 == "session-start" && $2 > last; last = $2 }
			NR % 2 == 0 { good += $1 == "session-end" && $2 == last }
			END { exit !(NR == 2 * n && good == NR) }'
}

process() # NAME
{
	pgrep -x "netfenced-$1"
}

another_one() # NAME PID
{
	[ -n "$(process "$1")" ] && [ "$(process "$1")" != "$2" ]
}

@test "whoever reads /dev/log stands still: logins and status go on; then all lines, in order" {
	reader_stops syslogd /dev/log
	sessions_go_on 20
	[ "$(of_log waiting)" -ge 40 ]
	[[ $(netfencectl status) == *$'\n'"log"*" lines wait"* ]]
	reader_goes_on syslogd
	wait_for sessions_in_order 20 "$SYSLOG"
	wait_for all_said
	[ "$(of_log lost)" = 0 ]
	[[ $(netfencectl status) != *$'\n'"log"* ]]
	# What happens now is logged at once.
	[ "$(app open a fenced alice)" = 0 ]
	wait_for eval '[ "$(grep -c event=session-start "$SYSLOG")" = 21 ]'
}

@test "whoever reads the journal's socket stands still: the same" {
	journal_up
	reader_stops journal /run/systemd/journal/socket
	sessions_go_on 20
	reader_goes_on journal
	wait_for sessions_in_order 20 "$JOURNAL"
	wait_for all_said
	[ "$(of_log lost)" = 0 ]
	not_logged event=session
}

@test "the journal ends, with lines that wait for it: they are in syslog, in order" {
	journal_up
	reader_stops journal /run/systemd/journal/socket
	sessions_go_on 5
	not_logged event=session
	reader_ends journal /run/systemd/journal/socket
	wait_for sessions_in_order 5 "$SYSLOG"
	sessions_go_on 2
	wait_for sessions_in_order 7 "$SYSLOG"
	# And when it is there again, it gets them again.
	journal_up
	sessions_go_on 3
	wait_for sessions_in_order 3 "$JOURNAL"
	sessions_in_order 7 "$SYSLOG"
	[ "$(of_log lost)" = 0 ]
}

@test "the supervisor does not wait for the log either" {
	names=$(process names) reap=$(process reap)
	reader_stops syslogd /dev/log
	kill -KILL "$names"
	wait_for another_one names "$names"
	kill -KILL "$reap"
	wait_for another_one reap "$reap"
	reader_goes_on syslogd
	wait_for logged 'netfenced\[[0-9]+\]: netfenced-names was ended by signal 9'
	wait_for logged 'netfenced\[[0-9]+\]: netfenced-reap was ended by signal 9'
}

@test "main is killed with lines that wait: the supervisor says how many" {
	reader_stops syslogd /dev/log
	sessions_go_on 3
	main=$(process main) waiting=$(of_log waiting)
	((waiting >= 6))
	kill -KILL "$main"
	wait_for another_one main "$main"
	wait_for netfencectl status
	reader_goes_on syslogd
	wait_for logged 'netfenced\[[0-9]+\]: netfenced-main was ended by signal 9'
	wait_for logged "netfenced\[[0-9]+\]: netfenced-main ended with lines .* lost: $waiting\$"
}

@test "nor does a start" {
	stop_netfenced
	reader_stops syslogd /dev/log
	start_netfenced
	sessions_go_on 1
	reader_goes_on syslogd
	wait_for sessions_in_order 1 "$SYSLOG"
	wait_for logged 'netfenced-main\[[0-9]+\]: event=reload'
}

@test "whoever reads is started again: no line is missing" {
	sessions_go_on 2
	reader_ends syslogd /dev/log
	sessions_go_on 2
	syslog_up
	wait_for sessions_in_order 4 "$SYSLOG"
	sessions_go_on 2
	wait_for sessions_in_order 6 "$SYSLOG"
	reader_stops syslogd /dev/log
	sessions_go_on 2
	# What is in its socket goes with it.
	reader_ends syslogd /dev/log
	syslog_up
	wait_for sessions_in_order 8 "$SYSLOG"
	[ "$(of_log lost)" = 0 ]
}

@test "a reader that never goes on, and another one in its place" {
	sessions_go_on 1
	reader_stops syslogd /dev/log
	sessions_go_on 2
	first=$(cat "$SPOOL/syslogd.pid")
	rm /dev/log
	syslog_up
	wait_for sessions_in_order 3 "$SYSLOG"
	kill -KILL "$first"
	[ "$(of_log lost)" = 0 ]
}

# A line for each of the errors.
many_lines() # HOW-MANY
{
	awk -v n="$1" 'BEGIN { print "version: 1"; for (i = 2; i <= n + 1; i++) print "wrong" i ": 1" }' |
		rules netfence.yaml
	! netfencectl reload > /dev/null 2>&1 || false
}

# What has come of them: each run of lines from 2 on, as "FROM-TO", in which a line is in its place.
runs()
{
	sed -En 's/.* netfenced-main\[[0-9]+\]: (\/etc\/netfence\/netfence.yaml:([0-9]+):|lines lost from .* on: ([0-9]+)).*/\2\3 \3/p' "$SYSLOG" |
		awk 'NF == 2 { print "lost", $1; next } { print }'
}

@test "more than the queue holds: what is lost is counted, and said where it is missing" {
	reader_stops syslogd /dev/log
	for ((i = 0; i < 10; i++)); do
		many_lines 2000
	done
	lost=$(of_log lost) waiting=$(of_log waiting)
	((lost > 0 && waiting >= 10000))
	[[ $(netfencectl status) == *$'\n'"log"*"$lost lines are lost"* ]]
	[ "$(netfencectl metrics | awk '$1 == "netfence_log_lines_lost_total" { print $2 }')" = "$lost" ]
	sessions_go_on 3
	lost=$(of_log lost)
	reader_goes_on syslogd
	wait_for logged "netfenced-main\[[0-9]+\]: lines lost from .* on: $lost,"
	sessions_go_on 2
	wait_for sessions_in_order 2 "$SYSLOG"
	[ "$(of_log lost)" = "$lost" ]
	# Nothing missing and nothing out of its place before that line, and nothing of it behind.
	runs | python3 -c "import sys
lines = sys.stdin.read().splitlines()
told = lines.index('lost $lost')
numbers = [int(line) for line in lines[:told]]
assert numbers == [2 + i % 2000 for i in range(len(numbers))], 'out of order'
assert told == len(lines) - 1, lines[told:]
assert 20000 <= len(numbers) + $lost <= 20100, (len(numbers), $lost)"
}

@test "debugging, with a standard error that nobody reads" {
	stop_netfenced
	mkfifo "$SPOOL/unread"
	daemon netfenced sh -c "exec netfenced -d 2<> '$SPOOL/unread'"
	wait_for netfencectl status
	many_lines 2000
	sessions_go_on 2
	wait_for sessions_in_order 2 "$SYSLOG"
	stop_netfenced
}

@test "nobody reads: logins and status go on" {
	reader_ends syslogd /dev/log
	sessions_go_on 5
	[ "$(of_log waiting)" -ge 10 ]
	syslog_up
	wait_for sessions_in_order 5 "$SYSLOG"
}
