# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Is the machine as it was? To be sourced. What a test could have touched by mistake is written
# down before and compared after: the kernel's tables, mounts, network namespaces and interfaces,
# /etc, what lies in /run, and netfence's own folders.

machine_writes_down() # FOLDER
{
	mkdir -p "$1"
	machine_tables iptables-legacy-save > "$1/ip4" 2>&1
	machine_tables ip6tables-legacy-save > "$1/ip6" 2>&1
	{ nft list ruleset || :; } > "$1/nft" 2>&1
	findmnt -rno TARGET,SOURCE,FSTYPE > "$1/mounts"
	ls -A /run/netns > "$1/netns" 2> /dev/null || :
	ip -o link | cut -d : -f 1,2 > "$1/links"
	{
		find /etc -xdev -printf '%p %y %M %U %G %l\n'
		find /etc -xdev -type f -print0 | xargs -0 -r sha256sum
	} 2> /dev/null | LC_ALL=C sort > "$1/etc"
	{
		ls -A /run
		ls -A /run/netfence /var/lib/netfence /etc/netfence /dev/log
	} > "$1/folders" 2>&1 || :
}

# Without the dates, and without tables that say nothing: loading the kernel's module makes such.
machine_tables() # COMMAND
{
	{ "$1" -c || :; } | sed '/^#/d' | awk '/^\*/ { said = ""; tells = 0 }
		{ said = said $0 "\n" }
		/ -A / || /^:[^ ]+ (DROP|-)/ { tells = 1 }
		/^COMMIT/ && tells { printf "%s", said }'
}

# Says what differs, and returns 1 if anything does. Counters of the machine's own rules may have
# grown meanwhile, since its own traffic goes on, but not gone back.
machine_compares() # FOLDER
{
	local what same=0

	machine_writes_down "$1/after"
	for what in nft mounts netns links etc folders; do
		machine_differs "$what" "$1/$what" "$1/after/$what" || same=1
	done
	for what in ip4 ip6; do
		machine_differs "$what" <(without_counters "$1/$what") \
			<(without_counters "$1/after/$what") || same=1
		paste <(counters "$1/$what") <(counters "$1/after/$what") |
			awk '$1 > $2 { exit 1 }' || { echo "$what: counters went back"; same=1; }
	done
	return "$same"
}

machine_differs() # NAME BEFORE AFTER
{
	diff -U 0 --label "$1 before" --label "$1 after" "$2" "$3"
}

without_counters() { sed 's/\[[0-9]*:[0-9]*\]//' "$1"; }
counters() { sed -n 's/.*\[\([0-9]*\):[0-9]*\].*/\1/p' "$1"; }
