#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mode: observe lets everything pass, ends nothing, and tells what it would have denied.

bats_require_minimum_version 1.5.0
load ../lib/netfence

setup_file()
{
	setup_host
	sshd_up host
	observed_rules
	start_netfenced
	app_start
}

setup()
{
	gone "$(netfenced_pid)" || stop_netfenced
	rm -f /run/netfence/denials/ring
	observed_rules
	start_netfenced
	: > "$SPOOL/app.out"
}

teardown()
{
	on_failure
	logout_all
	app close a > /dev/null
	app close b > /dev/null
	wait_for tables_as_before
}

observed_rules() # [MODE]
{
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    mode: ${1:-observe}
	    egress:
	      - allow: udp/162
	        to: [$MONITOR4, "$MONITOR6"]
	      - drop: udp/99
	        to: any
	      - reject: any
	        to: [10.0.0.0/8, "2001:db8:a::/64"]
	      - allow: [icmp, icmpv6]
	        to: any
	    loopback: reject
	END
}

denied()
{
	netfencectl --json denials | python3 -c '
import json, sys
for d in json.load(sys.stdin)["denials"]:
    print(d["user"], d["protocol"], d["address"], d.get("port", d.get("icmp_type", "-")),
          d["verdict"], d["by"], d["line"])' | sort
}

told()
{
	denied | grep -qxF "$1"
}

tell() # LINE ...
{
	local line

	for line in "$@"; do
		wait_for told "$line" || { echo "not told: $line"; denied; return 1; }
	done
}

@test "what a login sends arrives, and what would have been denied is told" {
	login one alice
	reaches alice udp "$MONITOR4" 162
	reaches alice udp "$MONITOR6" 162
	reaches alice icmp "$OTHER4"
	reaches alice udp "$OTHER4" 99
	reaches alice udp "$OTHER6" 99
	reaches alice udp "$LAN4" 53
	reaches alice udp "$LAN6" 53
	reaches alice tcp "$LAN4" 22
	reaches alice tcp "$LAN6" 22
	reaches alice icmp "$LAN4"
	reaches alice icmpv6 "$LAN6"
	reaches alice udp "$OTHER4" 500
	as alice bash -c 'echo > /dev/udp/127.0.0.1/9'
	tell "alice udp $OTHER4 99 observed rule 8" \
		"alice udp $OTHER6 99 observed rule 8" \
		"alice udp $LAN4 53 observed rule 10" \
		"alice udp $LAN6 53 observed rule 10" \
		"alice tcp $LAN4 22 observed rule 10" \
		"alice tcp $LAN6 22 observed rule 10" \
		"alice icmp $LAN4 8 observed rule 10" \
		"alice icmpv6 $LAN6 128 observed rule 10" \
		"alice udp $OTHER4 500 observed default 3" \
		"alice udp 127.0.0.1 9 observed loopback 3"
	[ "$(denied | wc -l)" = 10 ]
	wait_for logged "event=observed user=\"alice\" uid=$(id -u alice) session=[0-9]+ policy=\"groups/supporters\" proto=\"udp\" dst=\"$LAN4\" dport=53 rule=\"/etc/netfence/netfence.yaml:10\" count=1$"
	not_logged 'event=denied user="alice"'
	netfencectl denials | grep -Eq 'udp/53 10.0.0.5 +1 +observed +netfence.yaml:10$'
}

# A whole page over TCP, from where it may not.
@test "a connection goes on, and is not cut" {
	http_up lan "$LAN4"
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(as alice curl -s -m 10 "http://$LAN4/")" = "from lan" ]
	[ "$(as alice curl -s -m 10 "http://[$LAN6]/")" = "from lan" ]
	tell "alice tcp $LAN4 80 observed rule 10" "alice tcp $LAN6 80 observed rule 10"
	kill "$(cat "$SPOOL/http-lan.pid")"
}

# More targets than the kernel's log has room to count for: where hashlimit has none left for
# another, it drops the packet.
@test "a port scan passes, all of it" {
	[ "$(app open a fenced alice)" = 0 ]
	as alice python3 - "$OTHER4" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for port in range(10000, 40000):
	    s.sendto(b"x", (sys.argv[1], port))
	END
	settle far
	[ "$(scanned)" = 30000 ]
	wait_for told_some
	[ "$(denied | wc -l)" -le 512 ]
}

# Ports above 10000 of OTHER4 that packets have come to.
scanned()
{
	in_far nft -nn list set inet seen ports4 | grep -Eo "$OTHER4 \. 17 \. [123][0-9]{4} " | wc -l
}

told_some()
{
	[ "$(denied | wc -l)" -gt 100 ]
}

@test "from observe to enforce and back, the same packets" {
	[ "$(app open a fenced alice)" = 0 ]
	reaches alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 observed rule 10"
	observed_rules enforce
	netfencectl reload
	stopped alice udp "$LAN4" 53
	tell "alice udp $LAN4 53 denied rule 10"
	observed_rules
	netfencectl reload
	reaches alice udp "$LAN4" 53
	[ "$(denied | wc -l)" = 2 ]
	netfencectl sessions | grep -q alice
}

@test "with log: none nothing is told" {
	observed_rules
	sed -i 's/    mode: observe/&\n    log: none/' /etc/netfence/netfence.yaml
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	reaches alice udp "$LAN4" 53
	sed -i '/log: none/d' /etc/netfence/netfence.yaml
	netfencectl reload
	reaches alice udp "$LAN4" 54
	tell "alice udp $LAN4 54 observed rule 10"
	[ "$(denied | wc -l)" = 1 ]
}
