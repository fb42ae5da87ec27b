#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make install and make uninstall for real, and the steps of INSTALL in their order, as somebody
# would type them.

load ../lib/netfence

TREE=/tmp/source

setup_file()
{
	network_up
	syslog_up
	mkdir "$TREE" /tmp/build
	tar -cf - --exclude=./build --exclude=./.git . | tar -xf - -C "$TREE"
	tar -C "$BUILD" -cf - --exclude=./tests --exclude=./stage --exclude='./lint-*' . |
		tar -xf - -C /tmp/build
	person alice supporters
	person bob sudo
	person carol
	rm -rf /run/netfence
	sshd_up host
	tables > "$SPOOL/tables"
	# Below /usr the shells' own packages have these; nobody minds an empty one.
	mkdir -p /usr/share/bash-completion/completions /usr/share/zsh/vendor-completions \
		/usr/share/zsh/site-functions /usr/share/fish/vendor_completions.d
	everything > "$SPOOL/before"
	cp -a /etc/pam.d "$SPOOL/pam.d"
}

in_tree() # WORD ...
{
	make --no-print-directory -C "$TREE" BUILD=/tmp/build "$@"
}

# Everything where an installation could have put something.
everything()
{
	{
		find /etc /usr /opt -xdev ! -path '/etc/*-' ! -path '/etc/.pwd.lock'
		ls -d /var/* /var/lib/* /run/netfence*
	} 2> /dev/null | LC_ALL=C sort
}

nothing_is_left()
{
	everything | diff "$SPOOL/before" - && tables | diff "$SPOOL/tables" -
}

pam_untouched()
{
	diff -r "$SPOOL/pam.d" /etc/pam.d
}

owned() # PATH OWNER:GROUP MODE
{
	[ "$(stat -c '%U:%G %a' "$1")" = "$2 $3" ] || { stat "$1"; return 1; }
}

by_hand()
{
	setsid netfenced < /dev/null > /dev/null 2>&1 3>&- &
	echo $! > "$SPOOL/netfenced.pid"
	wait_for netfencectl status
}

# ---------------------------------------------------------------- make install

@test "for a package, by an ordinary user: everything below DESTDIR, nothing outside of it" {
	chown -R carol "$TREE" /tmp/build
	run as carol make -C "$TREE" BUILD=/tmp/build DESTDIR=/tmp/package PREFIX=/usr/local install
	[ "$status" = 0 ]
	[ -x /tmp/package/usr/local/sbin/netfenced ]
	[ -x /tmp/package/usr/local/bin/netfencectl ]
	[ -f "$(find /tmp/package -path '*/security/pam_netfence.so')" ]
	[ -f /tmp/package/usr/local/share/man/man8/netfenced.8 ]
	[ -f /tmp/package/etc/netfence/netfence.yaml ]
	[ -d /tmp/package/var/lib/netfence ]
	grep -qx ExecStart=/usr/local/sbin/netfenced \
		/tmp/package/usr/local/lib/systemd/system/netfenced.service
	[ -z "$(grep -rlI '@[A-Z]*@' /tmp/package)" ]
	nothing_is_left
	as carol make -C "$TREE" BUILD=/tmp/build DESTDIR=/tmp/package PREFIX=/usr/local uninstall
	[ -z "$(find /tmp/package -type f)" ]
}

@test "make install arms nothing, and makes the account" {
	chown -R root "$TREE" /tmp/build
	userdel netfence 2> /dev/null || :
	run in_tree install
	[ "$status" = 0 ]
	[[ $output == *"made the account netfence"* ]]
	pam_untouched
	owned /etc/netfence root:netfence 750
	owned /etc/netfence/rules.d root:netfence 750
	owned /etc/netfence/users root:netfence 750
	owned /etc/netfence/groups root:netfence 750
	owned /etc/netfence/netfence.yaml root:netfence 640
	owned /var/lib/netfence root:netfence 750
	[ "$(getent passwd netfence | cut -d : -f 7)" = "$(command -v nologin)" ]
	module=$(find /usr/lib -name pam_netfence.so)
	[ -e "${module%/*}/pam_unix.so" ]
	owned "$module" root:root 644
	[ -z "$(find /usr/sbin/netfenced /usr/bin/netfencectl "$module" -perm /6022)" ]
}

@test "the rules as installed are good, and fence nobody" {
	run netfenced -t
	[ "$status" = 0 ]
	[ -z "$output" ]
	start_netfenced
	wait_for test -s /var/lib/netfence/who
	[ "$(netfencectl --json status | python3 -c 'import json, sys
print(json.load(sys.stdin)["rules"]["policies"])')" = 0 ]
	stop_netfenced
}

@test "rules that are there are not touched by another install" {
	echo '# mine' >> /etc/netfence/netfence.yaml
	cp /etc/netfence/netfence.yaml "$SPOOL/mine"
	in_tree install
	cmp "$SPOOL/mine" /etc/netfence/netfence.yaml
}

@test "units: nothing to complain of" {
	command -v systemd-analyze > /dev/null || skip "no systemd-analyze"
	run systemd-analyze verify --man=no /usr/lib/systemd/system/netfenced.service \
		/usr/lib/systemd/system/netfenced.socket \
		/usr/lib/systemd/system/netfence-metrics.service \
		/usr/lib/systemd/system/netfence-metrics.timer
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "tmpfiles.d gives the folders of a package to the account" {
	command -v systemd-tmpfiles > /dev/null || skip "no systemd-tmpfiles"
	chown -R root:root /etc/netfence /var/lib/netfence
	systemd-tmpfiles --create netfence.conf
	owned /etc/netfence root:netfence 750
	owned /etc/netfence/groups root:netfence 750
	owned /etc/netfence/netfence.yaml root:netfence 640
	owned /var/lib/netfence root:netfence 750
}

@test "make uninstall keeps what was written, and says so" {
	echo 'egress: []' | rules users/carol.yaml
	run in_tree uninstall
	[ "$status" = 0 ]
	[[ $output == *kept*/etc/netfence/netfence.yaml* ]]
	[[ $output == */etc/netfence/users/carol.yaml* ]]
	cmp "$SPOOL/mine" /etc/netfence/netfence.yaml
	rm -r /etc/netfence
	nothing_is_left
}

@test "install and uninstall leave nothing behind but the account" {
	in_tree install
	! command -v systemctl > /dev/null || systemctl enable netfenced.service
	in_tree uninstall
	nothing_is_left
	id netfence
}

@test "nor below /usr/local" {
	in_tree install PREFIX=/usr/local
	[ -x /usr/local/sbin/netfenced ]
	[ ! -e /usr/sbin/netfenced ]
	in_tree uninstall PREFIX=/usr/local
	nothing_is_left
}

@test "without systemd-sysusers useradd makes the account" {
	userdel netfence
	sysusers=$(command -v systemd-sysusers || :)
	[ -z "$sysusers" ] || mv "$sysusers" /tmp/sysusers
	run in_tree install
	[ -z "$sysusers" ] || mv /tmp/sysusers "$sysusers"
	[ "$status" = 0 ]
	[ "$(getent passwd netfence | cut -d : -f 7)" = "$(command -v nologin)" ]
	owned /etc/netfence root:netfence 750
	(($(id -u netfence) < 1000))
}

# ---------------------------------------------------------------- the steps of INSTALL

@test "step 3: sshd asks PAM, and the administrator is in the group" {
	ssh-keygen -A
	sshd -T -f "$SPOOL/sshd-host.conf" | grep -i usepam | grep -qx 'usepam yes'
	id -nG bob | grep -qw sudo
}

@test "step 4: the examples are good rules" {
	cd /usr/share/doc/netfence/examples
	install -o root -g netfence -m 0640 netfence.yaml /etc/netfence/
	install -o root -g netfence -m 0640 groups/supporters.yaml /etc/netfence/groups/
	run netfencectl check
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "step 5: the daemon runs, and no login asks it" {
	by_hand
	run netfencectl status
	[ "$status" = 0 ]
	[[ $output == *"IPv4 and IPv6 in force"* ]]
	login one alice
	[ "$(netfencectl sessions)" = "no fenced sessions" ]
	free alice
	logout one
	pam_untouched
}

arm_on_trial()
{
	sed -i '/^session.*pam_loginuid\.so/a session optional pam_netfence.so onerr=succeed admin_group=sudo' /etc/pam.d/sshd
}

@test "step 6: the timer puts the file back, typed into a shell as root would have it" {
	cp -p /etc/pam.d/sshd /root/pam-sshd.before
	setsid bash -m -c "nohup setsid sh -c 'echo \$\$ > /root/pam-sshd.timer; sleep 4
		cp -p /root/pam-sshd.before /etc/pam.d/sshd' < /dev/null > /dev/null 2>&1 &" 3>&-
	arm_on_trial
	run pam_untouched
	[ "$status" = 1 ]
	wait_for pam_untouched
	wait_for gone "$(cat /root/pam-sshd.timer)"
}

@test "step 6: the line goes behind pam_loginuid and ahead of what is included" {
	setsid bash -m -c "nohup setsid sh -c 'echo \$\$ > /root/pam-sshd.timer; sleep 900
		cp -p /root/pam-sshd.before /etc/pam.d/sshd' < /dev/null > /dev/null 2>&1 &" 3>&-
	wait_for test -s /root/pam-sshd.timer
	arm_on_trial
	run grep -nE '^-?session|^@include common-session' /etc/pam.d/sshd
	[[ $output == *pam_loginuid.so*"session optional pam_netfence.so"*common-session* ]] ||
		[[ $output == *pam_loginuid.so*"session optional pam_netfence.so"*include* ]]
	[ "$(grep -c pam_netfence /etc/pam.d/sshd)" = 1 ]
}

@test "step 7: a supporter is fenced and listed, the administrator is not" {
	login one alice
	login two bob
	[[ $(netfencectl sessions) == *alice*groups/supporters*sshd* ]]
	[[ $(netfencectl sessions) != *bob* ]]
	netfencectl rules alice | grep -q 'uid-owner'
	fenced alice
	free bob
	logout one
	logout two
	wait_for no_sessions
}

no_sessions()
{
	[ "$(netfencectl sessions)" = "no fenced sessions" ]
}

@test "step 7: on trial nobody is refused, whatever is missing" {
	stop_netfenced
	login one alice
	wait_for logged 'alice is let in WITHOUT a fence'
	logout one
	login two bob
	logout two
	by_hand
}

@test "step 8: in earnest, and the timer is stopped" {
	sed -i 's/^session optional pam_netfence\.so .*/session requisite pam_netfence.so admin_group=sudo/' /etc/pam.d/sshd
	[ "$(grep pam_netfence /etc/pam.d/sshd)" = \
		"session requisite pam_netfence.so admin_group=sudo" ]
	login one alice
	login two bob
	fenced alice
	free bob
	timer=$(cat /root/pam-sshd.timer)
	kill "$(cat /root/pam-sshd.timer)"; rm /root/pam-sshd.timer
	wait_for gone "$timer"
	grep -q pam_netfence /etc/pam.d/sshd
}

@test "step 9: the daemon stopped: the fenced one is refused and told, the others get in" {
	stop_netfenced
	fenced alice
	run ssh_as alice true
	[ "$status" = 254 ]
	run ssh_as alice < /dev/null
	[[ $output == *"This session is refused: its network restrictions could not be put in place."* ]]
	ssh_as bob true
	ssh_as carol true
	by_hand
	ssh_as alice true
	logout one
	logout two
	wait_for no_sessions
}

@test "step 10: a stack with this module alone needs pam_permit beside it" {
	printf '%s\n' 'auth required pam_permit.so' 'account required pam_permit.so' \
		'session requisite pam_netfence.so admin_group=sudo' > /etc/pam.d/alone
	{ cat /etc/pam.d/alone; echo 'session required pam_permit.so'; } > /etc/pam.d/beside
	app_start
	[ "$(app open a alone carol)" != 0 ]
	[ "$(app open b beside carol)" = 0 ]
	[ "$(app open c beside alice)" = 0 ]
	app close b
	app close c
	app_stop
	rm /etc/pam.d/alone /etc/pam.d/beside
	wait_for no_sessions
}

@test "step 10: pam-auth-update sets and takes the line for all services, ahead of pam_systemd" {
	command -v pam-auth-update > /dev/null || skip "no pam-auth-update"
	cp -a /etc/pam.d "$SPOOL/before-update"
	DEBIAN_FRONTEND=noninteractive pam-auth-update --enable netfence
	for stack in common-session common-session-noninteractive; do
		[ "$(grep pam_netfence "/etc/pam.d/$stack" | tr -s '\t ' ' ')" = \
			"session requisite pam_netfence.so admin_group=sudo" ]
	done
	run grep -n ^session /etc/pam.d/common-session
	[[ $output != *pam_systemd*pam_netfence* ]]
	login one alice
	fenced alice
	logout one
	su -s /bin/sh -c true carol
	su -s /bin/sh -c 'sleep 1000' alice 3>&- &
	wait_for listed su
	fenced alice
	kill $!
	DEBIAN_FRONTEND=noninteractive pam-auth-update --remove netfence
	diff -r "$SPOOL/before-update" /etc/pam.d
}

listed() # WORD
{
	netfencectl sessions | grep -q "$1"
}

@test "step 12: no uninstall while a PAM file names the module" {
	run in_tree uninstall
	[ "$status" != 0 ]
	[[ $output == *"/etc/pam.d/sshd"* ]]
	[ -n "$(find /usr/lib -name pam_netfence.so)" ]
	[ -x /usr/sbin/netfenced ]
	ssh_as alice true
}

@test "step 12: nor while netfenced runs" {
	sed -i '/pam_netfence\.so/d' /etc/pam.d/sshd
	run grep -l pam_netfence /etc/pam.d/*
	[ "$status" = 1 ]
	pam_untouched
	run in_tree uninstall
	[ "$status" != 0 ]
	[[ $output == *"still runs"* ]]
	[ -x /usr/sbin/netfenced ]
}

@test "step 12: out again, and nothing is left but the rules and the account" {
	stop_netfenced
	netfenced --flush
	run in_tree uninstall
	[ "$status" = 0 ]
	[[ $output == *kept*supporters.yaml* ]]
	rm -r /etc/netfence
	nothing_is_left
	ssh_as alice true
}
