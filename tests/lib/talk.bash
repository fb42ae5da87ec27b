# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sockets that a user holds while fences come and go. To be loaded beside netfence.bash.

TALKER=$(dirname "${BASH_SOURCE[0]}")/talker.py

# The other end, on far and lan: an echo at port 80, and one at port 81 that does not read before
# $SPOOL/hear is there. What comes to them, other than resets, is counted by port.
listeners_up()
{
	local name

	for name in far lan; do
		daemon "listeners-$name" nsenter --net="/run/netns/$name" \
			python3 "$TALKER" serve 80 81 "$SPOOL/hear"
		wait_for listens "$name" tcp ":81"
		in_ns "$name" nft -f - <<-'END'
		table inet carried {
			counter echo { }
			counter deaf { }
			chain arrive {
				type filter hook prerouting priority -300
				tcp dport 80 tcp flags & rst != rst counter name echo
				tcp dport 81 tcp flags & rst != rst counter name deaf
			}
		}
		END
	done
}

carried() # NAMESPACE echo|deaf
{
	settle "$1"
	in_ns "$1" nft list counter inet carried "$2" | awk '/packets/ { print $2 }'
}

# A process of the user's, or of a uid that has no name, that does as `talk` says.
talker() # NAME USER
{
	local gid

	gid=$(id -g "$2" 2> /dev/null) || gid=$2
	rm -f "$SPOOL/$1.in"
	mkfifo "$SPOOL/$1.in"
	: > "$SPOOL/$1.out"
	(
		keep_no_descriptors
		exec setsid setpriv --reuid="$2" --regid="$gid" --clear-groups -- \
			python3 "$TALKER"
	) <> "$SPOOL/$1.in" >> "$SPOOL/$1.out" 2>&1 &
	echo $! > "$SPOOL/$1.talker"
	disown
}

talk() # NAME WORD ...
{
	local name=$1 before

	shift
	before=$(grep -c ^= "$SPOOL/$name.out")
	echo "$*" > "$SPOOL/$name.in"
	wait_for talk_answered "$name" "$before" || { cat "$SPOOL/$name.out"; return 1; }
	sed -n 's/^= //p' "$SPOOL/$name.out" | tail -1
}

talk_answered()
{
	[ "$(grep -c ^= "$SPOOL/$1.out")" -gt "$2" ]
}

talker_ends() # NAME
{
	local pid

	[ -e "$SPOOL/$1.talker" ] || return 0
	pid=$(cat "$SPOOL/$1.talker")
	gone "$pid" || kill -KILL "$pid"
	wait_for gone "$pid"
	rm "$SPOOL/$1.talker"
}

talkers_end()
{
	local file

	for file in "$SPOOL"/*.talker; do
		[ ! -e "$file" ] || talker_ends "$(basename "$file" .talker)"
	done
}

# Ahead of a test about sockets that no process holds any more.
needs_orphans_owners()
{
	[ "$(printf '6.17\n%s\n' "$(uname -r)" | sort -V | head -1)" = 6.17 ] ||
		skip "before Linux 6.17 the kernel does not tell whose an orphan was"
}

# Sockets of a user that have another end, orphans too; `ss` knows uids of all.
sockets_of() # USER
{
	ss -Hntuae state established state syn-sent state fin-wait-1 state close-wait \
		state last-ack | grep -w "uid:$(id -u "$1")" || :
}
