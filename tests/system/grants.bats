#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is granted for a while: in force at once and for one user, gone by itself, and never more
# than that, whatever dies or is damaged meanwhile.

load ../lib/netfence
load ../lib/talk
load ../lib/unrest

GRANTS=/var/lib/netfence/grants

setup_file()
{
	setup_host
	listeners_up
	sshd_up host
}

setup()
{
	seed_rules
	# Not `status`, which also says whether all is well.
	netfencectl grants > /dev/null 2>&1 || start_netfenced
	netfencectl reload > /dev/null
	app_start
	forget_log
}

teardown()
{
	on_failure
	talkers_end
	logout_all
	app_stop
	rm -rf /var/lib/netfence/.grants.new
	netfencectl grants > /dev/null 2>&1 || start_netfenced
	netfencectl on > /dev/null 2>&1 || :
	seed_rules
	netfencectl reload > /dev/null
	revoke_all
	wait_for tables_as_before
}

revoke_all()
{
	local id

	for id in $(ids); do
		netfencectl revoke "$id" > /dev/null
	done
	[ -z "$(ids)" ]
}

ids()
{
	netfencectl --json grants | sed -n 's/^ *"id":\([0-9]*\),$/\1/p'
}

# A login without ssh, which is faster.
session() # NAME USER
{
	[ "$(app open "$1" fenced "$2")" = 0 ]
}

restart()
{
	stop_netfenced
	start_netfenced
}

ended() # ID REASON
{
	wait_for logged "event=grant .*grant=$1 .*reason=\"$2\""
}

@test "a real login: what was stopped arrives as soon as it is granted, and ends by itself, cut" {
	login one alice
	fenced alice
	stopped alice tcp "$LAN4" 80
	run netfencectl grant alice tcp/80 "$LAN4" --for 6s --reason TICKET-7
	[ "$status" = 0 ]
	[[ $output == "grant "*"allow tcp/80 to $LAN4 for alice until "* ]]
	id=$(ids)
	# In force before the command's answer.
	reaches alice tcp "$LAN4" 80
	wait_for logged "event=grant user=\"alice\" uid=$(id -u alice) from=\"root\" proto=\"tcp\" dst=\"$LAN4\" dport=80 grant=$id until=\"20[^ ]*Z\" reason=\"TICKET-7\""
	talker alice alice
	[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
	[ "$(talk alice say t4)" = echo ]
	# That, and nothing else; her, and nobody else.
	fenced alice
	stopped alice tcp "$LAN4" 81
	stopped alice tcp "$LAN6" 80
	stopped alice udp "$LAN4" 80
	session other bob
	stopped bob tcp "$LAN4" 80
	wait_for ended "$id" expired
	carried=$(carried lan echo)
	[ "$(talk alice say t4)" = ECONNABORTED ]
	[ "$(carried lan echo)" = "$carried" ]
	stopped alice tcp "$LAN4" 80
	fenced alice
	[ -z "$(ids)" ]
	run netfencectl grants
	[ "$output" = "no grants" ]
}

@test "every kind of what and where, in both families" {
	session a alice
	netfencectl grant alice icmp 10.0.0.0/24 --for 1h
	netfencectl grant alice icmpv6/echo-request "$LAN6" --for=1h
	netfencectl grant alice domain "[$LAN4, $LAN6]" --for 1h
	netfencectl grant alice '[udp/7000-7001, 7005/udp]' "$OTHER4-192.0.2.100" --for 1h
	netfencectl grant alice udp timeservers --for 1h
	reaches alice icmp "$LAN4"
	reaches alice icmpv6 "$LAN6"
	reaches alice udp "$LAN4" 53
	reaches alice udp "$LAN6" 53
	reaches alice tcp "$LAN6" 53
	reaches alice udp "$OTHER4" 7001
	reaches alice udp "$OTHER4" 7005
	reaches alice udp "$TIME6" 7777
	stopped alice udp "$OTHER4" 7002
	stopped alice udp "$LAN4" 54
	[ "$(ids | wc -l)" = 5 ]
	netfencectl grant alice any any --for 1h
	free alice
}

@test "whatever the policy says first: loopback, serve, the first rule" {
	sed -i 's|^  supporters:|&\n    loopback: reject|' /etc/netfence/netfence.yaml
	netfencectl reload
	session a alice
	talker alice alice
	[ "$(talk alice open t tcp 127.0.0.1 7070)" = EHOSTUNREACH ] ||
		[ "$(talk alice open t tcp 127.0.0.1 7070)" = ETIMEDOUT ]
	netfencectl grant alice tcp/7070 127.0.0.1 --for 1h
	[ "$(talk alice open t tcp 127.0.0.1 7070)" = ECONNREFUSED ]
}

@test "revoked: cut at once, and unknown from then on" {
	session a alice
	netfencectl grant alice tcp/80 "$LAN6" --for 1h
	id=$(ids)
	talker alice alice
	[ "$(talk alice open t6 tcp "$LAN6" 80)" = open ]
	run netfencectl revoke "$id"
	[ "$status" = 0 ]
	[[ $output == "grant $id of alice is revoked: allow tcp/80 to $LAN6" ]]
	[ "$(talk alice say t6)" = ECONNABORTED ]
	stopped alice tcp "$LAN6" 80
	ended "$id" revoked
	run netfencectl revoke "$id"
	[ "$status" = 1 ]
	[[ $output == *"no grant $id; netfencectl grants lists them"* ]]
	# Numbers are not given twice.
	netfencectl grant alice tcp/80 "$LAN6" --for 1h
	[ "$(ids)" -gt "$id" ]
}

@test "the same again lasts longer, and never shorter without a word" {
	session a alice
	netfencectl grant alice tcp/80 "$LAN4" --for 10m --reason first
	id=$(ids)
	run netfencectl grant alice 80/tcp "$LAN4-$LAN4" --for 1h
	[ "$status" = 0 ]
	[[ $output == "grant $id "*"extended: "* ]]
	[ "$(ids)" = "$id" ]
	netfencectl --json grants | grep -q '"reason":"first"'
	[ "$(netfencectl --json grants | sed -n 's/^ *"left":\([0-9]*\),$/\1/p')" -gt 3500 ]
	run netfencectl grant alice tcp/80 "$LAN4" --for 10m
	[ "$status" = 1 ]
	[[ $output == *"grant $id is the same and lasts longer"* ]]
	[ "$(netfencectl --json grants | sed -n 's/^ *"left":\([0-9]*\),$/\1/p')" -gt 3500 ]
	# Other users, protocols and addresses are other grants.
	netfencectl grant bob tcp/80 "$LAN4" --for 10m
	netfencectl grant alice udp/80 "$LAN4" --for 10m
	[ "$(ids | wc -l)" = 3 ]
}

@test "who has no session is let out with the next login, and after it" {
	run netfencectl grant alice udp/53 "$LAN4" --for 1h
	[ "$status" = 0 ]
	[[ $output == *"alice has no session: it counts from the next login on"* ]]
	tables_as_before
	for name in a b; do
		session $name alice
		reaches alice udp "$LAN4" 53
		fenced_but_for_lan4
		app close $name
		wait_for tables_as_before
	done
}

fenced_but_for_lan4()
{
	reaches alice udp "$MONITOR4" 162 && stopped alice udp "$LAN6" 53 &&
		stopped alice udp "$OTHER4" 162
}

@test "subordinate uids are the user's" {
	first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
	[ -n "$first" ] || skip "useradd gives no subordinate uids here"
	session a alice
	talker sub $((first + 5))
	[ "$(talk sub open t4 tcp "$LAN4" 80)" != open ]
	netfencectl grant alice tcp/80 "$LAN4" --for 1h
	[ "$(talk sub open t4 tcp "$LAN4" 80)" = open ]
}

@test "a restart: not one packet less, no change to the tables, and the same end" {
	session a alice
	netfencectl grant alice tcp/80 "$LAN4" --for 1h --reason "a b"
	netfencectl grant alice udp/53 "$LAN4" --for 12s
	end=$(netfencectl --json grants)
	talker alice alice
	[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
	tables > "$SPOOL/granted"
	stop_netfenced
	[ "$(talk alice say t4)" = echo ]
	start_netfenced
	tables | diff "$SPOOL/granted" -
	[ "$(talk alice say t4)" = echo ]
	diff <(grep -v '"left"' <<< "$end") <(netfencectl --json grants | grep -v '"left"')
	wait_for logged "grants taken up: 2"
	wait_for logged 'event=grant .*reason="expired"'
	stopped alice udp "$LAN4" 53
	reaches alice tcp "$LAN4" 80
	[ "$(talk alice say t4)" = echo ]
}

@test "what ends while the daemon is away is gone when it is back, and said" {
	session a alice
	talker alice alice
	[ "$(talk alice are you there)" = "?" ]
	netfencectl grant alice tcp/80 "$LAN4" --for 4s
	id=$(ids)
	[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
	stop_netfenced
	# Nothing but time ends it, and nobody tells.
	wait_for grant_is_over
	start_netfenced
	wait_for ended "$id" expired
	[ "$(talk alice say t4)" = ECONNABORTED ]
	stopped alice tcp "$LAN4" 80
	[ -z "$(ids)" ]
}

grant_is_over()
{
	[ "$(date +%s)" -gt "$(($(stat -c %Y "$GRANTS") + 4))" ]
}

# A host that was started again: another boot, by the record that is kept.
other_boot()
{
	python3 - "$GRANTS" <<-'END'
	import sys
	data = bytearray(open(sys.argv[1], "rb").read()[:-8])
	assert data[12 + 8:12 + 9] == b"-", data[:60]
	data[12:12 + 8] = b"01234567"
	total = 14695981039346656037
	for byte in data:
	    total = (total ^ byte) * 1099511628211 % 2**64
	open(sys.argv[1], "wb").write(bytes(data) + total.to_bytes(8, sys.byteorder))
	END
}

@test "another boot: what was left then is what is left" {
	netfencectl grant alice udp/53 "$LAN4" --for 1h
	stop_netfenced
	other_boot
	start_netfenced
	[ "$(netfencectl --json grants | sed -n 's/^ *"left":\([0-9]*\),$/\1/p')" -gt 3500 ]
	session a alice
	reaches alice udp "$LAN4" 53
	# From now on it counts from this boot.
	wait_for grep -aqF "$(cat /proc/sys/kernel/random/boot_id)" "$GRANTS"
}

@test "a reload: in front of the new rules; freed, it waits; and it follows no file" {
	session a alice
	netfencectl grant alice udp/53 monitoring --for 1h
	reaches alice udp "$MONITOR4" 53
	talker alice alice
	netfencectl grant alice tcp/80 "$LAN4" --for 1h
	[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
	rules netfence.yaml <<-END
	version: 1
	define:
	  monitoring: $OTHER4
	groups:
	  supporters:
	    egress: []
	END
	netfencectl reload
	reaches alice udp "$MONITOR4" 53
	stopped alice udp "$MONITOR4" 162
	stopped alice udp "$OTHER4" 53
	[ "$(talk alice say t4)" = echo ]
	run netfencectl reload --dry-run
	[ "$output" = unchanged ]
	echo "version: 1" | rules netfence.yaml
	netfencectl reload
	free alice
	run netfencectl grants
	[[ $output == *"nothing fences alice now"* ]]
	seed_rules
	netfencectl reload
	fenced alice
	reaches alice udp "$MONITOR4" 53
	stopped alice udp "$OTHER4" 53
}

@test "a fence that is shut stays shut" {
	sed -i 's|^  supporters:|&\n    max-session: 6s|' /etc/netfence/netfence.yaml
	netfencectl reload
	session a alice
	netfencectl grant alice udp/53 "$LAN4" --for 1h
	reaches alice udp "$LAN4" 53
	wait_for logged 'event=expired user="alice"'
	wait_for stopped alice udp "$LAN4" 53
	run netfencectl grant alice udp/54 "$LAN4" --for 1h
	[ "$status" = 0 ]
	[[ $output == *"the fence of alice is shut"* ]]
	stopped alice udp "$LAN4" 54
	run netfencectl explain alice udp/53 "$LAN4"
	[ "$status" = 1 ]
	[[ $output != *"netfencectl grant"* ]]
}

@test "while netfence is off it is only noted, and counts when that is over" {
	session a alice
	netfencectl grant alice udp/54 "$LAN4" --for 1h
	id=$(ids)
	netfencectl off --for 5m --reason test
	free alice
	run netfencectl grant alice udp/53 "$LAN4" --for 1h
	[ "$status" = 0 ]
	[[ $output == *"netfence is off: for alice it counts when that is over"* ]]
	netfencectl revoke "$id"
	ended "$id" revoked
	tables_as_before
	netfencectl on
	reaches alice udp "$LAN4" 53
	stopped alice udp "$LAN4" 54
	fenced_but_for_lan4
}

@test "to nobody whom nothing fences, to no host name, not for ever" {
	for name in carol root; do
		run netfencectl grant $name tcp/22 "$LAN4" --for 1h
		[ "$status" = 1 ]
		[[ $output == *"nothing fences $name: "* ]]
	done
	printf 'exempt:\n  users: [bob]\n' >> /etc/netfence/netfence.yaml
	netfencectl reload
	run netfencectl grant bob tcp/22 "$LAN4" --for 1h
	[ "$status" = 1 ]
	[[ $output == *"nothing fences bob: exempt"* ]]
	run netfencectl grant alicia tcp/22 "$LAN4" --for 1h
	[ "$status" = 2 ]
	[[ $output == *'did you mean "alice"'* ]]
	run netfencectl grant alice tcp/22 lan.example.net --for 1h
	[ "$status" = 2 ]
	[[ $output == *"is a host name"* ]]
	for wrong in "tpc/22 $LAN4" "22 $LAN4" "tcp/22 10.0.0.5/8" "icmpv6 $LAN4" "tcp/22 nowhere"; do
		# shellcheck disable=SC2086
		run netfencectl grant alice $wrong --for 1h
		[ "$status" = 2 ]
	done
	for time in 0 31d "" 1w -1; do
		run netfencectl grant alice tcp/22 "$LAN4" --for "$time"
		[ "$status" = 2 ]
	done
	run netfencectl grant alice tcp/22 "$LAN4"
	[ "$status" = 2 ]
	[[ $output == *"--for 2h"* ]]
	run netfencectl grant alice tcp/22 "$LAN4" --for 1h --reason $'two\nlines'
	[ "$status" = 2 ]
	run netfencectl revoke first
	[ "$status" = 2 ]
	run netfencectl grants alicia
	[ "$status" = 2 ]
	[ -z "$(ids)" ]
	run as alice netfencectl grant alice tcp/22 "$LAN4" --for 1h
	[ "$status" = 4 ]
	run as alice netfencectl revoke 1
	[ "$status" = 4 ]
}

@test "sixty-four to one user, and no more" {
	for port in {1..64}; do
		netfencectl grant alice "tcp/$port" "$LAN4" --for 1h > /dev/null
	done
	run netfencectl grant alice tcp/65 "$LAN4" --for 1h
	[ "$status" = 1 ]
	[[ $output == *"alice has 64 grants already"* ]]
	netfencectl grant bob tcp/65 "$LAN4" --for 1h
	session a alice
	reaches alice tcp "$LAN4" 64
	if with_nftables; then
		[ "$(our_rules 'NETFENCE/grants-.*' | grep -c -- '[^-]accept$')" = 64 ]
	else
		[ "$(iptables-legacy -S | grep -c -- "-A NETFENCE:grants-.* -j RETURN")" = 64 ]
	fi
}

@test "explain, show, status, rules and --json know them" {
	session a alice
	run netfencectl explain alice udp/53 "$LAN4"
	[ "$status" = 1 ]
	[[ $output == *"allow    netfencectl grant alice udp/53 $LAN4 --for 2h --reason TEXT"* ]]
	SUDO_USER=dave netfencectl grant alice udp/53 "$LAN4" --for 2h --reason TICKET-7
	id=$(ids)
	run netfencectl explain alice udp/53 "$LAN4"
	[ "$status" = 0 ]
	[[ $output == "allowed  grant $id until "*", granted by "*": TICKET-7"* ]]
	[[ $output != *differ* ]]
	run netfencectl explain alice udp/54 "$LAN4"
	[ "$status" = 1 ]
	run netfencectl --json explain alice udp/53 "$LAN4"
	[[ $output == *'"by":"grant"'* && $output == *"\"grant\":$id"* ]]
	netfencectl show alice | grep -q "allow udp/53 to $LAN4, by grant $id"
	netfencectl status | grep -q "1 grant"
	netfencectl --json status | grep -q '"grants":1'
	if with_nftables; then
		netfencectl rules alice | grep -q "udp dport 53 ip daddr $LAN4 "
	else
		netfencectl rules alice |
			grep -q -- "-A NETFENCE:grants-$(id -u alice) -d $LAN4/32 -p udp"
	fi
	run netfencectl grants
	[[ ${lines[0]} == "ID  USER   WHAT    WHERE     UNTIL"*"LEFT"*"BY"*"REASON" ]]
	[[ ${lines[1]} == *"$id  alice  udp/53  $LAN4"*TICKET-7 ]]
	run netfencectl grants bob
	[ "$output" = "no grants" ]
	# The files know nothing of it, and say so.
	stop_netfenced
	run netfencectl explain alice udp/53 "$LAN4"
	[ "$status" = 1 ]
	[[ $(tr -s '[:space:]' ' ' <<< "$output") == *"grants are not known"* ]]
}

@test "the file is damaged: nobody has more than the rules say, and it is said loudly" {
	session a alice
	for damage in "truncate -s 70" "truncate -s 3" flip_address; do
		netfencectl grant alice udp/53 "$LAN4" --for 1h
		reaches alice udp "$LAN4" 53
		stop_netfenced
		forget_log
		$damage "$GRANTS"
		start_netfenced
		wait_for fenced alice
		stopped alice udp "$LAN4" 53
		stopped alice udp 10.0.0.4 53
		wait_for logged 'NOTHING IS GRANTED TO ANYBODY'
		[ -z "$(ids)" ]
	done
}

# 10.0.0.5 becomes 10.0.0.4.
flip_address() # FILE
{
	python3 - "$1" <<-'END'
	import sys
	data = open(sys.argv[1], "rb").read()
	assert b"\x0a\x00\x00\x05" in data
	open(sys.argv[1], "wb").write(data.replace(b"\x0a\x00\x00\x05", b"\x0a\x00\x00\x04"))
	END
}

@test "what cannot be kept is not granted" {
	session a alice
	netfencectl grant alice udp/54 "$LAN4" --for 1h
	# What the supervisor writes to first.
	wait_for test ! -e /var/lib/netfence/.grants.new
	mkdir /var/lib/netfence/.grants.new
	run netfencectl grant alice udp/53 "$LAN4" --for 1h
	[ "$status" = 1 ]
	[[ $output == *"state folder could not be written"* ]]
	stopped alice udp "$LAN4" 53
	reaches alice udp "$LAN4" 54
	run netfencectl revoke "$(ids)"
	[ "$status" = 1 ]
	stopped alice udp "$LAN4" 54
	rmdir /var/lib/netfence/.grants.new
	# It is asked for again until it is done.
	wait_for logged 'reason="revoked"'
	restart
	[ -z "$(ids)" ]
}

@test "what cannot come into the tables is not granted either" {
	only_with iptables # and its lock
	session a alice
	exec 9> /run/xtables.lock
	flock 9
	run netfencectl grant alice udp/53 "$LAN4" --for 1h
	flock -u 9
	exec 9>&-
	[ "$status" = 1 ]
	[[ $output == *"xtables lock"* ]]
	stopped alice udp "$LAN4" 53
	[ -z "$(ids)" ]
	netfencectl grant alice udp/53 "$LAN4" --for 1h
	reaches alice udp "$LAN4" 53
}

# Whether the kernel, the list and the file say the same.
whole()
{
	local granted=0 listed=0

	if with_nftables; then
		! our_rules 'NETFENCE/grants-.*' | grep -q "udp dport 53 ip daddr $LAN4 " ||
			granted=1
	else
		! iptables-legacy -S | grep -q -- "-A NETFENCE:grants-.* -d $LAN4/32 .* --dport 53" ||
			granted=1
	fi
	listed=$(ids | wc -l)
	[ "$granted" = "$listed" ]
}

@test "kill -9 at random instants while it is granted and revoked: one of both, and whole" {
	stop_netfenced
	keep_netfenced
	session a alice
	[ -z "${CRASH_SEED:-}" ] || RANDOM=$CRASH_SEED
	seed=$RANDOM
	RANDOM=$seed
	echo "# CRASH_SEED=$seed"
	granted=0
	for round in {1..24}; do
		if ((round % 2)); then
			netfencectl grant alice udp/53 "$LAN4" --for 1h > /dev/null 2>&1 &
		else
			netfencectl revoke "$(ids)" > /dev/null 2>&1 &
		fi
		asker=$!
		at_some_instant 30
		# With the supervisor main ends as well, and neither waits before its next life.
		if ((round % 3)); then
			kill_process netfenced
		else
			kill_process netfenced-main
		fi
		wait "$asker" || :
		wait_for netfenced_answers
		wait_for whole
		if [ -n "$(ids)" ]; then
			granted=$((granted + 1))
			reaches alice udp "$LAN4" 53
		else
			stopped alice udp "$LAN4" 53
		fi
		stopped alice udp "$LAN6" 53
	done
	echo "# $kills killed; granted after $granted of 24" >&3
	((kills >= 12))
	unkeep_netfenced
	start_netfenced
}
