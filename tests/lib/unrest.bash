# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Unrest: senders without pause, sessions that come and go, processes that are killed, crowds. To
# be loaded beside netfence.bash.

# ---------------------------------------------------------------- netfenced, kept running

# As an init would: whenever it ends, it is started again.
keep_netfenced()
{
	rm -f "$SPOOL/unkept"
	# shellcheck disable=SC2016
	daemon keeper bash -c 'until [ -e "$0/unkept" ]; do
		netfenced -d >> "$0/netfenced.log" 2>&1 &
		echo $! > "$0/netfenced.pid"
		wait
	done' "$SPOOL"
	wait_for netfencectl status
}

unkeep_netfenced()
{
	touch "$SPOOL/unkept"
	kill -TERM "$(netfenced_pid)"
	wait_for gone "$(cat "$SPOOL/keeper.pid")"
}

# The id of one of its processes; netfenced itself is the supervisor. Nothing, if it is not there.
process() # netfenced|netfenced-main|netfenced-ipv4|netfenced-ipv6|netfenced-reap|netfenced-names|netfenced-why
{
	local supervisor children pid name

	read -r supervisor < "$SPOOL/netfenced.pid"
	if [ "$1" = netfenced ]; then
		echo "$supervisor"
		return
	fi
	# The file has no newline at its end.
	read -r children 2> /dev/null < "/proc/$supervisor/task/$supervisor/children" || :
	for pid in $children; do
		read -r name 2> /dev/null < "/proc/$pid/comm" || continue
		[ "$name" != "$1" ] || echo "$pid"
	done
}

# kill -9, if it is there just now; $kills is how often it was.
kills=0
kill_process() # NAME
{
	local pid

	pid=$(process "$1")
	[ -z "$pid" ] || ! kill -KILL "$pid" 2> /dev/null || kills=$((kills + 1))
}

netfenced_answers()
{
	netfencectl status > /dev/null 2>&1
}

# shellcheck disable=SC2034
PROCESSES=(netfenced netfenced-main netfenced-ipv4 netfenced-ipv6 netfenced-reap netfenced-names
	netfenced-why)

# Some milliseconds, up to as many as are said. Not to wait for anything: which instant is hit must
# not depend on what goes on.
at_some_instant() # MILLISECONDS
{
	read -r -t "$(printf '0.%03d' $((RANDOM % $1)))" < <(sleep 1) || :
}

# ---------------------------------------------------------------- traffic without pause

SENT_FORBIDDEN=("udp $LAN4 5001" "udp $LAN6 5001" "tcp $LAN4 5002" "tcp $LAN6 5002"
	"udp $OTHER4 5003" "tcp $OTHER6 5003")
SENT_ALLOWED=("udp $MONITOR4 162" "udp $MONITOR6 162" "tcp $PATCH4 80" "tcp $PATCH6 80")

start_sending() # USER
{
	local user=$1

	# shellcheck disable=SC2068
	daemon "sender-$user" nice -n "${SEND_NICE:-0}" \
		setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- \
		"$BUILD/tests/lib/sender" ${SENT_FORBIDDEN[@]} ${SENT_ALLOWED[@]}
	count_allowed > "$SPOOL/allowed"
	wait_for allowed_goes_on
}

stop_sending() # USER
{
	local pid

	[ -e "$SPOOL/sender-$1.pid" ] || return 0
	pid=$(cat "$SPOOL/sender-$1.pid")
	gone "$pid" || kill -KILL "$pid"
	wait_for gone "$pid"
	rm "$SPOOL/sender-$1.pid"
}

# For each target how many packets have arrived, a line each. One look at each host for all of them.
count_at() # "PROTOCOL ADDRESS PORT" ...
{
	local name

	for name in far lan; do
		settle "$name" || return
		in_ns "$name" nft -nn list table inet seen
	done | awk -v targets="$(printf '%s;' "$@")" '
		BEGIN { RS = "[{},]"; number["tcp"] = 6; number["udp"] = 17 }
		/ counter packets / {
			gsub(/^[ \t\n]+/, "")
			count[$1 " " $3 " " $5] = $8
		}
		END {
			n = split(targets, target, ";")
			for (i = 1; i < n; i++) {
				split(target[i], word, " ")
				print count[word[2] " " number[word[1]] " " word[3]] + 0
			}
		}'
}

count_allowed()
{
	count_at "${SENT_ALLOWED[@]}"
}

# Each of the allowed targets has got packets since the last time that this was asked.
allowed_goes_on()
{
	count_allowed > "$SPOOL/allowed.now"
	paste "$SPOOL/allowed" "$SPOOL/allowed.now" | awk '$2 <= $1 { exit 1 }' || return
	mv "$SPOOL/allowed.now" "$SPOOL/allowed"
}

# The same of one who sends, without a wait for it: a gap is one where the sender had the processor,
# for many rounds, and nothing came of it. How long a busy machine lets it wait is not asked.
allowed_without_gap() # USER
{
	local before used

	before=$(sender_used "$1") || return
	until allowed_goes_on; do
		used=$(sender_used "$1") || return
		((used - before < 5)) || return
	done
}

# Processor time, in hundredths of a second.
sender_used() # USER
{
	awk '{ print $14 + $15 }' "/proc/$(cat "$SPOOL/sender-$1.pid")/stat"
}

nothing_forbidden_arrived()
{
	[ "$(window_packets)" = 0 ] || {
		printf '%s\n' "${SENT_FORBIDDEN[@]}" | paste - <(count_at "${SENT_FORBIDDEN[@]}")
		return 1
	}
}

# How many that were not allowed have got through since forget_seen.
window_packets()
{
	count_at "${SENT_FORBIDDEN[@]}" | awk '{ n += $1 } END { print n + 0 }'
}

# For tests in which another program made a window: the counts begin anew.
forget_seen()
{
	local name

	for name in far lan client; do
		in_ns "$name" nft 'flush set inet seen ports4; flush set inet seen ports6
			flush set inet seen rest4; flush set inet seen rest6'
	done
}

# ---------------------------------------------------------------- crowds, and sessions of theirs

# Accounts that are not next to one another, so that each has a range of its own, odd ones and
# even ones in different groups.
crowd() # HOW-MANY
{
	local gids

	groupadd -f supporters
	groupadd -f vendors
	gids=$(getent group supporters vendors | cut -d : -f 3 | xargs)
	seq "$1" | awk -v gids="$gids" 'BEGIN { split(gids, gid, " ") }
		{ print "u" $1 ":*:" 20000 + 2 * $1 ":" gid[1 + $1 % 2] "::/:/bin/sh" }' >> /etc/passwd
	seq "$1" | awk '{ print "u" $1 ":" 1000000 + 131072 * $1 ":65536" }' >> /etc/subuid
}

crowd_names() # FIRST LAST
{
	seq -f 'u%.0f' "$1" "$2"
}

# churn as a daemon; `churned NAME` tells how it went, having ended it.
churn() # NAME [-h] SERVICE WORKERS COUNT STAY USER ...
{
	local name=$1

	shift
	daemon "$name" "$BUILD/tests/lib/churn" "$@"
}

churned() # NAME
{
	local pid

	pid=$(cat "$SPOOL/$1.pid")
	gone "$pid" || kill -TERM "$pid"
	wait_for gone "$pid"
	rm -f "$SPOOL/$1.pid"
	tail -n 1 "$SPOOL/$1.log"
}

churn_ended() # NAME
{
	gone "$(cat "$SPOOL/$1.pid")"
}

# For what takes its time.
patiently() # COMMAND ...
{
	wait_for "$@" 2> /dev/null || wait_for "$@" 2> /dev/null || wait_for "$@"
}

holding() # NAME
{
	grep -qx holding "$SPOOL/$1.log"
}
