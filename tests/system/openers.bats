#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whoever opens sessions, and however they end: fenced from the first moment, and without a trace
# soon after the last.

load ../lib/netfence
load ../lib/unrest

setup_file()
{
	setup_host
	sshd_up host
	start_netfenced
}

teardown()
{
	on_failure
	local file

	for file in "$SPOOL"/*.begun; do
		[ -e "$file" ] || continue
		end_begun "$(basename "$file" .begun)"
	done
	app_stop
	kill_all_of alice
	wait_for tables_as_before
}

# Of two values the first counts; a busy machine may take its time.
SSH_OPTIONS=(-o ConnectTimeout=25 "${SSH_OPTIONS[@]}")
SSH=(nsenter --net=/run/netns/client ssh "${SSH_OPTIONS[@]}")

starts()
{
	lines_logged 'event=session-start user="alice"'
}

ends()
{
	lines_logged 'event=session-end user="alice"'
}

more_starts() { [ "$(starts)" -gt "$1" ]; }
more_ends() { [ "$(ends)" -gt "$1" ]; }

# Something that opens a session of alice's and keeps it; it reads what `tell` says.
begin() # NAME COMMAND ...
{
	local name=$1 before

	shift
	before=$(starts)
	rm -f "$SPOOL/$name.in"
	mkfifo "$SPOOL/$name.in"
	(
		keep_no_descriptors
		exec setsid "$@"
	) <> "$SPOOL/$name.in" > "$SPOOL/$name.out" 2>&1 &
	echo $! > "$SPOOL/$name.begun"
	disown
	patiently more_starts "$before" || { cat "$SPOOL/$name.out"; return 1; }
}

begun_pid() { cat "$SPOOL/$1.begun"; }
tell() { echo "$2" > "$SPOOL/$1.in"; }

end_begun() # NAME
{
	gone "$(begun_pid "$1")" || kill -KILL "$(begun_pid "$1")"
	wait_for gone "$(begun_pid "$1")"
	rm -f "$SPOOL/$1.begun"
}

without_a_trace()
{
	wait_for tables_as_before && wait_for no_records
}

no_records()
{
	[ -z "$(find /run/netfence/sessions -type f)" ]
}

@test "sshd: a terminal" {
	begin one "${SSH[@]}" -tt "alice@$HOST4"
	fenced alice
	tell one exit
	wait_for gone "$(begun_pid one)"
	without_a_trace
}

@test "sshd: a command, in the first moment of which nothing gets out" {
	before=$(seen "$LAN4" udp 53)
	run ssh_as alice "for i in 1 2 3 4 5; do echo > /dev/udp/$LAN4/53; done
		echo > /dev/udp/$MONITOR4/162"
	[ "$(seen "$LAN4" udp 53)" = "$before" ]
	without_a_trace
}

@test "sshd: sftp" {
	begin one nsenter --net=/run/netns/client sftp "${SSH_OPTIONS[@]}" -b - "alice@$HOST4"
	fenced alice
	tell one bye
	wait_for gone "$(begun_pid one)"
	without_a_trace
}

@test "sshd: -N with a forwarded port, which is fenced as the user is" {
	begin one "${SSH[@]}" -N -L "9000:$LAN4:80" -L "9001:[$LAN6]:80" "alice@$HOST4"
	fenced alice
	before4=$(seen "$LAN4" tcp 80) before6=$(seen "$LAN6" tcp 80)
	wait_for listens client tcp :9001
	in_client timeout 5 bash -c 'exec 3<> /dev/tcp/127.0.0.1/9000; cat <&3' || :
	in_client timeout 5 bash -c 'exec 3<> /dev/tcp/127.0.0.1/9001; cat <&3' || :
	[ "$(seen "$LAN4" tcp 80)" = "$before4" ]
	[ "$(seen "$LAN6" tcp 80)" = "$before6" ]
	kill "$(begun_pid one)"
	without_a_trace
}

@test "sshd: ControlMaster: one session for all channels" {
	before=$(starts)
	begin one "${SSH[@]}" -M -S "$SPOOL/mux" -N "alice@$HOST4"
	for n in 1 2 3; do
		"${SSH[@]}" -S "$SPOOL/mux" "alice@$HOST4" true
		fenced alice
	done
	[ "$(starts)" = $((before + 1)) ]
	"${SSH[@]}" -S "$SPOOL/mux" -O exit "alice@$HOST4"
	without_a_trace
	[ "$(starts)" = "$(ends)" ]
}

@test "sshd: the client is killed" {
	begin one "${SSH[@]}" -tt "alice@$HOST4"
	kill -KILL "$(begun_pid one)"
	without_a_trace
}

@test "sshd: the monitor is killed, then the user's shell" {
	begin one "${SSH[@]}" -tt "alice@$HOST4"
	patiently pgrep -u alice -x bash
	before=$(ends)
	monitor=$(pgrep -f 'sshd: alice \[priv\]')
	kill -STOP $(pgrep -u alice -x bash)
	kill -KILL "$monitor"
	wait_for more_ends "$before"
	fenced alice
	kill_all_of alice
	without_a_trace
}

@test "sshd: the listener is restarted meanwhile" {
	begin one "${SSH[@]}" -tt "alice@$HOST4"
	kill "$(cat "$SPOOL/sshd-host.own")"
	wait_for test ! -e "$SPOOL/sshd-host.own"
	sshd_up host
	fenced alice
	begin two "${SSH[@]}" -tt "alice@$HOST4"
	tell one exit
	wait_for gone "$(begun_pid one)"
	fenced alice
	tell two exit
	without_a_trace
}

@test "su and su - are killed, and their job lives on" {
	for dash in '' -; do
		begin one su $dash alice -c 'exec sleep 1000'
		patiently pgrep -u alice -x sleep
		before=$(ends)
		end_begun one
		wait_for more_ends "$before"
		[ "$(starts)" = "$(ends)" ]
		fenced alice
		kill_all_of alice
		without_a_trace
	done
}

@test "sudo, and a job that it leaves" {
	command -v sudo > /dev/null || skip "no sudo here"
	arm sudo
	begin one sudo -u alice bash -c 'sleep 1000 & read -r _'
	patiently pgrep -u alice -x sleep
	fenced alice
	before=$(ends)
	tell one end
	wait_for more_ends "$before"
	fenced alice
	pgrep -u alice -x sleep | xargs kill -KILL
	without_a_trace
}

@test "an opener that is stopped keeps the fence, and keeps nobody waiting" {
	begin one su alice -c 'read -r _'
	kill -STOP "$(begun_pid one)"
	fenced alice
	pamtester fenced bob open_session close_session
	pamtester fenced alice open_session close_session
	fenced alice
	kill -KILL "$(begun_pid one)"
	kill_all_of alice
	without_a_trace
}

@test "login: its terminal hangs up" {
	arm login
	begin one python3 -c 'import os, pty, sys
pid, master = pty.fork()
if pid == 0:
    os.execvp("login", ["login", "-f", "alice"])
os.set_inheritable(master, False)
sys.stdin.readline()
os.close(master)
os.waitpid(pid, 0)'
	patiently pgrep -u alice -x bash
	fenced alice
	tell one hang-up
	wait_for gone "$(begun_pid one)"
	without_a_trace
}

# What a job does: tries, says that it has, and stays until it may go.
write_job()
{
	cat > "$SPOOL/job" <<-END
	#!/bin/bash
	echo > /dev/udp/$LAN4/4321
	echo > /dev/udp/$LAN6/4321
	echo > /dev/udp/$MONITOR4/162
	touch /tmp/job-is-there
	until [ -e /tmp/job-may-go ]; do sleep 0.1; done
	END
	chmod 755 "$SPOOL" "$SPOOL/job"
	rm -f /tmp/job-is-there /tmp/job-may-go
}

job_is_fenced()
{
	wait_for test -e /tmp/job-is-there
	[ "$(seen "$LAN4" udp 4321)" = 0 ]
	[ "$(seen "$LAN6" udp 4321)" = 0 ]
	fenced alice
	touch /tmp/job-may-go
	without_a_trace
}

@test "cron" {
	command -v cron > /dev/null || skip "no cron here, or another one"
	arm cron
	write_job
	rm -f /run/crond.reboot
	mkdir -p /var/spool/cron/crontabs
	echo "@reboot $SPOOL/job" > /var/spool/cron/crontabs/alice
	chown alice:crontab /var/spool/cron/crontabs/alice
	chmod 600 /var/spool/cron/crontabs/alice
	daemon cron cron -f
	job_is_fenced
	kill "$(cat "$SPOOL/cron.pid")"
	rm /var/spool/cron/crontabs/alice
}

@test "atd" {
	command -v atd > /dev/null || skip "no atd here"
	arm atd
	write_job
	daemon atd atd -f
	wait_for test -e /run/atd.pid
	as alice at -f "$SPOOL/job" now
	job_is_fenced
	kill "$(cat "$SPOOL/atd.pid")"
}

@test "pamtester, the same session in one process after another" {
	for n in 1 2 3; do
		pamtester fenced alice open_session close_session
	done
	without_a_trace
	[ "$(starts)" = "$(ends)" ]
}

@test "a caller closes twice, and closes what it did not open" {
	app_start
	[ "$(app open other fenced alice)" = 0 ]
	[ "$(app open one fenced alice)" = 0 ]
	before=$(ends)
	for n in 1 2 3; do
		[ "$(app shut one)" = 0 ]
	done
	[ "$(ends)" = $((before + 1)) ]
	[ "$(app begin never fenced alice)" = 0 ]
	[ "$(app shut never)" = 0 ]
	[ "$(ends)" = $((before + 1)) ]
	fenced alice
	[ "$(app end one)" = 0 ]
	[ "$(app end never)" = 0 ]
	fenced alice
	[ "$(app close other)" = 0 ]
	without_a_trace
}

@test "a caller opens and never closes" {
	app_start
	for n in 1 2 3; do
		[ "$(app open "n$n" fenced alice)" = 0 ]
	done
	fenced alice
	app_stop
	without_a_trace
	[ "$(starts)" = "$(ends)" ]
}

lock_is_held()
{
	! flock -n /run/xtables.lock true
}

waits_for_lock()
{
	grep -q -- '-> FLOCK' /proc/locks
}

@test "a caller is killed between its request and the answer" {
	only_with iptables # and its lock
	for n in 1 2 3; do
		rm -f "$SPOOL/holder.fifo"
		mkfifo "$SPOOL/holder.fifo"
		daemon holder flock /run/xtables.lock cat "$SPOOL/holder.fifo"
		wait_for lock_is_held
		app_start
		before=$(starts)
		echo "open one fenced alice" > "$SPOOL/app.in"
		wait_for waits_for_lock
		app_stop
		: > "$SPOOL/holder.fifo"
		wait_for gone "$(cat "$SPOOL/holder.pid")"
		without_a_trace
		[ "$(starts)" = "$before" ]
	done
}
