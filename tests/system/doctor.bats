#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# netfencectl doctor: each hole is made for real, found with its place and its mend, and no longer
# found when it is closed again.

load ../lib/netfence
load ../lib/firewalls

# A host on which nothing is open.
setup_file()
{
	setup_host
	gpasswd -d dave sudo
	rm -f /etc/pam.d/fenced
	# Not for this: they were given a stack without passwords.
	arm su
	sshd_up host
	start_netfenced
	# Whatever this machine has.
	for service in $(unfenced_services); do
		arm "$service"
	done
	cp -a /etc/pam.d "$SPOOL/pam.d"
	cp -a /etc/netfence "$SPOOL/netfence"
	netfencectl --json doctor > "$SPOOL/before" || { cat "$SPOOL/before"; return 1; }
}

unfenced_services()
{
	netfencectl --json doctor | python3 -c 'import json, sys
for f in json.load(sys.stdin)["findings"]:
    if f["id"] == "pam.line" and f["severity"] != "ok":
        print(f["subject"])'
}

# One test's holes are not another's.
teardown()
{
	on_failure
	app_stop
	[ -n "${BATS_TEST_COMPLETED:-}" ] || start_afresh
}

start_afresh()
{
	cp -a "$SPOOL/pam.d/." /etc/pam.d/
	rm -rf /etc/netfence/users /etc/netfence/groups /etc/sudoers.d/dba
	restore_theirs
	gone "$(netfenced_pid)" && start_netfenced
	restore_rules
	sshd_again
}

# All that is found, a line each, however long: what it says, then the mend.
doctor()
{
	COLUMNS=500 netfencectl doctor "$@"
}

# Found, as open (FAIL) or worth knowing (warn), in these words.
finds() # GRADE TEXT
{
	local status=0

	doctor > "$SPOOL/doctor" || status=$?
	cat "$SPOOL/doctor"
	grep -F -A 1 -- "$(printf '%-6s%s' "$1" "$2")" "$SPOOL/doctor" > "$SPOOL/found" || return
	# The mend is on the next line.
	[ "$(sed -n '2s/^ \{6\}[^ ].*/mend/p' "$SPOOL/found")" = mend ] || return
	[ "$status" = "$([ "$1" = FAIL ] && echo 1 || echo 0)" ]
}

# Nothing is open, and nothing is said in these words.
finds_no() # TEXT
{
	local status=0

	doctor > "$SPOOL/doctor" || status=$?
	cat "$SPOOL/doctor"
	[ "$status" = 0 ] || return
	if grep -F -- "$1" "$SPOOL/doctor"; then return 1; fi
}

reload()
{
	chown -R root:netfence /etc/netfence
	netfencectl reload
}

restore_rules()
{
	cp -a "$SPOOL/netfence/." /etc/netfence/
	netfencectl reload
}

# ---------------------------------------------------------------- the answer itself

@test "a host on which nothing is open: exit 0, and the line that says so" {
	run netfencectl doctor
	[ "$status" = 0 ]
	[[ $output == *"ok    sshd: UsePAM yes; pam_netfence before pam_systemd"* ]]
	[[ ${lines[-1]} =~ ^0\ open,\ [0-9]+\ warnings?,\ [0-9]+\ ok\ \(--all\ shows\ them\)$ ]]
	[ -z "$(grep FAIL <<< "$output")" ]
	run netfencectl doctor --all
	[ "$status" = 0 ]
	[[ $output == *"ok    IPv4: in force"* ]]
	[[ $output == *"ok    IPv6: in force"* ]]
	[[ $output == *"ok    su: pam_netfence.so is in the stack and can refuse"* ]]
	[ -z "$(awk 'length > 80' <<< "$output")" ]
}

@test "it is root's" {
	run as alice netfencectl doctor
	[ "$status" = 4 ]
	run netfencectl doctor nobody
	[ "$status" = 2 ]
}

@test "--json: schema 1, the counts, each finding with its id" {
	groupadd -f docker
	gpasswd -a alice docker
	run netfencectl --json doctor
	gpasswd -d alice docker
	[ "$status" = 1 ]
	python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["schema"] == 1 and d["open"] == 1, d
grades = ["ok", "unknown", "warning", "fail"]
for f in d["findings"]:
    assert f["id"] and f["severity"] in grades and f["text"], f
    assert f["mend"] or f["severity"] in ("ok", "unknown"), f
for key, grade in (("ok", "ok"), ("unknown", "unknown"), ("warnings", "warning"), ("open", "fail")):
    assert d[key] == sum(f["severity"] == grade for f in d["findings"]), key
page = open(sys.argv[1]).read()
for f in d["findings"]:
    assert f["id"] in page, f["id"]
f = [f for f in d["findings"] if f["severity"] == "fail"][0]
assert f["id"] == "groups.power" and f["users"] == ["alice"] and f["file"] == "/etc/group", f
' "$BATS_TEST_DIRNAME/../../helper/netfencectl.1" <<< "$output"
}

@test "a terminal may be narrow, and a file name may be evil" {
	printf '%s\n' 'session optional pam_netfence.so' > $'/etc/pam.d/a\e[2Jb'
	run netfencectl doctor
	rm $'/etc/pam.d/a\e[2Jb'
	[[ $output == *'a\x1b[2Jb: "optional"'* ]]
	[[ $output != *$'\e'* ]]
}

# ---------------------------------------------------------------- netfenced

@test "netfenced away: said, and the rest is looked at all the same" {
	stop_netfenced
	finds FAIL 'netfenced: does not answer'
	grep -q '^?     processes: whose fences stand only netfenced knows' "$SPOOL/doctor"
	grep -q '^?     IPv4: no fence stands; whether one ought to' "$SPOOL/doctor"
	grep -q '^ok    sshd: UsePAM yes' "$SPOOL/doctor"
	start_netfenced
	finds_no 'netfenced:'
}

@test "a reload that was forgotten, one on trial, and a rollback" {
	sed -i 's|udp/162|udp/163|' /etc/netfence/netfence.yaml
	finds FAIL 'rules: what the files say is not what is in force (/etc/netfence)'
	netfencectl reload --confirm 5m
	finds warn 'rules: in force on trial'
	netfencectl confirm
	finds_no 'rules:'
	netfencectl rollback
	doctor > "$SPOOL/doctor" || :
	grep -q '^warn  rules: the previous ones are in force, after a rollback' "$SPOOL/doctor"
	restore_rules
	finds_no 'rules:'
}

@test "switched off by hand" {
	app_start
	[ "$(app open one su alice)" = 0 ]
	netfencectl off --for 5m --reason 'a trial'
	finds FAIL 'netfenced: switched off by hand: nobody is fenced: a trial'
	grep -q '^1 open,' "$SPOOL/doctor"
	netfencectl on
	finds_no 'switched off'
	[ "$(app close one)" = 0 ]
	wait_for tables_as_before
}

@test "what is granted beside the rules" {
	netfencectl grant alice tcp/22 "$LAN4" --for 1h --reason test
	finds warn 'grants: 1 in force, beside the rules'
	netfencectl revoke "$(netfencectl --json grants | sed -n 's/.*"id": *\([0-9]*\).*/\1/p')"
	finds_no grants:
}

@test "rules with errors" {
	echo 'nonsense: 1' >> /etc/netfence/netfence.yaml
	finds FAIL 'rules: the rules have 1 error'
	restore_rules
	finds_no 'rules:'
}

@test "policies that hold nothing" {
	rules users/carol.yaml <<-END
	mode: observe
	egress:
	  - allow: udp/162
	    to: 192.0.2.10
	  - allow: any
	    to: any
	END
	netfencectl reload
	finds warn 'users/carol: mode observe: logged and counted, nothing is held (/etc/netfence/users/carol.yaml:1)'
	finds warn 'users/carol: allows any to any: what comes after that rule means nothing (/etc/netfence/users/carol.yaml:5)'
	rm -r /etc/netfence/users
	netfencectl reload
	finds_no carol
}

# ---------------------------------------------------------------- PAM and sshd

@test "sshd without the line: found, and true" {
	sed -i '/pam_netfence/d' /etc/pam.d/sshd
	finds FAIL 'sshd: no pam_netfence.so line: its sessions are free (/etc/pam.d/sshd)'
	before=$(seen "$LAN4" udp 53)
	ssh_as alice "echo > /dev/udp/$LAN4/53" || :
	[ "$(seen "$LAN4" udp 53)" -gt "$before" ]
	# Where it says, it is right.
	line=$(sed -n 's/.*Ahead of its line \([0-9]*\): session .*/\1/p' "$SPOOL/found")
	sed -i "${line}i session requisite pam_netfence.so" /etc/pam.d/sshd
	finds_no 'sshd:  '
	before=$(seen "$LAN4" udp 53)
	ssh_as alice "echo > /dev/udp/$LAN4/53" || :
	[ "$(seen "$LAN4" udp 53)" = "$before" ]
	cp -a "$SPOOL/pam.d/sshd" /etc/pam.d/sshd
}

@test "Debian's profile, as INSTALL has it, is the line in all of them" {
	command -v pam-auth-update > /dev/null || skip "no pam-auth-update"
	sed -i '/pam_netfence/d' /etc/pam.d/*
	netfencectl --json doctor > "$SPOOL/open" && false
	[ "$(grep -c '"id": *"pam.line"' "$SPOOL/open")" -ge 8 ]
	DEBIAN_FRONTEND=noninteractive pam-auth-update --package --enable netfence
	finds_no FAIL
	# A mistake in it is one mistake.
	sed -i 's/requisite\tpam_netfence/optional\tpam_netfence/' /etc/pam.d/common-session
	run doctor
	[ "$status" = 1 ]
	grep -E '^FAIL  sshd, [^:]*su-l[^:]*: "optional": who cannot be fenced is let in' <<< "$output"
	[[ ${lines[-1]} == "1 open, "* ]]
	DEBIAN_FRONTEND=noninteractive pam-auth-update --package --remove netfence
	cp -a "$SPOOL/pam.d/." /etc/pam.d/
	finds_no pam_netfence.so\ line
}

@test "lines that cannot refuse, on trial, around, for admins" {
	sed -i 's/requisite pam_netfence/optional pam_netfence/' /etc/pam.d/login
	finds FAIL 'login: "optional": who cannot be fenced is let in all the same (/etc/pam.d/login:'
	arm login onerr=succeed
	finds warn 'login: onerr=succeed: whoever cannot be fenced is let in without a fence'
	arm login socket=/run/elsewhere
	finds FAIL 'login: socket=/run/elsewhere, and netfenced listens at /run/netfence/netfenced.sock'
	arm login admin_group=supporters
	finds FAIL 'login: alice, bob and dave never fenced here, though the rules name them: admin_group supporters'
	arm login
	sed -i '1i session sufficient pam_unix.so' /etc/pam.d/login
	finds FAIL 'login: pam_unix.so (sufficient) can end the stack before pam_netfence.so'
	arm login
	finds_no login:
}

sshd_again() # LINE ...
{
	kill "$(cat "$SPOOL/sshd-host.own")"
	wait_for sshd_is_away
	sshd_up_with "$@"
}

sshd_is_away() { [ -z "$(ss -Hlnt 'src :22')" ]; }

# The first word on anything counts with sshd.
sshd_up_with() # LINE ...
{
	local line

	sshd_up host
	[ $# -gt 0 ] || return 0
	kill "$(cat "$SPOOL/sshd-host.own")"
	wait_for sshd_is_away
	cp "$SPOOL/sshd-host.conf" "$SPOOL/sshd-other.conf"
	for line in "$@"; do
		case $line in
		Match*) printf '%b\n' "$line" >> "$SPOOL/sshd-other.conf" ;;
		*) sed -i "1i $line" "$SPOOL/sshd-other.conf" ;;
		esac
	done
	"$(command -v sshd)" -f "$SPOOL/sshd-other.conf"
	wait_for sshd_listens host
}

@test "the sshd that runs does not ask PAM, whatever /etc/ssh says" {
	sshd_again 'UsePAM no'
	finds FAIL 'sshd: UsePAM no: no login there is fenced'
	sshd_again
	finds_no 'UsePAM no'
}

# What is setuid is root's as well, and its title the choice of whoever starts it.
@test "a fenced user's process that calls itself sshd is not asked" {
	mkfifo "$SPOOL/never"
	sleep 60 3<> "$SPOOL/never" & # the other end
	local keeper=$!
	setpriv --reuid alice --regid alice --init-groups bash -c \
		"exec -a 'sshd: sshd -o UsePAM=no -f /dev/null [listener] 0 of 10-100 startups' \
		su carol" < "$SPOOL/never" &
	local sham=$!
	wait_for eval "grep -q listener /proc/$sham/cmdline && grep -q '^Uid:.0*1001.0' /proc/$sham/status"
	run doctor
	kill "$keeper" "$sham"
	rm "$SPOOL/never"
	[[ $output != *"UsePAM no"* ]]
	[[ $output == *"ok    sshd: UsePAM yes"* ]]
}

@test "ssh -R, of those for whom it is open" {
	finds warn 'alice, bob and dave: ssh -R is open: AllowTcpForwarding yes'
	sshd_again 'Match Group supporters\n AllowTcpForwarding local\n AllowStreamLocalForwarding no' \
		'Match User dave\n PermitTunnel yes'
	finds_no 'ssh -R'
	sshd_again 'Match User alice,bob\n DisableForwarding yes'
	finds warn 'dave: ssh -R is open'
	sshd_again 'PermitTunnel yes'
	mkdir -p /home/alice/.ssh
	sed 's/^/tunnel="0" /' "$SPOOL/alice.pub" > "$SPOOL/alice.pub.new"
	mv "$SPOOL/alice.pub.new" "$SPOOL/alice.pub"
	finds warn 'alice: a key may open a tunnel: tunnel= ('"$SPOOL"'/alice.pub:1)'
	cp "$SPOOL/key.pub" "$SPOOL/alice.pub"
	sshd_again
	finds_no 'tunnel'
}

@test "the module: another version, and one that cannot be loaded" {
	module=$(find /usr/lib -name pam_netfence.so)
	cp -a "$module" "$SPOOL/module"
	sed -i 's/@(#)pam_netfence 1/@(#)pam_netfence 9/' "$module"
	finds warn 'pam_netfence.so: is 9.0, netfenced is 1.0'
	head -c 20000 "$SPOOL/module" > "$module"
	printf '@(#)pam_netfence 1.0\0' >> "$module"
	finds FAIL 'pam_netfence.so: cannot be loaded'
	rm "$module"
	finds FAIL 'pam_netfence.so: is not where libpam looks for modules'
	cp -a "$SPOOL/module" "$module"
	finds_no 'pam_netfence.so:'
}

# ---------------------------------------------------------------- the tables

@test "others' rules that lose their count, and what is sent elsewhere" {
	only_with iptables
	iptables-legacy -A INPUT -p tcp --dport 9 -m limit --limit 1/min -j ACCEPT
	ip6tables-legacy -A house -p tcp -m quota --quota 10 -j ACCEPT
	iptables-legacy -A INPUT -p tcp --dport 9 -m hashlimit --hashlimit-upto 1/min \
		--hashlimit-name x -j ACCEPT
	finds warn 'IPv4: rule 2 of INPUT has `limit`'
	finds warn 'IPv6: rule 2 of house has `quota`'
	if grep hashlimit\` "$SPOOL/doctor"; then false; fi
	iptables-legacy -D INPUT 3
	iptables-legacy -D INPUT 2
	ip6tables-legacy -D house 2
	finds_no 'begins anew'
	iptables-legacy -t nat -A OUTPUT -p tcp --dport 80 -j REDIRECT --to-ports 3128
	finds warn 'iptables-legacy-save: sends traffic elsewhere before the fence sees it: -A OUTPUT'
	iptables-legacy -t nat -F OUTPUT
	finds_no 'elsewhere'
	nft add table inet mine
	doctor --all | grep -q '^ok    nftables: beside the fence: inet mine'
	nft delete table inet mine
}

@test "the table of nftables: there, and what loads another ruleset over it" {
	only_with nftables
	app_start
	[ "$(app open one su alice)" = 0 ]
	doctor --all | grep -q '^ok    nftables: table inet netfence is there, at the output hook'
	printf 'flush ruleset\n' > /etc/nftables.conf
	finds warn '/etc/nftables.conf: `flush ruleset` takes the fence away'
	rm /etc/nftables.conf
	finds_no 'takes the fence away'
	# netfenced mends it while the doctor looks.
	nft add table inet netfence '{ flags dormant; }'
	finds_no 'dormant'
	nft add table inet mine
	doctor --all | grep -q '^ok    nftables: beside the fence: inet mine'
	nft delete table inet mine
	app_stop
	wait_for tables_as_before
}

@test "the jump: in its place, and behind what others put before it" {
	only_with iptables
	app_start
	[ "$(app open one su alice)" = 0 ]
	doctor --all | grep -q '^ok    IPv4: the jump is at OUTPUT 1'
	doctor --all | grep -q '^ok    IPv6: the jump is at OUTPUT 1'
	# Nobody puts it back.
	stop_netfenced
	ip6tables-legacy -I OUTPUT -j ACCEPT
	doctor > "$SPOOL/doctor" && false
	grep -q '^FAIL  IPv6: the jump is at OUTPUT 2: what stands before may let pass' "$SPOOL/doctor"
	start_netfenced
	# This one does, while the doctor looks.
	finds_no 'the jump'
	app_stop
	ip6tables-legacy -D OUTPUT -j ACCEPT
	wait_for tables_as_before
}

# ---------------------------------------------------------------- ways round

@test "sudo: as somebody who is unfenced, with its place" {
	command -v sudo > /dev/null || skip "no sudo"
	useradd -m oracle
	printf '# rights\n\nalice ALL=(oracle) NOPASSWD: ALL\n' > /etc/sudoers.d/dba
	finds FAIL 'sudo: alice may run as oracle (/etc/sudoers.d/dba:3), who is unfenced'
	printf '# rights\n\nalice ALL=(oracle) NOPASSWD: /bin/true\n' > /etc/sudoers.d/dba
	finds warn 'sudo: alice may run /bin/true as oracle (/etc/sudoers.d/dba:3), who is unfenced'
	printf '%%supporters ALL=(root) NOPASSWD: /usr/bin/find\n' > /etc/sudoers.d/dba
	finds FAIL 'sudo: alice, bob and dave may run /usr/bin/find as root (/etc/sudoers.d/dba:1), who is never fenced'
	printf '# rights\n\nalice ALL=(oracle) NOPASSWD: ALL\n' > /etc/sudoers.d/dba
	# Fence oracle, as it says.
	usermod -aG supporters oracle
	finds_no sudo:
	rm /etc/sudoers.d/dba
	userdel -r oracle 2> /dev/null
}

@test "su: without a password" {
	sed -i '1i auth sufficient pam_wheel.so trust group=supporters' /etc/pam.d/su
	finds FAIL 'su: alice, bob and dave may become root without a password: group supporters (/etc/pam.d/su:1)'
	arm su
	finds_no 'su:'
}

@test "groups that make root" {
	groupadd -f docker
	gpasswd -a bob docker
	finds FAIL 'bob: in group docker'
	gpasswd -d bob docker
	finds_no docker
}

@test "programs with rights of their own: found, and true" {
	cp "$(command -v bash)" /usr/local/bin/bash
	chmod 4755 /usr/local/bin/bash
	app_start
	[ "$(app open one su alice)" = 0 ]
	before=$(seen "$LAN4" udp 53)
	as alice bash -c "echo > /dev/udp/$LAN4/53" || :
	[ "$(seen "$LAN4" udp 53)" = "$before" ]
	as alice /usr/local/bin/bash -p -c "echo > /dev/udp/$LAN4/53"
	[ "$(seen "$LAN4" udp 53)" -gt "$before" ]
	finds FAIL 'bash: setuid, and does whatever it is told (/usr/local/bin/bash)'
	chmod 755 /usr/local/bin/bash
	finds_no 'bash:'
	command -v setcap > /dev/null || skip "no setcap for the rest"
	setcap cap_setuid+ep /usr/local/bin/bash
	finds FAIL 'bash: who starts it can become more than they are: cap_setuid (/usr/local/bin/bash)'
	rm /usr/local/bin/bash
	finds_no 'bash:'
}

@test "jobs of cron whose stack does not fence" {
	command -v cron > /dev/null || skip "no cron, or another one"
	mkdir -p /var/spool/cron/crontabs
	echo '0 0 1 1 * true' > /var/spool/cron/crontabs/alice
	finds_no crontab
	sed -i '/pam_netfence/d' /etc/pam.d/cron
	finds FAIL 'alice: a crontab, and /etc/pam.d/cron does not fence (/var/spool/cron/crontabs/alice)'
	rm /var/spool/cron/crontabs/alice
	echo '@daily bob true' > /etc/cron.d/bob
	finds FAIL 'bob: a job of cron'\''s, and /etc/pam.d/cron does not fence (/etc/cron.d/bob:1)'
	rm /etc/cron.d/bob
	arm cron
	finds_no cron
}

@test "processes of a fenced user who has no fence" {
	daemon stray setpriv --reuid="$(id -u dave)" --regid="$(id -g dave)" --init-groups \
		sleep 1000
	wait_for pgrep -u dave -x sleep
	finds FAIL "dave: process $(cat "$SPOOL/stray.pid") (sleep) runs without a fence"
	app_start
	[ "$(app open one su dave)" = 0 ]
	finds_no dave:\ process
	[ "$(app close one)" = 0 ]
	kill "$(cat "$SPOOL/stray.pid")"
	wait_for tables_as_before
	finds_no dave:\ process
}

@test "a resolver that may be asked over loopback" {
	dnsmasq_at 127.0.0.1
	finds warn 'alice, bob and dave: may ask a resolver on this host, port 53, which sends as root'
	[ "$(grep -c 'a resolver' "$SPOOL/doctor")" = 1 ]
	sed -i 's|^    message:|    loopback: reject\n&|' /etc/netfence/netfence.yaml
	netfencectl reload
	finds_no 'a resolver'
	restore_rules
	kill "$(cat "$SPOOL/resolver.pid")"
	wait_for gone "$(cat "$SPOOL/resolver.pid")"
	finds_no 'a resolver'
}

dnsmasq_at() # ADDRESS
{
	daemon resolver dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root \
		--pid-file= --no-resolv --no-hosts "--listen-address=$1" --bind-interfaces
	wait_for listens_here udp "$1:53"
}

listens_here() # tcp|udp ADDRESS:PORT
{
	[ -n "$(ss -Hln "--$1" "src $2")" ]
}

@test "subordinate uids that cannot be fenced" {
	cp /etc/subuid "$SPOOL/subuid"
	echo 'alice:1000:10' > /etc/subuid
	finds warn 'alice: cannot log in: '
	cp "$SPOOL/subuid" /etc/subuid
	finds_no 'cannot log in'
}

@test "folders and programs that others could write" {
	chmod 0777 /run/netfence
	finds FAIL '/run/netfence: uid 0, mode 0777: others could put things there'
	chmod 0755 /run/netfence
	chmod u+s /usr/sbin/netfenced
	finds FAIL 'netfenced: mode 4755: it needs no setuid or setgid bit (/usr/sbin/netfenced)'
	chmod 0755 /usr/sbin/netfenced
	finds_no 'mode 4755'
}

@test "mptcp that takes addresses from the far end" {
	[ -e /proc/sys/net/mptcp/enabled ] || skip "no MPTCP in this kernel"
	in_far sysctl -q -w net.mptcp.enabled=1
	in_far ip mptcp limits set subflows 4 add_addr_accepted 4
	in_far ip mptcp endpoint add "$OTHER4" signal
	daemon echo nsenter --net=/run/netns/far python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.bind(("", 80))
s.listen()
while True:
    c = s.accept()[0]
    while d := c.recv(1000):
        c.send(d)'
	wait_for listens far tcp :80
	app_start
	[ "$(app open one su alice)" = 0 ]
	# To the one address that the rules allow, and nowhere else.
	finds_no 'mptcp:'
	exchange
	[ "$(seen "$OTHER4" tcp 80)" = 0 ]
	ip mptcp limits set add_addr_accepted 2 subflows 4
	exchange
	[ "$(seen "$OTHER4" tcp 80)" -gt 0 ]
	finds FAIL 'mptcp: the far end of an allowed connection can name further addresses'
	ip mptcp limits set add_addr_accepted 0
	kill "$(cat "$SPOOL/echo.pid")"
	finds_no 'mptcp:'
}

exchange()
{
	as alice python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.connect((sys.argv[1], 80))
for i in range(200):
    s.send(b"x")
    s.recv(1000)' "$PATCH4"
}

@test "sshd -T that cannot tell: not known, and not taken for good" {
	mv /run/sshd /run/away
	run netfencectl doctor
	mv /run/away /run/sshd
	if sshd -G > /dev/null 2>&1; then
		[[ $output == *"ok    sshd: UsePAM yes"* ]]
	else
		[[ $output == *"?     sshd: sshd -T does not tell what it does: Missing privilege"* ]]
		[[ $output != *"ok    sshd: UsePAM yes"* ]]
		[[ ${lines[-1]} == *", 1 not known, "* ]]
	fi
}

@test "a name service that does not answer" {
	cat > "$SPOOL/slow.c" <<-END
	#include <nss.h>
	#include <pwd.h>
	#include <unistd.h>
	enum nss_status _nss_slow_getpwnam_r(const char *, struct passwd *, char *, size_t, int *);
	enum nss_status
	_nss_slow_getpwnam_r(const char *name, struct passwd *entry, char *room, size_t n, int *error)
	{
		(void)name, (void)entry, (void)room, (void)n, (void)error;
		for (;;)
			pause();
	}
	END
	library=$(find /usr/lib /lib -name 'libnss_files.so.2' -o -name 'libnss_compat.so.2' | head -1)
	[ -n "$library" ] || skip "no folder of name services found"
	cc -shared -fPIC -o "${library%/*}/libnss_slow.so.2" "$SPOOL/slow.c"
	sed -i 's/^passwd: files/passwd: slow files/' /etc/nsswitch.conf
	finds FAIL 'name service: no answer within 10 s: no user has been looked at'
	sed -i 's/^passwd: slow files/passwd: files/' /etc/nsswitch.conf
	rm "${library%/*}/libnss_slow.so.2"
	finds_no 'name service'
}

@test "two names of one uid" {
	useradd -o -u "$(id -u alice)" -g carol -M -N twin 2> /dev/null
	finds FAIL "twin: another name of alice's uid, with another policy or none"
	usermod -aG supporters twin
	finds_no twin:
	userdel twin
}

@test "jobs of at whose stack does not fence" {
	command -v atd > /dev/null || skip "no at"
	as alice at now + 2 days <<< true 2> /dev/null
	finds_no "a job of at's"
	sed -i '/pam_netfence/d' /etc/pam.d/atd
	finds FAIL "alice: a job of at's, and /etc/pam.d/atd does not fence (/var/spool/cron/atjobs/"
	arm atd
	as alice atrm "$(as alice atq | cut -f 1)"
	finds_no "at's"
}

@test "very many users: summed up, and who was not looked at is said" {
	cp -a /etc/passwd /etc/group "$SPOOL/"
	awk 'BEGIN { for (i = 1; i <= 700; i++)
		printf "many%d:x:%d:%d::/nonexistent:/bin/sh\n", i, 20000 + i, 20000 }' >> /etc/passwd
	echo 'many:x:20000:' >> /etc/group
	rules groups/many.yaml <<< 'egress: []'
	netfencectl reload
	sed -i '1i session sufficient pam_unix.so' /etc/pam.d/su
	run doctor
	arm su
	grep -E '^\?     users: up to 203 more are fenced than the 500 that were looked at' <<< "$output"
	grep -E '^\?     users: sshd and sudo were asked about the first 64 of 500' <<< "$output"
	grep -E '^warn  many1, many10, many100 and 61 more: ssh -R is open' <<< "$output"
	cp -a "$SPOOL/passwd" "$SPOOL/group" /etc/
	rm -r /etc/netfence/groups
	netfencectl reload
	finds_no 'more are fenced'
}
