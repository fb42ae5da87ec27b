#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Completion in shells: what netfencectl offers, and that bash, zsh and fish, as they are installed,
# take it from there.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
	app_start
}

teardown()
{
	on_failure
	: > "$SPOOL/app.out"
	app close a > /dev/null
	wait_for tables_as_before
}

# What may come next, without what it is.
offers() # WORD ...
{
	netfencectl complete "$@" | cut -f 1 | xargs
}

typist() # TEXT PATTERN SHELL ...
{
	python3 "$BATS_TEST_DIRNAME/../lib/typist.py" "$@"
}

@test "commands, with what they do" {
	for command in $(netfencectl -h | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p'); do
		[[ " $(offers '') " == *" $command "* ]]
		[[ $(netfencectl complete "$command") == "$command"$'\t'?* ]]
	done
	[ "$(offers roll)" = rollback ]
	[ -z "$(offers nothing-like-it)" ]
	[[ " $(offers -) " == *" --json "* ]]
	[[ " $(offers --json stat) " == " status " ]]
}

@test "options and their values" {
	[ "$(offers reload --)" = "--dry-run --confirm --json" ]
	[ "$(offers reload --dry-run --d)" = "" ]
	[[ " $(offers reload --confirm '') " == *" 5m "* ]]
	[ "$(offers show --group s)" = supporters ]
	[ "$(offers check --as n)" = netfence.yaml ]
	[[ $(offers check '') == :file* ]]
	[ "$(offers -c '')" = :folder ]
	[ "$(offers -c /nowhere check --as n)" = "" ]
}

@test "users, services, sessions" {
	[ "$(offers explain ali)" = alice ]
	[[ " $(offers explain '') " == *" alice bob carol dave "* ]]
	[[ " $(offers explain '') " != *" daemon "* ]]
	[ "$(offers explain daem)" = daemon ]
	[[ " $(offers explain alice snmp-t) " == " snmp-trap "* ]]
	[ "$(offers explain alice tcp/22 '')" = "--json" ]
	[ "$(app open a fenced alice)" = 0 ]
	[[ $(netfencectl complete terminate --session '') =~ ^[0-9]+$'\t'alice$ ]]
	netfencectl grant alice tcp/22 "$LAN4" --for 1h
	[[ $(netfencectl complete revoke '') =~ ^[0-9]+$'\t'alice ]]
	netfencectl revoke "$(offers revoke '')"
	# A user may not ask the daemon, and is told nothing.
	run as alice netfencectl complete explain bo
	[ "$status" = 0 ]
	[ "$output" = bob ]
}

@test "bash" {
	file=/usr/share/bash-completion/completions/netfencectl
	[[ $(bash -c "source $file; complete -p netfencectl") == "complete -F _netfencectl netfencectl" ]]
	cat > "$SPOOL/bashrc" <<-END
	PS1='READY> '
	source $file
	END
	typist 'netfencectl roll\t' 'netfencectl rollback ' bash --rcfile "$SPOOL/bashrc" -i
	typist 'netfencectl explain ali\tud\t' 'netfencectl explain alice udp/' \
		bash --rcfile "$SPOOL/bashrc" -i
	mkdir -p "$SPOOL/draft" && touch "$SPOOL/draft/alone.yaml"
	typist "netfencectl check $SPOOL/draft/al\t" "check $SPOOL/draft/alone.yaml" \
		bash --rcfile "$SPOOL/bashrc" -i
	typist 'netfencectl --json show --gr\tsupp\t' 'show --group supporters' \
		bash --rcfile "$SPOOL/bashrc" -i
}

@test "zsh" {
	command -v zsh > /dev/null || skip "no zsh here"
	mkdir -p "$SPOOL/zsh"
	# As a login shell of the distribution has it, but for the prompt.
	printf '%s\n' 'autoload -Uz compinit' 'compinit -u' "PS1='READY> '" > "$SPOOL/zsh/.zshrc"
	typist 'netfencectl roll\t' 'netfencectl rollback' env ZDOTDIR="$SPOOL/zsh" zsh -i
	typist 'netfencectl explain ali\tud\t' 'netfencectl explain alice.* udp/' \
		env ZDOTDIR="$SPOOL/zsh" zsh -i
	typist 'netfencectl s\t' 'who is fenced, and how' \
		env ZDOTDIR="$SPOOL/zsh" zsh -i
}

@test "fish" {
	command -v fish > /dev/null || skip "no fish here"
	[ "$(HOME=$SPOOL fish -c 'complete -C "netfencectl roll"' | cut -f 1)" = rollback ]
	[[ $(HOME=$SPOOL fish -c 'complete -C "netfencectl explain ali"') == alice* ]]
	[[ $(HOME=$SPOOL fish -c 'complete -C "netfencectl reload --d"') == --dry-run* ]]
	[[ $(HOME=$SPOOL fish -c "complete -C 'netfencectl check /etc/netfence/net'") == \
		/etc/netfence/netfence.yaml* ]]
}
