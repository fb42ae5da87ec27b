#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a fenced user is told: a line at login.

load ../lib/netfence

setup_file()
{
	setup_host
	person eve   # fenced, no message
	person frank # fenced, and told nothing
	person grace # observed
	rules users/eve.yaml <<-END
	egress:
	  - allow: udp/162
	    to: [$MONITOR4, "$MONITOR6"]
	END
	rules users/frank.yaml <<-'END'
	egress: []
	message: ""
	END
	rules users/grace.yaml <<-'END'
	egress: []
	mode: observe
	END
	sshd_up host
	start_netfenced
}

teardown()
{
	on_failure
	logout_all
}

LINE='Network access is limited on this host'

# What an ssh session without a command shows.
shown_to() # USER
{
	in_client ssh -tt "${SSH_OPTIONS[@]}" "$1@$HOST4" < <(echo exit)
}

# ---------------------------------------------------------------- at login

@test "who is limited reads the policy's message, or else a line that there are limits" {
	run shown_to alice
	[[ $output == *"Outbound access is limited; ask noc@example.com."* ]]
	[[ $output != *"$LINE"* ]]
	run shown_to eve
	[[ $output == *"$LINE; netfencectl why tells more."* ]]
}

@test "nothing is said to who is not limited, nor where the message is empty" {
	for user in carol frank grace; do
		run shown_to "$user"
		[[ $output != *[Nn]"etwork access"* ]]
		[[ $output != *[Nn]"etfence"* ]]
	done
}

@test "what a command prints is not added to, over ssh, su or sudo" {
	[ "$(ssh_as eve 'echo clean' 2>&1)" = clean ]
	[ "$(su eve -c 'echo clean' 2>&1)" = clean ]
	[ "$(su - eve -c 'echo clean' 2>&1)" = clean ]
	if command -v sudo > /dev/null; then
		arm sudo
		[ "$(sudo -u eve echo clean 2>&1)" = clean ]
	fi
}
