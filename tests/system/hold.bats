#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a fence does beyond standing there: it cuts what was open before, and comes back when others
# take it away.

load ../lib/netfence

setup_file()
{
	setup_host
	http_up lan
	sshd_up host
	sshd_up lan
	start_netfenced
}

setup()
{
	seed_rules
	rm -rf /etc/netfence/users
	netfencectl reload
	: > "$SYSLOG"
}

teardown()
{
	on_failure
	app_stop
	logout_all
	netfencectl status > /dev/null 2>&1 || start_netfenced
	wait_for tables_as_before
}

# A connection of alice's to the LAN's sshd, from before her login. It ends when it is cut, and
# says how.
open_connection() # NAME ADDRESS
{
	daemon "$1" setpriv --reuid=alice --regid=alice --init-groups python3 -uc 'import socket, sys
s = socket.create_connection((sys.argv[1], 22))
s.recv(4)
print("open")
try:
    while s.recv(4096):
        pass
    print("closed")
except OSError as error:
    print("cut", error)' "$2"
	wait_for grep -qx open "$SPOOL/$1.log"
}

@test "connections from before the login are cut, in both families" {
	open_connection before4 "$LAN4"
	open_connection before6 "$LAN6"
	login one alice
	wait_for grep -q ^cut "$SPOOL/before4.log"
	wait_for grep -q ^cut "$SPOOL/before6.log"
}

@test "other people's connections are not cut" {
	daemon carols setpriv --reuid=carol --regid=carol --init-groups \
		python3 -uc 'import socket, sys
s = socket.create_connection((sys.argv[1], 22))
print("open")
while s.recv(4096):
    pass
print("ended")' "$LAN4"
	wait_for grep -qx open "$SPOOL/carols.log"
	login one alice
	fenced alice
	[ "$(cat "$SPOOL/carols.log")" = open ]
	kill -KILL "$(cat "$SPOOL/carols.pid")"
}

# Back within two seconds after COMMAND took it away; the log says that it was away.
back_after() # COMMAND ...
{
	local start

	: > "$SYSLOG"
	"$@"
	start=${EPOCHREALTIME/[.,]/}
	wait_for logged event=repair
	wait_for stands
	((${EPOCHREALTIME/[.,]/} - start < 2500000))
}

stands()
{
	tables | diff "$SPOOL/standing" -
}

@test "whoever flushes it, deletes its jump or goes before it: it is back" {
	login one alice
	tables > "$SPOOL/standing"
	back_after iptables-legacy -D OUTPUT 1
	back_after ip6tables-legacy -D OUTPUT 1
	iptables-legacy -I OUTPUT 1 -p sctp -j ACCEPT
	wait_for eval '[[ $(iptables-legacy -S OUTPUT 1) == *"-j NETFENCE" ]]'
	iptables-legacy -D OUTPUT -p sctp -j ACCEPT
	back_after iptables-legacy -F NETFENCE:supporters
	fenced alice
}

@test "its rules taken away by a restore of the host's own: it is back, and those are as restored" {
	# More than a few repairs in a minute are another matter.
	stop_netfenced
	start_netfenced
	iptables-legacy-save > "$SPOOL/house4"
	login one alice
	tables > "$SPOOL/standing"
	back_after iptables-legacy-restore "$SPOOL/house4"
	fenced alice
}
