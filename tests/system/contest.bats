#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two who insist on the first place: netfence does not fight, says so, and lets nobody in whom it
# could not fence.

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

contested()
{
	netfencectl status | grep -q CONTESTED
}

uncontested()
{
	! contested
}

insist()
{
	if with_nftables; then
		nft insert rule inet netfence NETFENCE tcp dport 9 accept
	else
		iptables-legacy -I OUTPUT 1 -p tcp --dport 9 -j ACCEPT
	fi
}

@test "five repairs in a minute are a contest: slow repairs, refused logins; and it ends" {
	for n in 1 2 3 4 5; do
		our_part > "$SPOOL/ours"
		insist
		wait_for ours_is_back
		run netfencectl status
		[ "$status" = 0 ]
	done
	[ "$(pamtester fenced bob open_session close_session 2>&1 | grep -c successfully)" = 2 ]

	insist
	wait_for contested
	wait_for logged 'event=repair.*contested'
	run netfencectl status
	[ "$status" = 1 ]
	# Repaired once more all the same.
	wait_for ours_is_back
	run pamtester fenced bob open_session
	[ "$status" != 0 ]
	wait_for logged 'event=refused user="?bob.*contested'
	# A free user is nobody's contest.
	su carol -c true
	# Slowly from now on: not within the usual time.
	insist
	begun=$SECONDS
	patiently ours_is_back
	((SECONDS - begun >= 4))
	# Who was in before stays fenced.
	forget_seen
	nothing_forbidden_arrived

	for n in 1 2 3 4; do
		! wait_for uncontested 2> /dev/null || break
	done
	uncontested
	wait_for logged 'event=repair.*no longer contested'
	pamtester fenced bob open_session close_session
	run netfencectl status
	[ "$status" = 0 ]
}
