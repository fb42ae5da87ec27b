#compdef netfencectl
# SPDX-License-Identifier: GPL-2.0-or-later
# zsh completion of netfencectl(1): netfencectl itself says what may come next.

local line
local -a offers parts

for line in ${(f)"$(_call_program offers ${(q)words[1]} complete ${(q)words[2,CURRENT]})"}; do
	case $line in
	:file) _files ;;
	:folder) _files -/ ;;
	*/) parts+=("$line") ;;
	*) offers+=("${${line//:/\\:}/$'\t'/:}") ;;
	esac
done
(( ! $#parts )) || compadd -S '' -a parts
(( ! $#offers )) || _describe netfencectl offers
