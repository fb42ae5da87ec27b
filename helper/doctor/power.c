/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/power.h"

#include <fnmatch.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const char *const patterns[] = { "sh", "bash", "dash", "zsh", "ksh*", "fish", "csh", "tcsh",
	"busybox", "python*", "perl*", "ruby*", "lua*", "php*", "node*", "tclsh*", "expect", "gdb",
	"vi", "vim*", "nvim", "nano", "emacs*", "ed", "less", "more", "man", "awk", "gawk", "mawk",
	"sed", "find", "xargs", "env", "nice", "nohup", "timeout", "setsid", "strace", "watch",
	"script", "screen", "tmux", "su", "sudo", "doas", "runuser", "setpriv", "chroot", "unshare",
	"nsenter", "capsh", "ssh", "scp", "sftp", "rsync", "curl", "wget", "nc", "ncat", "netcat",
	"socat", "telnet", "nmap", "git", "tar", "cp", "mv", "dd", "tee", "install", "chmod",
	"chown", "docker", "podman", "systemd-run", "ip", "iptables*", "ip6tables*", "nft", "make",
	"apt", "apt-get", "dpkg", "dnf", "yum", "rpm", "pip*", "crontab", "at", "visudo", "useradd",
	"usermod", "passwd", "mount", "insmod", "modprobe" };

bool
power_is_any(const char *command)
{
	char path[256], *slash;
	size_t i;

	snprintf(path, sizeof(path), "%.*s", (int)strcspn(command, " \t"), command);
	slash = strrchr(path, '/');
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		if (fnmatch(patterns[i], slash ? slash + 1 : path, 0) == 0)
			return true;
	}
	return false;
}
