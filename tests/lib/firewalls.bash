# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Other programs that write the same tables, real ones, installed into the world alone. To be
# loaded beside netfence.bash.

DEBS=/var/cache/netfence-tests/debs # where deps.sh keeps what it does not install

# Skips the test aloud where there is no such program.
firewall() # PACKAGE COMMAND
{
	if [ -d "$DEBS/$1" ]; then
		printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		DEBIAN_FRONTEND=noninteractive dpkg --no-triggers --force-breaks \
			-i "$DEBS/$1"/*.deb > "$SPOOL/$1.dpkg" 2>&1 ||
			{ cat "$SPOOL/$1.dpkg"; return 1; }
	fi
	command -v "$2" > /dev/null || skip "$1 cannot be had here"
}

# Which tables `iptables` writes for them. netfence's are the legacy ones.
iptables_is() # legacy|nft
{
	local name path

	for name in {iptables,ip6tables}{,-save,-restore}; do
		path=$(command -v "${name/tables/tables-$1}")
		ln -sf "$path" "${path%/*}/$name"
	done
}

# Our part of the tables, in its place: what is before the jump in OUTPUT counts.
our_part()
{
	local tables

	if with_nftables; then
		nft_lists table inet netfence
		return
	fi
	for tables in iptables-legacy ip6tables-legacy; do
		echo "== $tables"
		"$tables" -S OUTPUT | grep NETFENCE
		"$tables" -S OUTPUT | sed -n '2p'
		"$tables" -S | grep -E '^-[AN] NETFENCE'
	done
}

ours_is_back()
{
	our_part 2> /dev/null | cmp -s "$SPOOL/ours" -
}

# The same, and when the look at it began: on a busy machine it takes its time itself.
looked_and_is_back()
{
	looked=${EPOCHREALTIME/[.,]/}
	ours_is_back
}

ours_is_away()
{
	! ours_is_back
}

# Everybody else's, without counters.
their_part()
{
	local save

	for save in iptables-legacy-save ip6tables-legacy-save; do
		echo "== $save"
		"$save" | sed -e '/^#/d' -e '/NETFENCE/d' -e 's/ \[[0-9]*:[0-9]*\]$//' |
			awk '/^\*/ { table = $0; said = "" }
				{ said = said $0 "\n" }
				/^-|^:[^ ]+ (DROP|-)/ { tells = 1 }
				/^COMMIT/ { if (tells) printf "%s", said; tells = 0 }'
	done
	echo "== nft"
	nft_lists ruleset 2> /dev/null |
		awk '/^table inet netfence {/ { ours = 1 }
			!ours
			/^}/ { ours = 0 }'
}

repairs()
{
	lines_logged 'event=repair count='
}

# Runs what disturbs and measures how long the fence is away after it. Leaves their part, as they
# left it, in $SPOOL/theirs, and the time in $mended_ms.
disturb() # COMMAND ...
{
	local begun

	our_part > "$SPOOL/ours"
	repairs > "$SPOOL/repairs"
	sending CONT
	"$@" || return
	begun=${EPOCHREALTIME/[.,]/}
	their_part > "$SPOOL/theirs"
	wait_for looked_and_is_back || return
	mended_ms=$(((looked - begun) / 1000))
	echo "# $1 ${2:-}: back after $mended_ms ms, $(window_packets) packets through" >&3
}

# All that has to hold afterwards, within two seconds and for as long as packets say.
holds_again()
{
	((mended_ms <= 2000)) || { echo "mended after $mended_ms ms"; return 1; }
	their_part | diff "$SPOOL/theirs" - || return
	forget_seen
	count_allowed > "$SPOOL/allowed"
	wait_for allowed_goes_on || return
	sending STOP
	nothing_forbidden_arrived || return
	ours_is_back
}

# Where there is nothing to count the sender leaves the machine to others.
sending() # STOP|CONT
{
	kill "-$1" "$(cat "$SPOOL/sender-alice.pid")"
}

# What was done to iptables' tables, for which see below, is nothing to nftables'.
repaired_iptables() # HOW-MANY [PATTERN]
{
	if with_nftables; then
		[ "$(repairs)" = "$(cat "$SPOOL/repairs")" ]
	else
		repaired "$@"
	fi
}

# How many log lines the last disturbance made, and what they must say.
repaired() # HOW-MANY [PATTERN]
{
	wait_for repaired_more || return
	[ "$(($(repairs) - $(cat "$SPOOL/repairs")))" -le "$1" ] || {
		grep event=repair "$SYSLOG"
		return 1
	}
	logged "event=repair.*reason=.*${2:-}"
}

repaired_more()
{
	[ "$(repairs)" -gt "$(cat "$SPOOL/repairs")" ]
}

# ---------------------------------------------------------------- the frame of a test

# Each test has a netfenced that has repaired nothing yet, and a fenced user who sends.
begin_disturbed()
{
	start_netfenced
	app_start
	[ "$(app open one fenced alice)" = 0 ] || return
	SEND_NICE=10 start_sending alice
	sending STOP
}

end_disturbed()
{
	on_failure
	stop_sending alice
	app_stop
	restore_theirs
	wait_for tables_as_before
	stop_netfenced
	forget_seen
}

# The host's own rules as they were in the beginning, whatever a test's tools have made of them.
restore_theirs()
{
	local tables table chain

	for tables in iptables-legacy ip6tables-legacy; do
		for chain in INPUT OUTPUT FORWARD; do
			"$tables" -P "$chain" ACCEPT
		done
		for table in filter nat mangle raw; do
			"$tables" -t "$table" -F
			"$tables" -t "$table" -X
		done
	done
	nft flush ruleset
	foreign_rules
}

both() # ARGUMENT ...
{
	iptables-legacy "$@" && ip6tables-legacy "$@"
}
