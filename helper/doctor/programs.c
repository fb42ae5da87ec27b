/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/programs.h"

#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "doctor/power.h"

#define LOOKS_MAX 200000 /* files that are looked at */
#define DEPTH     3      /* of folders below those for what programs call */

/* setuid programs that open no connection in their caller's name, or ask who the caller is first:
 * sudo, su and doas are judged by their rules, newuidmap by the subordinate uids. */
static const char *const harmless[] = { "su", "sudo", "sudoedit", "sudoreplay", "doas", "passwd",
	"chfn", "chsh", "chage", "expiry", "newgrp", "sg", "gpasswd", "newuidmap", "newgidmap",
	"mount", "umount", "fusermount", "fusermount3", "pkexec", "polkit-agent-helper-1",
	"ssh-keysign", "dbus-daemon-launch-helper", "unix_chkpwd", "pam_timestamp_check", "crontab",
	"at", "atq", "atrm", "batch", "utempter", "userhelper", "Xorg.wrap", "chrome-sandbox",
	"bwrap", "grub2-set-bootflag", "usernetctl", "ntfs-3g", "snap-confine", "cgexec", "locate",
	"screen", "wall", "write", "ssh-agent" };

/* setuid programs that are known to send. */
static const struct {
	const char *name;
	const char *what;
} senders[] = {
	{ "ping", "ICMP" },
	{ "ping6", "ICMP" },
	{ "arping", "ARP" },
	{ "traceroute", "probes" },
	{ "traceroute6", "probes" },
	{ "traceroute6.iputils", "probes" },
	{ "mtr-packet", "probes" },
	{ "fping", "ICMP" },
	{ "mount.nfs", "NFS, where fstab has a `user` mount" },
	{ "mount.cifs", "SMB, where fstab has a `user` mount" },
	{ "exim4", "mail" },
	{ "exim", "mail" },
	{ "sendmail", "mail" },
	{ "pppd", "PPP" },
	{ "nmap", "scans" },
};

/* With CAP_NET_RAW these send what an IP socket sends, which the fence holds, or nothing. */
static const char *const raw_harmless[] = { "ping", "ping6", "arping", "clockdiff", "fping",
	"mtr-packet", "traceroute6.iputils", "dumpcap", "newuidmap", "gst-ptp-helper" };

static bool
is_in(const char *name, const char *const *list, size_t n)
{
	while (n)
		if (!strcmp(name, list[--n]))
			return true;
	return false;
}

#define IS_IN(name, list) is_in(name, list, sizeof(list) / sizeof((list)[0]))

/* ---------------------------------------------------------------- judging */

static struct finding *
report(struct doctor *doctor, enum finding_grade grade, const char *id, const char *path,
    const char *what, const char *more)
{
	const char *name = strrchr(path, '/') + 1;
	struct finding *finding =
	    finding_add(&doctor->findings, grade, id, name, "%s%s", what, more);

	finding_at(finding, path, 0);
	return finding;
}

static void
judge_setuid(struct doctor *doctor, const char *path, const struct stat *status)
{
	const char *name = strrchr(path, '/') + 1;
	struct finding *finding;
	size_t i;

	if (power_is_any(name) && !IS_IN(name, harmless)) {
		finding = report(doctor, FINDING_FAIL, "programs.setuid", path,
		    "setuid, and does whatever it is told", "");
		finding_mend(finding, "chmod u-s %s", path);
		return;
	}
	if (IS_IN(name, harmless) || fenced_by_uid(&doctor->fenced, status->st_uid))
		return;
	for (i = 0; i < sizeof(senders) / sizeof(senders[0]); i++) {
		if (strcmp(name, senders[i].name) != 0)
			continue;
		finding = report(doctor, FINDING_WARN, "programs.setuid", path,
		    "setuid: what it sends is not the caller's: ", senders[i].what);
		finding_mend(finding, "chmod u-s %s", path);
		return;
	}
	finding = report(doctor, FINDING_WARN, "programs.setuid", path,
	    "setuid, and not known here: connections that it opens are not fenced", "");
	finding_mend(finding, "If it opens any: chmod u-s %s", path);
}

static void
judge_capabilities(struct doctor *doctor, const char *path, uint64_t capabilities)
{
	static const struct {
		int number;
		const char *name;
	} strong[] = {
		{ CAP_SETUID, "cap_setuid" },
		{ CAP_NET_ADMIN, "cap_net_admin" },
		{ CAP_SYS_ADMIN, "cap_sys_admin" },
		{ CAP_SYS_PTRACE, "cap_sys_ptrace" },
		{ CAP_SYS_MODULE, "cap_sys_module" },
		{ CAP_SYS_RAWIO, "cap_sys_rawio" },
		{ CAP_DAC_OVERRIDE, "cap_dac_override" },
		{ CAP_SETFCAP, "cap_setfcap" },
		{ CAP_CHOWN, "cap_chown" },
		{ CAP_FOWNER, "cap_fowner" },
		{ CAP_NET_RAW, "cap_net_raw" },
	};
	const char *name = strrchr(path, '/') + 1;
	struct finding *finding;
	size_t i;

	if (IS_IN(name, raw_harmless) || !strcmp(name, "newgidmap"))
		return;
	for (i = 0; i < sizeof(strong) / sizeof(strong[0]); i++) {
		if (!(capabilities >> strong[i].number & 1))
			continue;
		finding = report(doctor, power_is_any(name) ? FINDING_FAIL : FINDING_WARN,
		    "programs.capability", path,
		    strong[i].number == CAP_NET_RAW
			? "raw packets go past the tables: "
			: "who starts it can become more than they are: ",
		    strong[i].name);
		finding_mend(finding, "setcap -r %s, or let only a group start it.", path);
		return;
	}
}

void
programs_judge(
    struct doctor *doctor, const char *path, const struct stat *status, uint64_t capabilities)
{
	if (status->st_mode & S_ISUID)
		judge_setuid(doctor, path, status);
	if (capabilities)
		judge_capabilities(doctor, path, capabilities);
}

/* ---------------------------------------------------------------- finding them */

/* What a program gets when it is started: its permitted ones. */
static uint64_t
capabilities_of(const char *path)
{
	struct vfs_ns_cap_data data;
	ssize_t size = lgetxattr(path, "security.capability", &data, sizeof(data));

	if (size < (ssize_t)XATTR_CAPS_SZ_2)
		return 0;
	return le32toh(data.data[0].permitted) | (uint64_t)le32toh(data.data[1].permitted) << 32;
}

/* The group's name, of /etc/group alone: whom it is about is in that one, or not at all. */
static bool
fenced_users_have(const struct doctor *doctor, gid_t gid)
{
	cleanup_free char *text = NULL;
	char *next, *line, *name;
	uint32_t i;

	if (host_read(&doctor->host, "/etc/group", &text) < 0)
		return true;
	for (next = text; (line = host_line(&next));) {
		name = strsep(&line, ":");
		if (!line || !strsep(&line, ":") || !line || strtoul(line, NULL, 10) != gid)
			continue;
		for (i = 0; i < doctor->fenced.n; i++) {
			if (fenced_in_group(&doctor->fenced.users[i], name))
				return true;
		}
	}
	return false;
}

/* Large folders below /usr/lib that hold other things. */
static const char *const no_programs[] = { "modules", "firmware", "debug", "python3",
	"node_modules" };

struct walk {
	struct doctor *doctor;
	unsigned int looks;
};

static void
look_at(struct walk *walk, const char *path, unsigned int depth)
{
	struct doctor *doctor = walk->doctor;
	char **names;
	size_t n, i;

	int result = host_list(&doctor->host, path, &names, &n);

	if (result == -E2BIG)
		walk->looks = LOOKS_MAX;
	if (result < 0)
		return;
	for (i = 0; i < n && walk->looks < LOOKS_MAX; i++) {
		cleanup_free char *inner = NULL, *whole = NULL;
		struct stat status;

		walk->looks++;
		if (asprintf(&inner, "%s/%s", path, names[i]) < 0) {
			inner = NULL;
			break;
		}
		if (!host_stat(&doctor->host, inner, &status))
			continue;
		if (S_ISDIR(status.st_mode) && depth && !IS_IN(names[i], no_programs))
			look_at(walk, inner, depth - 1);
		if (!S_ISREG(status.st_mode) || !(status.st_mode & 0011))
			continue;
		whole = host_path(&doctor->host, inner);
		if (!whole || (!(status.st_mode & S_ISUID) && !capabilities_of(whole)))
			continue;
		if ((status.st_mode & 0001) || fenced_users_have(doctor, status.st_gid))
			programs_judge(doctor, inner, &status, capabilities_of(whole));
	}
	host_list_free(names, n);
}

void
doctor_programs(struct doctor *doctor)
{
	static const struct {
		const char *path;
		unsigned int depth;
	} folders[] = { { "/usr/local/sbin", 0 }, { "/usr/local/bin", 0 }, { "/usr/sbin", 0 },
		{ "/usr/bin", 0 }, { "/sbin", 0 }, { "/bin", 0 }, { "/usr/libexec", DEPTH },
		{ "/usr/lib", DEPTH }, { "/opt", DEPTH }, { "/usr/local/lib", DEPTH } };
	struct walk walk = { .doctor = doctor };
	size_t before = doctor->findings.n, i;
	struct stat status;

	if (!doctor->fenced.n)
		return;
	for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		/* /bin may be a link to /usr/bin. */
		if (host_stat(&doctor->host, folders[i].path, &status) && S_ISDIR(status.st_mode))
			look_at(&walk, folders[i].path, folders[i].depth);
	}
	if (walk.looks >= LOOKS_MAX)
		finding_add(&doctor->findings, FINDING_UNKNOWN, "programs.more", "programs",
		    "there are more files than the %d that were looked at", LOOKS_MAX);
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "programs.setuid", "programs",
		    "none with rights of its own that sends for its caller");
}
