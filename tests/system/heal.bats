#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Other programs write the same tables: the fence is back within two seconds, the log says what was
# missing, and theirs is as they left it.

load ../lib/netfence
load ../lib/unrest
load ../lib/firewalls

setup_file()
{
	setup_host
	iptables_is legacy
}

setup()
{
	begin_disturbed
}

teardown()
{
	end_disturbed
}

@test "iptables -F of one family" {
	disturb iptables-legacy -F
	holds_again
	repaired 1 IPv4
}

@test "ip6tables -F of the other" {
	disturb ip6tables-legacy -F
	holds_again
	repaired 1 IPv6
}

flush_all() { both -F && both -X; }

@test "iptables -F and -X of both" {
	disturb flush_all
	holds_again
	repaired 2
}

@test "the jump in OUTPUT is deleted" {
	disturb eval "$(iptables-legacy -S OUTPUT | sed -n '/NETFENCE/s/^-A/iptables-legacy -D/p')"
	holds_again
	repaired 1
}

restore_old() { iptables-legacy-restore "$@" < "$SPOOL/saved4" &&
	ip6tables-legacy-restore "$@" < "$SPOOL/saved6"; }

@test "iptables-restore of what was saved before, without and with -n" {
	{
		printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD DROP [0:0]' \
			':OUTPUT ACCEPT [0:0]' '-A OUTPUT -p tcp --dport 9 -j DROP' COMMIT
	} | tee "$SPOOL/saved4" > "$SPOOL/saved6"
	disturb restore_old
	holds_again
	repaired 2
	iptables-legacy -S | grep -qx -- '-P FORWARD DROP'
	# With -n nothing of ours goes: what is appended stands behind.
	sed -i 's/--dport 9/--dport 11/' "$SPOOL"/saved[46]
	disturb restore_old -n
	holds_again
	[ "$(repairs)" = "$(cat "$SPOOL/repairs")" ]
	# Unless it empties our chains.
	sed -i '/^:/d; s/^-A.*/:NETFENCE - [0:0]/' "$SPOOL"/saved[46]
	disturb restore_old -n
	holds_again
	repaired 2
}

@test "-I OUTPUT 1 -j ACCEPT: the position counts" {
	disturb both -I OUTPUT 1 -j ACCEPT
	holds_again
	repaired 2
	[ "$(iptables-legacy -S OUTPUT | sed -n 3p)" = "-A OUTPUT -j ACCEPT" ]
}

edit() # one of our rules, the counts stay the same
{
	iptables-legacy -R NETFENCE:supporters 5 -d 10.0.0.0/8 -j ACCEPT
}

@test "a rule of ours is edited in its place" {
	iptables-legacy -S NETFENCE:supporters | sed -n 6p | grep -q -- '-d 10.0.0.0/8 -g NETFENCE:supporters%4'
	disturb edit
	holds_again
	repaired 1
}

empty() { both -I NETFENCE 1 -j RETURN; }

@test "a RETURN before all in our gate" {
	disturb empty
	holds_again
	repaired 2
}

drop_policy() { both -P OUTPUT DROP; both -A OUTPUT -j ACCEPT; }

@test "policies and rules elsewhere are nobody's business" {
	disturb drop_policy
	holds_again
	[ "$(repairs)" = "$(cat "$SPOOL/repairs")" ]
	iptables-legacy -S | grep -qx -- '-P OUTPUT DROP'
}

@test "nft flush ruleset" {
	nft add table inet house
	disturb nft flush ruleset
	holds_again
	[ "$(repairs)" = "$(cat "$SPOOL/repairs")" ]
}
