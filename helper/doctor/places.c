/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "netfence/paths.h"

static void
judge_folder(struct doctor *doctor, const char *path, uid_t owner, mode_t forbidden)
{
	struct stat status;
	struct finding *finding;

	if (!host_stat(&doctor->host, path, &status))
		return;
	/* Below another root files are whoever's made them. */
	if ((status.st_uid == owner || doctor->host.root[0]) && !(status.st_mode & forbidden) &&
	    !S_ISLNK(status.st_mode))
		return;
	finding = finding_add(&doctor->findings, FINDING_FAIL, "places.mode", path,
	    "uid %u, mode %04o: others could put things there", status.st_uid,
	    status.st_mode & 07777);
	finding_at(finding, path, 0);
	finding_mend(finding, "systemd-tmpfiles --create netfence.conf, or make install");
}

static void
judge_program(struct doctor *doctor, const char *name)
{
	cleanup_free char *path = host_program(&doctor->host, name);
	struct stat status;
	struct finding *finding;

	if (!path || !host_stat(&doctor->host, path, &status))
		return;
	if (!(status.st_mode & 06022))
		return;
	finding = finding_add(&doctor->findings, FINDING_FAIL, "places.mode", name, "mode %04o: %s",
	    status.st_mode & 07777,
	    status.st_mode & 06000 ? "it needs no setuid or setgid bit" : "others could write it");
	finding_at(finding, path, 0);
	finding_mend(finding, "chmod 0755 %s", path);
}

/* Without systemd nobody can be asked. */
static void
judge_boot(struct doctor *doctor)
{
	cleanup_free char *program = host_program(&doctor->host, "systemctl"), *said = NULL;
	const char *argv[] = { program, "is-enabled", "netfenced.service", NULL };
	struct finding *finding;
	struct why why;
	int result;

	if (!program || !host_exists(&doctor->host, "/run/systemd/system"))
		return;
	result = host_run(&doctor->host, argv, &said, &why);
	/* One word, or why there is none. */
	if (result > 0 && strchr(said, ' '))
		result = why_set(&why, EIO, "%.*s", (int)strcspn(said, "\n"), said);
	if (result < 0) {
		finding_add(
		    &doctor->findings, FINDING_UNKNOWN, "places.boot", "systemd", "%s", why.text);
		return;
	}
	if (result == 0) {
		finding_add(&doctor->findings, FINDING_OK, "places.boot", "netfenced.service",
		    "started at boot");
		return;
	}
	finding = finding_add(&doctor->findings, FINDING_WARN, "places.boot", "netfenced.service",
	    "not started at boot: %.*s", (int)strcspn(said, "\n"), said);
	finding_mend(finding, "systemctl enable netfenced.service");
}

void
doctor_places(struct doctor *doctor)
{
	uint32_t account;
	cleanup_free char *records = NULL, *socket = NULL, *who = NULL;
	size_t before = doctor->findings.n;

	judge_folder(doctor, doctor->rules, 0, 0022);
	judge_folder(doctor, doctor->run, 0, 0022);
	judge_folder(doctor, doctor->state, 0, 0022);
	if (asprintf(&records, "%s/" NETFENCE_RECORDS, doctor->run) >= 0 &&
	    host_account(&doctor->host, NETFENCE_USER, &account, NULL))
		judge_folder(doctor, records, account, 0077);
	if (asprintf(&socket, "%s/" NETFENCE_SOCKET_NAME, doctor->run) >= 0)
		judge_folder(doctor, socket, 0, 0077);
	if (asprintf(&who, "%s/" NETFENCE_WHO_NAME, doctor->state) >= 0)
		judge_folder(doctor, who, 0, 0022);
	judge_program(doctor, "netfenced");
	judge_program(doctor, "netfencectl");
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "places.mode", "files",
		    "owners and modes are right");
	judge_boot(doctor);
}
