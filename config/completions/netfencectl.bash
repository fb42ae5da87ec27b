# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of netfencectl(1): netfencectl itself says what may come next.

_netfencectl()
{
	local line words

	# Not COMP_WORDS: they end at each colon, which IPv6 addresses are full of.
	read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
	[[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=("")
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:file)
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${words[-1]}")
			;;
		:folder)
			compopt -o filenames
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${words[-1]}")
			;;
		*)
			line=${line%%$'\t'*}
			[[ $line != */ ]] || compopt -o nospace
			COMPREPLY+=("$line")
			;;
		esac
	done < <("${words[0]}" complete "${words[@]:1}" 2> /dev/null)
}

complete -F _netfencectl netfencectl
