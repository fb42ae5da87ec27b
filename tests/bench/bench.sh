#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bench.sh FOLDER [short]
#
# Measures in a world and reports to FOLDER; see README. $BUILD says which netfence.

set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${BUILD:?}"
mkdir -p "$1"
folder=$(cd "$1" && pwd)

{
	date -u '+%Y-%m-%d %H:%M UTC'
	uname -srm
	awk -F ': ' '/^model name/ { print $2; exit }' /proc/cpuinfo
	echo "$(nproc) processors; load when it began: $(cut -d ' ' -f 1-3 /proc/loadavg)"
} | tee "$folder/machine.txt"
"$here/../lib/world" "$here/inside.sh" "${@:2}" > "$folder/raw.txt"
echo "load when it ended: $(cut -d ' ' -f 1-3 /proc/loadavg)" | tee -a "$folder/machine.txt"
exec "$here/report.py" "$folder/raw.txt" "$folder"
