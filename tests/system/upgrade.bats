#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Another version comes while people are logged in: the daemon is restarted, and the module of before
# lives on in every process that had loaded it.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	[ "$(id -u alice) $(id -u carol)" = "1001 1003" ]
	sshd_up host
	start_netfenced
}

setup()
{
	forget_log
}

teardown()
{
	on_failure
	logout_all
	stop_sending alice
	[ ! -e "$SPOOL/old.pid" ] || gone "$(cat "$SPOOL/old.pid")" || kill "$(cat "$SPOOL/old.pid")"
	wait_for tables_as_before
	forget_seen
}

caller()
{
	python3 "$BATS_TEST_DIRNAME/../lib/caller.py" "$@"
}

# As a package's scripts do it: new files in the place of the old ones, then a restart.
upgrade()
{
	local file

	for file in "$(command -v netfenced)" /usr/lib/*/security/pam_netfence.so; do
		[ ! -e "$file" ] || { cp "$file" "$file.new" && mv "$file.new" "$file"; }
	done
	stop_netfenced
	start_netfenced
}

# A session by the bytes that the module of version 1 sent; it lasts until session_ends.
session_begins() # USER ANSWER
{
	rm -f "$SPOOL/old.in"
	mkfifo "$SPOOL/old.in"
	: > "$SPOOL/old.out"
	(
		keep_no_descriptors
		exec python3 -u "$BATS_TEST_DIRNAME/../lib/caller.py" version1 "$@"
	) <> "$SPOOL/old.in" > "$SPOOL/old.out" 2>&1 &
	echo $! > "$SPOOL/old.pid"
	disown
	wait_for grep -qx in "$SPOOL/old.out"
}

session_ends()
{
	echo > "$SPOOL/old.in"
	wait_for gone "$(cat "$SPOOL/old.pid")"
}

little_endian()
{
	[ "$(python3 -c 'import sys; print(sys.byteorder)')" = little ] ||
		skip "the messages were recorded on a little-endian machine"
}

@test "the messages of version 1, byte for byte: understood, and answered in version 1" {
	little_endian
	session_begins alice fenced
	fenced alice
	session_ends
	[ "$(xargs < "$SPOOL/old.out")" = "open True in close True False close False True" ]
	wait_for logged 'event=session-end user="?alice.*reason="?closed'
	session_begins carol free
	session_ends
	[ "$(xargs < "$SPOOL/old.out")" = "open True in close True False close False True" ]
}

@test "a module of version 1 opens before the restart and closes after it" {
	little_endian
	session_begins alice fenced
	upgrade
	fenced alice
	session_ends
	[ "$(xargs < "$SPOOL/old.out")" = "open True in close True False close False True" ]
	wait_for logged 'event=session-end user="?alice.*reason="?closed'
}

@test "a version that there is not: an error that names those there are" {
	[[ $(caller version 0) == "ERROR "*"versions 1 to "[1-9]* ]]
	[[ $(caller version 99) == "ERROR "*older*"versions 1 to "[1-9]* ]]
}

@test "sshd sessions live through it, and their close works" {
	login one alice
	login two alice
	SEND_NICE=10 start_sending alice
	upgrade
	login three alice
	wait_for allowed_goes_on
	[ "$(netfencectl sessions | grep -c ' alice ')" = 3 ]
	logout one
	wait_for logged 'event=session-end.*reason="?closed'
	wait_for allowed_goes_on
	logout two
	logout three
	wait_for eval '[ "$(grep -Ec "event=session-end.*reason=\"?closed" "$SYSLOG")" = 3 ]'
	wait_for allowed_goes_on
	nothing_forbidden_arrived
	stop_sending alice
}
