#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What netfencectl says of a user, and whether it is so.

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
	usermod -G supporters alice
	have_netfenced
	netfencectl reload > /dev/null
	: > "$SPOOL/app.out"
}

teardown()
{
	on_failure
	app close a > /dev/null
	wait_for tables_as_before
}

# The line of the rules file that has these words.
line_of()
{
	grep -nF "$1" /etc/netfence/netfence.yaml | head -1 | cut -d: -f1
}

# Nobody counts what this host sends to itself: there the kernel's answer to the sender has to do.
passes() # USER PROTOCOL ADDRESS [PORT]
{
	if ip route get "$3" | grep -q ^local; then
		as "$1" bash -c "echo > /dev/$2/$3/$4" 2> /dev/null
	else
		reaches "$@"
	fi
}

# What explain says of a packet is what becomes of it.
agree() # USER PROTOCOL ADDRESS [PORT]
{
	local what=$2/${4:-echo-request} said=denied passed=denied

	netfencectl explain "$1" "$what" "$3" > "$SPOOL/said" && said=allowed
	! passes "$@" || passed=allowed
	grep -q "^$said " "$SPOOL/said"
	if [ "$said" != "$passed" ]; then
		echo "$*: explain says $said, the kernel $passed"
		cat "$SPOOL/said"
		return 1
	fi
	echo "$said" >> "$SPOOL/verdicts"
}

@test "explain says what the kernel does" {
	local address port

	[ "$(app open a fenced alice)" = 0 ]
	: > "$SPOOL/verdicts"
	for address in "$MONITOR4" "$MONITOR6" "$TIME4" "$TIME6" "$PATCH4" "$PATCH6" \
		"$LAN4" "$LAN6" "$OTHER4" "$OTHER6" 127.0.0.1 ::1; do
		for port in 162 123 53; do
			agree alice udp "$address" "$port"
			agree carol udp "$address" "$port"
		done
	done
	for port in 79 80 8000 8081; do
		agree alice tcp "$PATCH4" "$port"
	done
	agree alice tcp "$LAN4" 80
	agree alice icmp "$OTHER4"
	agree alice icmp "$LAN4"
	agree alice icmpv6 "$OTHER6"
	agree alice icmpv6 "$LAN6"
	grep -q allowed "$SPOOL/verdicts"
	grep -q denied "$SPOOL/verdicts"
}

@test "explain names the rule, its place, what the program sees, and why this policy" {
	run netfencectl explain alice tcp/22 "$LAN4"
	[ "$status" = 1 ]
	[[ ${lines[0]} == "denied   reject any to 10.0.0.0/8, 2001:db8:a::/64"* ]]
	[[ $output == *"/etc/netfence/netfence.yaml:$(line_of 'reject: any')"* ]]
	[[ $output == *'sees     "No route to host"'* ]]
	[[ $output == *"who      alice is in supporters; no own entry, not exempt"* ]]
	run netfencectl explain alice udp/161 "$MONITOR4"
	[ "$status" = 1 ]
	[[ ${lines[0]} == "denied   default reject of groups/supporters: no rule matches"* ]]
	[[ $output == *"nearly   allow udp/162 to $MONITOR4, $MONITOR6"* ]]
	[[ $output == *":$(line_of 'allow: udp/162')  (another port)"* ]]
	run netfencectl explain alice snmp-trap "$MONITOR6"
	[ "$status" = 1 ]
	[[ $output == *"asked    tcp/162 to $MONITOR6"*"denied "*'"Permission denied"'* ]]
	[[ $output == *"asked    udp/162 to $MONITOR6"*"allowed  allow udp/162"* ]]
	run netfencectl explain dave tcp/22 127.0.0.1
	[ "$status" = 0 ]
	[[ ${lines[0]} == "allowed  loopback of groups/supporters"* ]]
	run netfencectl explain carol tcp/22 "$LAN4"
	[ "$status" = 0 ]
	[[ ${lines[0]} == "allowed  no fence" ]]
	[[ $output == *"carol is free: no own entry, no group with one, no 'others'"* ]]
	netfencectl explain root tcp/22 "$LAN4"
}

@test "an address of this host is loopback's, whatever it is" {
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress: [{allow: any, to: any}]
	    loopback: [tcp/25]
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	for address in $(hostname -I) 127.0.0.1 ::1; do
		run netfencectl explain alice udp/53 "$address"
		[ "$status" = 1 ]
		[[ ${lines[0]} == "denied   loopback of"* ]]
		agree alice udp "$address" 53
		run netfencectl explain alice tcp/25 "$address"
		[ "$status" = 0 ]
	done
	netfencectl explain alice udp/53 "$LAN4"
}

@test "to where no route leads netfenced answers as well, and so does why" {
	run ip route get 198.51.100.7
	[ "$status" != 0 ]
	[ "$(app open a fenced alice)" = 0 ]
	netfencectl grant alice tcp/443 198.51.100.7 --for 5m
	run netfencectl explain alice tcp/443 198.51.100.7
	[ "$status" = 0 ]
	[[ ${lines[0]} == "allowed  grant 1"* ]]
	[[ $output != *"files"* ]]
	run as alice netfencectl why tcp/443 198.51.100.7
	[ "$status" = 0 ]
	run as alice netfencectl why tcp/80 198.51.100.7
	[ "$status" = 1 ]
	netfencectl revoke 1
}

@test "a rule's interface is held against the way that the packet takes" {
	local way other

	way=$(ip -o route get "$LAN4" | sed 's/.* dev \([^ ]*\).*/\1/')
	other=$(ip -o route get "$MONITOR4" | sed 's/.* dev \([^ ]*\).*/\1/')
	[ "$way" != "$other" ]
	rules netfence.yaml <<-END
	version: 1
	groups:
	  supporters:
	    egress:
	      - allow: udp
	        to: any
	        interface: $way
	END
	netfencectl reload
	[ "$(app open a fenced alice)" = 0 ]
	agree alice udp "$LAN4" 53
	agree alice udp "$MONITOR4" 162
	netfencectl explain alice udp/53 "$LAN4"
	run netfencectl explain alice udp/162 "$MONITOR4"
	[ "$status" = 1 ]
	[[ $output == *"allow udp to any through $way"*"(another interface)"* ]]
}

@test "a limit, and what only observes" {
	rules netfence.yaml <<-END
	version: 1
	users:
	  alice:
	    egress:
	      - allow: udp/53
	        to: any
	        limit: 5/minute
	      - drop: udp
	        to: any
	  carol:
	    mode: observe
	    egress: []
	END
	netfencectl reload
	run netfencectl explain alice udp/53 "$LAN4"
	[ "$status" = 0 ]
	[[ ${lines[0]} == "allowed  allow udp/53 to any up to 5/minute"* ]]
	[[ $output == *"limit    above that denied: drop udp to any"* ]]
	run netfencectl explain carol udp/53 "$LAN4"
	[ "$status" = 0 ]
	[[ ${lines[0]} == "allowed  as users/carol only observes; else it would be denied:" ]]
	[[ ${lines[1]} == *"default reject of users/carol: no rule matches"* ]]
}

@test "rules that have only moved are no difference, wherever they were written" {
	rules rules.d/vendor.yaml <<-END
	policies:
	  vendor:
	    egress: [{allow: https, to: 198.51.100.0/24, comment: "not # line 3"}]
	END
	echo 'egress: [{include: vendor}]' | rules users/carol.yaml
	netfencectl reload
	netfencectl show carol | grep -q '# /etc/netfence/rules.d/vendor.yaml:3'
	sed -i '1i # a line' /etc/netfence/rules.d/vendor.yaml
	run netfencectl show carol
	[ "$status" = 0 ]
	[[ $output != *"differ"* ]]
	sed -i 's/line 3"/line 4"/' /etc/netfence/rules.d/vendor.yaml
	run netfencectl show carol
	[[ $output == *"files    differ"* ]]
}

@test "what is in force goes before what the files say, and the difference is told" {
	[ "$(app open a fenced alice)" = 0 ]
	sed -i 's|allow: udp/162|allow: udp/163|' /etc/netfence/netfence.yaml
	run netfencectl explain alice udp/162 "$MONITOR4"
	[ "$status" = 0 ]
	[[ $output == *"now      fenced since "*", 1 session"* ]]
	[[ $output == *"files    differ from what is in force, until netfencectl reload"* ]]
	[[ $output == *"then     denied: default reject of groups/supporters"* ]]
	agree alice udp "$MONITOR4" 162
	agree alice udp "$MONITOR4" 163
	run netfencectl show alice
	[ "$status" = 0 ]
	[[ $output == *"files    differ"*"- allow: udp/162"* ]]
	# Something in the file, nothing in the rules.
	seed_rules
	sed -i '1i # a line' /etc/netfence/netfence.yaml
	run netfencectl show alice
	[[ $output != *"differ"* ]]
	echo 'egress: 3' >> /etc/netfence/netfence.yaml
	run netfencectl explain alice udp/162 "$MONITOR4"
	[ "$status" = 0 ]
	[[ $output == *"files    the rules have 1 error: netfencectl check"* ]]
}

@test "a fence that stands keeps its policy when the user has left the group" {
	[ "$(app open a fenced alice)" = 0 ]
	usermod -G '' alice
	COLUMNS=200 run netfencectl explain alice tcp/22 "$LAN4"
	[ "$status" = 1 ]
	[[ $output == *"who      the fence that stands gets no wider before the next reload; by then: alice is free"* ]]
	[[ $output == *"then     allowed: no fence"* ]]
	agree alice udp "$LAN4" 53
	netfencectl reload
	run netfencectl explain alice tcp/22 "$LAN4"
	[ "$status" = 0 ]
	agree alice udp "$LAN4" 53
}

@test "without netfenced, and without being root" {
	stop_netfenced
	run netfencectl explain alice tcp/22 "$LAN4"
	[ "$status" = 1 ]
	[[ $output == *"note     netfenced does not run: this is what the files say"* ]]
	run netfencectl show alice
	[ "$status" = 0 ]
	run as carol netfencectl explain alice tcp/22 "$LAN4"
	[ "$status" = 4 ]
	run as carol netfencectl show --group supporters
	[ "$status" = 4 ]
	cp -r /etc/netfence /tmp/readable
	chmod 0755 /tmp/readable
	chmod 0644 /tmp/readable/*
	start_netfenced
	run as carol netfencectl -c /tmp/readable explain alice tcp/22 "$LAN4"
	[ "$status" = 1 ]
	[[ $output == *"note     only root may ask netfenced: this is what the files say"* ]]
	echo 'egress: 3' >> /tmp/readable/netfence.yaml
	run as carol netfencectl -c /tmp/readable explain alice tcp/22 "$LAN4"
	[ "$status" = 5 ]
	[[ $output == *"the rules have 1 error: netfencectl check"* ]]
	run as carol netfencectl -c /tmp/readable show alice
	[ "$status" = 5 ]
}

@test "show: the policy, where from and why, as it takes effect" {
	run netfencectl show alice
	[ "$status" = 0 ]
	[[ ${lines[0]} == "user     alice (uid $(id -u alice))" ]]
	[[ ${lines[1]} == "policy   groups/supporters    /etc/netfence/netfence.yaml:"* ]]
	[[ $output == *"- allow: udp/123 # line "*"to: [$TIME4, \"$TIME6\"]"* ]]
	[[ $output == *"comment: \"patch server\""*"default: reject"*"loopback: allow"* ]]
	run netfencectl show --group supporters
	[ "$status" = 0 ]
	[[ ${lines[0]} == "group    supporters" ]]
	[[ $output == *"- allow: udp/162"* ]]
	run netfencectl show carol
	[ "$status" = 0 ]
	[[ $output == *"policy   none: free"* ]]
	[ "$(netfencectl show alice | wc -L)" -le 80 ]
	[ "$(netfencectl explain alice tcp/22 "$LAN6" | wc -L)" -le 80 ]
}

@test "login-test: fenced, free, refused; and nothing has changed" {
	run netfencectl login-test alice
	[ "$status" = 0 ]
	[[ ${lines[0]} == "fenced   alice, by groups/supporters" ]]
	tables_as_before
	run netfencectl login-test carol
	[ "$status" = 0 ]
	[[ ${lines[0]} == "free     carol" ]]
	[[ $output == *"why      no rule applies"* ]]
	netfencectl login-test root
	# As at a login, without netfenced the last good rules' names decide.
	stop_netfenced
	run netfencectl login-test alice
	[ "$status" = 1 ]
	[[ ${lines[0]} == "refused  alice" ]]
	run app open a fenced alice
	[ "$output" != 0 ]
	run netfencectl login-test carol
	[ "$status" = 0 ]
	mv /var/lib/netfence/who /var/lib/netfence/who.away
	run netfencectl login-test carol
	[ "$status" = 1 ]
	mv /var/lib/netfence/who.away /var/lib/netfence/who
	start_netfenced
	# Subordinate uids that are somebody else's, too, cannot be fenced.
	cp /etc/subuid "$SPOOL/subuid"
	echo "alice:$(sed -n 's/^bob:\([0-9]*\):.*/\1/p' /etc/subuid):10" >> /etc/subuid
	run netfencectl login-test alice
	cp "$SPOOL/subuid" /etc/subuid
	[ "$status" = 1 ]
	[[ $output == *"why "*subordinate* ]]
	tables_as_before
}

@test "JSON: a schema, the same answers" {
	run netfencectl --json explain alice tcp/22 "$LAN4"
	[ "$(jq -r '.schema, .verdict, .source, .differ' <<< "$output" | xargs)" = "1 denied force false" ]
	[ "$(jq -r '.force.answers[0] | .by, .line, .sees' <<< "$output" | xargs)" = \
		"rule $(line_of 'reject: any') No route to host" ]
	[ "$(jq -c '.force.answers' <<< "$output")" = "$(jq -c '.files.answers' <<< "$output")" ]
	[ "$(netfencectl show alice --json | jq -r '.schema, .force.policy' | xargs)" = \
		"1 groups/supporters" ]
	[ "$(netfencectl show --group supporters --json | jq -r '.schema, .group' | xargs)" = \
		"1 supporters" ]
	[ "$(netfencectl login-test alice --json | jq -r '.schema, .result, .policy' | xargs)" = \
		"1 fenced groups/supporters" ]
}

@test "what was meant" {
	run netfencectl explain alcie tcp/22 "$LAN4"
	[ "$status" = 2 ]
	[[ $output == *'no user "alcie": did you mean "alice"?'* ]]
	run netfencectl show --group suporters
	[ "$status" = 2 ]
	[[ $output == *'did you mean "supporters"?'* ]]
	run netfencectl login-tset alice
	[ "$status" = 2 ]
	[[ $output == *'did you mean "login-test"?'* ]]
	run netfencectl explain alice tcp "$LAN4"
	[ "$status" = 2 ]
	run netfencectl explain alice tcp/22 host.example
	[ "$status" = 2 ]
	run netfencectl explain alice
	[ "$status" = 2 ]
	netfencectl explain -h
}

@test "-T: the rules as they take effect, which read back as the same" {
	netfenced -T > /tmp/effective.yaml
	netfencectl check /tmp/effective.yaml
	rules netfence.yaml < /tmp/effective.yaml
	[ "$(netfencectl reload)" = unchanged ]
	[ "$(netfenced -T | sed 's/ # .*//')" = "$(sed 's/ # .*//' /tmp/effective.yaml)" ]
	echo 'egress: 3' >> /etc/netfence/netfence.yaml
	run netfenced -T
	[ "$status" = 1 ]
	[[ $output == *"error:"* ]]
}

@test "rules whose tests do not hold are not put in force" {
	[ "$(app open a fenced alice)" = 0 ]
	cat >> /etc/netfence/netfence.yaml <<-END
	    tests:
	      - allow: udp/162
	        to: monitoring
	      - reject: any
	        to: 10.0.0.0/8
	END
	netfencectl reload
	cat >> /etc/netfence/netfence.yaml <<-END
	      - reject: udp
	        to: $TIME4
	END
	run netfencectl reload
	[ "$status" = 5 ]
	[[ $output == *"error: the test does not hold: udp/123 to $TIME4 is allowed by"* ]]
	reaches alice udp "$TIME4" 123
	run netfencectl check
	[ "$status" = 1 ]
}
