#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that cannot list its sockets: tcp_diag and udp_diag are missing, or all of sock_diag. What
# was open before is not cut then, which is said; and no fence goes before the last socket.

load ../lib/netfence
load ../lib/talk

setup_file()
{
	setup_host
	listeners_up
	sed -i 's|tcp/80,8000-8080|tcp/80-81|' /etc/netfence/netfence.yaml
	export FAULTS=$SPOOL/faults
	faults new
}

teardown()
{
	on_failure
	app_stop
	talkers_end
	touch "$SPOOL/hear"
	stop_netfenced
}

faults()
{
	python3 "$BATS_TEST_DIRNAME/../lib/faults.py" "$@"
}

without() # protocol|diag
{
	rm -f "$SPOOL/hear"
	forget_log
	faults arm '*' "$1" 1 1000000000
	LD_PRELOAD=$BUILD/tests/faults/shim.so start_netfenced
	app_start
	[ "$(app open one fenced alice)" = 0 ]
	fenced alice
	[ "$(app open two fenced bob)" = 0 ]
	[ "$(app close two)" = 0 ]
}

leave_an_orphan()
{
	needs_orphans_owners
	talker alice alice
	[ "$(talk alice open t4 tcp "$PATCH4" 81)" = open ]
	[ "$(talk alice stuff t4)" -gt 100000 ]
	talker_ends alice
	[ "$(app close one)" = 0 ]
	# Were it not for the orphan it would be gone now.
	wait_for free bob
	fenced alice
	netfencectl sessions | grep -q ' alice '
	touch "$SPOOL/hear"
	wait_for tables_as_before
}

@test "no tcp_diag and udp_diag: said once, in force, and the fence stays until the last socket has gone" {
	without protocol
	[ "$(lines_logged 'lists no TCP and UDP sockets \(tcp_diag, udp_diag\): what was open')" = 1 ]
	# Whether that makes it degraded is not asked here.
	run netfencectl --json status
	[[ $output == *'"cut_lacks"'*'this kernel lists no TCP and UDP sockets'* ]]
	leave_an_orphan
}

@test "no sock_diag at all: the same" {
	without diag
	[ "$(lines_logged 'lists no sockets \(inet_diag\): what was open')" = 1 ]
	run netfencectl status
	[[ $output == *'before a login is not cut'* ]]
	leave_an_orphan
}
