#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# rules.sh: how long `netfencectl check` takes for 4,096 rules and 10,000 addresses, against a file of
# one rule, which is what a process costs by itself. Milliseconds; the median of eleven runs each.

set -euo pipefail
: "${BUILD:?}"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# 4,096 rules with 10,000 addresses, none of which can be merged.
awk 'BEGIN {
	print "version: 1\npolicies:\n  large:\n    egress:"
	for (rule = 0; rule < 4096; rule++) {
		printf "      - allow: tcp/%d\n        to: [", 1 + rule * 7 % 65000
		n = rule < 1808 ? 3 : 2
		for (i = 0; i < n; i++) {
			printf "%s10.%d.%d.%d", i ? ", " : "", address / 32768, address / 128 % 256,
			    address % 128 * 2
			address++
		}
		print "]"
	}
	print "users:\n  alice: large"
}' > "$folder/large.yaml"
printf 'users:\n  alice:\n    egress:\n      - {allow: tcp/80, to: 192.0.2.1}\n' > "$folder/small.yaml"

median() # FILE
{
	local begun

	for _ in {1..11}; do
		begun=$(date +%s%N)
		"$BUILD/netfencectl" check "$1" > /dev/null
		echo $(($(date +%s%N) - begun))
	done | sort -n | awk 'NR == 6 { printf "%.1f\n", $1 / 1e6 }'
}

small=$(median "$folder/small.yaml")
large=$(median "$folder/large.yaml")
awk -v small="$small" -v large="$large" 'BEGIN {
	printf "check of one rule                            %8.1f ms\n", small
	printf "check of 4,096 rules and 10,000 addresses    %8.1f ms, %.1f times that\n", large, large / small
}'
