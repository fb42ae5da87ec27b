#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How a stay ends: what is left behind, time that is over, and those who are always fenced.

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
	forget_seen
	forget_log
}

teardown()
{
	on_failure
	touch "$SPOOL/stop"
	stop_sending alice
	app_stop
	kill_all_of alice,bob,carol
	policy
	wait_for tables_as_before
	rm -f "$SPOOL/stop"
}

# The usual policy, with more keys.
policy() # [LINE ...]
{
	seed_rules
	printf '    %s\n' "$@" >> /etc/netfence/netfence.yaml
	netfencectl reload
}

allowed_stands_still()
{
	count_allowed > "$SPOOL/allowed"
	sleep 0.3 # time enough for hundreds
	count_allowed | cmp -s "$SPOOL/allowed" -
}

expired()
{
	grep -q 'event=expired user="alice"' "$SYSLOG"
}

# A failed `! gone` bats would not see.
alive() # NAME
{
	kill -0 "$(cat "$SPOOL/$1.pid")"
}

# A process that does not end when it is asked to.
stubborn() # NAME USER
{
	# shellcheck disable=SC2016
	daemon "$1" setpriv --reuid="$2" --regid="$2" --clear-groups -- \
		bash -c 'trap "" TERM; touch "$0"; while :; do sleep 0.1; done' \
		"/tmp/$1.is-there"
	wait_for test -e "/tmp/$1.is-there"
	rm "/tmp/$1.is-there"
}

@test "on-logout: hold keeps it as it is" {
	policy 'on-logout: hold'
	[ "$(app open one fenced alice)" = 0 ]
	start_sending alice
	[ "$(app close one)" = 0 ]
	wait_for logged 'event=session-end user="alice"'
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	stop_sending alice
}

@test "on-logout: close shuts it, and a login opens it again" {
	policy 'on-logout: close'
	[ "$(app open one fenced alice)" = 0 ]
	[ "$(app open two fenced alice)" = 0 ]
	start_sending alice
	[ "$(app close one)" = 0 ]
	wait_for allowed_goes_on
	[ "$(app close two)" = 0 ]
	wait_for allowed_stands_still
	nothing_forbidden_arrived
	[ "$(app open three fenced alice)" = 0 ]
	wait_for allowed_goes_on
	fenced alice
	nothing_forbidden_arrived
	[ "$(app close three)" = 0 ]
	wait_for allowed_stands_still
	stop_sending alice
	wait_for tables_as_before
}

@test "on-logout: kill ends what was left, by TERM and then KILL, and nobody else's" {
	policy 'on-logout: kill'
	first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
	stubborn others carol
	[ "$(app open one fenced alice)" = 0 ]
	start_sending alice
	sender=$(cat "$SPOOL/sender-alice.pid")
	stubborn left alice
	[ -z "$first" ] || daemon sub setpriv --reuid="$first" --regid="$first" --clear-groups \
		sleep 1000
	[ "$(app close one)" = 0 ]
	wait_for gone "$sender"
	alive left
	wait_for gone "$(cat "$SPOOL/left.pid")"
	[ -z "$first" ] || wait_for gone "$(cat "$SPOOL/sub.pid")"
	alive others
	rm "$SPOOL/sender-alice.pid"
	nothing_forbidden_arrived
	wait_for tables_as_before
}

@test "on-logout: kill, and a login in time keeps what is there" {
	policy 'on-logout: kill'
	[ "$(app open one fenced alice)" = 0 ]
	stubborn left alice
	[ "$(app open two fenced alice)" = 0 ]
	[ "$(app close one)" = 0 ]
	fenced alice
	alive left
}

# Seconds of processor time that all of netfenced has used, times a hundred.
used()
{
	local pid

	for pid in $(family_of "$(netfenced_pid)"); do
		cat "/proc/$pid/stat"
	done | awk '{ n += $14 + $15 } END { print n }'
}

@test "one who forks without end gets nothing out and costs little, and kill ends even that" {
	policy 'on-logout: hold'
	[ "$(app open one fenced alice)" = 0 ]
	daemon forker nice -n 10 setpriv --reuid=alice --regid=alice --init-groups \
		"$BUILD/tests/lib/forker" "$SPOOL/stop" "$LAN4" 5001 "$LAN6" 5001 "$MONITOR4" 162
	allowed=$(seen "$MONITOR4" udp 162)
	[ "$(app close one)" = 0 ]
	before=$(used)
	begun=$SECONDS
	while ((SECONDS - begun < 4)); do
		wait_for more_seen "$allowed" "$MONITOR4" udp 162
		allowed=$seen_now
	done
	after=$(used)
	((before > 0))
	echo "# $((after - before)) hundredths of a second in $((SECONDS - begun)) seconds" >&3
	((after - before < 25 * (SECONDS - begun)))
	nothing_forbidden_arrived
	policy 'on-logout: kill'
	patiently tables_as_before
	nothing_forbidden_arrived
}

@test "max-session: the clock is the user's; close shuts, and no login until all is gone" {
	policy 'max-session: 5s' 'on-expiry: close'
	[ "$(app open one fenced alice)" = 0 ]
	begun=${EPOCHREALTIME/[.,]/}
	# Whatever else this test is busy with then, the instant is noted.
	# shellcheck disable=SC2016
	daemon watch bash -c 'until grep -q event=expired "$0"; do sleep 0.05; done
		echo "${EPOCHREALTIME/[.,]/}"' "$SYSLOG"
	start_sending alice
	# A second session, and a restart, do not begin it anew: here time itself has to pass.
	while ((${EPOCHREALTIME/[.,]/} - begun < 2500000)); do
		allowed_goes_on || :
	done
	[ "$(app open two fenced alice)" = 0 ]
	stop_netfenced
	start_netfenced
	[ "$(app close one)" = 0 ]
	wait_for expired
	wait_for gone "$(cat "$SPOOL/watch.pid")"
	took=$((($(cat "$SPOOL/watch.log") - begun) / 1000))
	echo "# over after $took ms" >&3
	((took >= 4800 && took < 7400))
	wait_for allowed_stands_still
	nothing_forbidden_arrived
	[ "$(app open three fenced alice)" != 0 ]
	wait_for logged 'event=refused user="alice".*max-session'
	netfencectl sessions | grep alice | grep -q expired
	[ "$(app open other fenced bob)" = 0 ]
	[ "$(app close two)" = 0 ]
	# The sender is still there.
	[ "$(app open three fenced alice)" != 0 ]
	stop_sending alice
	wait_for free alice
	[ "$(app open three fenced alice)" = 0 ]
	fenced alice
}

@test "max-session with on-expiry: kill ends the user's processes" {
	policy 'max-session: 1s' 'on-expiry: kill'
	[ "$(app open one fenced alice)" = 0 ]
	stubborn left alice
	wait_for expired
	wait_for gone "$(cat "$SPOOL/left.pid")"
	[ "$(app open two fenced alice)" != 0 ]
	[ "$(app close one)" = 0 ]
	wait_for tables_as_before
	[ "$(app open two fenced alice)" = 0 ]
}

always_fenced() { stopped "$1" udp "$LAN4" 53 && stopped "$1" udp "$LAN6" 53; }

@test "always: from the daemon's start, members of either kind, session or not" {
	policy 'always: true'
	stop_netfenced
	start_netfenced
	wait_for always_fenced alice
	wait_for always_fenced bob
	free carol
	fenced alice
	[ "$(app open one fenced alice)" = 0 ]
	fenced alice
	[ "$(app close one)" = 0 ]
	pamtester fenced dave open_session close_session
	# Longer than a fence stays that goes with its session.
	pamtester fenced bob open_session close_session
	wait_for free carol
	for n in 1 2 3; do fenced alice; done
	policy 'always: false'
	wait_for tables_as_before
}

@test "observe rejects, cuts and ends nothing" {
	policy 'mode: observe' 'on-logout: kill' 'max-session: 1s' 'on-expiry: kill'
	[ "$(app open one fenced alice)" = 0 ]
	free alice
	stubborn left alice
	[ "$(app close one)" = 0 ]
	wait_for logged 'event=session-end user="alice"'
	pamtester fenced bob open_session close_session
	free alice
	alive left
	not_logged 'event=expired user="alice"'
}
