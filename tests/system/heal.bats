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
	only_with iptables
	disturb iptables-legacy -F
	holds_again
	repaired 1 IPv4
}

@test "ip6tables -F of the other" {
	only_with iptables
	disturb ip6tables-legacy -F
	holds_again
	repaired 1 IPv6
}

flush_all() { both -F && both -X; }

@test "iptables -F and -X of both" {
	only_with iptables
	disturb flush_all
	holds_again
	repaired 2
}

@test "the jump in OUTPUT is deleted" {
	only_with iptables
	disturb eval "$(iptables-legacy -S OUTPUT | sed -n '/NETFENCE/s/^-A/iptables-legacy -D/p')"
	holds_again
	repaired 1
}

restore_old() { iptables-legacy-restore "$@" < "$SPOOL/saved4" &&
	ip6tables-legacy-restore "$@" < "$SPOOL/saved6"; }

@test "iptables-restore of what was saved before, without and with -n" {
	only_with iptables
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
	only_with iptables
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
	only_with iptables
	iptables-legacy -S NETFENCE:supporters | sed -n 6p | grep -q -- '-d 10.0.0.0/8 -g NETFENCE:supporters%4'
	disturb edit
	holds_again
	repaired 1
}

empty() { both -I NETFENCE 1 -j RETURN; }

@test "a RETURN before all in our gate" {
	only_with iptables
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
	if with_nftables; then
		repaired 1 'nftables: the table inet netfence is gone'
	else
		[ "$(repairs)" = "$(cat "$SPOOL/repairs")" ]
	fi
}

@test "nftables: the table is deleted" {
	only_with nftables
	disturb nft delete table inet netfence
	holds_again
	repaired 1 'nftables: the table inet netfence is gone'
}

@test "nftables: the chains are emptied" {
	only_with nftables
	disturb nft flush table inet netfence
	holds_again
	repaired 1
}

accept_first() { nft insert rule inet netfence NETFENCE accept; }

@test "nftables: a rule before all in our gate" {
	only_with nftables
	disturb accept_first
	holds_again
	repaired 1 NETFENCE
}

accept_in_policy() { nft insert rule inet netfence NETFENCE/supporters accept; }

@test "nftables: a rule before all in a policy" {
	only_with nftables
	disturb accept_in_policy
	holds_again
	repaired 1 NETFENCE/supporters
}

# Of each map that knows her, or her subordinate uids.
forget_alice()
{
	local map element

	for map in $(nft list maps | awk '$1 == "map" { print $2 }'); do
		for element in "$(id -u alice)" 100000-165535; do
			nft delete element inet netfence "$map" "{ $element }" 2> /dev/null || :
		done
	done
}

@test "nftables: a user is taken out" {
	only_with nftables
	disturb forget_alice
	holds_again
	repaired 1
}

@test "nftables: the table sleeps" {
	only_with nftables
	disturb nft add table inet netfence '{ flags dormant; }'
	holds_again
	repaired 1
}

more_of_ours()
{
	nft add chain inet netfence NETFENCE/more
	nft add chain inet netfence more '{ type filter hook output priority -10; policy accept; }'
}

@test "nftables: what does not belong into our table goes" {
	only_with nftables
	disturb more_of_ours
	holds_again
	repaired 1
}
