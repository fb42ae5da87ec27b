#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Firewalls as distributions have them, on the same tables: the fence is back within two seconds,
# and their rules are as they left them.

load ../lib/netfence
load ../lib/unrest
load ../lib/firewalls

setup_file()
{
	setup_host
	iptables_is legacy
}

setup()
{
	begin_disturbed
}

teardown()
{
	end_disturbed
}

@test "ufw: enable, reload, disable" {
	firewall ufw ufw
	ufw allow 22/tcp
	for command in '--force enable' reload 'allow 8080/tcp' disable; do
		disturb ufw $command
		holds_again
	done
	# One that manages the built-in chains itself.
	sed -i 's/^MANAGE_BUILTINS=.*/MANAGE_BUILTINS=yes/' /etc/default/ufw
	for command in '--force enable' disable; do
		disturb ufw $command
		holds_again
		repaired_iptables 2
	done
}

@test "Shorewall: start, restart, clear" {
	firewall shorewall shorewall
	cd /etc/shorewall
	printf 'fw firewall\nnet ipv4\n' > zones
	printf '?FORMAT 2\nnet far0\nnet lan0\nnet client0\n' > interfaces
	printf '$FW all ACCEPT\nnet all ACCEPT\nall all REJECT\n' > policy
	cd /
	for command in start restart reload clear; do
		disturb shorewall "$command"
		holds_again
	done
	with_nftables || wait_for logged 'event=repair'
}

@test "netfilter-persistent: save, start, flush" {
	firewall iptables-persistent netfilter-persistent
	mkdir -p /etc/iptables
	printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' ':FORWARD ACCEPT [0:0]' \
		':OUTPUT ACCEPT [0:0]' '-A OUTPUT -p tcp --dport 9 -j DROP' COMMIT |
		tee /etc/iptables/rules.v4 > /etc/iptables/rules.v6
	disturb netfilter-persistent start
	holds_again
	repaired_iptables 2
	disturb netfilter-persistent save
	holds_again
	# What was saved has our chains in it.
	disturb netfilter-persistent start
	holds_again
	disturb netfilter-persistent flush
	holds_again
}

@test "fail2ban bans and goes" {
	firewall fail2ban fail2ban-server
	: > "$SPOOL/knocks"
	mkdir -p /run/fail2ban
	cat > /etc/fail2ban/jail.local <<-END
	[DEFAULT]
	banaction = iptables-allports
	backend = polling
	[sshd]
	enabled = false
	[knock]
	enabled = true
	filter = knock
	logpath = $SPOOL/knocks
	maxretry = 1
	END
	printf '[Definition]\nfailregex = knock from <HOST>$\n' > /etc/fail2ban/filter.d/knock.conf
	disturb fail2ban-client start
	holds_again
	disturb fail2ban-client set knock banip 203.0.113.99
	holds_again
	iptables-legacy -S | grep -q 203.0.113.99
	disturb fail2ban-client stop
	holds_again
}
