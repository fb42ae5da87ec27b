#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# firewalld, with either of its backends, on the same host: the fence is back within two seconds,
# and its rules are as it left them.

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

dbus_up()
{
	mkdir -p /run/dbus
	daemon dbus dbus-daemon --system --nofork --nopidfile
	wait_for test -S /run/dbus/system_bus_socket
}

dbus_down()
{
	kill "$(cat "$SPOOL/dbus.pid")"
	wait_for gone "$(cat "$SPOOL/dbus.pid")"
}

firewalld_starts()
{
	daemon firewalld firewalld --nofork --nopid
	patiently firewall-cmd --state
}

firewalld_stops()
{
	kill "$(cat "$SPOOL/firewalld.pid")"
	patiently gone "$(cat "$SPOOL/firewalld.pid")"
}

@test "firewalld with its iptables backend: start, reload, stop" {
	firewall firewalld firewall-cmd
	sed -i 's/^FirewallBackend=.*/FirewallBackend=iptables/' /etc/firewalld/firewalld.conf
	dbus_up
	disturb firewalld_starts
	holds_again
	iptables-legacy -S | grep -q -- '-A INPUT .*IN_public\|-A INPUT_'
	disturb firewall-cmd --reload
	holds_again
	disturb firewalld_stops
	holds_again
	dbus_down
}

@test "firewalld with its nftables backend: start, reload, stop" {
	firewall firewalld firewall-cmd
	sed -i 's/^FirewallBackend=.*/FirewallBackend=nftables/' /etc/firewalld/firewalld.conf
	dbus_up
	disturb firewalld_starts
	holds_again
	disturb firewall-cmd --reload
	holds_again
	disturb firewalld_stops
	holds_again
	dbus_down
}
