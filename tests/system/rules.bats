#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The rules from the administrator's side: check, reload, show what is in the kernel, and a start
# with rules that are wrong.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
	app_start
}

setup()
{
	seed_rules
	rm -rf /etc/netfence/users /etc/netfence/groups /etc/netfence/rules.d
	if netfencectl status > /dev/null 2>&1; then
		netfencectl reload > /dev/null
	else
		start_netfenced
	fi
	: > "$SPOOL/app.out"
}

teardown()
{
	local name

	on_failure
	for name in a b c; do
		app close "$name" > /dev/null
	done
	wait_for tables_as_before
}

@test "check: good rules, 0 and silent on -t" {
	netfencectl check
	run netfenced -t
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "check: each error with its place, in one go" {
	rules rules.d/10-bad.yaml <<-END
	users:
	  carol:
	    egress:
	      - deny: any
	        to: any
	      - allow: tcp/80
	        to: www.example.com
	END
	run netfencectl check
	[ "$status" = 1 ]
	[[ $output == *"/etc/netfence/rules.d/10-bad.yaml:4:"*": error:"* ]]
	[[ $output == *"/etc/netfence/rules.d/10-bad.yaml:7:"*": error:"* ]]
	run netfenced -t
	[ "$status" != 0 ]
}

@test "check FILE needs no root, no daemon and no right place" {
	stop_netfenced
	printf 'version: 1\nusers:\n  alice:\n    egress: []\n' > /tmp/mine.yaml
	chown carol /tmp/mine.yaml
	as carol netfencectl check /tmp/mine.yaml
	printf 'version: 1\nusers:\n  alice:\n    egres: []\n' > /tmp/mine.yaml
	run as carol netfencectl check /tmp/mine.yaml
	[ "$status" = 1 ]
	[[ $output == */tmp/mine.yaml:4:5:\ error:* ]]
}

@test "a rules file that others could write is an error" {
	chmod 0666 /etc/netfence/netfence.yaml
	run netfencectl check
	chmod 0640 /etc/netfence/netfence.yaml
	[ "$status" = 1 ]
	chown carol /etc/netfence/netfence.yaml
	run netfencectl check
	chown root /etc/netfence/netfence.yaml
	[ "$status" = 1 ]
}

@test "reload: new rules reach a live session" {
	[ "$(app open a fenced alice)" = 0 ]
	stopped alice udp "$OTHER4" 5000
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: udp/5000
	        to: ["$OTHER4", "$OTHER6"]
	END
	netfencectl reload
	reaches alice udp "$OTHER4" 5000
	reaches alice udp "$OTHER6" 5000
	stopped alice udp "$MONITOR4" 162
	stopped alice udp "$MONITOR6" 162
}

@test "reload: bad rules change nothing, in part or whole" {
	[ "$(app open a fenced alice)" = 0 ]
	tables > "$SPOOL/held"
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: udp/5000
	        to: any
	      - allow: tcp/0-99999
	        to: any
	END
	run netfencectl reload
	[ "$status" = 5 ]
	[[ $output == *"netfence.yaml:7:"*": error:"* ]]
	tables | diff "$SPOOL/held" -
	fenced alice
	[ "$(app open b fenced bob)" = 0 ]
	fenced bob
}

@test "reload: nothing new is said to be unchanged" {
	since=$(netfencectl --json status | grep '"since"')
	wait_for later_than "$since"
	run netfencectl reload
	[ "$status" = 0 ]
	[[ $output == *unchanged* ]]
	wait_for logged 'event=reload count=1 reason="unchanged"'
	# They are the same that they were, and so is the time.
	[ "$(netfencectl --json status | grep '"since"')" = "$since" ]
}

later_than() # "since":SECONDS
{
	[ "$EPOCHSECONDS" -gt "${1//[!0-9]/}" ]
}

@test "a user's own entry goes before the group's" {
	rules users/alice.yaml <<-END
	egress:
	  - allow: udp/5000
	    to: $OTHER4
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	reaches alice udp "$OTHER4" 5000
	stopped alice udp "$MONITOR4" 162
	[ "$(app open b fenced bob)" = 0 ]
	reaches bob udp "$MONITOR4" 162
	stopped bob udp "$OTHER4" 5000
}

@test "exempt users and groups are never fenced" {
	rules rules.d/exempt.yaml <<-END
	exempt:
	  users: [bob]
	  groups: [sudo]
	END
	netfencectl reload
	[ "$(app open a fenced bob)" = 0 ]
	[ "$(app open b fenced dave)" = 0 ]
	free bob
	free dave
	[ "$(app open c fenced alice)" = 0 ]
	fenced alice
}

@test "others: whom nothing else matches, but no system account" {
	rules rules.d/others.yaml <<-END
	others:
	  egress: []
	END
	netfencectl reload
	[ "$(app open a fenced carol)" = 0 ]
	stopped carol udp "$MONITOR4" 162
	stopped carol udp "$LAN6" 53
	[ "$(app open b fenced daemon)" = 0 ]
	reaches daemon udp "$LAN4" 53
}

@test "default: what no rule matches" {
	rules netfence.yaml <<-END
	version: 1
	users:
	  alice:
	    egress:
	      - reject: udp/53
	        to: any
	      - drop: udp/54
	        to: any
	    default: allow
	  bob:
	    egress: []
	    default: drop
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	stopped alice udp "$OTHER4" 53
	stopped alice udp "$OTHER6" 53
	stopped alice udp "$OTHER4" 54
	reaches alice udp "$OTHER4" 55
	reaches alice udp "$OTHER6" 55
	stopped bob udp "$OTHER4" 55
	stopped bob udp "$OTHER6" 55
}

@test "loopback: reject shuts the host itself, and only for that user" {
	rules users/bob.yaml <<-END
	egress: []
	loopback: reject
	END
	netfencectl reload
	daemon echo-server python3 -m http.server --bind 127.0.0.1 8123
	wait_for as carol bash -c 'exec 3<> /dev/tcp/127.0.0.1/8123'
	[ "$(app open a fenced bob)" = 0 ]
	[ "$(app open b fenced alice)" = 0 ]
	run as bob timeout 3 bash -c 'exec 3<> /dev/tcp/127.0.0.1/8123'
	[ "$status" != 0 ]
	as alice timeout 15 bash -c 'exec 3<> /dev/tcp/127.0.0.1/8123'
	as carol timeout 15 bash -c 'exec 3<> /dev/tcp/127.0.0.1/8123'
}

@test "serve: a fenced user's own listener answers only where the policy says so" {
	rules users/bob.yaml <<-END
	egress: []
	serve: [tcp/8124]
	END
	netfencectl reload
	[ "$(app open a fenced bob)" = 0 ]
	[ "$(app open b fenced alice)" = 0 ]
	mkdir -p /tmp/www
	echo served > /tmp/www/index.html
	for user in bob alice; do
		for port in 8124 8125; do
			[ "$user" = bob ] || port=$((port + 10))
			daemon "serve-$port" setpriv --reuid="$user" --regid=supporters --clear-groups \
				python3 -m http.server --bind :: --directory /tmp/www "$port"
			wait_for curl -sS -m 1 "http://127.0.0.1:$port/"
		done
	done
	[ "$(in_client curl -sS -m 20 "http://$HOST4:8124/")" = served ]
	[ "$(in_client curl -sS -m 20 "http://[$HOST6]:8124/")" = served ]
	run in_client curl -sS -m 2 "http://$HOST4:8125/"
	[ "$status" != 0 ]
	run in_client curl -sS -m 2 "http://$HOST4:8134/"
	[ "$status" != 0 ]
	# It answers, and starts nothing, from the same port neither.
	stopped bob udp "$OTHER4" 5000
	kill -KILL "$(cat "$SPOOL/serve-8124.pid")"
	wait_for gone "$(cat "$SPOOL/serve-8124.pid")"
	for address in "$OTHER4" "$OTHER6"; do
		run as bob python3 -c 'import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.settimeout(3)
s.bind(("", 8124))
print("bound", flush=True)
s.connect((sys.argv[1], 5000))' "$address"
		[[ $output == bound* ]]
		[ "$status" != 0 ]
	done
	[ "$(seen "$OTHER4" tcp 5000)" = 0 ]
	[ "$(seen "$OTHER6" tcp 5000)" = 0 ]
	for port in 8125 8134 8135; do
		kill -KILL "$(cat "$SPOOL/serve-$port.pid")"
	done
}

@test "a key that netfence does not know is an error, never ignored" {
	printf 'version: 1\nusers:\n  alice:\n    egress: []\n    egresss: []\n' |
		rules netfence.yaml
	run netfencectl reload
	[ "$status" = 5 ]
	[[ $output == *netfence.yaml:5:5:* ]]
}

@test "rules: what is in the kernel, as iptables-save or nft writes it" {
	[ "$(app open a fenced alice)" = 0 ]
	run netfencectl rules
	[ "$status" = 0 ]
	if with_nftables; then
		[[ $output == *"table inet netfence"* ]]
		[[ $output == *[!0-9]"$(id -u alice)"[!0-9]* ]]
	else
		[[ $output == *"-j NETFENCE"* ]]
		[[ $output == *"--uid-owner $(id -u alice)"* ]]
	fi
}

@test "status and sessions" {
	[ "$(app open a fenced alice)" = 0 ]
	run netfencectl status
	[ "$status" = 0 ]
	run netfencectl sessions
	[ "$status" = 0 ]
	[[ $output == *alice*supporters* ]]
	netfencectl --json status | python3 -m json.tool > /dev/null
	netfencectl --json sessions | python3 -m json.tool > /dev/null
}

@test "a start with broken rules and no good ones before refuses all but root" {
	stop_netfenced
	mv /var/lib/netfence "$SPOOL/state"
	echo 'version: 2' | rules netfence.yaml
	daemon netfenced netfenced -d
	wait_for test -S /run/netfence/netfenced.sock
	carol=$(app open a fenced carol)
	root=$(app open b fenced root)
	kill -TERM "$(netfenced_pid)"
	wait_for gone "$(netfenced_pid)"
	rm -rf /var/lib/netfence
	mv "$SPOOL/state" /var/lib/netfence
	[ "$carol" = 14 ]
	[ "$root" = 0 ]
}
