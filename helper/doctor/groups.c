/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "doctor/doctor.h"

/* Groups whose members can become root, or have root do what they want, without any more. */
static const struct {
	const char *name;
	const char *how;
	enum finding_grade grade;
} powers[] = {
	{ "docker", "a container on the host's network, or root by a mount", FINDING_FAIL },
	{ "podman", "containers of root's", FINDING_FAIL },
	{ "lxd", "containers of root's", FINDING_FAIL },
	{ "incus-admin", "containers of root's", FINDING_FAIL },
	{ "libvirt", "machines with any network, run by root", FINDING_FAIL },
	{ "disk", "writes to the disks", FINDING_FAIL },
	{ "kmem", "reads and writes memory", FINDING_FAIL },
	{ "root", "writes what root's group may", FINDING_WARN },
	{ "shadow", "reads password hashes", FINDING_WARN },
	{ "netdev", "changes the network's settings", FINDING_WARN },
	{ "kvm", "machines with a network of their own, under their uid", FINDING_OK },
};

/* Sockets through which another program acts for whoever may write to them. */
static const struct {
	const char *path;
	const char *name;
} sockets[] = {
	{ "/run/docker.sock", "docker" },
	{ "/run/podman/podman.sock", "podman" },
	{ "/run/containerd/containerd.sock", "containerd" },
	{ "/run/crio/crio.sock", "cri-o" },
	{ "/var/lib/lxd/unix.socket", "lxd" },
	{ "/var/snap/lxd/common/lxd/unix.socket", "lxd" },
	{ "/var/lib/incus/unix.socket", "incus" },
	{ "/run/tailscale/tailscaled.sock", "tailscale" },
};

static void
judge_user(struct doctor *doctor, const struct fenced_user *user)
{
	struct finding *finding;
	size_t i;

	for (i = 0; i < sizeof(powers) / sizeof(powers[0]); i++) {
		if (powers[i].grade == FINDING_OK || !fenced_in_group(user, powers[i].name))
			continue;
		finding = finding_add_user(&doctor->findings, powers[i].grade, "groups.power", NULL,
		    user->name, "in group %s: %s", powers[i].name, powers[i].how);
		finding_at(finding, "/etc/group", 0);
		finding_mend(finding, "gpasswd -d %s %s", user->name, powers[i].name);
	}
}

void
doctor_groups(struct doctor *doctor)
{
	size_t before = doctor->findings.n, i;
	struct finding *finding;
	struct stat status;
	uint32_t j;

	if (!doctor->fenced.n)
		return;
	for (j = 0; j < doctor->fenced.n; j++)
		judge_user(doctor, &doctor->fenced.users[j]);
	for (i = 0; i < sizeof(sockets) / sizeof(sockets[0]); i++) {
		if (!host_stat(&doctor->host, sockets[i].path, &status) || !(status.st_mode & 0002))
			continue;
		finding = finding_add(&doctor->findings, FINDING_FAIL, "groups.socket",
		    sockets[i].name, "everybody may have it act for them");
		finding_at(finding, sockets[i].path, 0);
		finding_mend(finding, "chmod o-w %s", sockets[i].path);
	}
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "groups.power", "groups",
		    "no fenced user in one that makes root");
}
