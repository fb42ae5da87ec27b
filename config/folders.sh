#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make install` and `make uninstall` do beside copying files: the account, the folders of
# rules and state, and the question whether netfence may go at all. The Makefile sets the
# variables; the rules that fence nobody come on standard input.
#
# folders.sh make | may-go | take-away

set -eu
: "${DESTDIR?}" "${PREFIX:?}" "${SYSCONFDIR:?}" "${CONFDIR:?}" "${STATEDIR:?}" "${RUNDIR:?}"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
ACCOUNT=netfence

say()
{
	echo "netfence: $*"
}

# Onto the running system, not into a folder for a package.
for_real()
{
	[ -z "$DESTDIR" ] && [ "$(id -u)" = 0 ]
}

make_account()
{
	! getent passwd "$ACCOUNT" > /dev/null || return 0
	if command -v systemd-sysusers > /dev/null; then
		systemd-sysusers "$PREFIX/lib/sysusers.d/netfence.conf" || :
	fi
	getent passwd "$ACCOUNT" > /dev/null ||
		useradd --system --user-group --no-create-home --home-dir / \
			--shell "$(command -v nologin || echo /bin/false)" "$ACCOUNT"
	say "made the account $ACCOUNT, which netfenced's processes run as"
}

# Without the account, which a package makes when it is installed, everything is root's; tmpfiles.d
# gives it to the group then.
make_folders()
{
	! for_real || make_account
	for folder in "$CONFDIR" "$CONFDIR/rules.d" "$CONFDIR/users" "$CONFDIR/groups" "$STATEDIR"; do
		mkdir -p "$DESTDIR$folder"
		give 0750 "$DESTDIR$folder"
	done
	rules=$DESTDIR$CONFDIR/netfence.yaml
	if [ -e "$rules" ] || [ -L "$rules" ]; then
		say "$rules is kept as it is"
	else
		(umask 077 && cat > "$rules")
		give 0640 "$rules"
	fi
	! for_real || say "installed; no login asks it yet: $PREFIX/share/doc/netfence/INSTALL"
}

give() # MODE PATH
{
	! for_real || chown "root:$ACCOUNT" "$2"
	chmod "$1" "$2"
}

# A stack that names a module which is not there refuses everybody.
may_go()
{
	# Wherever our own files are, the system's PAM reads /etc.
	stacks=$(grep -RlE '^[^#]*pam_netfence\.so' "$DESTDIR$SYSCONFDIR/pam.d" \
		"$DESTDIR/etc/pam.d" "$DESTDIR/etc/pam.conf" 2> /dev/null | sort -u | xargs) || :
	[ -z "$stacks" ] || refuse "still named in $stacks, which without the module lets nobody in:" \
		"take the lines with pam_netfence.so out first"
	[ -z "$DESTDIR" ] || return 0
	! runs || refuse "netfenced still runs: stop it first, with systemd by" \
		"systemctl disable --now netfenced.socket netfenced.service"
	[ ! -e "$RUNDIR/netfenced.lock" ] || "$PREFIX/sbin/netfenced" --flush ||
		refuse "the fences could not be taken out of the kernel"
	! command -v systemctl > /dev/null ||
		systemctl --quiet disable netfenced.socket netfenced.service netfence-metrics.timer 2> /dev/null || :
}

refuse() # WORD ...
{
	if [ -n "${FORCE:-}" ]; then
		say "$* (going on all the same)"
	else
		say "$* (FORCE=1 goes on all the same)"
		exit 1
	fi >&2
}

# With systemd's socket alone the next login would start it.
runs()
{
	{ [ -e "$RUNDIR/netfenced.lock" ] && ! flock -n "$RUNDIR/netfenced.lock" true; } ||
		{ [ -d /run/systemd/system ] && systemctl --quiet is-active netfenced.socket; }
}

take_away()
{
	rules=$DESTDIR$CONFDIR/netfence.yaml
	! cmp -s - "$rules" || rm -f "$rules"
	for folder in /rules.d /users /groups ''; do
		rmdir "$DESTDIR$CONFDIR$folder" 2> /dev/null || :
	done
	if [ -d "$DESTDIR$CONFDIR" ]; then
		say "kept, as these are yours:"
		find "$DESTDIR$CONFDIR" ! -type d
	fi
	rm -rf "$DESTDIR$STATEDIR"
	[ -n "$DESTDIR" ] || rm -rf "$RUNDIR"
	for folder in share/doc/netfence/examples/groups share/doc/netfence/examples \
		share/doc/netfence; do
		rmdir "$DESTDIR$PREFIX/$folder" 2> /dev/null || :
	done
	# Elsewhere an installation may have been the first to need these.
	[ "$PREFIX" = /usr ] || for folder in share/doc share/man/man1 share/man/man5 share/man/man7 share/man/man8 \
		share/bash-completion/completions share/bash-completion share/zsh/vendor-completions \
		share/fish/vendor_completions.d share/fish lib/systemd/system lib/systemd lib/sysusers.d lib/tmpfiles.d lib/modules-load.d; do
		rmdir "$DESTDIR$PREFIX/$folder" 2> /dev/null || :
	done
	! for_real || ! getent passwd "$ACCOUNT" > /dev/null ||
		say "the account $ACCOUNT is left: files of its own would be somebody else's later"
}

case ${1:-} in
make) make_folders ;;
may-go) may_go ;;
take-away) take_away ;;
*)
	echo "usage: folders.sh make | may-go | take-away" >&2
	exit 2
	;;
esac
