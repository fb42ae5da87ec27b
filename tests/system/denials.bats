#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is denied is told: in the log, by netfencectl denials, of the right user and rule.

bats_require_minimum_version 1.5.0
load ../lib/netfence

setup_file()
{
	setup_host
	sshd_up host
	start_netfenced
	app_start
}

setup()
{
	forget
	seed_rules
	rm -rf /etc/netfence/rules.d /etc/netfence/users
	have_netfenced
	netfencectl reload > /dev/null
	: > "$SPOOL/app.out"
}

teardown()
{
	on_failure
	have_netfenced
	logout_all
	app close a > /dev/null
	app close b > /dev/null
	[ ! -e "$SPOOL/follow.pid" ] || { kill "$(cat "$SPOOL/follow.pid")" || :; rm "$SPOOL/follow.pid"; }
	[ ! -e "$SPOOL/other.pid" ] || { kill "$(cat "$SPOOL/other.pid")" || :; rm "$SPOOL/other.pid"; }
	wait_for tables_as_before
}

# Begins with an empty ring, and with kernel budgets that nobody has used.
forget()
{
	gone "$(netfenced_pid)" || stop_netfenced
	rm -f /run/netfence/denials/ring
}

# The line of the rules file that has these words.
line_of()
{
	grep -nF "$1" /etc/netfence/netfence.yaml | head -1 | cut -d: -f1
}

# All entries as "user proto address port verdict by line count", sorted.
denied() # [USER]
{
	netfencectl --json denials "$@" | python3 -c '
import json, sys
for d in json.load(sys.stdin)["denials"]:
    print(d["user"], d["protocol"], d["address"], d.get("port", d.get("icmp_type", "-")),
          d["verdict"], d["by"], d["file"].split("/")[-1] + ":" + str(d["line"]), d["count"])' | sort
}

told() # LINE
{
	denied | grep -qxE "$1"
}

tell() # LINE ...
{
	local line

	for line in "$@"; do
		wait_for told "$line" || { echo "not told: $line"; denied; return 1; }
	done
}

@test "connects of a login to where it may not, each with its rule" {
	local lan group session

	lan=$(line_of 'reject: any')
	group=$(line_of '  supporters:')
	login one alice
	session=$(netfencectl --json sessions | python3 -c '
import json, sys; print(json.load(sys.stdin)["sessions"][0]["id"])')
	ssh_as alice "bash -c 'exec 3<> /dev/tcp/$LAN4/22'" || :
	ssh_as alice "bash -c 'exec 3<> /dev/tcp/$LAN6/22'" || :
	ssh_as alice "bash -c 'echo > /dev/udp/$LAN4/53; echo > /dev/udp/$LAN6/53'" || :
	ssh_as alice "ping -c 1 -W 1 $LAN4; ping -c 1 -W 1 $LAN6" || :
	ssh_as alice "bash -c 'echo > /dev/udp/$OTHER4/162; echo > /dev/udp/$OTHER6/162'" || :
	ssh_as alice "bash -c 'echo > /dev/udp/$MONITOR4/162'"
	tell "alice tcp $LAN4 22 denied rule netfence.yaml:$lan [0-9]" \
		"alice tcp $LAN6 22 denied rule netfence.yaml:$lan [0-9]" \
		"alice udp $LAN4 53 denied rule netfence.yaml:$lan 1" \
		"alice udp $LAN6 53 denied rule netfence.yaml:$lan 1" \
		"alice icmp $LAN4 8 denied rule netfence.yaml:$lan 1" \
		"alice icmpv6 $LAN6 128 denied rule netfence.yaml:$lan 1" \
		"alice udp $OTHER4 162 denied default netfence.yaml:$group 1" \
		"alice udp $OTHER6 162 denied default netfence.yaml:$group 1"
	[ "$(denied | wc -l)" = 8 ] # nothing of what is allowed
	[ "$(seen "$LAN4" tcp 22)" = 0 ]
	wait_for logged "event=denied user=\"alice\" uid=$(id -u alice) (session=[0-9]+ )?policy=\"groups/supporters\" proto=\"tcp\" dst=\"$LAN4\" dport=22 rule=\"/etc/netfence/netfence.yaml:$lan\" count=1$"
	wait_for logged "event=denied .* proto=\"udp\" dst=\"$OTHER6\" dport=162 rule=\"/etc/netfence/netfence.yaml:$group\" count=1$"
	wait_for logged "event=denied .* proto=\"icmp/8\" dst=\"$LAN4\" rule=.*:$lan\" count=1$"
	# One session alone is named.
	wait_for one_session
	as alice bash -c "echo > /dev/udp/$LAN4/99" 2> /dev/null || :
	wait_for logged "event=denied user=\"alice\" uid=[0-9]+ session=$session .* dport=99 "
}

one_session()
{
	[ "$(netfencectl --json sessions | grep -c '"id"')" = 1 ]
}

@test "the table, for people" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice tcp "$LAN4" 22
	send alice udp "$LAN6" 53
	send alice udp "$LAN6" 53
	tell "alice tcp $LAN4 22 denied rule netfence.yaml:$(line_of 'reject: any') [0-9]" \
		"alice udp $LAN6 53 denied rule netfence.yaml:$(line_of 'reject: any') 2"
	netfencectl denials > "$SPOOL/table"
	cat "$SPOOL/table"
	[ "$(wc -l < "$SPOOL/table")" = 3 ]
	head -1 "$SPOOL/table" | grep -Eq '^WHEN +USER +TARGET +TIMES +ACTION +RULE$'
	sed -n 2p "$SPOOL/table" | grep -Eq "^[0-9]{2}:[0-9]{2} +alice +tcp/22 10\.0\.0\.5 +[0-9] +denied +netfence\.yaml:$(line_of 'reject: any')$"
	tail -1 "$SPOOL/table" | grep -Eq "^[0-9:]+ +alice +udp/53 2001:db8:a::5 +2 +denied "
	[ "$(awk 'length > 80' "$SPOOL/table" | wc -l)" = 0 ]
	# Packets of the user's, in the sessions' table.
	netfencectl sessions | grep -E '^ *[0-9]+ +alice .* [3-5]$'
}

@test "of one user, since a while ago, of nobody, of an unknown one" {
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	send alice udp "$LAN4" 53
	send bob udp "$LAN4" 54
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1" \
		"bob udp $LAN4 54 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	[ "$(netfencectl denials bob | wc -l)" = 2 ]
	netfencectl denials bob | grep -q 'udp/54'
	[ "$(netfencectl denials --since 1h | wc -l)" = 3 ]
	[ "$(netfencectl denials --since "$(date +%H:%M)" | wc -l)" -le 3 ]
	[ "$(netfencectl denials --since "$(date -d '-2 days' '+%F %H:%M')" | wc -l)" = 3 ]
	[ "$(netfencectl denials --since 2999-01-01)" = "no denials" ]
	[ "$(netfencectl denials carol)" = "no denials" ]
	run -2 netfencectl denials alcie
	[[ $output == *'did you mean "alice"'* ]]
	run -2 netfencectl denials --since never
	run -2 netfencectl denials alice bob
	run -2 netfencectl denials --folow
	stop_netfenced
	run -3 netfencectl denials
	run -3 netfencectl denials alice
}

@test "a subordinate uid's packets are its user's" {
	local uid

	uid=$(awk -F: '$1 == "alice" { print $2 + 7 }' /etc/subuid)
	[ -n "$uid" ]
	[ "$(app open a fenced alice)" = 0 ]
	setpriv --reuid="$uid" --clear-groups bash -c "echo > /dev/udp/$LAN4/53" 2> /dev/null || :
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	wait_for logged "event=denied user=\"alice\" uid=$(id -u alice) "
}

@test "loopback, a rule with log, and what is only logged" {
	local port

	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: udp/162
	        to: $MONITOR4
	        log: true
	      - allow: [tcp/80, udp/123]
	        to: any
	      - drop: udp/99
	        to: any
	      - reject: any
	        to: any
	    loopback: reject
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp 127.0.0.1 99
	send alice udp ::1 99
	send alice udp "$LAN4" 99
	send alice udp "$LAN4" 98
	reaches alice udp "$MONITOR4" 162
	reaches alice udp "$TIME4" 123
	tell "alice udp 127.0.0.1 99 denied loopback netfence.yaml:3 1" \
		"alice udp ::1 99 denied loopback netfence.yaml:3 1" \
		"alice udp $LAN4 99 denied rule netfence.yaml:10 1" \
		"alice udp $LAN4 98 denied rule netfence.yaml:12 1" \
		"alice udp $MONITOR4 162 allowed rule netfence.yaml:5 1"
	[ "$(denied | wc -l)" = 5 ]
	wait_for logged "event=allowed user=\"alice\" .* dst=\"$MONITOR4\" dport=162 rule=\"/etc/netfence/netfence.yaml:5\""
}

@test "log: none is silent; log: all tells of each connection that begins" {
	printf '%s\n' 'log: none' | policy_of_alice
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	http_up far "$PATCH4"
	printf '%s\n' 'log: all' | policy_of_alice
	as alice curl -s -m 10 "http://$PATCH4/" > /dev/null
	send alice udp "$LAN4" 54
	tell "alice tcp $PATCH4 80 allowed rule alice.yaml:2 1" \
		"alice udp $LAN4 54 denied default alice.yaml:1 1"
	[ "$(denied | wc -l)" = 2 ]
	kill "$(cat "$SPOOL/http-far.pid")"
}

policy_of_alice() # further lines from standard input
{
	{
		printf '%s\n' 'egress:' '  - allow: tcp/80' '    to: any'
		cat
	} | rules users/alice.yaml
	netfencectl reload
}

@test "after a reload the lines are those of the new files" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	# Nothing but the lines has changed: the kernel's rules are as they were.
	sed -i '1i # one line more' /etc/netfence/netfence.yaml
	netfencectl reload
	send alice udp "$LAN4" 54
	tell "alice udp $LAN4 54 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	# And another rule in front.
	sed -i '0,/      - allow: udp.162/s//      - allow: udp\/5\n        to: any\n&/' \
		/etc/netfence/netfence.yaml
	netfencectl reload
	send alice udp "$LAN4" 55
	tell "alice udp $LAN4 55 denied rule netfence.yaml:$(line_of 'reject: any') 1"
}

@test "long lists of addresses that policies share" {
	local list

	list=$(seq -s , 1 2 41 | sed 's/[0-9]*/10.0.0.&/g')
	rules netfence.yaml <<-END
	version: 1
	users:
	  alice:
	    egress:
	      - reject: [tcp/1, udp/1, udp/3, sctp/5]
	        to: [$list]
	      - reject: [tcp/2, udp/2, udp/4, sctp/6]
	        to: [$list]
	    default: allow
	  bob:
	    egress:
	      - reject: [tcp/3, udp/53, tcp/5, sctp/7]
	        to: [$list]
	    default: allow
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	if with_nftables; then
		[ "$(our_rules | grep -c '^	set ipv4/')" = 1 ]
	else
		netfencectl rules | grep -q '^:NETFENCE='
	fi
	send alice udp "$LAN4" 3
	send alice udp "$LAN4" 4
	send bob udp "$LAN4" 53
	tell "alice udp $LAN4 3 denied rule netfence.yaml:5 1" \
		"alice udp $LAN4 4 denied rule netfence.yaml:7 1" \
		"bob udp $LAN4 53 denied rule netfence.yaml:12 1"
}

@test "what was told survives the daemon, and rubbish in its place is no reason not to begin" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	wait_for test -e /run/netfence/denials/ring
	kill -KILL "$(pgrep -P "$(netfenced_pid)" -x netfenced-main)"
	wait_for netfencectl status
	told "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	stop_netfenced
	send alice udp "$LAN4" 54 # nobody listens
	start_netfenced
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 2"
	netfencectl sessions | grep -E '^ *[0-9]+ +alice .* 2$'
	stop_netfenced
	head -c 20 /run/netfence/denials/ring > "$SPOOL/cut"
	cp "$SPOOL/cut" /run/netfence/denials/ring
	start_netfenced
	[ "$(netfencectl denials)" = "no denials" ]
	wait_for logged 'what was kept of denials is damaged'
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
}

@test "whoever follows is told as it happens, over a restart of the daemon" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	daemon follow netfencectl denials alice --follow
	wait_for grep -q 'udp/53' "$SPOOL/follow.log"
	send alice udp "$LAN4" 54
	wait_for grep -q 'alice  udp/54 10.0.0.5  ×1  denied  netfence.yaml:' "$SPOOL/follow.log"
	stop_netfenced
	start_netfenced
	send alice udp "$LAN4" 55
	wait_for grep -q 'udp/55' "$SPOOL/follow.log"
	[ "$(grep -c 'udp/53' "$SPOOL/follow.log")" = 1 ]
	[ "$(grep -c 'udp/54' "$SPOOL/follow.log")" = 1 ]
}

# Ticks of the processor that main has used.
main_ticks()
{
	awk '{ print $14 + $15 }' "/proc/$(pgrep -P "$(netfenced_pid)" -x netfenced-main)/stat"
}

# Packets.
rejected_by_4()
{
	if with_nftables; then
		our_rules NETFENCE/supporters/4 | sed -n 's/.*counter packets \([0-9]*\) .* reject .*/\1/p'
	else
		iptables-legacy -nvxL NETFENCE:supporters%4 | awk '$3 == "REJECT" { print $1 }'
	fi
}

@test "a flood is a few lines, and costs next to nothing" {
	local before after lines said

	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	before=$(main_ticks)
	said=$(lines_logged 'event=denied user="alice"')
	as alice python3 - "$LAN4" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	def send(port):
	    try:
	        s.sendto(b"x", (sys.argv[1], port))
	    except OSError:
	        pass
	for port in range(1, 10001):
	    send(port)
	for i in range(10000):
	    send(53)
	END
	wait_for told_some
	send bob udp "$OTHER4" 99 # others of the policy are heard again after a second
	wait_for told_of_bob
	after=$(main_ticks)
	lines=$(($(lines_logged 'event=denied user="alice"') - said))
	echo "$lines lines, $((after - before)) ticks of the processor, $(denied alice | wc -l) entries"
	[ "$lines" -le 31 ]
	[ "$((after - before))" -le 50 ]
	netfencectl --json denials alice | grep -q '"at_least": *true'
	netfencectl denials alice | grep -Eq 'udp/53 10.0.0.5 +[0-9]+\+ '
	netfencectl sessions | grep -Eq 'alice .* [0-9]+\+'
	# The kernel's own counters say what was denied, all of it.
	[ "$(rejected_by_4)" -ge 20000 ]
	# Later in the minute the rest comes in one line, and who was left out in another.
}

told_some()
{
	[ "$(denied alice | wc -l)" -gt 20 ]
}

told_of_bob()
{
	as bob bash -c "echo > /dev/udp/$OTHER4/99" 2> /dev/null || :
	denied bob | grep -q "^bob udp $OTHER4 99 denied "
}

@test "a group that another program has" {
	rules rules.d/group.yaml <<-'END'
	settings:
	  nflog-group: 77
	END
	# Somebody else listens there.
	cat > "$SPOOL/other.py" <<-'END'
	import socket, struct, sys, time
	s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
	s.bind((0, 0))
	body = struct.pack(">BBH", 0, 0, 77) + struct.pack("HHB3x", 5, 1, 1)
	s.send(struct.pack("IHHII", 16 + len(body), 4 << 8 | 1, 5, 1, 0) + body)
	assert struct.unpack("i", s.recv(4096)[16:20])[0] == 0
	print("bound", flush=True)
	time.sleep(1000)
	END
	daemon other python3 -u "$SPOOL/other.py"
	wait_for grep -q bound "$SPOOL/other.log"
	netfencectl reload
	wait_for grep -q 'group 77 of netlink.s log belongs to another program; the fences hold' "$SYSLOG"
	[ "$(app open a fenced alice)" = 0 ]
	fenced alice
	netfencectl denials 2>&1 | grep -q 'group 77 of netlink.s log belongs to another program'
	netfencectl status | grep -q 'belongs to another program'
	# It goes, and we are there.
	kill "$(cat "$SPOOL/other.pid")"
	wait_for grep -q 'denials are told again, by group 77' "$SYSLOG"
	send alice udp "$LAN4" 57
	tell "alice udp $LAN4 57 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	# Back to the usual one.
	rm /etc/netfence/rules.d/group.yaml
	netfencectl reload
	send alice udp "$LAN4" 58
	tell "alice udp $LAN4 58 denied rule netfence.yaml:$(line_of 'reject: any') 1"
}

@test "names in the kernel begin with NETFENCE" {
	local name

	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	if with_nftables; then
		[ "$(our_rules | grep -c '^	chain ')" = "$(our_rules | grep -c '^	chain NETFENCE')" ]
		return
	fi
	for name in /proc/net/ipt_hashlimit/* /proc/net/ip6t_hashlimit/*; do
		[[ ${name##*/} == NETFENCE* ]]
	done
	[ -e "/proc/net/ipt_hashlimit/NETFENCE:supporters.log.each" ]
}

@test "a fence that is shut tells so" {
	printf '%s\n' 'egress:' '  - allow: any' '    to: any' 'max-session: 5s' 'on-expiry: close' |
		rules users/alice.yaml
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	reaches alice udp "$LAN4" 53
	wait_for grep -q 'event=expired user="alice"' "$SYSLOG"
	wait_for stopped alice udp "$LAN4" 54
	wait_for shut_told
	rm /etc/netfence/users/alice.yaml
}

shut_told()
{
	netfencectl --json denials | python3 -c '
import json, sys
assert any((d["policy"], d["by"], d["file"], d["port"]) == ("closed", "default", "", 54)
           for d in json.load(sys.stdin)["denials"])'
}

@test "what a policy of two groups' users does is each user's own" {
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	send alice udp "$LAN4" 53
	send bob udp "$LAN4" 53
	send bob udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1" \
		"bob udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 2"
	netfencectl sessions | grep -Eq 'alice .* 1$'
	netfencectl sessions | grep -Eq 'bob .* 2$'
}

@test "the folder that they are kept in is removed: it is made anew, and told again" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	rm -r /run/netfence/denials
	send alice udp "$LAN4" 54
	tell "alice udp $LAN4 54 denied rule netfence.yaml:$(line_of 'reject: any') 1"
	wait_for test -s /run/netfence/denials/ring
	stop_netfenced
	start_netfenced
	[ "$(denied | grep -c "^alice udp $LAN4 5[34] ")" = 2 ]
}

# Messages that the kernel had no room for, of main's socket.
drops()
{
	awk '$2 == 12 { n += $9 } END { print n + 0 }' /proc/net/netlink
}

@test "more than can be read is counted, and said" {
	local main

	[ "$(app open a fenced alice)" = 0 ]
	main=$(pgrep -P "$(netfenced_pid)" -x netfenced-main)
	kill -STOP "$main"
	daemon flood setpriv --reuid=alice --clear-groups python3 -c '
import socket, time
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
b = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
port = 1
while True:
    for s, to in (a, "'"$LAN4"'"), (b, "'"$LAN6"'"):
        try:
            s.sendto(b"x", (to, port))
        except OSError:
            pass
    port = port % 65535 + 1
    time.sleep(0.0005)'
	wait_for dropped
	kill "$(cat "$SPOOL/flood.pid")"
	kill -CONT "$main"
	wait_for grep -q 'the kernel logged more packets than could be read' "$SYSLOG"
	netfencectl denials 2>&1 > /dev/null | grep -q 'the kernel has told more than could be read'
	netfencectl --json status | grep -Eq '"lost": *[1-9]'
	[ "$main" = "$(pgrep -P "$(netfenced_pid)" -x netfenced-main)" ]
}

dropped()
{
	[ "$(drops)" -gt 0 ]
}
