#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a fence does to those whom it holds: it cuts what was open before, and ends or shuts where
# the policy says so.

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
	forget_log
}

teardown()
{
	on_failure
	app_stop
	logout_all
	have_netfenced
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

@test "on-logout: close shuts the fence entirely, kill ends what was left" {
	rules users/alice.yaml <<-END
	egress:
	  - allow: udp/162
	    to: [$MONITOR4, "$MONITOR6"]
	on-logout: close
	END
	rules users/bob.yaml <<-END
	egress: []
	on-logout: kill
	END
	netfencectl reload
	login one alice
	reaches alice udp "$MONITOR4" 162
	daemon left-a setpriv --reuid=alice --regid=alice --init-groups sleep 1000
	logout one
	wait_for stopped alice udp "$MONITOR4" 162
	stopped alice udp "$MONITOR6" 162
	kill -KILL "$(cat "$SPOOL/left-a.pid")"

	login two bob
	daemon left-b setpriv --reuid=bob --regid=supporters --init-groups sleep 1000
	logout two
	wait_for gone "$(cat "$SPOOL/left-b.pid")"
}

@test "max-session: the fence is shut when the time is over, and nobody comes in again" {
	rules users/alice.yaml <<-END
	egress:
	  - allow: udp/162
	    to: [$MONITOR4, "$MONITOR6"]
	max-session: 6s
	END
	netfencectl reload
	login one alice
	reaches alice udp "$MONITOR4" 162
	wait_for stopped alice udp "$MONITOR4" 162
	stopped alice udp "$MONITOR6" 162
	run ssh_as alice true
	[ "$status" = 254 ]
}

@test "observe: nothing is stopped" {
	rules users/alice.yaml <<-END
	egress: []
	mode: observe
	END
	netfencectl reload
	login one alice
	free alice
	reaches alice tcp "$LAN6" 22
}
