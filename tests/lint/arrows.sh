#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Includes run one way. Each room of the source may see itself and what stands behind it here;
# anything else is an error, named with its place.

set -eu
cd "$(dirname "$0")/../.."

# A room, and the folders, headers ("policy/who.h") and libraries (<yaml.h>) that it may use.
# Headers of libc and of the kernel's user interface are anybody's unless OWNED names them.
ALLOWED='
include/netfence   netfence
helper/base        netfence base
helper/json        netfence base json <json-c/
helper/verdict     netfence verdict
helper/wire        netfence base wire
helper/policy      netfence base wire verdict policy <yaml.h>
helper/suggest     netfence base verdict policy suggest
helper/explain     netfence base json wire verdict policy explain <json-c/
helper/identity    netfence base wire identity
helper/fence       netfence base wire policy fence
helper/iptables    netfence base fence iptables <linux/netfilter
helper/nftables    netfence base fence iptables/name.h nftables <linux/netfilter <libmnl/
helper/diag        netfence base diag <libmnl/
helper/cut         netfence base verdict fence diag cut <libmnl/
helper/session     netfence base wire policy fence diag session <event2/
helper/engines     netfence base wire policy fence engines channel.h engine_process.h rules.h log.h stream.h <event2/
helper/grants      netfence base json wire verdict policy fence grants asker.h term.h log.h rules.h <json-c/
helper/life        netfence base wire verdict policy fence grants session life engines/engines.h rules.h connection.h channel.h kept.h log.h reaper.h resolver.h <event2/
helper/window      netfence base wire window connection.h log.h <event2/
helper/reload      netfence base wire policy fence session life reload connection.h rules.h log.h resolver.h kept.h <event2/ <json-c/
helper/granting    netfence base json wire policy explain fence grants session life granting asker.h connection.h kept.h log.h rules.h term.h <event2/ <json-c/
helper/denials     netfence base json wire verdict policy fence session life denials connection.h rules.h channel.h log.h <event2/ <json-c/ <libmnl/ <linux/netfilter
helper             netfence base json wire verdict/words.h policy explain fence iptables nftables identity cut grants granting session engines life reload denials window helper <event2/ <cap-ng.h> <json-c/
helper/doctor      netfence base wire verdict policy identity iptables pam_netfence/options.h doctor <json-c/ <linux/netfilter
helper/ctl         netfence base json wire policy explain suggest identity cut/route.h doctor session/leftover.h session/processes.h session/sockets.h ctl <json-c/
pam_netfence       netfence base wire identity policy/who.h pam_netfence <security/'
OWNED='<yaml.h> <linux/netfilter <event2/ <cap-ng.h> <json-c/ <libmnl/ <security/'

find include helper pam_netfence -name '*.[ch]' | LC_ALL=C sort |
while read -r file; do
	grep -n '^#[[:space:]]*include' "$file" /dev/null || :
done | awk -v "allowed=$ALLOWED" -v "owned=$OWNED" '
	BEGIN {
		n = split(allowed, line, "\n")
		for (i = 1; i <= n; i++) {
			m = split(line[i], word, " ")
			for (j = 2; j <= m; j++)
				may[word[1], word[j]] = 1
		}
		n_owned = split(owned, own, " ")
	}
	{
		split($0, place, ":")
		file = place[1]
		room = file
		sub(/\/[^\/]*$/, "", room)
		# netfencectl has a main of its own beside the daemon, and belongs to ctl.
		if (file == "helper/netfencectl.c")
			room = "helper/ctl"
		target = $0
		sub(/^[^"<]*/, "", target)
		sub(/[ \t].*$/, "", target)
		good = 1
		if (target ~ /^"/) {
			gsub(/"/, "", target)
			folder = target
			if (!sub(/\/.*$/, "", folder)) {
				folder = room
				sub(/.*\//, "", folder)
			}
			good = ((room, folder) in may) || ((room, target) in may)
		} else {
			for (i = 1; i <= n_owned; i++)
				if (index(target, own[i]) == 1 && !((room, own[i]) in may))
					good = 0
		}
		if (!good) {
			printf "%s:%s: error: %s must not include %s\n", file, place[2], room, target
			bad = 1
		}
	}
	END { exit bad }'
