# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a system test needs beside the hosts: netfence as installed, people, rules, logins.

# shellcheck source=install.sh
source "$BATS_TEST_DIRNAME/../lib/install.sh"

SYSLOG=$SPOOL/syslog

# The usual world of a test file.
setup_host()
{
	network_up
	syslog_up
	install_netfence
	person alice supporters # supplementary only
	groupadd -f supporters
	useradd -m -s /bin/bash -g supporters bob # primary
	usermod -p '*' bob
	cp "$SPOOL/key.pub" "$SPOOL/bob.pub"
	person carol          # free
	person dave supporters,sudo
	seed_rules
	foreign_rules
	for_all_services
	tables > "$SPOOL/tables"
}

seed_rules()
{
	rules netfence.yaml <<-END
	version: 1
	define:
	  monitoring: [$MONITOR4, "$MONITOR6"]
	  timeservers: [$TIME4, "$TIME6"]
	  patchserver: [$PATCH4, "$PATCH6"]
	groups:
	  supporters:
	    egress:
	      - allow: udp/162
	        to: monitoring
	      - allow: ntp
	        to: timeservers
	      - allow: tcp/80,8000-8080
	        to: patchserver
	        comment: patch server
	      - reject: any
	        to: [10.0.0.0/8, "2001:db8:a::/64"]
	      - allow: [icmp, icmpv6]
	        to: any
	    message: "Outbound access is limited; ask noc@example.com."
	END
}

# Ahead of a test about the tables of iptables, or the other engine's, alone.
only_with() # ENGINE
{
	[ "${ENGINE:-iptables}" = "$1" ] || skip "about $1"
}

# What the kernel holds of ours as the host's own tool tells it, all chains or those whose name is
# matched.
our_rules() # [EXTENDED-REGULAR-EXPRESSION]
{
	local chains=${1:-.*}

	if with_nftables && [ -z "${1:-}" ]; then
		nft list table inet netfence 2> /dev/null
	elif with_nftables; then
		nft list table inet netfence 2> /dev/null |
			awk -v "chains=^($chains)$" '$1 == "chain" { name = $2 }
				$1 == "chain" && name ~ chains { on = 1 }
				on; /^\t}/ { on = 0 }'
	else
		{ iptables-legacy -S; ip6tables-legacy -S; } |
			awk -v "chains=^($chains)$" '/NETFENCE/ && $2 ~ chains'
	fi
}

# The packets of fenced users come there, in both families.
fences_stand()
{
	if with_nftables; then
		nft list table inet netfence 2> /dev/null | grep -q 'hook output'
	else
		[[ $(iptables-legacy -S OUTPUT) == *" NETFENCE"* ]] &&
			[[ $(ip6tables-legacy -S OUTPUT) == *" NETFENCE"* ]]
	fi
}

# As another program would.
take_fences_away()
{
	if with_nftables; then
		nft delete table inet netfence
	else
		ip6tables-legacy -D OUTPUT 1
	fi
}

# To a file and back, as at a boot.
save_rules()
{
	iptables-legacy-save > "$SPOOL/saved4"
	ip6tables-legacy-save > "$SPOOL/saved6"
	! with_nftables || nft list table inet netfence > "$SPOOL/saved"
}

restore_rules()
{
	iptables-legacy-restore < "$SPOOL/saved4"
	ip6tables-legacy-restore < "$SPOOL/saved6"
	! with_nftables || nft -f "$SPOOL/saved"
}

# In tests `! tables_as_before` would not be noticed when it fails.
tables_differ()
{
	! tables_as_before > /dev/null
}

for_all_services()
{
	arm sshd
	arm su
	# Nobody here has a password.
	sed -i '1i auth sufficient pam_permit.so\naccount sufficient pam_permit.so' /etc/pam.d/su
	pam_service fenced
}

# The id and those of all that descend from it.
family_of() # PID
{
	local pid

	echo "$1"
	while read -r pid; do
		family_of "$pid"
	done < <(cat /proc/"$1"/task/*/children 2> /dev/null | xargs -r -n 1)
}

# ---------------------------------------------------------------- logins that stay

# An ssh session that lasts until logout.
login() # NAME USER
{
	rm -f "$SPOOL/$1.in" "$SPOOL/$1.out"
	mkfifo "$SPOOL/$1.in"
	(
		keep_no_descriptors
		ssh_as "$2" 'echo in; read -r _'
	) <> "$SPOOL/$1.in" > "$SPOOL/$1.out" 2>&1 &
	echo $! > "$SPOOL/$1.ssh"
	disown
	wait_for begun_or_refused "$1"
	begun "$1" || { cat "$SPOOL/$1.out"; return 1; }
}

begun_or_refused() # NAME
{
	local pid

	read -r pid < "$SPOOL/$1.ssh" && { begun "$1" || gone "$pid"; }
}

# Without any process of its own: on a machine that has none left to give, nothing is concluded.
begun() # NAME
{
	local line

	while read -r line; do
		[ "$line" != in ] || return 0
	done < "$SPOOL/$1.out"
	return 1
}

logout() # NAME
{
	gone "$(cat "$SPOOL/$1.ssh")" || echo > "$SPOOL/$1.in"
	wait_for gone "$(cat "$SPOOL/$1.ssh")"
}

# For teardown: what is needed to understand a failure, while it is still there.
on_failure()
{
	[ -z "${BATS_TEST_COMPLETED:-}" ] || return 0
	echo "-- netfenced:"
	tail -n 25 "$SPOOL/netfenced.log"
	echo "-- syslog:"
	tail -n 15 "$SYSLOG"
	echo "-- the tables, against those before:"
	tables_as_before || :
}

# Those that a test left, having failed or meant to.
logout_all()
{
	local name

	for name in "$SPOOL"/*.ssh; do
		[ -e "$name" ] || continue
		name=$(basename "$name" .ssh)
		logout "$name"
		rm "$SPOOL/$name.ssh"
	done
}

# ---------------------------------------------------------------- one process, many sessions

app_start() # [COMMAND ...] to run it with
{
	rm -f "$SPOOL/app.in"
	mkfifo "$SPOOL/app.in"
	: > "$SPOOL/app.out"
	(
		keep_no_descriptors
		exec setsid "$@" "$BUILD/tests/lib/sessions"
	) <> "$SPOOL/app.in" >> "$SPOOL/app.out" 2>&1 &
	echo $! > "$SPOOL/app.pid"
	disown
}

# What it answers to a command: `open NAME SERVICE USER`, `close NAME`, `end NAME`.
app() # WORD ...
{
	local before

	before=$(grep -c ^= "$SPOOL/app.out")
	echo "$*" > "$SPOOL/app.in"
	wait_for app_answered "$before" || return
	sed -n 's/^= //p' "$SPOOL/app.out" | tail -1
}

app_answered()
{
	[ "$(grep -c ^= "$SPOOL/app.out")" -gt "$1" ]
}

app_stop()
{
	[ -e "$SPOOL/app.pid" ] || return 0
	gone "$(cat "$SPOOL/app.pid")" || kill -KILL "$(cat "$SPOOL/app.pid")"
	wait_for gone "$(cat "$SPOOL/app.pid")"
	rm "$SPOOL/app.pid"
}

# ---------------------------------------------------------------- traffic

# Tries to send; how the attempt ends is not asked.
send() # USER PROTOCOL ADDRESS [PORT]
{
	case $2 in
	tcp) as "$1" timeout 3 bash -c "exec 3<> /dev/tcp/$3/$4" ;;
	udp) as "$1" bash -c "echo > /dev/udp/$3/$4" ;;
	icmp | icmpv6) as "$1" ping -c 1 -W 1 "$3" ;;
	esac > /dev/null 2>&1 || :
}

# Did packets of this user arrive there?
reaches() # USER PROTOCOL ADDRESS [PORT]
{
	local before after

	before=$(seen "$3" "$2" "${4:-}")
	send "$@"
	after=$(seen "$3" "$2" "${4:-}")
	[ "$after" -gt "$before" ]
}

# A failed `! reaches` bats would not see.
stopped() # USER PROTOCOL ADDRESS [PORT]
{
	if reaches "$@"; then
		echo "got through: $*"
		return 1
	fi
}

fenced() # USER
{
	reaches "$1" udp "$MONITOR4" 162 &&
		reaches "$1" udp "$MONITOR6" 162 &&
		stopped "$1" udp "$LAN4" 53 &&
		stopped "$1" udp "$LAN6" 53 &&
		stopped "$1" udp "$OTHER4" 162 &&
		stopped "$1" udp "$OTHER6" 162
}

free() # USER
{
	reaches "$1" udp "$LAN4" 53 && reaches "$1" udp "$LAN6" 53 &&
		reaches "$1" udp "$OTHER4" 162
}

# A log line of netfence on authpriv, as an extended regular expression.
logged()
{
	grep -Eq "^authpriv\..*$1" "$SYSLOG"
}

# Whatever was said to syslog before this has been written: a line of our own comes behind it.
log_settles()
{
	local mark="mark $BASHPID.$EPOCHREALTIME"

	logger -d -u /dev/log -p user.debug "$mark" && wait_for grep -qF "$mark" "$SYSLOG"
}

# How many lines there are, up to now, as an extended regular expression.
lines_logged()
{
	log_settles || return
	grep -Ec "$1" "$SYSLOG" || :
}

# Where `logged` would say no of a line that is on its way; and a failed `!` bats would not see.
not_logged()
{
	[ "$(lines_logged "^authpriv\..*$1")" = 0 ] || { grep -E "$1" "$SYSLOG"; return 1; }
}

# Begins a new log, in which there is nothing of what was before.
forget_log()
{
	log_settles && : > "$SYSLOG"
}

# Some may have ended by themselves between the look and the signal.
kill_all_of() # USER[,USER ...]
{
	pgrep -U "$1" | xargs -r kill -KILL 2> /dev/null || :
}
