#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long a fence stays: sessions counted, in whatever order and way they end.

load ../lib/netfence

setup_file()
{
	setup_host
	sshd_up host
	start_netfenced
}

teardown()
{
	# The next test begins without a fence, whatever this one left behind.
	on_failure
	touch "$SPOOL/stop"
	app_stop
	logout_all
	wait_for tables_as_before
	rm -f "$SPOOL/stop"
}

# Somebody else's fence came and went meanwhile: whatever was to go before has gone too.
after_another_stay()
{
	su dave -c true
	wait_for logged 'event=session-end user="?dave'
	wait_for free dave
	forget_log
}

sessions_are() # HOW-MANY
{
	[ "$(find /run/netfence/sessions -type f -name '[0-9]*' | wc -l)" = "$1" ]
}

@test "two sessions of one user, the first ends first" {
	login one alice
	login two alice
	fenced alice
	logout one
	after_another_stay
	fenced alice
	logout two
	wait_for tables_as_before
}

@test "two sessions of one user, the last ends first" {
	login one alice
	login two alice
	logout two
	after_another_stay
	fenced alice
	logout one
	wait_for tables_as_before
}

@test "a second session of a user makes no change to the tables" {
	login one alice
	tables > "$SPOOL/with-one"
	login two alice
	tables | diff "$SPOOL/with-one" -
	logout two
	tables | diff "$SPOOL/with-one" -
	logout one
}

@test "users of one policy share its chain, and leave singly" {
	login one alice
	login two bob
	fenced alice
	fenced bob
	if with_nftables; then
		[ "$(our_rules | grep -Ec '^	chain NETFENCE/[^/]* \{$')" = 1 ]
	else
		[ "$(iptables-legacy -S | grep -c '^-N NETFENCE:[^%]*$')" = 1 ]
	fi
	logout one
	wait_for free alice
	fenced bob
	logout two
}

@test "group membership counts, primary or supplementary" {
	[ "$(id -gn bob)" = supporters ]
	[ "$(id -gn alice)" = alice ]
	login one alice
	fenced alice
	login two bob
	fenced bob
	logout one
	logout two
}

@test "su opens the target user's fence and closes it" {
	free bob
	run su bob -c "echo > /dev/udp/$LAN4/53"
	[[ $output == *"not permitted"* ]]
	wait_for tables_as_before
	run su - bob -c "echo > /dev/udp/$LAN6/53"
	[[ $output == *"not permitted"* ]]
	wait_for tables_as_before
}

@test "su from a fenced session to a free user gives the free user's network, no more" {
	run ssh_as alice "su carol -c 'echo > /dev/udp/$LAN4/53'; echo > /dev/udp/$LAN4/53"
	[ "$(grep -c 'not permitted' <<< "$output")" = 1 ]
}

@test "sudo opens the target user's fence and closes it" {
	command -v sudo > /dev/null || skip "no sudo here"
	arm sudo
	run sudo -u bob bash -c "LC_ALL=C; echo > /dev/udp/$LAN4/53"
	[[ $output == *"not permitted"* ]]
	wait_for tables_as_before
	before=$(seen "$LAN4" udp 53)
	sudo -u carol bash -c "echo > /dev/udp/$LAN4/53"
	[ "$(seen "$LAN4" udp 53)" -gt "$before" ]
}

@test "su to root is never fenced" {
	before=$(seen "$LAN4" udp 53)
	su root -c "echo > /dev/udp/$LAN4/53"
	[ "$(seen "$LAN4" udp 53)" -gt "$before" ]
}

@test "pamtester opens and closes a session" {
	command -v pamtester > /dev/null || skip "no pamtester here"
	pamtester fenced alice open_session close_session
	wait_for tables_as_before
}

@test "one process holds sessions of several users, closed first to last" {
	app_start
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	[ "$(app open c fenced carol)" = 0 ]
	fenced alice
	fenced bob
	free carol
	[ "$(app close a)" = 0 ]
	wait_for free alice
	fenced bob
	[ "$(app close b)" = 0 ]
	wait_for tables_as_before
	[ "$(app close c)" = 0 ]
	app_stop
}

@test "one process holds sessions of several users, closed last to first" {
	app_start
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	[ "$(app close b)" = 0 ]
	wait_for free bob
	fenced alice
	[ "$(app close a)" = 0 ]
	wait_for tables_as_before
	app_stop
}

@test "one process holds two sessions of one user" {
	for order in 'a b' 'b a'; do
		set -- $order
		app_start
		[ "$(app open a fenced alice)" = 0 ]
		[ "$(app open b fenced alice)" = 0 ]
		fenced alice
		[ "$(app close "$1")" = 0 ]
		after_another_stay
		fenced alice
		[ "$(app close "$2")" = 0 ]
		wait_for tables_as_before
		app_stop
	done
}

@test "a handle that is let go of without close ends with its process" {
	app_start
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app end a)" = 0 ]
	fenced alice
	app_stop
	wait_for tables_as_before
}

@test "a PAM application that is killed leaves nothing behind" {
	app_start
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	fenced alice
	app_stop
	wait_for tables_as_before
	wait_for sessions_are 0
}

@test "an sshd monitor that is killed: the fence stays while the user's command lives" {
	login one alice
	command=$(pgrep -u alice -x bash | head -1)
	# Else it would end as soon as it notices.
	kill -STOP "$command"
	monitor=$(pgrep -f 'sshd: alice \[priv\]')
	kill -KILL "$monitor"
	wait_for gone "$monitor"
	fenced alice
	kill -KILL "$command"
	wait_for tables_as_before
	wait_for sessions_are 0
}

@test "a process that the user left running keeps the fence" {
	ssh_as alice 'setsid sleep 1000 < /dev/null > /dev/null 2>&1 &'
	wait_for pgrep -u alice -x sleep
	left=$(pgrep -u alice -x sleep)
	wait_for sessions_are 0 || wait_for logged 'event=session-end'
	fenced alice
	kill -KILL "$left"
	wait_for tables_as_before
}

@test "a process that forks itself without end after the logout gets no packet out" {
	rm -f "$SPOOL/stop"
	login one alice
	denied4=$(seen "$LAN4" udp 4444)
	allowed=$(seen "$MONITOR4" udp 162)
	daemon forker setpriv --reuid=alice --regid=alice --init-groups \
		"$BUILD/tests/lib/forker" "$SPOOL/stop" \
		"$LAN4" 4444 "$LAN6" 4444 "$OTHER4" 4444 "$OTHER6" 4444 "$MONITOR4" 162
	logout one
	# Long enough for many looks at who is left. Each generation sends to the monitoring too:
	# that it goes on is seen there.
	end=$((SECONDS + 6))
	while ((SECONDS < end)); do
		wait_for more_seen "$allowed" "$MONITOR4" udp 162
		allowed=$seen_now
		tables_differ
	done
	[ "$(seen "$LAN4" udp 4444)" = "$denied4" ]
	[ "$(seen "$LAN6" udp 4444)" = 0 ]
	[ "$(seen "$OTHER4" udp 4444)" = 0 ]
	[ "$(seen "$OTHER6" udp 4444)" = 0 ]
	touch "$SPOOL/stop"
	wait_for tables_as_before
}

@test "sessions that come and go while others stay" {
	login stays alice
	for n in 1 2 3 4 5; do
		ssh_as alice true
		su bob -c true
		fenced alice
	done
	logout stays
}

@test "many logins at once are all fenced" {
	pids=()
	for n in 1 2 3 4 5 6 7 8; do
		user=alice
		((n % 2)) || user=bob
		ssh_as "$user" "LC_ALL=C; echo > /dev/udp/$LAN4/4445" \
			< /dev/null > "$SPOOL/many.$n" 2>&1 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}" || :
	[ "$(grep -l 'not permitted' "$SPOOL"/many.* | wc -l)" = 8 ]
	[ "$(seen "$LAN4" udp 4445)" = 0 ]
}

@test "subordinate uids are inside the fence" {
	first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
	[ -n "$first" ] || skip "useradd gives no subordinate uids here"
	login one alice
	before4=$(seen "$LAN4" udp 53)
	before6=$(seen "$LAN6" udp 53)
	allowed=$(seen "$MONITOR4" udp 162)
	for uid in "$first" $((first + 65535)); do
		for target in "$LAN4/53" "$LAN6/53" "$MONITOR4/162"; do
			setpriv --reuid="$uid" --regid="$uid" --clear-groups \
				bash -c "echo > /dev/udp/$target" 2> /dev/null || :
		done
	done
	[ "$(seen "$LAN4" udp 53)" = "$before4" ]
	[ "$(seen "$LAN6" udp 53)" = "$before6" ]
	[ "$(seen "$MONITOR4" udp 162)" = $((allowed + 2)) ]
	logout one
}

@test "a process under a subordinate uid keeps the fence" {
	first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
	[ -n "$first" ] || skip "useradd gives no subordinate uids here"
	login one alice
	daemon sleeper setpriv --reuid=$((first + 7)) --regid=$((first + 7)) --clear-groups \
		sleep 1000
	wait_for pgrep -u $((first + 7)) -x sleep
	logout one
	wait_for sessions_are 0 || wait_for logged 'event=session-end'
	fenced alice
	kill -KILL "$(pgrep -u $((first + 7)) -x sleep)"
	wait_for tables_as_before
}
