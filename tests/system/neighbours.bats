#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What belongs to others stays as it is: rules, chains, policies, counters, and their turn at the
# lock.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	crowd 60
	for tables in iptables-legacy ip6tables-legacy; do
		furnish_tables "$tables"
	done
	nft add table inet house
	nft 'add chain inet house out { type filter hook output priority 10; }'
	nft add rule inet house out udp dport 7 counter
	# Counters that are not nothing.
	for n in 1 2 3; do
		echo > "/dev/udp/$LAN4/7" || :
		echo > "/dev/udp/$LAN6/7" || :
		echo > "/dev/udp/$OTHER4/8" || :
	done
	tables > "$SPOOL/tables"
	start_netfenced
}

teardown()
{
	on_failure
	[ ! -e "$SPOOL/churn.pid" ] || churned churn
	app_stop
	for tables in iptables-legacy ip6tables-legacy; do
		"$tables" -w -F empty
	done
	wait_for tables_as_before
}

# In each table, with what keeps counts of its own.
furnish_tables() # COMMAND
{
	local table

	"$1" -P FORWARD DROP
	"$1" -A FORWARD -m limit --limit 5/minute -j house
	"$1" -A house -m quota --quota 100000 -j RETURN
	"$1" -A house -m comment --comment "a 'quoted' \"name\"" -m length --length 0:65535 \
		-j RETURN
	"$1" -N empty
	"$1" -A OUTPUT -p udp --dport 8 -m owner ! --uid-owner 12345 -g house
	for table in mangle raw; do
		"$1" -t "$table" -A OUTPUT -p udp --dport 9999 -j ACCEPT
	done
	# Not each kernel has NAT.
	"$1" -t nat -A POSTROUTING -p udp --dport 9999 -j RETURN 2> /dev/null || :
}

saved()
{
	iptables-legacy-save -c | sed '/^#/d'
	ip6tables-legacy-save -c | sed '/^#/d'
	nft list ruleset
}

append_rules() # COMMAND FIRST-PORT
{
	local n

	for n in {1..60}; do
		"$1" -w -A empty -p udp --dport $(($2 + n)) -j ACCEPT
	done
}

rules_of_empty() # COMMAND
{
	"$1" -S empty | sed -n 's/^-A empty .*--dport \([0-9]*\) .*/\1/p'
}

@test "what others change at the same time is never lost, and comes back to nobody" {
	churn churn fenced 4 0 1 alice bob dave $(crowd_names 1 20)
	append_rules iptables-legacy 5000
	append_rules ip6tables-legacy 5000
	for tables in iptables-legacy ip6tables-legacy; do
		rules_of_empty "$tables" | diff <(seq 5001 5060) -
		"$tables" -w -F empty
	done
	for n in {1..20}; do
		printf '%s\n' '*filter' "-A empty -p udp --dport $((6000 + n)) -j ACCEPT" COMMIT |
			iptables-legacy-restore -w -n
	done
	rules_of_empty iptables-legacy | diff <(seq 6001 6020) -
	iptables-legacy -w -F empty
	result=$(churned churn)
	[[ $result == "opened "*" refused 0 unclosed 0 "* ]]
	wait_for tables_as_before
}

waits_for_lock()
{
	grep -q -- '-> FLOCK' /proc/locks
}

@test "whoever is in the middle of a change is waited for" {
	only_with iptables
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	mkfifo "$SPOOL/restore"
	daemon restore iptables-legacy-restore -w -n "$SPOOL/restore"
	exec 4> "$SPOOL/restore"
	printf '%s\n' '*filter' '-A empty -p udp --dport 6001 -j ACCEPT' >&4
	wait_for lock_is_held /run/xtables.lock
	: > "$SPOOL/app.out"
	echo 'open two fenced bob' > "$SPOOL/app.in"
	wait_for waits_for_lock
	echo COMMIT >&4
	exec 4>&-
	wait_for gone "$(cat "$SPOOL/restore.pid")"
	wait_for grep -qx '= 0' "$SPOOL/app.out"
	fenced alice
	fenced bob
	[ "$(rules_of_empty iptables-legacy)" = 6001 ]
	iptables-legacy -w -F empty
}

lock_is_held() # FILE
{
	! flock -n "$1" true
}

@test "a lock file that was replaced: the one at the path counts" {
	only_with iptables
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	rm /run/xtables.lock
	: > /run/xtables.lock
	[ "$(app open two fenced bob)" = 0 ]
	fenced alice
	fenced bob
	# Whoever holds the new one is waited for.
	mkfifo "$SPOOL/holder"
	daemon holder flock /run/xtables.lock cat "$SPOOL/holder"
	wait_for lock_is_held /run/xtables.lock
	[ "$(app open three fenced dave)" != 0 ]
	wait_for logged 'event=refused user="?dave.*lock'
	: > "$SPOOL/holder"
	wait_for gone "$(cat "$SPOOL/holder.pid")"
	[ "$(app open three fenced dave)" = 0 ]
	fenced dave
}

waits_for_a_lock()
{
	grep -q -e '-> FLOCK' /proc/locks
}

hold_lock() # NAME FILE
{
	mkfifo "$SPOOL/$1"
	daemon "$1" flock "$2" cat "$SPOOL/$1"
	wait_for lock_is_held "$2"
}

@test "a lock file that is replaced while it is waited for: the one at the path counts" {
	only_with iptables
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	hold_lock old /run/xtables.lock
	hold_lock new /run/xtables.lock.new
	tables=$(tables)
	before=$(grep -c ^= "$SPOOL/app.out")
	echo "open two fenced bob" > "$SPOOL/app.in"
	wait_for waits_for_a_lock
	# Whoever waits does so for two seconds.
	mv /run/xtables.lock.new /run/xtables.lock
	: > "$SPOOL/old"
	# Not with the lock of the old one.
	wait_for logged 'xtables.lock has been replaced'
	[ "$(tables)" = "$tables" ]
	: > "$SPOOL/new"
	wait_for app_answered "$before"
	wait_for netfencectl status
	[ "$(app open three fenced bob)" = 0 ]
	fenced alice
	fenced bob
}

# The last one: IPv6 addresses do not outlive it.
no_other_traffic()
{
	for link in far0 lan0 client0; do
		ip link set "$link" down
	done
}

@test "after 10,000 sessions every byte is as before, counters too" {
	no_other_traffic
	saved > "$SPOOL/before"
	grep -q '^\[[1-9][0-9]*:.*--dport 7 ' "$SPOOL/before"
	begun=${EPOCHREALTIME/[.,]/}
	churn churn fenced 16 10000 1 alice bob dave carol $(crowd_names 1 60)
	# However long it takes: the whole file has its bound.
	until churn_ended churn; do
		sleep 0.1
	done
	took=$(((${EPOCHREALTIME/[.,]/} - begun) / 1000))
	result=$(churned churn)
	echo "# $result, in $took ms" >&3
	[ "$result" = "opened 10000 refused 0 unclosed 0 code 0" ]
	wait_for tables_as_before
	saved | diff "$SPOOL/before" -
}
