#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# deps.sh [build] [unit] [world] [lint]
#
# Installs what is needed and not there: to build, for the unit and module tests, for the
# throwaway world of the system tests and the demo, for `make lint`. Without a word all but lint.
# Where nothing is missing it does nothing and needs no root. No service is started by it, now or
# at the next boot.

set -eu

# A program that no package may be installed for lies here; tests/lib/world looks here too.
ASIDE=/var/cache/netfence-tests
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:$ASIDE/usr/sbin

# For whom | how to see that it is there | Debian, Ubuntu | Fedora, RHEL | Arch | Alpine | openSUSE
#   c: a command, p: a pkg-config name, h: a header, f: a firewall that the world alone installs,
#   a: a program that is wanted without the service that its package brings.
#   With a "?" in front tests go on without it.
needs()
{
	sed 's/ *| */|/g' <<-'END'
	build | c:cc                   | gcc libc6-dev      | gcc glibc-devel      | gcc        | gcc musl-dev linux-headers | gcc glibc-devel
	build | c:make                 | make               | make                 | make       | make               | make
	build | c:pkg-config           | pkg-config         | pkgconf-pkg-config   | pkgconf    | pkgconf            | pkgconf-pkg-config
	unit  | p:libip4tc             | libip4tc-dev       | iptables-devel       | iptables   | iptables-dev       | libiptc-devel
	build | p:yaml-0.1             | libyaml-dev        | libyaml-devel        | libyaml    | yaml-dev           | libyaml-devel
	build | h:security/pam_modules | libpam0g-dev       | pam-devel            | pam        | linux-pam-dev      | pam-devel
	build | p:libevent_core        | libevent-dev       | libevent-devel       | libevent   | libevent-dev       | libevent-devel
	build | p:libcap-ng            | libcap-ng-dev      | libcap-ng-devel      | libcap-ng  | libcap-ng-dev      | libcap-ng-devel
	build | p:libmnl               | libmnl-dev         | libmnl-devel         | libmnl     | libmnl-dev         | libmnl-devel
	build | p:json-c               | libjson-c-dev      | json-c-devel         | json-c     | json-c-dev         | libjson-c-devel
	unit  | p:cmocka               | libcmocka-dev      | libcmocka-devel      | cmocka     | cmocka-dev         | libcmocka-devel
	world | c:bash                 | bash               | bash                 | bash       | bash               | bash
	world | c:bats                 | bats               | bats                 | bats       | bats               | bats
	world | c:unshare              | util-linux         | util-linux           | util-linux | util-linux-misc    | util-linux
	world | c:nsenter              | util-linux         | util-linux           | util-linux | util-linux-misc    | util-linux
	world | c:findmnt              | util-linux         | util-linux           | util-linux | findmnt            | util-linux
	world | c:setpriv              | util-linux         | util-linux           | util-linux | setpriv            | util-linux
	world | c:flock                | util-linux         | util-linux           | util-linux | flock              | util-linux
	world | c:useradd              | passwd             | shadow-utils         | shadow     | shadow             | shadow
	world | c:pgrep                | procps             | procps-ng            | procps-ng  | procps-ng          | procps
	world | c:sysctl               | procps             | procps-ng            | procps-ng  | procps-ng          | procps
	world | c:diff                 | diffutils          | diffutils            | diffutils  | diffutils          | diffutils
	world | c:tar                  | tar                | tar                  | tar        | tar                | tar
	world | c:iptables-legacy-save | iptables           | iptables-legacy      | iptables   | iptables-legacy    | iptables
	world | c:nft                  | nftables           | nftables             | nftables   | nftables           | nftables
	world | c:ip                   | iproute2           | iproute              | iproute2   | iproute2           | iproute2
	world | c:ss                   | iproute2           | iproute              | iproute2   | iproute2-ss        | iproute2
	world | c:ssh                  | openssh-client     | openssh-clients      | openssh    | openssh-client     | openssh-clients
	world | c:sshd                 | openssh-server     | openssh-server       | openssh    | openssh-server-pam | openssh-server
	world | ?c:pamtester           | pamtester          | pamtester            | pamtester  | pamtester          | pamtester
	world | ?c:sudo                | sudo               | sudo                 | sudo       | sudo               | sudo
	world | c:snmptrap             | snmp               | net-snmp-utils       | net-snmp   | net-snmp-tools     | net-snmp
	world | c:snmptrapd            | snmptrapd          | net-snmp             | net-snmp   | net-snmp           | net-snmp
	world | c:chronyd              | chrony             | chrony               | chrony     | chrony             | chrony
	world | c:dnsmasq              | dnsmasq-base       | dnsmasq              | dnsmasq    | dnsmasq            | dnsmasq
	world | ?c:dig                 | bind9-dnsutils     | bind-utils           | bind       | bind-tools         | bind-utils
	world | c:git                  | git                | git                  | git        | git                | git
	world | c:curl                 | curl               | curl                 | curl       | curl               | curl
	world | c:python3              | python3            | python3              | python     | python3            | python3
	world | c:ping                 | iputils-ping       | iputils              | iputils    | iputils            | iputils
	world | ?c:script            | bsdutils           | util-linux           | util-linux | util-linux-misc    | util-linux
	world | ?c:zsh               | zsh                | zsh                  | zsh        | zsh                | zsh
	world | ?c:fish              | fish               | fish                 | fish       | fish               | fish
	world | ?a:promtool          | prometheus         |                      |            |                    |
	world | ?f:ufw                 | ufw                |                      |            |                    |
	world | ?f:firewalld           | firewalld          |                      |            |                    |
	world | ?f:shorewall           | shorewall          |                      |            |                    |
	world | ?f:iptables-persistent | iptables-persistent |                     |            |                    |
	world | ?f:fail2ban            | fail2ban           |                      |            |                    |
	lint  | c:clang                | clang              | clang                | clang      | clang              | clang
	lint  | c:clang-format         | clang-format       | clang-tools-extra    | clang      | clang-extra-tools  | clang-tools
	lint  | c:cppcheck             | cppcheck           | cppcheck             | cppcheck   | cppcheck           | cppcheck
	lint  | c:mandoc               | mandoc             | mandoc               | mandoc     | mandoc             | mandoc
	lint  | c:shellcheck           | shellcheck         | ShellCheck           | shellcheck | shellcheck         | ShellCheck
	END
}

is_there() # c:NAME | p:NAME | h:NAME
{
	case $1 in
	c:*) command -v "${1#c:}" > /dev/null ;;
	p:*) pkg-config --exists "${1#p:}" 2> /dev/null ;;
	a:*) [ -x "$ASIDE/usr/bin/${1#a:}" ] || command -v "${1#a:}" > /dev/null ;;
	f:*) [ -d "$ASIDE/debs/${1#f:}" ] ;;
	h:*) echo "#include <sys/types.h>
		#include <${1#h:}.h>" | cc -E - > /dev/null 2>&1 ;;
	esac
}

# The lines of needs() that this call is about and that are not met.
missing() # all|required
{
	needs | while IFS= read -r line; do
		whom=${line%%|*}
		line=${line#*|}
		test=${line%%|*}
		case " $whose " in
		*" $whom "*) ;;
		*) continue ;;
		esac
		case $1$test in
		required\?*) continue ;;
		esac
		is_there "${test#\?}" || echo "$test|${line#*|}"
	done
}

# Debian starts what it installs, unless a policy says no. In a mount namespace of our own the
# machine's policy, if it has one, stays as it is; where there is none, ours is there meanwhile.
POLICY=/usr/sbin/policy-rc.d
MARK='# of netfence, while it installs packages'

debian_install() # PACKAGE ...
{
	export DEBIAN_FRONTEND=noninteractive
	ours=$(mktemp)
	printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" > "$ours"
	chmod 755 "$ours"
	# One that an earlier run could not take away.
	! grep -qxF "$MARK" "$POLICY" 2> /dev/null || rm "$POLICY"
	trap 'rm -f "$ours"; ! grep -qxF "$MARK" "$POLICY" || rm -f "$POLICY"' EXIT
	trap 'exit 130' INT TERM HUP
	run=apt-get
	if [ -e "$POLICY" ]; then
		run=in_own_mounts
	else
		cp "$ours" "$POLICY"
	fi
	started_at_boot > "$ours.before"
	if ! debian_try "$@"; then
		apt-get update -qq || :
		debian_try "$@" || for package in "$@"; do
			debian_try "$package" || debian_aside "$package" || :
		done
	fi
	started_at_boot > "$ours.after"
	comm -13 "$ours.before" "$ours.after" | while read -r unit; do
		echo "deps: $unit is left disabled"
		systemctl disable "$unit" > /dev/null 2>&1 ||
			update-rc.d "${unit%.*}" disable > /dev/null 2>&1 || :
	done
	rm -f "$ours.before" "$ours.after"
}

# Nothing that is there may go for it: chrony would take systemd-timesyncd's place.
debian_try() # PACKAGE ...
{
	$run install -y -qq --no-install-recommends --no-remove "$@"
}

debian_aside() # PACKAGE
{
	echo "deps: $1 is unpacked below $ASIDE, not installed"
	mkdir -p "$ASIDE"
	(cd "$ASIDE" && apt-get download -q "$1" && dpkg-deb -x "$1"_*.deb . && rm -f "$1"_*.deb)
}

# A firewall is not to come up on this machine, and they exclude one another: each is kept with
# what it needs, for the throwaway world to install.
debian_keep() # PACKAGE
{
	rm -rf "$ASIDE/debs/$1.part"
	mkdir -p "$ASIDE/debs/$1.part/partial"
	echo "deps: $1 is kept below $ASIDE, not installed"
	apt-get install -y -qq --no-install-recommends --download-only \
		-o "Dir::Cache::archives=$ASIDE/debs/$1.part" "$1" > /dev/null || return
	rm -rf "$ASIDE/debs/$1.part/partial" "$ASIDE/debs/$1.part/lock"
	mv "$ASIDE/debs/$1.part" "$ASIDE/debs/$1"
}

in_own_mounts() # apt-get's arguments
{
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount --make-rprivate / && mount --bind "$0" "$1" && shift &&
		exec apt-get "$@"' "$ours" "$POLICY" "$@"
}

started_at_boot()
{
	{
		find /etc/systemd/system -path '*.wants/*' -name '*.*' 2> /dev/null |
			sed 's|.*/||'
		find /etc/rc[2-5].d -name 'S*' 2> /dev/null | sed 's|.*/S[0-9]*\(.*\)|\1.service|'
	} | LC_ALL=C sort -u
}

whose=${*:-build unit world}
needed=$(missing all)
[ -n "$needed" ] || exit 0

column=
if command -v apt-get; then
	column=2 install=debian_install
elif command -v dnf; then
	column=3 install='dnf install -y'
elif command -v pacman; then
	column=4 install='pacman -S --needed --noconfirm'
elif command -v apk; then
	column=5 install='apk add'
elif command -v zypper; then
	column=6 install='zypper --non-interactive install --no-recommends'
fi > /dev/null
if [ -n "$column" ]; then
	firewalls=$(echo "$needed" | sed -n 's/^?f:\([^|]*\).*/\1/p')
	asides=$(echo "$needed" | sed -n '/^?a:/p' | cut -d '|' -f 2 | xargs)
	packages=$(echo "$needed" | sed '/^?[fa]:/d' | cut -d '|' -f "$column" | tr ' ' '\n' |
		sort -u | xargs)
	if [ "$(id -u)" = 0 ] && [ "$column" = 2 ]; then
		for package in $firewalls; do
			debian_keep "$package" || { apt-get update -qq && debian_keep "$package"; } || :
		done
	fi
	if [ "$(id -u)" = 0 ] && [ "$column" = 2 ]; then
		for package in $asides; do
			debian_aside "$package" || { apt-get update -qq && debian_aside "$package"; } || :
		done
	fi
	if [ "$(id -u)" = 0 ] && [ -n "$packages" ]; then
		echo "deps: installing $packages"
		# One package that a distribution does not have must not keep the others away.
		# shellcheck disable=SC2086
		$install $packages || for package in $packages; do
			$install "$package" || :
		done
	elif [ "$(id -u)" != 0 ] && [ -n "$(missing required)" ]; then
		echo "deps: as root: $(echo "$install" | sed s/debian_install/apt-get\ install/) $packages" >&2
	fi
fi

left=$(missing required)
if [ -n "$left" ]; then
	echo "deps: still missing: $(echo "$left" | cut -d '|' -f 1 | cut -d : -f 2 | xargs)" >&2
	exit 1
fi
left=$(missing all)
# Of firewalls each test says itself what it goes without.
left=$(echo "$left" | sed '/^?f:/d')
[ -z "$left" ] || echo "deps: going on without $(echo "$left" | cut -d '|' -f 1 | cut -d : -f 2 | xargs)"
