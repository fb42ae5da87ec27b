#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What netfencectl shows, to people and to programs: that it is so, that it fits, and its exit
# status.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
	app_start
}

setup()
{
	: > "$SPOOL/app.out"
	unset COLUMNS NO_COLOR
	export TERM=xterm
}

teardown()
{
	local name

	on_failure
	for name in a b c; do
		app close "$name" > /dev/null
	done
	left_end
	rm -rf /etc/netfence/users /etc/netfence/groups
	seed_rules
	[ -e "/proc/$(netfenced_pid)" ] || start_netfenced
	wait_for netfencectl reload
	wait_for tables_as_before
}

# A member of what --json says, as python has it.
json() # EXPRESSION COMMAND ...
{
	local expression=$1

	shift
	netfencectl --json "$@" | python3 -c "import json, sys
o = json.load(sys.stdin)
assert o['schema'] == 1
print($expression)"
}

# Lines of standard input, none of them wider than that.
fits() # COLUMNS
{
	python3 -c 'import sys, unicodedata
for line in sys.stdin.read().splitlines():
	width = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
	if width > int(sys.argv[1]):
		sys.exit(f"{width} columns: {line}")' "$1"
}

with_policy() # NAME, its rules from standard input
{
	rules "$1.yaml"
	netfencectl reload > /dev/null
}

leave() # USER NUMBER
{
	local n

	for ((n = 0; n < $2; n++)); do
		(
			keep_no_descriptors
			as "$1" setsid bash -c 'echo $$ >> '"$SPOOL/left"'; exec sleep 600' \
				< /dev/null > /dev/null 2>&1 &
		)
	done
	wait_for eval '[ "$(grep -c . "$SPOOL/left")" = '"$2"' ]'
}

left_end()
{
	[ -e "$SPOOL/left" ] || return 0
	xargs -r kill -KILL < "$SPOOL/left" 2> /dev/null || :
	rm -f "$SPOOL/left"
}

# On a terminal of its own.
on_terminal() # COMMAND ...
{
	local words

	printf -v words '%q ' "$@"
	script -qec "stty cols ${WIDTH:-80}; $words" /dev/null < /dev/null
}

# ---------------------------------------------------------------- status

place()
{
	with_nftables && echo table || echo jump
}

@test "status: nobody is fenced" {
	run netfencectl status
	[ "$status" = 0 ]
	[[ ${lines[0]} =~ ^netfenced\ \ [0-9.]+,\ up\ [0-9]+[sm],\ engine\ $(with_nftables && echo nftables || echo iptables)\ \((auto|-e)\)$ ]]
	[ "${lines[1]}" = "families   IPv4 and IPv6 in force; nobody is fenced, so there is no $(place)" ]
	[[ ${lines[2]} =~ ^rules\ +in\ force\ since\ [0-9]+:[0-9]+:\ 1\ file,\ 1\ policy ]]
	[ "${lines[3]}" = "fences     0 users, 0 sessions" ]
	fits 80 <<< "$output"
}

@test "status: who is fenced, observed, held" {
	with_policy users/bob <<-END
	mode: observe
	egress: []
	END
	with_policy users/dave <<< 'egress: []'
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	[ "$(app open c fenced dave)" = 0 ]
	mkdir -p "$SPOOL" && touch "$SPOOL/left" && chmod 666 "$SPOOL/left"
	leave dave 1
	[ "$(app close c)" = 0 ]
	wait_for eval '[ "$(json "o[\"fences\"][\"held\"]" status)" = 1 ]'
	run netfencectl status
	[ "$status" = 0 ]
	if with_nftables; then
		[ "${lines[1]}" = "families   IPv4 and IPv6 in force, table inet netfence" ]
	else
		[ "${lines[1]}" = "families   IPv4 and IPv6 in force, jump at OUTPUT 1" ]
		iptables-legacy -S OUTPUT 1 | grep -q -- '-j NETFENCE$'
		ip6tables-legacy -S OUTPUT 1 | grep -q -- '-j NETFENCE$'
	fi
	[[ ${lines[2]} == *": 3 files, 3 policies"* ]]
	[ "${lines[3]}" = "fences     3 users (1 observed, 1 held), 2 sessions" ]
	[ "$(json "o[\"families\"][\"ipv6\"][\"$(place)\"]" status)" = 1 ]
}

@test "status: a repair, and what was missing" {
	[ "$(app open a fenced alice)" = 0 ]
	before=$(json 'o["repairs"]["count"]' status)
	take_fences_away
	wait_for eval '[ "$(json "o[\"repairs\"][\"count\"]" status)" -gt "$before" ]'
	run netfencectl status
	[ "$status" = 0 ]
	with_nftables && what="nftables: the table inet netfence" || what="IPv6: OUTPUT"
	[[ $output == *"repairs    $((before + 1)): "*" $what "*", back in "[01].[0-9]" s"* ]]
}

@test "status: the last good rules, and which it is that makes it 1" {
	stop_netfenced
	echo 'version: 2' | rules netfence.yaml
	daemon netfenced netfenced -d
	wait_for eval 'netfencectl --json status | grep -q version'
	run netfencectl status
	[ "$status" = 1 ]
	[[ $output == *"DEGRADED   THE FILES HAVE ERRORS: the last good rules"* ]]
	[ "$(json '[p["id"] for p in o["problems"]]' status)" = "['rules-last-good']" ]
	fits 80 <<< "$output"
}

@test "status: a reload that has failed" {
	echo 'version: 2' | rules netfence.yaml
	run netfencectl reload
	[ "$status" = 5 ]
	run netfencectl status
	[ "$status" = 0 ]
	[[ $output == *"the latest reload changed nothing: the rules have errors"* ]]
	fits 80 <<< "$output"
	seed_rules
	netfencectl reload
	[[ $(netfencectl status) != *"latest reload"* ]]
}

@test "status: -e and the settings name the engine" {
	only_with iptables # which -e would not be the settings'
	with_policy netfence <<-END
	version: 1
	settings:
	  engine: iptables
	END
	[[ $(netfencectl status) == *"engine iptables (settings)"* ]]
	stop_netfenced
	daemon netfenced netfenced -d -e iptables
	wait_for netfencectl status
	[[ $(netfencectl status) == *"engine iptables (-e)"* ]]
	stop_netfenced
}

# ---------------------------------------------------------------- sessions

@test "sessions: who, how, since when, how long, and what holds a fence" {
	with_policy users/bob <<-END
	mode: observe
	egress: []
	END
	rules netfence.yaml <<< 'version: 1'
	with_policy groups/supporters <<-END
	egress: []
	max-session: 8h
	END
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	[ "$(app open c fenced dave)" = 0 ]
	touch "$SPOOL/left" && chmod 666 "$SPOOL/left"
	leave dave 3
	[ "$(app close c)" = 0 ]
	wait_for eval '[[ $(netfencectl sessions) == *" held"* ]]'
	run netfencectl sessions
	[ "$status" = 0 ]
	echo "$output"
	fits 80 <<< "$output"
	[[ ${lines[0]} =~ ^\ *ID\ +USER\ +POLICY\ +SERVICE\ +FROM\ +SINCE\ +LEFT\ +STATE ]]
	[[ ${lines[1]} =~ ^\ *[0-9]+\ +alice\ +groups/supporters\ +fenced\ .*\ 7h5[0-9]m\ +active ]]
	[[ ${lines[2]} =~ ^\ *[0-9]+\ +bob\ +users/bob\ +fenced\ .*\ observed ]]
	[[ ${lines[3]} =~ ^\ *-\ +dave\ +groups/supporters\ +-\ .*\ held ]]
	[[ ${output//$'\n'/ } =~ dave:\ held\ +by\ 3\ processes\. ]]
	[[ ${lines[0]} == *" *DENIED" ]]
	[[ $output == *"* per user"* ]]
	[ "$(json '[s["processes"] for s in o["sessions"] if s["user"] == "dave"]' sessions)" = '[3]' ]
	[ "$(json '[s.get("left", 0) > 28000 for s in o["sessions"]]' sessions)" = \
		'[True, False, True]' ]
	run netfencectl sessions -l
	[ "$status" = 0 ]
	fits 80 <<< "$output"
	[[ $output == *"alice (uid $(id -u alice)), groups/supporters"*"fenced"*"active since"* ]]
	[[ $output == *"held since "*", held by 3 processes"* ]]
}

@test "sessions: who is always fenced is held by nothing" {
	with_policy users/bob <<-END
	always: true
	egress: []
	END
	wait_for eval '[[ $(netfencectl sessions) == *bob*always* ]]'
	[[ $(netfencectl sessions) != *"about to go"* ]]
	[[ $(netfencectl sessions -l) == *"always since"* ]]
	[[ $(netfencectl sessions -l) != *"about to go"* ]]
}

@test "sessions: how many packets were denied" {
	[ "$(app open a fenced alice)" = 0 ]
	before=$(json 'o["sessions"][0]["denied"]' sessions)
	send alice udp "$LAN4" 53
	wait_for eval '[ "$(json "o[\"sessions\"][0][\"denied\"]" sessions)" -gt '"$before"' ]'
	[[ $(netfencectl sessions) =~ active\ +$(json 'o["sessions"][0]["denied"]' sessions) ]]
	[[ $(netfencectl sessions -l) == *" packets of alice denied"* ]]
}

@test "sessions: a socket whose process has ended holds the fence" {
	[ "$(app open a fenced alice)" = 0 ]
	# The far side listens and does not read: what was sent stays in the sender's queue.
	nsenter --net=/run/netns/far python3 -c "import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind(('$PATCH4', 8000)); s.listen(); print('on', flush=True); c = s.accept(); time.sleep(600)" \
		> "$SPOOL/far.out" 3>&- &
	far=$!
	wait_for grep -q on "$SPOOL/far.out"
	as alice python3 -c "import socket
s = socket.create_connection(('$PATCH4', 8000)); s.setblocking(False)
try:
	while True: s.send(b'x' * 65536)
except BlockingIOError: pass"
	[ "$(app close a)" = 0 ]
	wait_for eval '[[ $(netfencectl sessions) == *"alice: held by sockets whose"* ]]'
	kill "$far"
	wait_for tables_as_before
}

# What a PAM application says of where from is anybody's: a session of alice's, until it is killed.
hostile_session()
{
	daemon hostile python3 -c "import sys, time
sys.path.insert(0, '$BATS_TEST_DIRNAME/../lib')
import caller
words = ['ss\x1b[31mhd', 'p\x1b]0;title\x07ts', '\x1b[2J\u202e10.0.0.1\nroot', 'b\x9by', '']
request = caller.open_request('alice', $(id -u alice))
request = request[:-sum(4 + len(w) for w in ('caller', '', '', '', ''))]
sock = caller.connect()
sock.send(caller.message(caller.OPEN, request + b''.join(caller.string(w) for w in words)))
assert caller.receive(sock)[0] == 64
sock.send(caller.message(caller.TAKEN))
time.sleep(600)"
	wait_for eval '[[ $(netfencectl sessions) == *alice* ]]'
}

@test "sessions, log: foreign text moves no terminal" {
	forget_log
	hostile_session
	netfencectl sessions > "$SPOOL/out"
	netfencectl sessions -l >> "$SPOOL/out"
	netfencectl --json sessions >> "$SPOOL/out"
	wait_for grep -q 'event=session-start user="alice"' "$SYSLOG"
	grep 'event=session-start user="alice"' "$SYSLOG" >> "$SPOOL/out"
	kill -KILL "$(cat "$SPOOL/hostile.pid")"
	cat -v "$SPOOL/out"
	grep -q 'x1b\[2J' "$SPOOL/out"
	python3 -c 'import sys
for c in sys.stdin.read():
	assert c == "\n" or c.isprintable(), hex(ord(c))' < "$SPOOL/out"
}

@test "sessions: long names are cut, not lines" {
	name=a-user-with-a-very-long-name-xy
	useradd -m -g supporters "$name"
	[ "$(app open a fenced "$name")" = 0 ]
	run netfencectl sessions
	fits 80 <<< "$output"
	[[ $output == *"a-user-with-a-very-long-name-xy"* || $output == *…* ]]
	COLUMNS=66 run netfencectl sessions
	fits 66 <<< "$output"
	[[ $output == *…* ]]
	COLUMNS=200 run netfencectl sessions
	[[ $output == *" $name "* ]]
	[ "$(app close a)" = 0 ]
	wait_for tables_as_before
	userdel -rf "$name"
}

# ---------------------------------------------------------------- colour

@test "colour on a terminal only, and not with NO_COLOR or TERM=dumb" {
	[ "$(app open a fenced alice)" = 0 ]
	on_terminal netfencectl sessions | grep -q $'\033\[32mactive'
	! netfencectl sessions | grep -q $'\033' || false
	! on_terminal env NO_COLOR=1 netfencectl sessions | grep -q $'\033' || false
	! on_terminal env TERM=dumb netfencectl sessions | grep -q $'\033' || false
	! on_terminal netfencectl --json sessions | grep -q $'\033' || false
	WIDTH=66 on_terminal env NO_COLOR=1 netfencectl sessions | tr -d '\r' | fits 66
}

# ---------------------------------------------------------------- help, and what was meant

@test "each command has its help, with an example, and says which option was meant" {
	netfencectl -h | fits 80
	[ "$(netfencectl -h)" = "$(netfencectl --help)" ]
	[ "$(netfencectl -h)" = "$(netfencectl help)" ]
	[[ $(netfencectl -V) =~ ^netfencectl\ [0-9.]+$ ]]
	[ "$(netfencectl -V)" = "$(netfencectl --version)" ]
	for command in $(netfencectl -h | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p'); do
		netfencectl "$command" -h > "$SPOOL/help"
		fits 80 < "$SPOOL/help"
		grep -q "^usage: netfencectl $command" "$SPOOL/help"
		grep -q "^  netfencectl $command" "$SPOOL/help"
		netfencectl help "$command" | diff "$SPOOL/help" -
		run netfencectl "$command" --no-such-thing
		[ "$status" = 2 ]
		[[ $output == *'there is no option "--no-such-thing"'*"usage: netfencectl $command"* ]]
	done
}

@test "what was meant" {
	run netfencectl stauts
	[ "$status" = 2 ]
	[[ $output == *'no command "stauts": did you mean "status"?'* ]]
	run netfencectl reload --dryrun
	[ "$status" = 2 ]
	[[ $output == *'no option "--dryrun": did you mean "--dry-run"?'* ]]
	run netfencectl --jsno status
	[ "$status" = 2 ]
	[[ $output == *'did you mean "--json"?'* ]]
	run netfencectl -xV status
	[ "$status" = 2 ]
	[[ $output == *'no option "-xV"'* ]]
	run netfencectl show alcie
	[ "$status" = 2 ]
	[[ $output == *'no user "alcie": did you mean "alice"?'* ]]
	run netfencectl show --group supportres
	[ "$status" = 2 ]
	[[ $output == *'did you mean "supporters"?'* ]]
	run netfencectl -c
	[ "$status" = 2 ]
	netfencectl show --group=supporters
}

# ---------------------------------------------------------------- for programs

# All that can be asked without changing anything.
questions()
{
	printf '%s\n' status sessions "sessions -l" "show alice" "show --group supporters" \
		"explain alice tcp/22 $LAN4" "login-test alice" rules check "reload --dry-run" \
		metrics grants "grants alice" denials "denials alice" doctor "suggest alice" |
		while read -r words; do
			! netfencectl -h | grep -q "^  ${words%% *}\( \|\$\)" || echo "$words"
		done
}

@test "--json: one object with a schema, whatever is asked" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	while read -r words; do
		# shellcheck disable=SC2086
		netfencectl --json $words > "$SPOOL/json" || [ $? = 1 ]
		echo "$words"
		python3 -c 'import json, sys
o = json.load(sys.stdin)
assert o["schema"] == 1, o' < "$SPOOL/json"
	done < <(questions)
	netfencectl reload --confirm 60s
	[ "$(json 'o["result"]' confirm)" = confirmed ] || [ "$(json 'o["result"]' reload)" = unchanged ]
}

@test "--json: every member is in the manual page" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	netfencectl grant alice tcp/22 "$LAN6" --for 1h > /dev/null
	wait_for eval '[ "$(json "len(o[\"denials\"])" denials)" -ge 1 ]'
	: > "$SPOOL/json"
	while read -r words; do
		# shellcheck disable=SC2086
		netfencectl --json $words >> "$SPOOL/json" || [ $? = 1 ]
	done < <(questions)
	as alice netfencectl --json why >> "$SPOOL/json"
	as alice netfencectl --json why tcp/22 "$LAN4" >> "$SPOOL/json" || [ $? = 1 ]
	netfencectl --json revoke "$(netfencectl complete revoke '' | cut -f 1)" >> "$SPOOL/json"
	netfencectl --json off --for 1m --reason x >> "$SPOOL/json"
	netfencectl --json status >> "$SPOOL/json" || [ $? = 1 ]
	netfencectl --json on >> "$SPOOL/json"
	python3 - "$SPOOL/json" <<'END'
import json, re, sys
page = open("/usr/share/man/man1/netfencectl.1").read()
page = page[page.index(".Sh JSON"):page.index(".Sh ENVIRONMENT")]
known = set(re.findall(r"[a-z0-9_]+", page))
text, decoder, found = open(sys.argv[1]).read().strip(), json.JSONDecoder(), set()
def walk(value):
	if isinstance(value, dict):
		found.update(value)
		for member in value.values():
			walk(member)
	elif isinstance(value, list):
		for member in value:
			walk(member)
while text:
	value, end = decoder.raw_decode(text)
	walk(value)
	text = text[end:].lstrip()
# The reasons of refusals are names of their own, with hyphens.
missing = {name for name in found if "-" not in name} - known
sys.exit(f"not in netfencectl(1): {sorted(missing)}" if missing else 0)
END
}

@test "for people: 80 columns, whatever is asked" {
	[ "$(app open a fenced alice)" = 0 ]
	send alice udp "$LAN4" 53
	netfencectl grant alice tcp/8000-8080 "$LAN6" --for 1h \
		--reason "a reason that is longer than any table, since somebody meant it well" > "$SPOOL/out"
	fits 80 < "$SPOOL/out"
	while read -r words; do
		case $words in
		# In the form of others, and lines are theirs.
		rules | check | metrics | reload* | show* | suggest*) continue ;;
		esac
		echo "$words"
		# shellcheck disable=SC2086
		netfencectl $words > "$SPOOL/out" || [ $? = 1 ]
		fits 80 < "$SPOOL/out"
	done < <(questions)
	netfencectl revoke "$(netfencectl complete revoke '' | cut -f 1)"
}

@test "--json: where there is no answer there is nothing, and why not is said to people" {
	for words in "explain nobody-here tcp/22 $LAN4" "show nobody-here" "sessions --no-such-thing"; do
		# shellcheck disable=SC2086
		netfencectl --json $words > "$SPOOL/json" 2> "$SPOOL/said" && false || [ $? = 2 ]
		[ ! -s "$SPOOL/json" ]
		[ -s "$SPOOL/said" ]
	done
}

# ---------------------------------------------------------------- exit status

status_is() # STATUS COMMAND ...
{
	local expected=$1

	shift
	run "$@"
	[ "$status" = "$expected" ] || { echo "$* gives $status, not $expected:"; echo "$output"; return 1; }
}

@test "exit status: yes, no, and no such user" {
	for words in status sessions rules check metrics "show alice" "login-test alice" \
		"explain alice udp/162 $MONITOR4" "reload --dry-run" reload; do
		# shellcheck disable=SC2086
		status_is 0 netfencectl $words
	done
	status_is 1 netfencectl explain alice tcp/22 "$LAN4"
	status_is 1 netfencectl confirm
	for command in show login-test "explain" ; do
		[ "$command" = explain ] && set -- tcp/22 "$LAN4" || set --
		status_is 2 netfencectl "$command" nobody-here "$@"
		[[ $output == *'there is no user "nobody-here"'* ]]
	done
	status_is 2 netfencectl show --group nobody-here
	status_is 2 netfencectl rules carol
	status_is 2 netfencectl explain alice tcp/no-port "$LAN4"
	status_is 2 netfencectl reload --confirm soon
}

@test "exit status: an answer that cannot be written is none" {
	run bash -c 'netfencectl status > /dev/full'
	[ "$status" = 1 ]
	[[ $output == *"standard output"* ]]
}

@test "exit status: bad rules" {
	echo 'version: 2' | rules netfence.yaml
	status_is 1 netfencectl check
	status_is 5 netfencectl reload
	status_is 5 netfencectl reload --dry-run
	status_is 5 netfencectl show --group supporters
	# What is in force answers all the same.
	status_is 0 netfencectl show alice
}

@test "exit status: not permitted" {
	for words in status sessions rules reload "reload --dry-run" rollback confirm metrics \
		"login-test alice"; do
		# shellcheck disable=SC2086
		status_is 4 as alice netfencectl $words
		[[ $output == *"only root"* ]]
	done
	status_is 4 as alice netfencectl check
	status_is 4 as alice netfencectl show alice
	status_is 0 as alice netfencectl -h
}

@test "exit status: netfenced is away" {
	stop_netfenced
	for words in status sessions rules reload "reload --dry-run" rollback confirm metrics; do
		# shellcheck disable=SC2086
		status_is 3 netfencectl $words
		[[ $output == *"netfenced does not run"* ]]
	done
	# What the files and the last good rules can tell.
	status_is 0 netfencectl check
	status_is 0 netfencectl show alice
	status_is 1 netfencectl explain alice tcp/22 "$LAN4"
	status_is 1 netfencectl login-test alice
	status_is 0 netfencectl login-test carol
}
