#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: a supporter logs in over ssh, in a throwaway copy of this machine; a table says what
# was tried, expected and happened. $BUILD/stage holds netfence as `make install` puts it.
# Exit 0 only if all came as expected, and the machine itself is as it was.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${BUILD:?}"

bold='' dim='' green='' red='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$'\e[1m' dim=$'\e[2m' green=$'\e[32m' red=$'\e[31m' plain=$'\e[0m'
fi

heading()
{
	printf '\n%s%s%s\n' "$bold" "$1" "$plain"
}

quote() # standard input, as something shown
{
	sed "s/\r//g; s/^/  $dim│$plain /"
}

tried=0 good=0

mark() # yes|no
{
	tried=$((tried + 1))
	if [ "$1" = yes ]; then
		good=$((good + 1))
		printf '  %s✔%s ' "$green" "$plain"
	else
		printf '  %s✘%s ' "$red" "$plain"
	fi
}

# ---------------------------------------------------------------- the attempts

row()
{
	printf '%-25s %-5s %-9s %-26s %s\n' "$@"
}

table_head()
{
	printf '\n    %s' "$bold"
	row 'what was tried' over expected happened "packets$plain"
}

# One command as some user, and what of it arrives on the far side. It has passed, or was stopped,
# only if both say so.
try() # USER passes|stopped WHAT ADDRESS PROTOCOL/PORT COMMAND ...
{
	local user=$1 expected=$2 what=$3 address=$4 protocol=${5%/*} port=${5#*/}
	local before packets status=0 happened over=IPv4

	shift 5
	[[ $address != *:* ]] || over=IPv6
	before=$(seen "$address" "$protocol" "$port")
	run_as "$user" "$@" > "$SPOOL/said" 2>&1 < /dev/null || status=$?
	packets=$(($(seen "$address" "$protocol" "$port") - before))
	if ((status == 0 && packets > 0)); then
		happened=passes
	elif ((status != 0 && packets == 0)); then
		happened=stopped
	else
		happened="status $status"
	fi
	mark "$([ "$happened" = "$expected" ] && echo yes || echo no)"
	[ "$happened" = passes ] || happened="$happened: $(reason)"
	row "$what" "$over" "$expected" "$happened" "$packets"
}

# In the words of the program that was stopped.
reason()
{
	grep -oiE 'no route to host|not permitted|permission denied|timed out|connection refused' \
		"$SPOOL/said" | head -1 | tr '[:upper:]' '[:lower:]' | grep . || echo 'no answer'
}

# root on the host itself; the others in a login from outside, alice always in the same one.
run_as() # USER COMMAND ...
{
	local user=$1 inside

	shift
	printf -v inside '%q ' "$@"
	case $user in
	root) LC_ALL=C timeout 20 "$@" ;;
	*) timeout 20 nsenter --net=/run/netns/client ssh "${SSH_OPTIONS[@]}" \
		-S "$SPOOL/$user.master" "$user@$HOST4" "LC_ALL=C $inside" ;;
	esac
}

named_targets() # USER EXPECTED
{
	local address

	for address in "$MONITOR4" "$MONITOR6"; do
		try "$1" "$2" "SNMP trap to monitoring" "$address" udp/162 \
			env MIBS= snmptrap -v2c -c public "$(snmp_name "$address")" \
			42 1.3.6.1.4.1.8072.2.3.0.1
	done
	for address in "$TIME4" "$TIME6"; do
		try "$1" "$2" "NTP to the time server" "$address" udp/123 \
			/usr/local/bin/timed -Q -U -t 10 -f /dev/null "server $address iburst maxsamples 1"
	done
	for address in "$PATCH4" "$PATCH6"; do
		try "$1" "$2" "HTTP to the patch server" "$address" tcp/80 \
			curl -sSv -m 5 "http://$(url_name "$address")/"
	done
}

http_to_lan() # USER EXPECTED ADDRESS
{
	try "$1" "$2" "HTTP to a LAN host" "$3" tcp/80 curl -sSv -m 5 "http://$(url_name "$3")/"
}

the_rest() # USER EXPECTED
{
	local address

	for address in "$LAN4" "$LAN6"; do
		http_to_lan "$1" "$2" "$address"
	done
	for address in "$LAN4" "$LAN6"; do
		try "$1" "$2" "ssh to a LAN host" "$address" tcp/22 \
			ssh -o BatchMode=yes -o StrictHostKeyChecking=no \
			-o UserKnownHostsFile=/dev/null -o ConnectTimeout=5 "$address" true
	done
	for address in "$RESOLVER4" "$RESOLVER6"; do
		echo "nameserver $address" > /etc/resolv.conf
		try "$1" "$2" "DNS lookup" "$address" udp/53 getent ahosts patch.example.net
	done
}

snmp_name() { case $1 in *:*) echo "udp6:[$1]" ;; *) echo "$1" ;; esac; }
url_name() { case $1 in *:*) echo "[$1]" ;; *) echo "$1" ;; esac; }

# ---------------------------------------------------------------- in the world

# Everybody's account is on the LAN host too, with the same key: without a fence `ssh` gets in.
people()
{
	local user home

	person alice supporters
	person carol
	cp "$SPOOL/key.pub" "$SPOOL/root.pub"
	for user in alice carol root; do
		home=$(getent passwd "$user" | cut -d : -f 6)
		install -d -o "$user" -m 0700 "$home/.ssh"
		install -o "$user" -m 0600 "$SPOOL/key" "$home/.ssh/id_ed25519"
	done
	rm -rf /etc/motd /etc/update-motd.d
}

rules_of_the_demo()
{
	rules groups/supporters.yaml <<-END
	egress:
	  - allow: udp/162                    # SNMP traps
	    to: [$MONITOR4, "$MONITOR6"]
	  - allow: ntp
	    to: [$TIME4, "$TIME6"]
	  - allow: tcp/80,8000-8080
	    to: [$PATCH4, "$PATCH6"]
	    comment: patch server
	default: reject
	message: "Outbound access is limited; ask noc@example.com."
	END
	echo 'version: 1' | rules netfence.yaml
	netfencectl check > "$SPOOL/check.log" 2>&1 || { cat "$SPOOL/check.log"; return 1; }
}

log_in() # a terminal, as a person has it, and the way for all further commands
{
	mkfifo "$SPOOL/keyboard"
	TERM=dumb in_client ssh "${SSH_OPTIONS[@]}" -tt -M -S "$SPOOL/alice.master" "alice@$HOST4" \
		<> "$SPOOL/keyboard" > "$SPOOL/screen" 2>&1 &
	alice_ssh=$!
	wait_for prompted 1
	wait_for test -S "$SPOOL/alice.master"
	echo id > "$SPOOL/keyboard"
	wait_for prompted 2
}

prompted() # HOW-OFTEN
{
	[ "$(grep -c '^alice@host:.*\$ ' "$SPOOL/screen")" -ge "$1" ]
}

on_trouble()
{
	local status=$?

	((status != 0)) || return 0
	printf '\n%sthe demo stopped early; what netfenced and syslog said last:%s\n' "$red" "$plain"
	tail -n 15 "$SPOOL/netfenced.log" "$SPOOL/syslog" | quote
}

inside()
{
	local since

	# shellcheck source=lib/install.sh
	source "$here/lib/install.sh"
	trap on_trouble EXIT

	heading "A throwaway host, its networks, and a supporter outside"
	cat <<-END

	    client ───────── host ───────── far   monitoring, time, patch server, resolver
	    203.0.113.7        │   192.0.2.0/24, 2001:db8::/64
	    the supporter      └─────────── lan   10.0.0.5, 2001:db8:a::5: not theirs

	END
	network_up
	syslog_up
	install_netfence
	people
	arm sshd admin_group=sudo
	sshd_up host
	sshd_up lan
	http_up far
	http_up lan
	snmptrapd_up
	chronyd_up
	dnsmasq_up
	foreign_rules
	tables > "$SPOOL/tables"
	rules_of_the_demo
	start_netfenced
	echo "  /etc/pam.d/sshd:"
	grep pam_netfence /etc/pam.d/sshd | quote
	echo "  /etc/netfence/groups/supporters.yaml:"
	quote < /etc/netfence/groups/supporters.yaml

	heading "alice, of the group supporters, logs in:  ssh alice@$HOST4"
	log_in
	quote < "$SPOOL/screen"
	echo
	table_head
	named_targets alice passes
	the_rest alice stopped
	echo
	mark "$(wait_for traps_arrived && echo yes || echo no)"
	echo "snmptrapd on the monitoring server has both traps"
	echo
	echo "  netfencectl sessions, meanwhile:"
	netfencectl sessions | quote

	heading "Why not, and what would let her:  netfencectl explain alice tcp/80 $LAN4"
	netfencectl explain alice tcp/80 "$LAN4" | quote || :
	echo
	echo "  netfencectl grant alice tcp/80 $LAN4 --for 2h --reason TICKET-7"
	netfencectl grant alice tcp/80 "$LAN4" --for 2h --reason TICKET-7 | quote
	table_head
	http_to_lan alice passes "$LAN4"
	http_to_lan alice stopped "$LAN6"
	echo
	echo "  netfencectl revoke 1"
	netfencectl revoke 1 | quote
	table_head
	http_to_lan alice stopped "$LAN4"

	heading "carol, whom no rule fences, in a login of her own"
	table_head
	the_rest carol passes

	heading "root, on the host"
	table_head
	the_rest root passes

	heading "alice logs out"
	echo
	since=${EPOCHREALTIME/[.,]/}
	echo exit > "$SPOOL/keyboard"
	wait_for gone "$alice_ssh"
	mark "$(wait_for tables_as_before && echo yes || echo no)"
	printf 'the tables are as before her login, %d.%d s after it ended\n' \
		$(((${EPOCHREALTIME/[.,]/} - since) / 1000000)) \
		$(((${EPOCHREALTIME/[.,]/} - since) / 100000 % 10))
	grep -o 'event=session-.*' "$SPOOL/syslog" | grep alice | fold -s -w 76 | quote

	{
		echo "$tried $good"
		readlink /proc/self/ns/{mnt,pid,net,ipc,uts}
		in_far readlink /proc/self/ns/net
		in_lan readlink /proc/self/ns/net
		in_client readlink /proc/self/ns/net
	} >&7
	trap - EXIT
}

traps_arrived()
{
	grep -q 'UDP: .*192\.0\.2\.2' "$SPOOL/traps" &&
		grep -q 'UDP/IPv6: .*2001:db8::2' "$SPOOL/traps"
}

# ---------------------------------------------------------------- on the machine

# Processes in namespaces of the demo. The numbers of those that are gone are given out again, so
# whoever began after its end does not count.
still_there()
{
	local pid

	for pid in $(lsns -rno NS,PID | grep -wFf "$notes/made" | cut -d ' ' -f 2); do
		awk -v "ended=$ended" '{ sub(/.*\) /, "") } $20 < ended { print $20 }' \
			"/proc/$pid/stat" 2> /dev/null || :
	done
}

if [ "${1:-}" = --inside ]; then
	inside
	exit
fi
if [ "$(id -u)" != 0 ]; then
	echo "the demo needs root: it makes namespaces, and a real sshd in them" >&2
	exit 1
fi

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# shellcheck source=lib/machine.sh
source "$here/lib/machine.sh"
machine_writes_down "$notes"

status=0
# In the background, so that a signal ends this shell at once, and the world with it.
setpriv --pdeathsig KILL "$here/lib/world" bash "$here/demo.sh" --inside 7> "$notes/score" &
wait $! || status=$?
ended=$(($(cut -d ' ' -f 1 /proc/uptime | tr -d .)))
read -r tried good < "$notes/score" || status=1

heading "And this machine"
echo
mark "$(machine_compares "$notes" > "$notes/differs" && echo yes || echo no)"
echo "its tables, mounts, interfaces, users and all of /etc are as they were"
quote < "$notes/differs"
sed -n 's/.*\[\([0-9]*\)]$/\1/p' "$notes/score" > "$notes/made"
mark "$([ -s "$notes/made" ] && [ -z "$(still_there)" ] && echo yes || echo no)"
printf 'the %d namespaces of the demo are gone\n' "$(wc -l < "$notes/made")"

echo
if ((status == 0 && tried == good)); then
	printf '%s%d of %d as expected, in %d s.%s\n' "$green" "$good" "$tried" "$SECONDS" "$plain"
	cat <<-'END'

	To try next:
	  make check                 every test: unit, module, engine and whole logins
	  tests/lib/world bash       a shell in such a throwaway machine, root and harmless
	  README, INSTALL            the way onto a real host, in steps that lock nobody out
	END
else
	((status == 0)) || printf '%sIt did not come to its end.%s ' "$red" "$plain"
	printf '%s%d of %d as expected.%s\n' "$red" "$good" "$tried" "$plain"
	exit 1
fi
