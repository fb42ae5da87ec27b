#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# From what is observed to rules, and under these the same work again: all of it passes, and
# nothing else.

load ../lib/netfence

setup_file()
{
	setup_host
	observe alice
	http_up far
	chronyd_up
	dnsmasq_up
	sshd_up host
	sshd_up lan
	repository
	write_work
	start_netfenced
}

teardown()
{
	on_failure
	logout_all
}

# The rules of a user, or of a group, that only observe.
observe() # NAME [users|groups]
{
	printf 'version: 1\n' | rules netfence.yaml
	rm -f /etc/netfence/users/*.yaml /etc/netfence/groups/*.yaml
	rules "${2:-users}/$1.yaml" <<-'END'
	egress: []
	mode: observe
	END
}

# carol has a repository, on a host of the LAN; what everybody's key opens.
repository()
{
	as carol git init -q --bare /home/carol/tools.git
	as carol git -C /home/carol init -q work
	as carol git -C /home/carol/work -c user.name=carol -c user.email=carol@localhost \
		commit -q --allow-empty -m first
	as carol git -C /home/carol/work push -q /home/carol/tools.git HEAD:refs/heads/main
}

# What somebody does on a day; each line of it has to work.
write_work()
{
	install -m 0600 -o alice "$SPOOL/key" /home/alice/key
	cat > /usr/local/bin/work <<-END
	#!/bin/bash -ex
	curl -sS -m 10 http://$PATCH4/ | grep from
	curl -sS -m 10 'http://[$PATCH6]/' | grep from
	$(command -v dig > /dev/null && echo "dig +tries=1 +time=5 +short patch.example.net A |
		grep -x $PATCH4
	dig +tcp +tries=1 +time=5 +short patch.example.net AAAA | grep -x $PATCH6")
	getent ahostsv4 patch.example.net | grep $PATCH4
	/usr/local/bin/timed -U -x -Q -t 10 -f /dev/null 'server $TIME4 iburst maxsamples 1'
	/usr/local/bin/timed -U -x -Q -t 10 -f /dev/null 'server $TIME6 iburst maxsamples 1'
	rm -rf ~/tools
	GIT_SSH_COMMAND='ssh ${SSH_OPTIONS[*]} -i /home/alice/key' \\
		git clone -q ssh://carol@$LAN4/home/carol/tools.git ~/tools
	test -d ~/tools/.git
	ping -c 1 -W 5 $OTHER4
	ping -c 1 -W 5 $OTHER6
	END
	chmod 755 /usr/local/bin/work
}

# Nearly what the work does: a step aside in each direction.
nothing_else() # USER
{
	stopped "$1" tcp "$PATCH4" 81
	stopped "$1" tcp "$PATCH6" 443
	stopped "$1" tcp "$OTHER4" 80
	stopped "$1" tcp "$LAN6" 22
	stopped "$1" tcp "$LAN4" 80
	stopped "$1" udp "$RESOLVER6" 53
	stopped "$1" udp "$RESOLVER4" 54
	stopped "$1" udp "$OTHER4" 123
	stopped "$1" udp "$MONITOR4" 162
	stopped "$1" icmp "$LAN4"
	stopped "$1" icmpv6 "$MONITOR6"
	stopped "$1" tcp "$TIME4" 22
}

suggests() # WORD ... -- TEXT
{
	local words=()

	until [ "$1" = -- ]; do words+=("$1"); shift; done
	[[ $(netfencectl suggest "${words[@]}" 2> /dev/null) == *"$2"* ]]
}

@test "a day's work, observed, is what the rules then allow, and nothing else" {
	login one alice
	run ssh_as alice work
	echo "$output"
	[ "$status" = 0 ]
	wait_for suggests alice -- "icmpv6/128/0"
	wait_for suggests alice -- "$LAN4"
	netfencectl suggest alice > "$SPOOL/alice.yaml"
	cat "$SPOOL/alice.yaml"
	logout one

	run netfencectl check --as users/alice.yaml "$SPOOL/alice.yaml"
	[ "$status" = 0 ]
	[ "$output" = "" ]
	rules users/alice.yaml < "$SPOOL/alice.yaml"
	netfencectl reload
	login one alice
	run ssh_as alice work
	echo "$output"
	[ "$status" = 0 ]
	nothing_else alice
	logout one
}

@test "each service by its name, each host once, counts and times beside" {
	grep -A1 -x -- '  - allow: ntp' "$SPOOL/alice.yaml" |
		grep -x "    to: \[$TIME4, \"$TIME6\"\]"
	grep -A1 -x -- '  - allow: \(ssh\|tcp/ssh\)' "$SPOOL/alice.yaml" | grep -x "    to: $LAN4"
	grep -A1 -x -- '  - allow: \(http\|tcp/http\)' "$SPOOL/alice.yaml" |
		grep -x "    to: \[$PATCH4, \"$PATCH6\"\]"
	grep -A1 -x -- '  - allow: icmp/8/0' "$SPOOL/alice.yaml" | grep -x "    to: $OTHER4"
	[ "$(grep -c '^  # [0-9]* packets\?\( or more\)\?, last 20[0-9-]* [0-9:]*$' \
		"$SPOOL/alice.yaml")" = "$(grep -c -- '- allow' "$SPOOL/alice.yaml")" ]
}

@test "of a group: what its members wanted; denied counts as well as observed" {
	observe supporters groups
	netfencectl reload
	login one alice
	login two bob
	send alice tcp "$LAN4" 24242
	send bob tcp "$LAN6" 24242
	wait_for suggests --group supporters -- "[$LAN4, \"$LAN6\"]"
	logout one
	logout two
	rules groups/supporters.yaml <<< 'egress: []'
	netfencectl reload
	login one bob
	send bob udp "$LAN4" 24243
	wait_for suggests --group supporters -- 24243
	suggests bob -- 24243
	run netfencectl suggest --group supporters
	[ "$status" = 0 ]
	netfencectl suggest --group supporters > "$SPOOL/supporters.yaml"
	netfencectl check --as groups/supporters.yaml "$SPOOL/supporters.yaml"
	run netfencectl suggest bob
	[[ $output != *"$PATCH4"* ]]
	logout one
}

@test "a prefix only where it is asked for, and then it says so" {
	rules groups/supporters.yaml <<< 'egress: []'
	netfencectl reload
	login one bob
	for n in 21 23 25 27; do
		send bob udp "10.0.0.$n" 24241
	done
	wait_for suggests bob -- 10.0.0.27
	suggests bob -- '[10.0.0.21, 10.0.0.23, 10.0.0.25, 10.0.0.27]'
	run netfencectl suggest bob --merge 4
	echo "$output"
	[[ $output == *"# wider than that: seen were 4 of 10.0.0.0/24"* ]]
	[[ $output == *"- allow: udp/24241"$'\n'"    to: 10.0.0.0/24"* ]]
	run netfencectl suggest bob --merge 5
	[[ $output != *10.0.0.0/24* ]]
	logout one
}

@test "to this host itself: no rule of egress, and it says why" {
	rules groups/supporters.yaml <<< '{egress: [], loopback: reject}'
	netfencectl reload
	login one bob
	as bob bash -c 'echo > /dev/udp/127.0.0.1/999' || :
	wait_for suggests bob -- '# not udp/999 to 127.0.0.1, '
	suggests bob -- 'loopback decides'
	logout one
}

@test "nothing seen, unknown names, wrong use" {
	run netfencectl suggest carol
	[ "$status" = 1 ]
	[[ $output == *"nothing that carol wanted"* ]]
	run netfencectl suggest nobody-of-that-name
	[ "$status" = 2 ]
	run netfencectl suggest --group no-such-group
	[ "$status" = 2 ]
	for words in '' 'alice bob' '--group' 'alice --merge 1' 'alice --merge x' \
		'alice --group supporters' '--sideways alice'; do
		# shellcheck disable=SC2086
		run netfencectl suggest $words
		[ "$status" = 2 ]
	done
	run netfencectl suggest bob --json
	[ "$status" = 0 ]
	python3 -c 'import json, sys
answer = json.load(sys.stdin)
assert answer["schema"] == 1 and answer["user"] == "bob" and answer["rules"]' <<< "$output"
	run as carol netfencectl suggest bob
	[ "$status" = 4 ]
}
