# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a system test needs beside the hosts: netfence as installed, people, rules, logins.

source "$BATS_TEST_DIRNAME/../lib/hosts.sh"

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

# `make install` was done to a folder outside; here its files come to where they belong.
install_netfence()
{
	tar -C "$BUILD/stage" -cf - . |
		tar -C / -xf - --keep-directory-symlink --no-overwrite-dir --no-same-owner
	getent passwd netfence > /dev/null ||
		useradd -r -d /nonexistent -s /usr/sbin/nologin netfence
	rm -rf /etc/netfence
	install -d -o root -g netfence -m 0750 /etc/netfence
}

# Writes one file of the rules, from standard input, as they must be owned.
rules() # NAME
{
	case $1 in
	*/*) install -d -o root -g netfence -m 0750 "/etc/netfence/${1%/*}" ;;
	esac
	cat > "/etc/netfence/$1"
	chown root:netfence "/etc/netfence/$1"
	chmod 0640 "/etc/netfence/$1"
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

# Rules of the host's own, in both families, before and behind where the jump goes.
foreign_rules()
{
	local tables

	for tables in iptables-legacy ip6tables-legacy; do
		"$tables" -N house
		"$tables" -A house -p udp --dport 7 -m comment --comment house -j DROP
		"$tables" -A OUTPUT -p tcp --dport 7 -j DROP
		"$tables" -A OUTPUT -j house
		"$tables" -A INPUT -p tcp --dport 7 -j DROP
	done
}

tables_as_before()
{
	tables | diff "$SPOOL/tables" -
}

# In tests `! tables_as_before` would not be noticed when it fails.
tables_differ()
{
	! tables_as_before > /dev/null
}

# ---------------------------------------------------------------- PAM

# The real stacks of this machine, with the module where the README puts it: in the session part,
# after pam_loginuid and before everything that is included or comes later.
arm() # SERVICE [OPTION ...]
{
	local service=$1 real=/etc/pam.d/$1

	shift
	[ -e "$SPOOL/pam-$service" ] || {
		[ -e "$real" ] || real=/usr/lib/pam.d/$service
		cp "$real" "$SPOOL/pam-$service"
	}
	awk -v "line=session requisite pam_netfence.so $*" '
		/^-?session.*pam_(selinux|loginuid)\.so/ && !done { print; next }
		(/^-?session/ || /^@include common-session/) && !done { print line; done = 1 }
		{ print }
		END { if (!done) print line }' "$SPOOL/pam-$service" > "/etc/pam.d/$service"
}

# A small stack, with the module and pam_permit beside it.
pam_service() # NAME [OPTION ...]
{
	local name=$1

	shift
	printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' \
		"session requisite pam_netfence.so $*" 'session required pam_permit.so' \
		> "/etc/pam.d/$name"
}

for_all_services()
{
	arm sshd
	arm su
	# Nobody here has a password.
	sed -i '1i auth sufficient pam_permit.so\naccount sufficient pam_permit.so' /etc/pam.d/su
	pam_service fenced
}

# ---------------------------------------------------------------- the daemon

start_netfenced() # [OPTION ...]
{
	daemon netfenced netfenced -d "$@"
	wait_for netfencectl status
}

netfenced_pid() { cat "$SPOOL/netfenced.pid"; }

stop_netfenced()
{
	local pid

	pid=$(netfenced_pid)
	kill -TERM "$pid"
	wait_for gone "$pid"
}

gone() # PID
{
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status"
}

# The id and those of all that descend from it.
family_of() # PID
{
	local pid

	echo "$1"
	for pid in $(cat /proc/"$1"/task/*/children 2> /dev/null); do
		family_of "$pid"
	done
}

# ---------------------------------------------------------------- logins that stay

# An ssh session that lasts until logout.
login() # NAME USER
{
	rm -f "$SPOOL/$1.in" "$SPOOL/$1.out"
	mkfifo "$SPOOL/$1.in"
	ssh_as "$2" 'echo in; read -r _' <> "$SPOOL/$1.in" > "$SPOOL/$1.out" 2>&1 3>&- &
	echo $! > "$SPOOL/$1.ssh"
	wait_for begun "$1"
	grep -qx in "$SPOOL/$1.out"
}

begun() # NAME
{
	grep -qx in "$SPOOL/$1.out" || ! kill -0 "$(cat "$SPOOL/$1.ssh")"
}

logout() # NAME
{
	echo > "$SPOOL/$1.in"
	wait_for gone "$(cat "$SPOOL/$1.ssh")"
}

# ---------------------------------------------------------------- one process, many sessions

app_start()
{
	rm -f "$SPOOL/app.in"
	mkfifo "$SPOOL/app.in"
	: > "$SPOOL/app.out"
	setsid "${@}" "$BUILD/tests/lib/sessions" <> "$SPOOL/app.in" > "$SPOOL/app.out" 2>&1 3>&- &
	echo $! > "$SPOOL/app.pid"
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
	kill -KILL "$(cat "$SPOOL/app.pid")"
	wait_for gone "$(cat "$SPOOL/app.pid")"
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

	before=$(seen "${@:2}")
	send "$@"
	after=$(seen "${@:2}")
	[ "$after" -gt "$before" ]
}

# A pair of them is written `reaches … && fails`: bats does not see a failed `! command`.
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
