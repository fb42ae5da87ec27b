#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh [KIND PROGRAM ...]...
#
# Runs every test there is and counts: the cmocka programs given after the words unit, pam and
# engine, then each file of tests/system in a world of its own ($BUILD says which netfence is
# meant), and last whether the machine is as it was. What needs root is skipped without it, and
# counted as skipped. Files can be chosen: SYSTEM="login rules nftables:login" make check; the last
# is that file with the other engine, which of itself is done for those below.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=machine.sh
source "$here/machine.sh"

: "${BUILD:?}"
BUILD=$(cd "$BUILD" && pwd)
export BUILD
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0 failed=0 skipped=0
SKIP='^(not )?ok [0-9]+.*# skip'
root=$([ "$(id -u)" = 0 ] && echo yes || echo no)

# From what a program said in TAP. A test that was announced and never heard of has failed, and so
# has a program that ended badly without saying why.
count() # NAME LOG STATUS
{
	local planned ok bad skip

	planned=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$2" | awk '{ n += $1 } END { print n + 0 }')
	# cmocka writes `not ok N # SKIP NAME`, bats `ok N NAME # skip REASON`.
	skip=$(grep -Eic "$SKIP" "$2")
	ok=$(grep -Eiv "$SKIP" "$2" | grep -Ec '^ok [0-9]+')
	bad=$(grep -Eiv "$SKIP" "$2" | grep -Ec '^not ok [0-9]+')
	((planned - ok - skip <= bad)) || bad=$((planned - ok - skip))
	[ "$3" = 0 ] || ((bad > 0)) || bad=1
	((planned > 0 || bad > 0)) || bad=1
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
	printf '%-32s %3d passed' "$1" "$ok"
	((skip == 0)) || printf ', %d skipped' "$skip"
	((bad == 0)) || printf ', %d FAILED' "$bad"
	echo
	grep -Ei "$SKIP" "$2" | sed -E 's/^(not )?ok [0-9]+ /    skipped: /'
	((bad == 0)) || { [ "$3" = 0 ] || echo "status $3"; grep -v '^ok ' "$2"; } | sed 's/^/    /'
}

# What runs does so in the background, not in a subshell, and waited for: a signal ends this shell
# at once, and with it those, and with them their worlds.
running=0
declare -A names=()

run() # LANES NAME SECONDS PROGRAM [ARGUMENT ...]
{
	local lanes=$1 name=$2

	((running < lanes)) || reap
	setpriv --pdeathsig KILL timeout -s KILL "${@:3}" < /dev/null > "$logs/${name//\//-}" 2>&1 &
	names[$!]=$name
	running=$((running + 1))
}

reap() # whichever ends next
{
	local pid status=0

	wait -n -p pid || status=$?
	running=$((running - 1))
	count "${names[$pid]}" "$logs/${names[$pid]//\//-}" "$status"
}

reap_all()
{
	while ((running > 0)); do
		reap
	done
}

run_cmocka() # KIND PROGRAM ...
{
	local kind=$1 program around=()

	shift
	[ "$kind" != engine ] || around=("$here/world")
	for program in "$@"; do
		CMOCKA_MESSAGE_OUTPUT=TAP run "$(nproc)" "$kind/${program##*/}" 300 \
			"${around[@]}" "$program"
	done
	reap_all
}

# What the engines have to do with most, and little else.
WITH_NFTABLES="login cut heal neighbours stay"

# Two for each processor: a world waits more than it works.
run_system() # [nftables:]FILE ...
{
	local file name engine

	for file in "$@"; do
		name=$(basename "$file" .bats) engine=
		[[ $file != nftables:* ]] || name="$name-nftables" engine=nftables
		ENGINE=$engine run $((2 * $(nproc))) "system/$name" 600 \
			"$here/world" bats --tap "${file#nftables:}"
	done
	reap_all
}

skip_for_root() # HOW-MANY
{
	skipped=$((skipped + $1))
}

system_files()
{
	local name

	if [ -n "${SYSTEM:-}" ]; then
		for name in $SYSTEM; do
			case $name in
			nftables:*) echo "nftables:$here/../system/${name#nftables:}.bats" ;;
			*) echo "$here/../system/$name.bats" ;;
			esac
		done
	else
		ls -S "$here"/../system/*.bats # the longest first
		for name in $WITH_NFTABLES; do
			echo "nftables:$here/../system/$name.bats"
		done
	fi
}

[ "$root" = no ] || machine_writes_down "$logs/machine"

kind=
programs=()
flush()
{
	((${#programs[@]} > 0)) || return 0
	if [ "$kind" = engine ] && [ "$root" = no ]; then
		skip_for_root "$(cat "$here"/../engine/test_*.c | grep -c 'cmocka_unit_test')"
	else
		run_cmocka "$kind" "${programs[@]}"
	fi
	programs=()
}
for word in "$@"; do
	case $word in
	unit | pam | engine) flush; kind=$word ;;
	*) programs+=("$word") ;;
	esac
done
flush

mapfile -t files < <(system_files)
if [ "$root" = yes ]; then
	run_system "${files[@]}"
	if machine_compares "$logs/machine" > "$logs/differs"; then
		passed=$((passed + 1))
		echo "the machine is as it was"
	else
		failed=$((failed + 1))
		echo "THE MACHINE WAS TOUCHED"
		sed 's/^/    /' "$logs/differs"
	fi
else
	skip_for_root "$(cat "${files[@]#nftables:}" | grep -c '^@test')"
	skip_for_root 1 # whether the machine is as it was
	echo "SKIPPED: $skipped tests need root (all of engine and system); make check as root runs them"
fi

echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
