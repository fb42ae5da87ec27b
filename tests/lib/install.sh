# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# netfence on the host of a world, as it was installed to $BUILD/stage. Brings hosts.sh with it.

# shellcheck source=hosts.sh
source "$(dirname "${BASH_SOURCE[0]}")/hosts.sh"

# `make install` was done to a folder outside; here its files come to where they belong.
install_netfence()
{
	tar -C "$BUILD/stage" -cf - . |
		tar -C / -xf - --keep-directory-symlink --no-overwrite-dir --no-same-owner
	getent passwd netfence > /dev/null ||
		useradd -r -d /nonexistent -s /usr/sbin/nologin netfence
	[ -z "${ENGINE:-}" ] || choose_engine
	rm -rf /etc/netfence
	install -d -o root -g netfence -m 0750 /etc/netfence
}

# ENGINE in the environment: every netfenced of this world gets it with -e, unless it is told another.
choose_engine()
{
	local built=/usr/lib/netfenced-as-built

	mkdir -p "$built"
	mv /usr/sbin/netfenced "$built/netfenced"
	printf '#!/bin/sh\nexec %s/netfenced -e %s "$@"\n' "$built" "$ENGINE" > /usr/sbin/netfenced
	chmod 755 /usr/sbin/netfenced
}

with_nftables()
{
	[ "${ENGINE:-}" = nftables ]
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

# ---------------------------------------------------------------- the daemon

start_netfenced()
{
	daemon netfenced netfenced -d
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

# One that answers; another one where the last has ended.
have_netfenced()
{
	! gone "$(netfenced_pid)" || start_netfenced
	wait_for netfencectl status
}

# Read to the end: of a process that has gone meanwhile bash cannot give back what it has read ahead,
# and the next read, of whatever file, would begin with that.
gone() # PID
{
	local text=

	[ -e "/proc/$1" ] || return 0
	{ read -r -d '' text < "/proc/$1/status"; } 2> /dev/null || :
	[[ $text =~ State:[[:space:]]+Z ]] || [ ! -e "/proc/$1" ]
}
