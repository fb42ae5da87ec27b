# SPDX-License-Identifier: GPL-2.0-or-later
# fish completion of netfencectl(1): netfencectl itself says what may come next.

function __netfencectl_offers
	set -l words (commandline -opc)
	for line in ($words[1] complete $words[2..-1] (commandline -ct) 2>/dev/null)
		switch $line
			case :file
				__fish_complete_path (commandline -ct)
			case :folder
				__fish_complete_directories (commandline -ct)
			case '*'
				echo $line
		end
	end
end

complete -c netfencectl -f -a '(__netfencectl_offers)'
