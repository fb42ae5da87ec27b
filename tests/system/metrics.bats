#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The numbers for Prometheus: that they are right, and that readers of the format take them.

load ../lib/netfence

setup_file()
{
	setup_host
	start_netfenced
	app_start
}

setup()
{
	: > "$SPOOL/app.out"
}

teardown()
{
	local name

	on_failure
	for name in a b; do
		app close "$name" > /dev/null
	done
	rm -rf /etc/netfence/users
	seed_rules
	[ -e "/proc/$(netfenced_pid)" ] || start_netfenced
	wait_for netfencectl reload
	wait_for tables_as_before
}

good_text()
{
	netfencectl metrics --strict | python3 "$BATS_TEST_DIRNAME/../lib/openmetrics.py"
	[ "$(netfencectl metrics | tail -n 1)" = "# EOF" ]
	netfencectl metrics > "$SPOOL/metrics"
	# What it dislikes, it says, and exits with 3.
	! command -v promtool > /dev/null || promtool check metrics < "$SPOOL/metrics"
}

@test "promtool is here" {
	command -v promtool > /dev/null || skip "no promtool here: only our own check of the format"
}

# One of them, as a number.
metric() # NAME{LABELS}
{
	netfencectl metrics | awk -v name="$1" '$1 == name { print $2 }'
}

@test "what has not happened is 0" {
	good_text
	[ "$(metric netfence_up)" = 1 ]
	[ "$(metric netfence_sessions)" = 0 ]
	[ "$(metric 'netfence_family_up{family="ipv4"}')" = 1 ]
	[ "$(metric 'netfence_family_up{family="ipv6"}')" = 1 ]
	[ "$(metric 'netfence_repairs_total{family="ipv4"}')" = 0 ]
	[ "$(metric netfence_contested)" = 0 ]
	[ "$(metric netfence_reload_failed)" = 0 ]
	for reason in no-rules contested expired identity network-namespace tables other; do
		[ "$(metric "netfence_logins_refused_total{reason=\"$reason\"}")" = 0 ]
	done
	started=$(metric netfence_start_time_seconds)
	((started <= EPOCHSECONDS && started > EPOCHSECONDS - 600))
	since=$(metric netfence_rules_timestamp_seconds)
	((since >= started && since <= EPOCHSECONDS))
}

@test "sessions, and fences by policy and state" {
	rules users/bob.yaml <<-END
	mode: observe
	egress: []
	END
	netfencectl reload > /dev/null
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(app open b fenced bob)" = 0 ]
	[ "$(metric netfence_sessions)" = 2 ]
	[ "$(metric 'netfence_fences{policy="groups/supporters",state="active"}')" = 1 ]
	[ "$(metric 'netfence_fences{policy="users/bob",state="observed"}')" = 1 ]
	good_text
}

@test "commits and how long they take" {
	before=$(metric netfence_commit_seconds_count)
	written=$(metric netfence_tables_written_total)
	[ "$(app open a fenced alice)" = 0 ]
	[ "$(metric netfence_commit_seconds_count)" -gt "$before" ]
	# One of iptables' for each family.
	[ "$(metric netfence_tables_written_total)" -ge $((written + $(with_nftables && echo 1 || echo 2))) ]
	[ "$(metric 'netfence_commit_seconds_bucket{le="+Inf"}')" = \
		"$(metric netfence_commit_seconds_count)" ]
	python3 -c "assert 0 < $(metric netfence_commit_seconds_sum) < 30"
}

@test "repairs, by family" {
	[ "$(app open a fenced alice)" = 0 ]
	before4=$(metric 'netfence_repairs_total{family="ipv4"}')
	before6=$(metric 'netfence_repairs_total{family="ipv6"}')
	take_fences_away
	wait_for eval '[ "$(metric "netfence_repairs_total{family=\"ipv6\"}")" = $((before6 + 1)) ]'
	# nftables' table is both families'.
	! with_nftables || before4=$((before4 + 1))
	[ "$(metric 'netfence_repairs_total{family="ipv4"}')" = "$before4" ]
}

@test "grants" {
	[ "$(metric netfence_grants)" = 0 ]
	netfencectl grant alice tcp/22 "$LAN4" --for 1h
	[ "$(metric netfence_grants)" = 1 ]
	[[ $(netfencectl status) == *", 1 grant" ]] || [[ $(netfencectl status) == *", 1 grant"$'\n'* ]]
	netfencectl revoke "$(netfencectl complete revoke '' | cut -f 1)"
	[ "$(metric netfence_grants)" = 0 ]
}

@test "refused logins, by reason; a failed reload" {
	# A range that touches another account.
	echo "carol:$(id -u dave):10" >> /etc/subuid
	rules users/carol.yaml <<< 'egress: []'
	netfencectl reload > /dev/null
	[ "$(app open a fenced carol)" != 0 ]
	sed -i '$d' /etc/subuid
	[ "$(metric 'netfence_logins_refused_total{reason="identity"}')" = 1 ]
	echo 'egres: []' | rules users/carol.yaml
	run netfencectl reload --dry-run
	[ "$(metric netfence_reload_failed)" = 0 ]
	run netfencectl reload
	[ "$status" = 5 ]
	[ "$(metric netfence_reload_failed)" = 1 ]
	rm /etc/netfence/users/carol.yaml
	netfencectl reload > /dev/null
	[ "$(metric netfence_reload_failed)" = 0 ]
}

@test "a file for the collector, replaced in one go; also while netfenced is away" {
	mkdir -p "$SPOOL/collector"
	netfencectl metrics --textfile "$SPOOL/collector/netfence.prom"
	[ "$(stat -c %a "$SPOOL/collector/netfence.prom")" = 644 ]
	[ "$(ls "$SPOOL/collector")" = netfence.prom ]
	inode=$(stat -c %i "$SPOOL/collector/netfence.prom")
	grep -qx 'netfence_up 1' "$SPOOL/collector/netfence.prom"
	stop_netfenced
	run netfencectl metrics --textfile "$SPOOL/collector/netfence.prom"
	[ "$status" = 3 ]
	grep -qx 'netfence_up 0' "$SPOOL/collector/netfence.prom"
	[ "$(stat -c %i "$SPOOL/collector/netfence.prom")" != "$inode" ]
	[ "$(ls "$SPOOL/collector")" = netfence.prom ]
	run netfencectl metrics --textfile "$SPOOL/nowhere/netfence.prom"
	[ "$status" = 3 ]
	run netfencectl metrics
	[ "$status" = 3 ]
	[[ $output == *"netfence_up 0"*"# EOF"* ]]
	run as alice netfencectl metrics
	[[ $status = [34] ]]
}

@test "with no more rights than its unit has: the folder of another account, no network" {
	install -d -o carol -g carol -m 0755 "$SPOOL/node-exporter"
	grep -qx CapabilityBoundingSet=CAP_DAC_OVERRIDE /usr/lib/systemd/system/netfence-metrics.service
	unshare --net setpriv --no-new-privs --bounding-set=-all,+dac_override --inh-caps=-all \
		netfencectl metrics --textfile "$SPOOL/node-exporter/netfence.prom"
	grep -qx 'netfence_up 1' "$SPOOL/node-exporter/netfence.prom"
	as carol cat "$SPOOL/node-exporter/netfence.prom" > /dev/null
}
