#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Groups that a directory has, which may be away or not answer: what was last known of a user
# stands, and what the directory really says counts.

load ../lib/netfence

setup_file()
{
	setup_host
	cp "$BUILD/tests/lib/libnss_directory.so.2" "$(gcc -print-file-name=libc.so.6 |
		xargs dirname)/" 2> /dev/null || cp "$BUILD/tests/lib/libnss_directory.so.2" /lib64/
	sed -i 's/^group: .*/group: files directory/' /etc/nsswitch.conf
	echo ' carol dave ' > /etc/directory
	getent group directors
	director_rules
	start_netfenced
}

setup()
{
	app_start
	forget_log
}

teardown()
{
	on_failure
	app_stop
	rm -f /etc/directory
	echo ' carol dave ' > /etc/directory
	director_rules
	netfencectl reload
	wait_for tables_as_before
}

director_rules()
{
	rules netfence.yaml <<-END
	version: 1
	groups:
	  directors:
	    egress:
	      - allow: udp/162
	        to: ["$MONITOR4", "$MONITOR6"]
	END
}

# Once, with the directory there.
known() # USER
{
	[ "$(app open first fenced "$1")" = 0 ]
	fenced "$1"
	[ "$(app close first)" = 0 ]
	wait_for tables_as_before
}

is_kept() # USER
{
	grep -qa "$1" /var/lib/netfence/groups
}

@test "a directory that is away: who was a member when it answered last is one" {
	known carol
	rm /etc/directory
	[ "$(id -nG carol)" = carol ]
	[ "$(app open one fenced carol)" = 0 ]
	fenced carol
	stopped carol udp "$LAN4" 53
	# Nobody else notices, and who was never seen is not known.
	[ "$(app open two fenced alice)" = 0 ]
	free alice
}

@test "it is known over a restart, and over a boot" {
	known carol
	wait_for is_kept carol
	stop_netfenced
	rm -rf /run/netfence
	rm /etc/directory
	start_netfenced
	[ "$(app open one fenced carol)" = 0 ]
	fenced carol
}

@test "what the directory really says counts: who is no member any more is free" {
	known carol
	echo ' dave ' > /etc/directory
	[ "$(app open one fenced carol)" = 0 ]
	free carol
	[ "$(app close one)" = 0 ]
	# And that is what is known from then on.
	rm /etc/directory
	[ "$(app open one fenced carol)" = 0 ]
	free carol
}

@test "a directory that does not answer holds nobody up for long, and stands by what was known" {
	known carol
	rm /etc/directory
	mkfifo /etc/directory
	# The module's own questions wait as well, until the FIFO has a writer: one at a time.
	daemon writer bash -c 'for ((n = 0; n < 2; n++)); do : > /etc/directory; sleep 0.1; done'
	begun=$SECONDS
	[ "$(app open one fenced carol)" = 0 ]
	((SECONDS - begun < 10))
	rm /etc/directory
	echo ' carol dave ' > /etc/directory
	fenced carol
}

@test "exempt by a group of the directory: that is known as well" {
	rules netfence.yaml <<-END
	version: 1
	users: {}
	others:
	  egress: []
	exempt:
	  groups: [directors]
	END
	netfencectl reload
	[ "$(app open one fenced carol)" = 0 ]
	free carol
	[ "$(app close one)" = 0 ]
	rm /etc/directory
	[ "$(app open one fenced carol)" = 0 ]
	free carol
	[ "$(app open two fenced alice)" = 0 ]
	stopped alice udp "$MONITOR4" 162
}

@test "a reload asks too" {
	[ "$(app open one fenced carol)" = 0 ]
	fenced carol
	rm /etc/directory
	netfencectl reload
	fenced carol
	echo ' dave ' > /etc/directory
	run netfencectl reload
	[[ $output == *"carol: FREE"* ]]
	free carol
}

@test "a file of what was known that is damaged is said, and keeps nobody out" {
	known carol
	wait_for is_kept carol
	stop_netfenced
	truncate -s 20 /var/lib/netfence/groups
	start_netfenced
	wait_for logged 'which groups users are in was kept, and cannot be read'
	[ "$(app open one fenced carol)" = 0 ]
	fenced carol
}
