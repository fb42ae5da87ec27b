#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a fenced user is told: a line at login, and what they ask about themselves.

load ../lib/netfence

setup_file()
{
	setup_host
	person eve   # fenced, no message
	person frank # fenced, and told nothing
	person grace # observed
	rules users/eve.yaml <<-END
	egress:
	  - allow: udp/162
	    to: [$MONITOR4, "$MONITOR6"]
	END
	rules users/frank.yaml <<-'END'
	egress: []
	message: ""
	END
	rules users/grace.yaml <<-'END'
	egress: []
	mode: observe
	END
	install -m 0755 "$BATS_TEST_DIRNAME"/../lib/{caller,hammer}.py /usr/local/bin
	sshd_up host
	start_netfenced
}

teardown()
{
	on_failure
	logout_all
}

WHY=/run/netfence/why.sock
LINE='Network access is limited on this host'

# What an ssh session without a command shows.
shown_to() # USER
{
	in_client ssh -tt "${SSH_OPTIONS[@]}" "$1@$HOST4" < <(echo exit)
}

# ---------------------------------------------------------------- at login

@test "who is limited reads the policy's message, or else a line that there are limits" {
	run shown_to alice
	[[ $output == *"Outbound access is limited; ask noc@example.com."* ]]
	[[ $output != *"$LINE"* ]]
	run shown_to eve
	[[ $output == *"$LINE; netfencectl why tells more."* ]]
}

@test "nothing is said to who is not limited, nor where the message is empty" {
	for user in carol frank grace; do
		run shown_to "$user"
		[[ $output != *[Nn]"etwork access"* ]]
		[[ $output != *[Nn]"etfence"* ]]
	done
}

@test "what a command prints is not added to, over ssh, su or sudo" {
	[ "$(ssh_as eve 'echo clean' 2>&1)" = clean ]
	[ "$(su eve -c 'echo clean' 2>&1)" = clean ]
	[ "$(su - eve -c 'echo clean' 2>&1)" = clean ]
	if command -v sudo > /dev/null; then
		arm sudo
		[ "$(sudo -u eve echo clean 2>&1)" = clean ]
	fi
}

# ---------------------------------------------------------------- why

# As the user, over a login of their own.
why_of() # USER [WORD ...]
{
	local user=$1

	shift
	ssh_as "$user" "netfencectl why $*" 2>&1
}

@test "why: who is fenced learns by what, since when and how long" {
	run why_of alice
	[ "$status" = 0 ]
	[[ ${lines[0]} == "fenced   by groups/supporters, since "* ]]
	[[ ${lines[1]} == "message  Outbound access is limited; ask noc@example.com." ]]
	[[ $output != *left* ]]
	rules users/ivan.yaml <<-'END'
	egress: []
	max-session: 2h
	END
	getent passwd ivan > /dev/null || person ivan
	netfencectl reload
	run why_of ivan
	[ "$status" = 0 ]
	[[ $output == *"left     1h59m"* ]]
	run why_of grace
	[[ ${lines[0]} == *"it only observes" ]]
	rm /etc/netfence/users/ivan.yaml
	netfencectl reload
}

@test "why WHAT WHERE: allowed or denied, and what the program sees, in both families" {
	run why_of alice udp/162 "$MONITOR4"
	[ "$status" = 0 ]
	[[ $output == "allowed  udp/162 to $MONITOR4" ]]
	run why_of alice tcp/22 "$LAN4"
	[ "$status" = 1 ]
	[[ ${lines[0]} == "denied   tcp/22 to $LAN4" ]]
	[[ ${lines[1]} == 'sees     "No route to host"' ]]
	run why_of alice tcp/22 "$LAN6"
	[ "$status" = 1 ]
	[[ ${lines[1]} == 'sees     "Permission denied"' ]]
	run why_of alice tcp/22 127.0.0.1
	[ "$status" = 0 ]
	run why_of grace tcp/22 "$LAN4"
	[ "$status" = 0 ]
	run why_of alice tcp/22 nowhere
	[ "$status" = 2 ]
	run why_of alice tcp/22
	[ "$status" = 2 ]
}

@test "why: what was granted, for how long, and not why" {
	login one alice
	netfencectl grant alice tcp/22 "$LAN4" --for 2h --reason TICKET-7
	run as alice netfencectl why
	[ "$status" = 0 ]
	[[ $output =~ granted\ \ tcp/22\ to\ 10\.0\.0\.5,\ for\ another\ (2h|1h59m) ]]
	[[ $output != *TICKET* ]]
	run as alice netfencectl why tcp/22 "$LAN4"
	[ "$status" = 0 ]
	[[ $output == "allowed  tcp/22 to $LAN4" ]]
	run as alice netfencectl why --json
	[[ $output != *TICKET* ]]
	netfencectl revoke 1
	run as alice netfencectl why tcp/22 "$LAN4"
	[ "$status" = 1 ]
	logout one
}

@test "why: while netfence is off nobody is limited" {
	login one alice
	netfencectl off --for 5m --reason test
	run as alice netfencectl why
	[ "$status" = 0 ]
	[[ $output == "free     netfence does not limit you now" ]]
	netfencectl on
	run as alice netfencectl why
	[[ $output == "fenced "* ]]
	logout one
}

@test "why: nothing of files, rules, comments or other users is told" {
	login one bob
	for words in '' "udp/162 $MONITOR4" "tcp/80 $PATCH4" "tcp/22 $LAN4"; do
		run why_of alice --json "$words"
		jq_schema
		[[ $output != */etc* ]]
		[[ $output != *yaml* ]]
		[[ $output != *10.0.0.0* ]]
		[[ $output != *"patch server"* ]]
		[[ $output != *bob* ]]
	done
	logout one
}

@test "why: what was denied last, one's own" {
	wait_for tables_as_before
	login one alice
	login two bob
	send alice udp "$LAN4" 53
	send bob udp "$LAN4" 54
	send alice tcp "$LAN6" 22
	wait_for told alice "denied   udp/53 to $LAN4, 1 packet, last at"
	wait_for told alice "denied   tcp/22 to $LAN6, "
	run as alice netfencectl why
	[[ $output != *udp/54* ]]
	login three grace
	send grace udp "$OTHER4" 4711
	wait_for told grace "observed udp/4711 to $OTHER4, 1 packet"
	logout one
	logout two
	logout three
}

told() # USER TEXT
{
	[[ $(as "$1" netfencectl why) == *"$2"* ]]
}

jq_schema()
{
	python3 -c 'import json, sys; assert json.load(sys.stdin)["schema"] == 1' <<< "$output"
}

@test "why: who is not fenced is told so; root is sent to explain" {
	run why_of carol
	[ "$status" = 0 ]
	[[ $output == "free     netfence does not limit you now" ]]
	run why_of carol tcp/22 "$LAN4"
	[ "$status" = 0 ]
	[[ $output == allowed* ]]
	run why_of carol --json tcp/22 "$LAN4"
	[[ $output == *'"verdict":'*'"allowed"'* ]]
	run netfencectl why
	[ "$status" = 2 ]
	[[ $output == *"netfencectl explain"* ]]
	# Whoever does not use netfencectl.
	SOCKET=$WHY run caller.py why
	[[ $output == *"root is never fenced"* ]]
}

@test "why: a subordinate uid is its user's" {
	login one alice
	first=$(sed -n 's/^alice:\([0-9]*\):.*/\1/p' /etc/subuid)
	run setpriv --reuid="$((first + 7))" --clear-groups -- netfencectl why
	[ "$status" = 0 ]
	[[ ${lines[0]} == "fenced   by groups/supporters"* ]]
	logout one
}

@test "why.sock: that one question, and nothing else" {
	local operation

	login one alice
	for operation in 0 1 2 3 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 34 68 70 65535; do
		SOCKET=$WHY run as alice caller.py operation "$operation"
		[[ $output == 'ERROR not to be asked here'* ]]
	done
	for word in rubbish cut-short huge too-long half; do
		SOCKET=$WHY run as alice caller.py "$word"
		[[ $output != *TEXT* ]]
	done
	SOCKET=$WHY run as alice caller.py version 2
	[[ $output == 'ERROR this netfenced is older'* ]]
	# Names and groups that somebody gives themselves do not count.
	SOCKET=$WHY run as alice caller.py why
	[[ $output == TEXT*'"user":"alice"'* ]]
	[[ $output != *egress* ]]
	logout one
	run setpriv --reuid=carol --clear-groups -- netfencectl status
	[ "$status" = 4 ]
	[[ $output == *"netfencectl why"* ]]
	# The folder may be gone through, and no more.
	[ "$(stat -c %a /run/netfence)" = 711 ]
	[ "$(stat -c %a /run/netfence/netfenced.sock)" = 600 ]
	[ "$(stat -c %a /run/netfence/why.sock)" = 666 ]
	run setpriv --reuid=carol --clear-groups -- ls /run/netfence
	[ "$status" != 0 ]
}

@test "why: off with self-service: false, and then nobody speaks of it" {
	printf 'settings: {self-service: false}\n' | rules rules.d/self.yaml
	netfencectl reload
	for user in eve carol; do
		run why_of "$user"
		[ "$status" = 4 ]
		[[ $output == *"the administrator does not allow this here"* ]]
	done
	run shown_to eve
	[[ $output == *"$LINE."* ]]
	[[ $output != *netfencectl* ]]
	rm /etc/netfence/rules.d/self.yaml
	netfencectl reload
	run why_of eve
	[ "$status" = 0 ]
}

@test "why: waits for a netfenced that is being started again, and says when there is none" {
	login one alice
	kill -KILL "$(netfenced_child why)"
	run as alice netfencectl why
	[ "$status" = 0 ]
	kill -KILL "$(netfenced_child main)"
	run as alice netfencectl why
	[ "$status" = 0 ]
	logout one
	stop_netfenced
	run as alice netfencectl why
	[ "$status" = 3 ]
	start_netfenced
}

@test "no login waits for a window that stands still; its users go on when it does" {
	local window n

	command -v pamtester > /dev/null || skip "no pamtester here"
	login one alice
	window=$(netfenced_child why)
	kill -STOP "$window"
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		as alice netfencectl why > "$SPOOL/why-$n" 2>&1 3>&- &
	done
	(($(ten_logins) < 10000))
	kill -CONT "$window"
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		wait_for grep -q '^fenced ' "$SPOOL/why-$n"
	done
	[ "$(netfenced_child why)" = "$window" ]
	logout one
}

netfenced_child() # NAME
{
	local supervisor

	supervisor=$(netfenced_pid)
	pgrep -P "$supervisor" -x "netfenced-$1"
}

# Processor time that main has used so far, in hundredths of a second.
main_used()
{
	awk '{ print $14 + $15 }' "/proc/$(netfenced_child main)/stat"
}

# Ten logins through the module; how long they took, in milliseconds.
ten_logins()
{
	local from=${EPOCHREALTIME/[.,]/} n

	for n in 1 2 3 4 5 6 7 8 9 10; do
		pamtester fenced bob open_session close_session > /dev/null || return
	done
	echo $(((${EPOCHREALTIME/[.,]/} - from) / 1000))
}

# While somebody hammers: nobody else waits.
nobody_else_waits()
{
	local free took n other

	free=$(ten_logins)
	main=$(netfenced_child main)
	used=$(main_used)
	"$@" 5 > "$SPOOL/hammered" 2>&1 &
	hammer=$!
	wait_for grep -q began "$SPOOL/hammered" || { cat "$SPOOL/hammered"; return 1; }
	login one dave
	took=$(ten_logins)
	logins_used=$(($(main_used) - used))
	for n in 1 2 3 4 5; do
		for other in dave carol; do
			# Who hammers waits in a line with all that.
			[[ " $* " != *" $other "* ]] || continue
			run as "$other" netfencectl why
			[ "$status" = 0 ]
		done
	done
	wait "$hammer"
	used=$(($(main_used) - used))
	logout one
	connected=$(tail -n 1 "$SPOOL/hammered")
	echo "# connected $connected times in 5 s; main used $used/100 s;" \
		"ten logins took $took ms, before $free ms" >&3
	((connected > 10000))
	[ "$(netfenced_child main)" = "$main" ]
	((used < 100))
	((took < 4 * free + 2000))
}

@test "200 connections and rubbish: logins go on, others are answered, main hardly notices" {
	command -v pamtester > /dev/null || skip "no pamtester here"
	login two alice
	nobody_else_waits as alice hammer.py
	logout two
}

@test "the same by somebody who is not fenced" {
	command -v pamtester > /dev/null || skip "no pamtester here"
	nobody_else_waits as carol hammer.py
}

@test "the same with 65536 uids" {
	command -v pamtester > /dev/null || skip "no pamtester here"
	login two alice
	nobody_else_waits with_many_uids alice hammer.py
	logout two
}

# As the root of a user namespace that has the user's subordinate uids, as newuidmap would make it.
with_many_uids() # USER COMMAND ...
{
	local user=$1 namespace first

	shift
	first=$(sed -n "s/^$user:\([0-9]*\):.*/\1/p" /etc/subuid)
	setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- \
		unshare --user sleep 1000 3>&- &
	namespace=$!
	wait_for grep -q sleep "/proc/$namespace/comm"
	# In one write each, whereas printf writes each line by itself.
	printf '%s\n' "0 $(id -u "$user") 1" "1 $first 65535" | dd bs=4096 iflag=fullblock \
		of="/proc/$namespace/uid_map" status=none
	echo "0 $(id -g "$user") 1" > "/proc/$namespace/gid_map"
	nsenter --user="/proc/$namespace/ns/user" --setuid 0 -- "$@"
	kill "$namespace"
}
