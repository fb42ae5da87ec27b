#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Who is refused, who is not, and what is said: PAM's answers when something is missing or wrong.

load ../lib/netfence

# PAM's codes, as <security/_pam_types.h> numbers them in Linux-PAM.
PAM_SUCCESS=0 PAM_SERVICE_ERR=3 PAM_USER_UNKNOWN=10 PAM_SESSION_ERR=14

setup_file()
{
	setup_host
	pam_service lenient onerr=succeed
	pam_service quick timeout=1
	pam_service admins admin_group=wheel,sudo
	pam_service wrong colour=blue
	pam_service wrong-value timeout=soon
	pam_service hushed quiet
	sshd_up host
	start_netfenced
	app_start
}

# Each test begins with a netfenced that answers.
setup()
{
	have_netfenced
	: > "$SPOOL/app.out"
	forget_log
}

teardown()
{
	on_failure
	for name in a b c; do
		app close "$name" > /dev/null
	done
	have_netfenced
	wait_for tables_as_before
}

thaw()
{
	local pid

	for pid in "${frozen[@]}"; do
		kill -CONT "$pid"
	done
}

freeze()
{
	mapfile -t frozen < <(family_of "$(netfenced_pid)")
	kill -STOP "${frozen[@]}"
}

@test "daemon down: a fenced user is refused and told so" {
	stop_netfenced
	[ "$(app open a fenced alice)" = "$PAM_SESSION_ERR" ]
	[ "$(grep -c ^message "$SPOOL/app.out")" = 1 ]
	wait_for logged 'pam_netfence.*'
	run ssh_as alice
	[ "$status" != 0 ]
	# One plain line of the module's, wherever else sshd had something to say.
	[[ $output == *netfence* || $output == *etwork* ]]
	run ssh_as alice true
	[ "$status" = 254 ]
}

@test "daemon down: a user whom no rule fences is let in, and it is logged" {
	stop_netfenced
	[ "$(app open a fenced carol)" = "$PAM_SUCCESS" ]
	wait_for logged 'pam_netfence.*carol'
	app close a
	ssh_as carol true
}

@test "daemon down and nothing known of the rules: everybody is refused but root and admins" {
	stop_netfenced
	mv /var/lib/netfence/who "$SPOOL/who"
	carol=$(app open a fenced carol)
	dave=$(app open b admins dave)
	root=$(app open c fenced root)
	mv "$SPOOL/who" /var/lib/netfence/who
	[ "$carol" = "$PAM_SESSION_ERR" ]
	[ "$dave" = "$PAM_SUCCESS" ]
	[ "$root" = "$PAM_SUCCESS" ]
	app close b
	app close c
}

@test "onerr=succeed lets a fenced user in without a fence when the daemon is down" {
	stop_netfenced
	[ "$(app open a lenient alice)" = "$PAM_SUCCESS" ]
	free alice
	app close a
}

@test "onerr=succeed fences as ever when the daemon is there" {
	[ "$(app open a lenient alice)" = "$PAM_SUCCESS" ]
	fenced alice
	[ "$(app close a)" = 0 ]
	wait_for tables_as_before
}

@test "admin_group: a member is never fenced, daemon or not" {
	[ "$(app open a admins dave)" = "$PAM_SUCCESS" ]
	free dave
	app close a
	stop_netfenced
	[ "$(app open a admins dave)" = "$PAM_SUCCESS" ]
	app close a
	[ "$(app open b admins alice)" = "$PAM_SESSION_ERR" ]
}

@test "without admin_group the same user is fenced" {
	[ "$(app open a fenced dave)" = "$PAM_SUCCESS" ]
	fenced dave
	app close a
	wait_for tables_as_before
}

@test "root is never fenced, daemon or not" {
	[ "$(app open a fenced root)" = "$PAM_SUCCESS" ]
	tables_as_before
	free root
	app close a
	stop_netfenced
	[ "$(app open a fenced root)" = "$PAM_SUCCESS" ]
	app close a
}

@test "a daemon that does not answer: refused at the deadline, not before and not long after" {
	freeze
	start=${EPOCHREALTIME/[.,]/}
	code=$(app open a quick alice)
	took=$((${EPOCHREALTIME/[.,]/} - start))
	thaw
	[ "$code" = "$PAM_SESSION_ERR" ]
	((took >= 900000))
	((took < 4500000))
	# What was asked too late must not stay.
	wait_for netfencectl status
	wait_for tables_as_before
}

@test "a daemon that does not answer: five seconds without timeout=" {
	freeze
	start=${EPOCHREALTIME/[.,]/}
	code=$(app open a fenced alice)
	took=$((${EPOCHREALTIME/[.,]/} - start))
	thaw
	[ "$code" = "$PAM_SESSION_ERR" ]
	((took >= 4900000))
	((took < 15000000))
	wait_for netfencectl status
	wait_for tables_as_before
}

@test "a daemon that is being restarted is waited for" {
	stop_netfenced
	echo "open a fenced alice" > "$SPOOL/app.in"
	start_netfenced
	wait_for app_answered 0
	grep -qx "= $PAM_SUCCESS" "$SPOOL/app.out"
	fenced alice
	[ "$(app close a)" = 0 ]
	wait_for tables_as_before
}

engines()
{
	local pid

	for pid in $(family_of "$(netfenced_pid)"); do
		! grep -q '^CapEff:.*3000$' "/proc/$pid/status" || echo "$pid"
	done
}

@test "an engine that stands still: an answer in time, true for both families" {
	[ "$(engines | wc -l)" = 2 ]
	for n in 1 2; do
		engine=$(engines | sed -n "${n}p")
		kill -STOP "$engine"
		start=${EPOCHREALTIME/[.,]/}
		code=$(app open a fenced alice)
		took=$((${EPOCHREALTIME/[.,]/} - start))
		kill -CONT "$engine" 2> /dev/null || :
		((took < 15000000))
		wait_for netfencectl status
		case $code in
		"$PAM_SUCCESS") fenced alice ;;
		"$PAM_SESSION_ERR") wait_for tables_as_before ;;
		*) false ;;
		esac
		app close a
		wait_for tables_as_before
	done
	[ "$(app open a fenced alice)" = "$PAM_SUCCESS" ]
	fenced alice
}

@test "an unknown option is an error, whatever the daemon says" {
	[ "$(app open a wrong carol)" = "$PAM_SERVICE_ERR" ]
	wait_for logged 'pam_netfence.*colour'
	[ "$(app open a wrong-value carol)" = "$PAM_SERVICE_ERR" ]
}

@test "an unknown user" {
	[ "$(app open a fenced nobody-of-this-name)" = "$PAM_USER_UNKNOWN" ]
	tables_as_before
}

@test "quiet: refused without a word to the user" {
	stop_netfenced
	[ "$(app open a hushed alice)" = "$PAM_SESSION_ERR" ]
	[ "$(grep -c ^message "$SPOOL/app.out")" = 0 ]
}

@test "a login from another network namespace is refused, not pretended" {
	app_stop
	app_start nsenter --net=/run/netns/client
	code=$(app open a fenced alice)
	free=$(app open b fenced carol)
	app_stop
	app_start
	[ "$code" = "$PAM_SESSION_ERR" ]
	[ "$free" = "$PAM_SUCCESS" ]
	tables_as_before
}

@test "only root can speak to the daemon" {
	socket=/run/netfence/netfenced.sock
	[ "$(stat -c %a "$socket")" = 600 ]
	run as alice netfencectl status
	[ "$status" = 3 ] || [ "$status" = 4 ]
}

@test "the lock of xtables held by others: refused in time, then in" {
	only_with iptables
	exec 7> /run/xtables.lock
	flock 7
	code=$(app open a quick alice 7>&-)
	flock -u 7
	exec 7>&-
	[ "$code" = "$PAM_SESSION_ERR" ]
	wait_for tables_as_before
	[ "$(app open a fenced alice)" = "$PAM_SUCCESS" ]
	fenced alice
	app close a
	wait_for tables_as_before
}

# As subuid(5) has it, for dave.
refused_with() # FIRST COUNT REASON
{
	forget_log
	sed "s/^dave:.*/dave:$1:$2/" "$SPOOL/subuid" > /etc/subuid
	code=$(app open a fenced dave)
	cp "$SPOOL/subuid" /etc/subuid
	[ "$code" = "$PAM_SESSION_ERR" ] || return
	wait_for logged "event=refused user=\"?dave.*reason=\"the subordinate uids.*$3"
}

@test "subordinate uids among accounts, of another account, of another's range: refused, and why" {
	cp /etc/subuid "$SPOOL/subuid"
	useradd -u 4000000 zoe
	refused_with 60000 65536 'begin below 65536'
	refused_with 3999990 20 'hold the account zoe'
	refused_with "$(sed -n 's/^alice:\([0-9]*\):.*/\1/p' "$SPOOL/subuid")" 65536 'touch those of alice'
	userdel zoe
	tables_as_before
	[ "$(app open a fenced dave)" = "$PAM_SUCCESS" ]
	fenced dave
}
