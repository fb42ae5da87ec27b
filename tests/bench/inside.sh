#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# inside.sh [short]
#
# In a world: logins and what they cost, with netfence and without. Its standard output is lines
# of "MEASURE SESSIONS POLICIES CONTENDER VALUE", which report.py makes tables of; the same goes
# to standard error as it comes.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/install.sh
source "$here/../lib/install.sh"

short=${1:-}
exec 3>&1 1>&2
tools=$BUILD/tests/bench
UID_FIRST=20000 SUBUID_FIRST=1000000 RANGE=65536
LOGINS=450 # accounts b0, b1, ..., who log in

say() # MEASURE SESSIONS POLICIES CONTENDER VALUE
{
	echo "$*" >&3
	echo "  ${SECONDS}s $*" >&2
}

# ---------------------------------------------------------------- people and rules

# The crowd's first N, and those who log in: uids between the crowd's, half of them with a range,
# between the crowd's too.
accounts() # SESSIONS POLICIES
{
	local n=$1 policies=$2

	[ -e /etc/passwd.before ] || {
		cp /etc/passwd /etc/passwd.before
		cp /etc/group /etc/group.before
	}
	awk -v n="$n" -v logins="$LOGINS" -v uid=$UID_FIRST -v policies="$policies" '
		BEGIN {
			for (i = 0; i < n; i++)
				printf "c%d:x:%d:%d::/:/bin/sh\n", i, uid + 2 * i, 60000 + i % policies
			for (i = 0; i < logins; i++)
				printf "b%d:x:%d:%d::/:/bin/sh\n", i, uid + 2 * i + 1, 60000 + i % policies
		}' | cat /etc/passwd.before - > /etc/passwd
	awk -v policies="$policies" 'BEGIN {
		for (i = 0; i < policies; i++) printf "g%d:x:%d:\n", i, 60000 + i
		}' | cat /etc/group.before - > /etc/group
	awk -v n="$n" -v logins="$LOGINS" -v from=$SUBUID_FIRST -v range=$RANGE 'BEGIN {
		for (i = 0; i < n; i += 2) printf "c%d:%d:%d\n", i, from + i * range, range
		for (i = 1; i < logins; i += 2) printf "b%d:%d:%d\n", i, from + i * range, range
		}' > /etc/subuid
}

policies() # POLICIES
{
	awk -v policies="$1" 'BEGIN {
		print "version: 1\ngroups:"
		for (p = 0; p < policies; p++) {
			printf "  g%d:\n    egress:\n", p
			for (i = 1; i <= 20; i++)
				printf "      - allow: udp/%d\n        to: 192.0.2.%d\n", 100 + i, 100 + (i + p) % 100
		}
	}' | rules netfence.yaml
}

service() # NAME SESSION-LINE...
{
	local name=$1

	shift
	{
		echo 'auth required pam_permit.so'
		echo 'account required pam_permit.so'
		printf 'session %s\n' "$@" 'required pam_permit.so'
	} > "/etc/pam.d/$name"
}

# What people write, of the same policy: a chain for each user, with its rules, and a jump; both
# families.
scripts()
{
	mkdir -p /opt/bench
	cat > /opt/bench/iptables <<-'END'
	#!/bin/sh
	for t in iptables-legacy ip6tables-legacy; do
		if [ "$PAM_TYPE" = open_session ]; then
			$t -w -N "U-$PAM_USER"
			$t -w -A "U-$PAM_USER" -o lo -j RETURN
			i=101
			while [ $t = iptables-legacy ] && [ $i -le 120 ]; do
				$t -w -A "U-$PAM_USER" -p udp -d 192.0.2.$i --dport $i -j RETURN
				i=$((i + 1))
			done
			$t -w -A "U-$PAM_USER" -j REJECT
			$t -w -A OUTPUT -m owner --uid-owner "$PAM_USER" -j "U-$PAM_USER"
		else
			$t -w -D OUTPUT -m owner --uid-owner "$PAM_USER" -j "U-$PAM_USER"
			$t -w -F "U-$PAM_USER"
			$t -w -X "U-$PAM_USER"
		fi
	done
	END
	cat > /opt/bench/restore <<-'END'
	#!/bin/sh
	for t in iptables-legacy-restore ip6tables-legacy-restore; do
		if [ "$PAM_TYPE" = open_session ]; then
			echo "*filter"
			echo ":U-$PAM_USER - [0:0]"
			echo "-A U-$PAM_USER -o lo -j RETURN"
			i=101
			while [ $t = iptables-legacy-restore ] && [ $i -le 120 ]; do
				echo "-A U-$PAM_USER -p udp -d 192.0.2.$i --dport $i -j RETURN"
				i=$((i + 1))
			done
			echo "-A U-$PAM_USER -j REJECT"
			echo "-A OUTPUT -m owner --uid-owner $PAM_USER -j U-$PAM_USER"
		else
			echo "*filter"
			echo "-D OUTPUT -m owner --uid-owner $PAM_USER -j U-$PAM_USER"
			echo "-F U-$PAM_USER"
			echo "-X U-$PAM_USER"
		fi > "/run/rules.$$"
		echo COMMIT >> "/run/rules.$$"
		$t -w -n "/run/rules.$$"
	done
	rm -f "/run/rules.$$"
	END
	cat > /opt/bench/nft <<-'END'
	#!/bin/sh
	if [ "$PAM_TYPE" = open_session ]; then
		echo "add chain inet bench u-$PAM_USER"
		echo "add rule inet bench u-$PAM_USER oif lo return"
		i=101
		while [ $i -le 120 ]; do
			echo "add rule inet bench u-$PAM_USER ip daddr 192.0.2.$i udp dport $i return"
			i=$((i + 1))
		done
		echo "add rule inet bench u-$PAM_USER reject"
		echo "add element inet bench who { $PAM_USER : jump u-$PAM_USER }"
	else
		echo "delete element inet bench who { $PAM_USER }"
		echo "flush chain inet bench u-$PAM_USER"
		echo "delete chain inet bench u-$PAM_USER"
	fi > "/run/rules.$$"
	nft -f "/run/rules.$$"
	rm -f "/run/rules.$$"
	END
	chmod +x /opt/bench/*
	service bench-permit
	service bench-true 'required pam_exec.so quiet /bin/true'
	service bench-iptables 'required pam_exec.so quiet /opt/bench/iptables'
	service bench-restore 'required pam_exec.so quiet /opt/bench/restore'
	service bench-nft 'required pam_exec.so quiet /opt/bench/nft'
	service bench-netfence 'requisite pam_netfence.so timeout=60'
}

# The scripts' own tables, each in a namespace of its own, as N of their sessions leave them.
script_tables() # SESSIONS
{
	local name t

	for name in iptables restore nft; do
		ip netns delete "$name" 2> /dev/null || :
		ip netns add "$name"
	done
	for t in iptables-legacy-restore ip6tables-legacy-restore; do
		awk -v n="$1" -v uid=$UID_FIRST -v t=$t 'BEGIN {
			print "*filter"
			for (i = 0; i < n; i++) printf ":U-c%d - [0:0]\n", i
			for (i = 0; i < n; i++) {
				printf "-A U-c%d -o lo -j RETURN\n", i
				for (to = 101; t == "iptables-legacy-restore" && to <= 120; to++)
					printf "-A U-c%d -p udp -d 192.0.2.%d --dport %d -j RETURN\n", i, to, to
				printf "-A U-c%d -j REJECT\n", i
				printf "-A OUTPUT -m owner --uid-owner %d -j U-c%d\n", uid + 2 * i, i
			}
			print "COMMIT" }' > /tmp/script-table
		in_ns iptables $t -n < /tmp/script-table
		in_ns restore $t -n < /tmp/script-table
	done
	awk -v n="$1" -v uid=$UID_FIRST 'BEGIN {
		print "table inet bench {"
		print " map who { type uid : verdict; }"
		for (i = 0; i < n; i++) {
			printf " chain u-c%d { oif lo return; ", i
			for (to = 101; to <= 120; to++)
				printf "ip daddr 192.0.2.%d udp dport %d return; ", to, to
			print "reject; }"
		}
		print " chain out { type filter hook output priority 0; meta skuid vmap @who; }\n}"
		for (i = 0; i < n; i++)
			printf "add element inet bench who { %d : jump u-c%d }\n", uid + 2 * i, i
		}' | in_ns nft nft -f -
}

# ---------------------------------------------------------------- the daemon and its crowd

status() # KEY
{
	netfencectl --json status | tr -s ',{}' '\n' | sed -n "s/^ *\"$1\": *//p" | head -n 1
}

# A session of its own is a group of its own to the scheduler: it is to have what the rest has.
same_priority() # PID
{
	local nice

	nice=$(awk '{ print $3 }' /proc/self/autogroup 2> /dev/null) || return 0
	echo "$nice" > "/proc/$1/autogroup"
}

crowd_up() # SESSIONS POLICIES
{
	rm -f /tmp/crowd.in /tmp/crowd.out
	mkfifo /tmp/crowd.in
	"$tools/sessions" crowd 0 "$1" "$2" <> /tmp/crowd.in > /tmp/crowd.out &
	crowd=$!
	until grep -qs ready /tmp/crowd.out; do
		kill -0 "$crowd" || return
		sleep 0.05
	done
	say crowd "$1" "$2" "$engine" "$(cut -d ' ' -f 2 /tmp/crowd.out)"
}

users_are() # HOW-MANY
{
	[ "$(status users)" = "$1" ]
}

patiently() # COMMAND ...
{
	local i

	for ((i = 0; i < 40; i++)); do
		! wait_for "$@" 2> /dev/null || return 0
	done
	return 1
}

memory() # the resident set of all of netfenced's processes, KiB
{
	local pid kib=0 one

	for pid in $(pgrep -x 'netfenced.*'); do
		one=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")
		kib=$((kib + ${one:-0}))
	done
	echo "$kib"
}

# ---------------------------------------------------------------- measuring

user=0 # the next account that has not logged in yet
next_users() # HOW-MANY
{
	((user + $1 <= LOGINS)) || user=0
	first=$user
	user=$((user + $1))
}

logins() # SESSIONS POLICIES ROUNDS
{
	local contenders=(bench-permit bench-true bench-netfence) name

	if (($1 <= 1000 && $2 == 1)); then
		script_tables "$1"
		contenders+=(bench-iptables@/run/netns/iptables bench-restore@/run/netns/restore
			bench-nft@/run/netns/nft)
	fi
	next_users "$3"
	"$tools/login" once "$3" "$first" "${contenders[@]}" | while read -r name open close; do
		name=${name#bench-}
		say open "$1" "$2" "$engine/$name" "$open"
		say close "$1" "$2" "$engine/$name" "$close"
	done
	patiently users_are "$1"
}

crowded() # SESSIONS POLICIES COUNT ROUNDS
{
	local round before after

	for ((round = 0; round < $4; round++)); do
		next_users "$3"
		say many "$1" "$2" "$engine/permit" "$("$tools/login" many "$3" 32 "$first" bench-permit)"
		before=$(status commits)
		say many "$1" "$2" "$engine/netfence" "$("$tools/login" many "$3" 32 "$first" bench-netfence)"
		after=$(status commits)
		# iptables' are one for each family.
		say commits "$1" "$2" "$engine" "$(awk -v c=$((after - before)) -v n="$3" \
			-v tables="$([ "$engine" = iptables ] && echo 2 || echo 1)" \
			'BEGIN { print c / tables / n }')"
		patiently users_are "$1"
	done
}

measure() # SESSIONS POLICIES ENGINE
{
	local rounds=30 count=400 crowds=4 engine=$3

	[ -z "$short" ] || rounds=20 count=200 crowds=2
	accounts "$1" "$2"
	policies "$2"
	rm -rf /run/netfence
	daemon netfenced netfenced -e "$engine"
	same_priority "$(netfenced_pid)"
	wait_for netfencectl status
	(($1 > 0)) || say memory 0 "$2" "$engine" "$(memory)"
	crowd=
	(($1 == 0)) || crowd_up "$1" "$2"
	logins "$1" "$2" "$rounds"
	crowded "$1" "$2" "$count" "$crowds"
	if [ "$2" = 1 ]; then
		"$tools/sessions" second $((rounds * 20)) | while read -r name value; do
			say second "$1" "$2" "$engine/$name" "$value"
		done
		patiently users_are "$1"
	fi
	say memory "$1" "$2" "$engine" "$(memory)"
	if [ -n "$crowd" ]; then
		restart "$1" "$2"
		exec 7> /tmp/crowd.in
		exec 7>&-
		kill "$crowd"
	fi
	stop_netfenced
	netfenced --flush
}

restart_once() # POLICIES
{
	stop_netfenced
	"$tools/sessions" restart "$1" netfenced -e "$engine" 2>> "$SPOOL/netfenced.log"
	pgrep -x netfenced | head -n 1 > "$SPOOL/netfenced.pid"
}

restart() # SESSIONS POLICIES
{
	local i out due

	for i in 1 2; do
		say restart "$1" "$2" "$engine" "$(restart_once "$2")"
		patiently users_are "$1"
	done
	# Once more, while one of the crowd never stops sending; and then root, who may.
	out=$(arrived)
	start_sender $(($1 / 2))
	restart_once "$2" > /dev/null
	patiently users_are "$1"
	say tries "$1" "$2" "$engine" "$(stop_sender)"
	say out "$1" "$2" "$engine" $(($(arrived) - out))
	out=$(arrived)
	start_sender -1
	due=$(stop_sender)
	wait_for arrived_are $((out + due))
}

# A far host, which counts what comes to port 100.
far()
{
	local t

	ip netns add far
	ip link add near type veth peer name far netns far
	sysctl -q -w net.ipv6.conf.near.accept_dad=0
	in_ns far sysctl -q -w net.ipv6.conf.far.accept_dad=0
	ip addr add 10.9.0.1/24 dev near
	ip addr add fd09::1/64 dev near nodad
	in_ns far ip addr add 10.9.0.2/24 dev far
	in_ns far ip addr add fd09::2/64 dev far nodad
	ip link set near up
	in_ns far ip link set far up
	for t in iptables-legacy ip6tables-legacy; do
		in_ns far "$t" -A INPUT -p udp --dport 100
	done
}

arrived()
{
	{
		in_ns far iptables-legacy -nvxL INPUT
		in_ns far ip6tables-legacy -nvxL INPUT
	} | awk '/dpt:100/ { n += $1 } END { print n }'
}

arrived_are() # HOW-MANY
{
	[ "$(arrived)" = "$1" ]
}

start_sender() # NUMBER
{
	rm -f /tmp/sender.in /tmp/sender.out
	mkfifo /tmp/sender.in
	"$tools/sessions" send "$1" 10.9.0.2 100 <> /tmp/sender.in > /tmp/sender.out &
	sender=$!
}

stop_sender()
{
	echo > /tmp/sender.in
	while [ -e "/proc/$sender" ] && ! [ -s /tmp/sender.out ]; do
		sleep 0.01
	done
	cat /tmp/sender.out
}

# ---------------------------------------------------------------- without logins

engine() # ENGINE SESSIONS POLICIES ROUNDS
{
	"$tools/engine" "$@" | while read -r name value; do
		say engine "$2" "$3" "$1/$name" "$value"
	done
}

packets() # ROUNDS SESSIONS
{
	"$tools/packet" "$@" | while read -r name value; do
		say packet "$2" 1 "$name" "$value"
	done
}

sizes=(0 100 1000 10000)
[ -z "$short" ] || sizes=(0 100 1000)
daemon syslogd "$tools/log" "$SPOOL/syslog"
wait_for test -S /dev/log
install_netfence
scripts
far
for n in "${sizes[@]:1}"; do
	for name in iptables nftables; do
		engine "$name" "$n" 1 $((n < 10000 ? 40 : 15))
	done
done
if [ -z "$short" ]; then
	for name in iptables nftables; do
		engine "$name" 10000 50 15
	done
fi
packets "$([ -n "$short" ] && echo 1 || echo 3)" "${sizes[-1]}"
for n in "${sizes[@]}"; do
	for name in iptables nftables; do
		measure "$n" 1 "$name"
	done
done
if [ -z "$short" ]; then
	for name in iptables nftables; do
		measure 10000 50 "$name"
	done
fi
