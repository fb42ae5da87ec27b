#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real logins over ssh: what a supporter can reach is what the rules say, counted where it arrives.

load ../lib/netfence

setup_file()
{
	setup_host
	http_up far
	http_up lan
	snmptrapd_up
	sshd_up host
	sshd_up lan
	start_netfenced
}

teardown()
{
	on_failure
	logout_all
}

@test "a supporter reaches the named targets, in both families" {
	login one alice
	reaches alice udp "$MONITOR4" 162
	reaches alice udp "$MONITOR6" 162
	reaches alice udp "$TIME4" 123
	reaches alice udp "$TIME6" 123
	reaches alice tcp "$PATCH4" 80
	reaches alice tcp "$PATCH6" 80
	reaches alice tcp "$PATCH4" 8080
	reaches alice icmp "$OTHER4"
	reaches alice icmpv6 "$OTHER6"
	logout one
}

@test "from inside the ssh session: traps arrive, the patch server answers, the LAN does not" {
	run ssh_as alice "snmptrap -v2c -c public $MONITOR4:162 '' 1.3.6.1.4.1.8072.2.3.0.1 &&
		snmptrap -v2c -c public 'udp6:[$MONITOR6]:162' '' 1.3.6.1.4.1.8072.2.3.0.1 &&
		curl -sS -m 20 http://$PATCH4/ && curl -sS -m 20 'http://[$PATCH6]/'"
	[ "$status" = 0 ]
	[ "$(grep -c 'from far' <<< "$output")" = 2 ]
	wait_for grep -q 'UDP: .*192.0.2.2' "$SPOOL/traps"
	wait_for grep -q 'UDP/IPv6: .*2001:db8::2' "$SPOOL/traps"

	before=$(seen "$LAN4" tcp 80)
	run ssh_as alice "curl -sS -m 20 http://$LAN4/"
	[ "$status" = 7 ]
	run ssh_as alice "curl -sS -m 20 'http://[$LAN6]/'"
	[ "$status" = 7 ]
	[ "$(seen "$LAN4" tcp 80)" = "$before" ]
	[ "$(seen "$LAN6" tcp 80)" = 0 ]
}

@test "nothing else gets out, in either family" {
	login one alice
	stopped alice udp "$LAN4" 53
	stopped alice udp "$LAN6" 53
	stopped alice tcp "$LAN4" 22
	stopped alice tcp "$LAN6" 22
	stopped alice icmp "$LAN4"
	stopped alice icmpv6 "$LAN6"
	stopped alice udp "$RESOLVER4" 53
	stopped alice udp "$RESOLVER6" 53
	stopped alice tcp "$PATCH4" 22
	stopped alice tcp "$PATCH4" 8081
	stopped alice udp "$MONITOR4" 161
	stopped alice udp "$OTHER4" 162
	stopped alice udp "$OTHER6" 162
	logout one
}

@test "a rejected user is told at once, with the words of the contract" {
	login one alice
	run as alice bash -c "LC_ALL=C; echo > /dev/udp/$LAN4/53"
	[[ $output == *"not permitted"* ]]
	start=${EPOCHREALTIME/[.,]/}
	run as alice bash -c "LC_ALL=C; exec 3<> /dev/tcp/$LAN4/22"
	[[ $output == *"No route to host"* ]]
	run as alice bash -c "LC_ALL=C; exec 3<> /dev/tcp/$LAN6/22"
	[[ $output == *"Permission denied"* ]]
	((${EPOCHREALTIME/[.,]/} - start < 15000000))
	logout one
}

@test "forwarding over ssh is fenced too" {
	before=$(seen "$LAN4" tcp 80)
	patch=$(seen "$PATCH4" tcp 80)
	# -W: sshd's child connects, with the user's uid.
	run in_client ssh "${SSH_OPTIONS[@]}" -W "$LAN4:80" "alice@$HOST4" < /dev/null
	[ "$status" != 0 ]
	[ "$(seen "$LAN4" tcp 80)" = "$before" ]
	in_client ssh "${SSH_OPTIONS[@]}" -W "$PATCH4:80" "alice@$HOST4" < /dev/null
	[ "$(seen "$PATCH4" tcp 80)" -gt "$patch" ]
}

@test "logins over IPv6 are fenced alike" {
	SSH_HOST=$HOST6
	login one alice
	fenced alice
	logout one
}

@test "the connection itself and answers to it go on in both families" {
	[ "$(ssh_as alice 'head -c 300000 /dev/zero' | wc -c)" = 300000 ]
	[ "$(SSH_HOST=$HOST6 ssh_as alice 'head -c 300000 /dev/zero' | wc -c)" = 300000 ]
}

@test "loopback stays open, by the host's own addresses too" {
	login one alice
	[[ $(as alice timeout 5 bash -c "exec 3<> /dev/tcp/127.0.0.1/22; head -c 4 <&3") == SSH- ]]
	[[ $(as alice timeout 5 bash -c "exec 3<> /dev/tcp/::1/22; head -c 4 <&3") == SSH- ]]
	[[ $(as alice timeout 5 bash -c "exec 3<> /dev/tcp/192.0.2.2/22; head -c 4 <&3") == SSH- ]]
	[[ $(as alice timeout 5 bash -c "exec 3<> /dev/tcp/2001:db8::2/22; head -c 4 <&3") == SSH- ]]
	logout one
}

@test "a NAT rule that sends other traffic through lo is no way out" {
	login one alice
	# What is for a foreign address leaves through lo and comes back to a listener of ours.
	iptables-legacy -t nat -A OUTPUT -d 10.0.0.77 -p tcp -j DNAT --to-destination "$LAN4"
	ip route add 10.0.0.77 dev lo
	before=$(seen "$LAN4" tcp 80)
	send alice tcp 10.0.0.77 80
	after=$(seen "$LAN4" tcp 80)
	ip route del 10.0.0.77 dev lo
	iptables-legacy -t nat -F OUTPUT
	[ "$after" = "$before" ]
	logout one
}

@test "root and others notice nothing, before, during and after" {
	free carol
	free root
	login one alice
	free carol
	free root
	reaches carol tcp "$LAN4" 22
	reaches root tcp "$LAN6" 22
	ssh_as carol "echo > /dev/udp/$LAN4/53"
	logout one
	free carol
}

@test "the user is told the policy's message" {
	run in_client ssh -tt "${SSH_OPTIONS[@]}" "alice@$HOST4" < <(echo exit)
	[[ $output == *"Outbound access is limited; ask noc@example.com."* ]]
}

@test "before the login and after it the tables are the same" {
	wait_for tables_as_before
	free alice
	login one alice
	tables_differ
	fenced alice
	logout one
	wait_for tables_as_before
	free alice
}

@test "rules of others keep their place and their counters" {
	wait_for tables_as_before
	for n in 1 2 3; do send root udp "$OTHER4" 7; done
	house4=$(iptables-legacy-save -c | grep 'A house')
	house6=$(ip6tables-legacy-save -c | grep 'A house')
	[[ $house4 == '[3:'* ]]
	login one alice
	login two bob
	[ "$(iptables-legacy-save -c | grep 'A house')" = "$house4" ]
	[ "$(ip6tables-legacy-save -c | grep 'A house')" = "$house6" ]
	fences_stand
	tables_of_others | diff "$SPOOL/tables" -
	if ! with_nftables; then
		[[ $(iptables-legacy -S OUTPUT 1) == *"-j NETFENCE" ]]
		[[ $(ip6tables-legacy -S OUTPUT 1) == *"-j NETFENCE" ]]
	fi
	logout one
	logout two
	wait_for tables_as_before
	[ "$(iptables-legacy-save -c | grep 'A house')" = "$house4" ]
}

@test "allow never widens: what the host's own rules drop stays dropped" {
	login one alice
	iptables-legacy -A OUTPUT -d "$MONITOR4" -p udp --dport 162 -j DROP
	run reaches alice udp "$MONITOR4" 162
	iptables-legacy -D OUTPUT -d "$MONITOR4" -p udp --dport 162 -j DROP
	[ "$status" = 1 ]
	reaches alice udp "$MONITOR4" 162
	logout one
}

@test "session start and end are on authpriv, one line each" {
	wait_for tables_as_before
	forget_log
	login one alice
	logout one
	wait_for tables_as_before
	wait_for logged 'event=session-end .*user="?alice'
	[ "$(lines_logged '^authpriv.*event=session-start')" = 1 ]
	[ "$(lines_logged '^authpriv.*event=session-end')" = 1 ]
	line=$(grep event=session-start "$SYSLOG")
	[[ $line =~ user=\"?alice ]]
	[[ $line =~ uid=\"?$(id -u alice) ]]
	[[ $line =~ service=\"?sshd ]]
	[[ $line =~ from=\"?203\.0\.113\.7 ]]
	[[ $line =~ policy=\"?groups/supporters|policy=\"?supporters ]]
}
