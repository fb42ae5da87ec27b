#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sockets that were open before: a fence that comes up, or gets narrower, cuts what it does not
# allow, and nothing else.

load ../lib/netfence
load ../lib/talk
load ../lib/unrest

setup_file()
{
	setup_host
	listeners_up
	start_netfenced
}

setup()
{
	rm -f "$SPOOL/hear"
	seed_rules
	netfencectl reload
	app_start
	forget_log
}

teardown()
{
	on_failure
	talkers_end
	touch "$SPOOL/hear"
	app_stop
	wait_for tables_as_before
}

fence_alice()
{
	[ "$(app open one fenced alice)" = 0 ]
}

@test "TCP and UDP, IPv4, IPv6 and v4-mapped: cut, and no packet more arrives" {
	talker alice alice
	[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
	[ "$(talk alice open t6 tcp "$LAN6" 80)" = open ]
	[ "$(talk alice open tm tcp "::ffff:$LAN4" 80)" = open ]
	[ "$(talk alice open u4 udp "$LAN4" 80)" = open ]
	[ "$(talk alice open u6 udp "$LAN6" 80)" = open ]
	[ "$(talk alice open um udp "::ffff:$LAN4" 80)" = open ]
	for name in t4 t6 tm u4 u6 um; do
		[ "$(talk alice say $name)" = echo ]
	done
	fence_alice
	carried=$(carried lan echo)
	udp4=$(seen "$LAN4" udp 80) udp6=$(seen "$LAN6" udp 80)
	for name in t4 t6 tm; do
		[ "$(talk alice say $name)" = ECONNABORTED ]
	done
	# What is destroyed of UDP is the connection: nobody is left to send to.
	for name in u4 u6 um; do
		[ "$(talk alice say $name)" = EDESTADDRREQ ]
	done
	[ -z "$(sockets_of alice)" ]
	[ "$(carried lan echo)" = "$carried" ]
	[ "$(seen "$LAN4" udp 80)" = "$udp4" ]
	[ "$(seen "$LAN6" udp 80)" = "$udp6" ]
}

@test "what is allowed goes on, and so do other users' sockets" {
	talker alice alice
	talker carol carol
	talker dave dave
	[ "$(talk alice open t4 tcp "$PATCH4" 80)" = open ]
	[ "$(talk alice open t6 tcp "$PATCH6" 80)" = open ]
	[ "$(talk alice open tm tcp "::ffff:$PATCH4" 80)" = open ]
	[ "$(talk alice open here tcp 127.0.0.1 22)" = ECONNREFUSED ]
	[ "$(talk alice listen own 7000)" = listening ]
	[ "$(talk alice open self tcp ::1 7000)" = open ]
	for name in carol dave; do
		[ "$(talk $name open t4 tcp "$LAN4" 80)" = open ]
		[ "$(talk $name open u6 udp "$LAN6" 80)" = open ]
	done
	fence_alice
	for name in t4 t6 tm; do
		[ "$(talk alice say $name)" = echo ]
	done
	[ "$(talk alice take own)" = taken ]
	for name in carol dave; do
		[ "$(talk $name say t4)" = echo ]
		[ "$(talk $name say u6)" = echo ]
	done
}

@test "orphans with unsent data: not one byte of it after the fence is up" {
	needs_orphans_owners
	talker alice alice
	for name in t4 t6 tm; do
		case $name in t4) to=$LAN4 ;; t6) to=$LAN6 ;; tm) to=::ffff:$LAN4 ;; esac
		[ "$(talk alice open $name tcp "$to" 81)" = open ]
		[ "$(talk alice stuff $name)" -gt 100000 ]
	done
	talker_ends alice
	[ "$(sockets_of alice | wc -l)" = 3 ]
	fence_alice
	[ -z "$(sockets_of alice)" ]
	carried=$(carried lan deaf)
	touch "$SPOOL/hear"
	# The far end has heard all that there was, and that it was cut.
	wait_for lan_hears_nobody
	[ "$(carried lan deaf)" = "$carried" ]
}

lan_hears_nobody()
{
	[ -z "$(in_lan ss -Hnt state established 'sport = :81')" ]
}

# iptables has an engine for each family, and the one that is done last cuts.
@test "not before both families are in force, whichever engine is last" {
	only_with iptables
	for name in ipv4:ip6tables-legacy ipv6:iptables-legacy; do
		talker alice alice
		[ "$(talk alice open t4 tcp "$LAN4" 80)" = open ]
		[ "$(talk alice open t6 tcp "$LAN6" 80)" = open ]
		engine=$(process "netfenced-${name%:*}")
		kill -STOP "$engine"
		echo "open one fenced alice" > "$SPOOL/app.in"
		wait_for has_rule "${name#*:}"
		[ "$(sockets_of alice | wc -l)" = 2 ]
		kill -CONT "$engine"
		wait_for logged 'event=session-start user="alice"'
		[ -z "$(sockets_of alice)" ]
		gone "$engine" && return 1
		talker_ends alice
		app_stop
		wait_for tables_as_before
		forget_log
		app_start
	done
}

# The lock is held meanwhile, which whoever only lists waits for as well.
has_rule() # PROGRAM
{
	XTABLES_LOCKFILE=$SPOOL/lock "$1" -S NETFENCE | grep -q -w "$(id -u alice)"
}

# Of two ports at which others may be answered one is still listened on.
@test "orphans that answer whoever came: what their user no longer serves is cut" {
	needs_orphans_owners
	sed -i 's|^    message:|    serve: [tcp/7000-7001]\n&|' /etc/netfence/netfence.yaml
	netfencectl reload
	talker alice alice
	for port in 7000 7001; do
		[ "$(talk alice listen at$port $port)" = listening ]
		daemon visitor$port nsenter --net=/run/netns/lan bash -c '
			exec 3<> "/dev/tcp/10.0.0.2/$1"
			until [ -e "$2" ]; do sleep 0.02; done
			wc -c <&3' visitor $port "$SPOOL/hear"
		[ "$(talk alice take to$port at$port)" = taken ]
		sent=$(talk alice stuff to$port)
		[ "$sent" -gt 100000 ]
		echo "$sent" > "$SPOOL/sent$port"
		[ "$(talk alice close to$port)" = closed ]
	done
	[ "$(talk alice close at7001)" = closed ]
	[ "$(sockets_of alice | wc -l)" = 2 ]
	fence_alice
	[ "$(sockets_of alice | wc -l)" = 1 ]
	touch "$SPOOL/hear"
	wait_for cmp "$SPOOL/sent7000" "$SPOOL/visitor7000.log"
	wait_for grep . "$SPOOL/visitor7001.log"
	! cmp "$SPOOL/sent7001" "$SPOOL/visitor7001.log"
}

@test "without a fence orphans do send the rest" {
	talker carol carol
	[ "$(talk carol open t4 tcp "$LAN4" 81)" = open ]
	[ "$(talk carol stuff t4)" -gt 100000 ]
	talker_ends carol
	carried=$(carried lan deaf)
	[ "$(app open one fenced alice)" = 0 ]
	touch "$SPOOL/hear"
	wait_for lan_hears_nobody
	[ "$(carried lan deaf)" -gt "$carried" ]
}

@test "an orphan that may still send keeps the fence until it is gone" {
	needs_orphans_owners
	fence_alice
	talker alice alice
	[ "$(talk alice open t4 tcp "$PATCH4" 81)" = ETIMEDOUT ] ||
		[ "$(talk alice open t4 tcp "$PATCH4" 81)" = EHOSTUNREACH ]
	sed -i 's|tcp/80,8000-8080|tcp/80-81|' /etc/netfence/netfence.yaml
	netfencectl reload
	[ "$(talk alice open t4 tcp "$PATCH4" 81)" = open ]
	[ "$(talk alice stuff t4)" -gt 100000 ]
	talker_ends alice
	app_stop
	wait_for logged 'event=session-end'
	[ "$(sockets_of alice | wc -l)" = 1 ]
	# Were it not for the orphan it would be gone after a second.
	pamtester fenced bob open_session close_session
	wait_for free bob
	fenced alice
	touch "$SPOOL/hear"
	wait_for tables_as_before
}

@test "a second session cuts nothing, a reload that narrows does" {
	fence_alice
	talker alice alice
	[ "$(talk alice open t4 tcp "$PATCH4" 80)" = open ]
	[ "$(talk alice open t6 tcp "$PATCH6" 80)" = open ]
	[ "$(app open two fenced alice)" = 0 ]
	[ "$(talk alice say t4)" = echo ]
	sed -i "s|patchserver: .*|patchserver: $PATCH4|" /etc/netfence/netfence.yaml
	netfencectl reload
	carried=$(carried far echo)
	[ "$(talk alice say t6)" = ECONNABORTED ]
	[ "$(carried far echo)" = "$carried" ]
	[ "$(talk alice say t4)" = echo ]
}

@test "subordinate uids are cut as well" {
	first=$(awk -F: '$1 == "alice" { print $2 }' /etc/subuid)
	[ -n "$first" ] || skip "useradd gives no subordinate uids here"
	talker sub $((first + 5))
	[ "$(talk sub open t4 tcp "$LAN4" 80)" = open ]
	fence_alice
	[ "$(talk sub say t4)" = ECONNABORTED ]
}
