# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The networks of a world, to be sourced inside one. Four hosts, each a network namespace:
#
#   client ── 203.0.113.0/24 ── host ── 192.0.2.0/24 ── far     where the named targets are
#   the supporter's             │
#                               └────── 10.0.0.0/24 ─── lan     what must not be reached
#
# The world itself is `host`. Each address has an IPv6 twin. far and lan count what reaches them,
# whether anybody there listens or not.

[ -n "${NETFENCE_WORLD:-}" ] || { echo "hosts.sh: not in a world" >&2; exit 125; }

HOST4=203.0.113.2 HOST6=2001:db8:c::2      # as the client sees the host
TIME4=192.0.2.1 TIME6=2001:db8::1
MONITOR4=192.0.2.10 MONITOR6=2001:db8::10
PATCH4=192.0.2.20 PATCH6=2001:db8::20
RESOLVER4=192.0.2.53 RESOLVER6=2001:db8::53
OTHER4=192.0.2.99 OTHER6=2001:db8::99      # in far, named in no rule
LAN4=10.0.0.5 LAN6=2001:db8:a::5

in_ns() # NAME COMMAND ...
{
	local name=$1

	shift
	nsenter --net="/run/netns/$name" "$@"
}

in_host() { "$@"; }
in_far() { in_ns far "$@"; }
in_lan() { in_ns lan "$@"; }
in_client() { in_ns client "$@"; }

# A condition, asked again until it holds or half a minute is over.
wait_for() # COMMAND ...
{
	local deadline=$((${EPOCHREALTIME/[.,]/} + 30000000))

	until "$@" > /dev/null 2>&1; do
		if ((${EPOCHREALTIME/[.,]/} > deadline)); then
			echo "wait_for: never came true: $*" >&2
			return 1
		fi
		sleep 0.02
	done
}

link() # NAMESPACE INTERFACE HOST4 HOST6
{
	ip netns add "$1"
	ip link add "$2" type veth peer name eth0 netns "$1"
	# Without duplicate address detection an address can be used at once.
	sysctl -q -w "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.accept_ra=0"
	in_ns "$1" sysctl -q -w net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.accept_ra=0
	ip addr add "$3/24" dev "$2"
	ip addr add "$4/64" dev "$2" nodad
	ip link set "$2" up
	in_ns "$1" ip link set lo up
	in_ns "$1" ip link set eth0 up
}

addresses() # NAMESPACE ADDRESS ...
{
	local name=$1 address

	shift
	for address in "$@"; do
		case $address in
		*:*) in_ns "$name" ip addr add "$address/64" dev eth0 nodad ;;
		*) in_ns "$name" ip addr add "$address/24" dev eth0 ;;
		esac
	done
}

network_up()
{
	link far far0 192.0.2.2 2001:db8::2
	addresses far "$TIME4" "$TIME6" "$MONITOR4" "$MONITOR6" "$PATCH4" "$PATCH6" \
		"$RESOLVER4" "$RESOLVER6" "$OTHER4" "$OTHER6"
	link lan lan0 10.0.0.2 2001:db8:a::2
	addresses lan "$LAN4" "$LAN6"
	link client client0 "$HOST4" "$HOST6"
	addresses client 203.0.113.7 2001:db8:c::7
	sysctl -q -w net.ipv4.ping_group_range='0 2147483647'
	echo "nameserver $RESOLVER4" > /etc/resolv.conf
	count_in far
	count_in lan
	count_in client
}

# Every packet that arrives, by what it wants, before anything could drop it.
count_in() # NAMESPACE
{
	in_ns "$1" nft -f - <<-'END'
	table inet seen {
		set ports4 {
			type ipv4_addr . inet_proto . inet_service
			size 65535
			flags dynamic
			counter
		}
		set ports6 {
			type ipv6_addr . inet_proto . inet_service
			size 65535
			flags dynamic
			counter
		}
		set rest4 {
			type ipv4_addr . inet_proto
			size 65535
			flags dynamic
			counter
		}
		set rest6 {
			type ipv6_addr . inet_proto
			size 65535
			flags dynamic
			counter
		}
		chain arrive {
			type filter hook prerouting priority -300
			meta l4proto { tcp, udp } add @ports4 { ip daddr . meta l4proto . th dport }
			meta l4proto { tcp, udp } add @ports6 { ip6 daddr . meta l4proto . th dport }
			meta l4proto != { tcp, udp } add @rest4 { ip daddr . meta l4proto }
			meta l4proto != { tcp, udp } add @rest6 { ip6 daddr . meta l4proto }
		}
	}
	END
}

# How many packets have reached an address of far, lan or client so far. A port, or for
# protocols without one nothing.
seen() # ADDRESS PROTOCOL [PORT]
{
	local name=far family=4 set=rest what

	case $1 in
	10.* | 2001:db8:a:*) name=lan ;;
	203.* | 2001:db8:c:*) name=client ;;
	esac
	[[ $1 != *:* ]] || family=6
	case $2 in
	tcp) what=6 ;;
	udp) what=17 ;;
	icmp) what=1 ;;
	icmpv6) what=58 ;;
	*) what=$2 ;;
	esac
	what="$1 . $what"
	[ -z "${3:-}" ] || what="$what . $3" set=ports
	settle "$name"
	in_ns "$name" nft -nn list set inet seen "$set$family" |
		awk -v "what=$what" 'BEGIN { RS = "[{},]" }
			{ gsub(/^[ \t\n]+/, "") }
			index($0, what " counter packets ") == 1 {
				n = $0; sub(/.* packets /, "", n); sub(/ .*/, "", n)
			}
			END { print n + 0 }'
}

# As many are in seen_now.
more_seen() # THAN ADDRESS PROTOCOL [PORT]
{
	seen_now=$(seen "${@:2}")
	((seen_now > $1))
}

# Packets on one link keep their order: once one of root's own has come through behind them,
# whatever was sent before has been counted.
settle() # NAMESPACE
{
	local address mark

	case $1 in
	far) address=$OTHER4 ;;
	lan) address=$LAN4 ;;
	client) address=203.0.113.7 ;;
	esac
	mark="inet seen ports4 { $address . 17 . 9 }"
	# shellcheck disable=SC2086
	in_ns "$1" nft delete element $mark 2> /dev/null || :
	echo > "/dev/udp/$address/9" || return
	# shellcheck disable=SC2086
	wait_for in_ns "$1" nft get element $mark
}

# ---------------------------------------------------------------- what runs on the hosts

SPOOL=/tmp/spool # logs and configurations of the services
mkdir -p "$SPOOL"

# Lets go of everything but standard input, output and error. bats waits for whoever holds one of
# its pipes.
keep_no_descriptors()
{
	local fd

	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done
}

# A daemon of the world, in a session of its own. Its id is left in $SPOOL/NAME.pid.
daemon() # NAME COMMAND ...
{
	local name=$1

	shift
	: > "$SPOOL/$name.log" # of the one before: whoever looks now is not to take it for this one's
	(
		keep_no_descriptors
		exec setsid "$@"
	) < /dev/null > "$SPOOL/$name.log" 2>&1 &
	echo $! > "$SPOOL/$name.pid"
	disown
}

listens() # NAMESPACE tcp|udp ADDRESS:PORT
{
	[ -n "$(in_ns "$1" ss -Hln "--$2" "src $3")" ]
}

# syslog of the whole world goes to $SPOOL/syslog, a line each, "facility.severity tag: text".
syslog_up()
{
	daemon syslogd python3 -u "$(dirname "${BASH_SOURCE[0]}")/syslogd.py" "$SPOOL/syslog"
	wait_for test -S /dev/log
}

# The patch server and, on the LAN, somebody's web page.
http_up() # NAMESPACE ADDRESS4
{
	mkdir -p "$SPOOL/www-$1"
	echo "from $1" > "$SPOOL/www-$1/index.html"
	daemon "http-$1" nsenter --net="/run/netns/$1" \
		python3 -m http.server --bind :: --directory "$SPOOL/www-$1" 80
	wait_for listens "$1" tcp ":80"
}

snmptrapd_up()
{
	printf 'disableAuthorization yes\ndoNotLogTraps no\n' > "$SPOOL/snmptrapd.conf"
	daemon snmptrapd nsenter --net=/run/netns/far env MIBS= \
		snmptrapd -f -n -Lf "$SPOOL/traps" -C -c "$SPOOL/snmptrapd.conf" \
		-x "$SPOOL/agentx" -p "$SPOOL/snmptrapd.own" udp:162 udp6:162
	wait_for listens far udp ":162"
}

chronyd_up()
{
	# Under another name, which no security profile of the machine's own chronyd knows.
	cp "$(command -v chronyd)" /usr/local/bin/timed
	printf '%s\n' 'local stratum 3' 'allow all' 'cmdport 0' "pidfile $SPOOL/chronyd.own" \
		> "$SPOOL/chronyd.conf"
	daemon chronyd nsenter --net=/run/netns/far /usr/local/bin/timed -x -d -u root -f "$SPOOL/chronyd.conf"
	wait_for listens far udp ":123"
}

dnsmasq_up()
{
	daemon dnsmasq nsenter --net=/run/netns/far dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --user=root --pid-file= --no-resolv --no-hosts \
		"--listen-address=$RESOLVER4,$RESOLVER6" --bind-interfaces \
		"--address=/patch.example.net/$PATCH4" "--address=/patch.example.net/$PATCH6"
	wait_for listens far udp "$RESOLVER4:53"
}

# An sshd in a namespace, on every address of it; PAM as /etc/pam.d/sshd says.
sshd_up() # NAMESPACE
{
	local enter=()

	[ "$1" = host ] || enter=(nsenter "--net=/run/netns/$1")
	mkdir -p /run/sshd /etc/ssh "$SPOOL/empty"
	[ -e "$SPOOL/hostkey" ] || ssh-keygen -q -t ed25519 -N '' -f "$SPOOL/hostkey"
	cat > "$SPOOL/sshd-$1.conf" <<-END
	HostKey $SPOOL/hostkey
	PidFile $SPOOL/sshd-$1.own
	UsePAM yes
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	UseDNS no
	PrintLastLog no
	StrictModes no
	AuthorizedKeysFile $SPOOL/%u.pub
	AllowTcpForwarding yes
	SyslogFacility AUTHPRIV
	Subsystem sftp internal-sftp
	END
	"${enter[@]}" "$(command -v sshd)" -f "$SPOOL/sshd-$1.conf"
	wait_for sshd_listens "$1"
}

sshd_listens() # NAMESPACE
{
	if [ "$1" = host ]; then
		[ -n "$(ss -Hlnt 'src :22')" ]
	else
		listens "$1" tcp ":22"
	fi
}

# A real account with a key, in further groups.
person() # NAME [GROUP,...]
{
	local group

	for group in $(tr , " " <<< "${2-}"); do
		getent group "$group" > /dev/null || groupadd "$group"
	done
	useradd -m -s /bin/bash -G "${2-}" "$1"
	# A password field that is not locked: pam_unix and sshd refuse locked accounts.
	usermod -p '*' "$1"
	[ -e "$SPOOL/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$SPOOL/key"
	cp "$SPOOL/key.pub" "$SPOOL/$1.pub"
}

SSH_OPTIONS=(-F /dev/null -i /tmp/spool/key -o BatchMode=yes -o StrictHostKeyChecking=no
	-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=30)

# A login from the client, as the supporter would make it.
ssh_as() # USER [COMMAND ...]
{
	local user=$1

	shift
	in_client ssh "${SSH_OPTIONS[@]}" "$user@${SSH_HOST:-$HOST4}" "$@"
}

# Without a login and so without PAM: the user's uid and groups, nothing more.
as() # USER COMMAND ...
{
	local user=$1

	shift
	[ "$user" != root ] || { "$@"; return; }
	env HOME="/home/$user" setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"
}

# What nft prints, without what counts and what comes and goes with packets.
nft_lists() # TABLE|RULESET ...
{
	nft -s list "$@" | awk '/^\t(set|map) / { dynamic = 0 }
		/^\t\tflags .*dynamic/ { dynamic = 1 }
		dynamic && /^\t\telements = / { inside = 1 }
		!inside
		inside && / }$/ { inside = 0 }'
}

# The kernel's tables, as text that can be compared: without the date and the counters, and
# without a table that says nothing.
tables()
{
	local save

	for save in iptables-legacy-save ip6tables-legacy-save; do
		echo "== $save"
		"$save" | sed -e '/^#/d' -e 's/ \[[0-9]*:[0-9]*\]$//' |
			awk '/^\*/ { table = $0; said = "" }
				{ said = said $0 "\n" }
				/^-|^:[^ ]+ (DROP|-)/ { tells = 1 }
				/^COMMIT/ { if (tells) printf "%s", said; tells = 0 }'
	done
	echo "== nft"
	nft_lists ruleset
}

# The same, but for what is netfence's.
tables_of_others()
{
	tables | awk '/^table inet netfence {/ { ours = 1 }
		!ours && !/NETFENCE/
		/^}/ { ours = 0 }'
}
