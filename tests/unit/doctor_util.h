/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A doctor over a host of files in a folder of the test's own.
 */
#ifndef DOCTOR_UTIL_H
#define DOCTOR_UTIL_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "doctor/doctor.h"

static char root[64];
static struct policy policy = { .name = "groups/supporters", .file = "groups/supporters.yaml" };
static char *supporters[] = { (char *)(uintptr_t) "supporters" };
static char *admins[] = { (char *)(uintptr_t) "supporters", (char *)(uintptr_t) "wheel",
	(char *)(uintptr_t) "docker" };
static struct fenced_user people[] = {
	{ (char *)(uintptr_t) "alice", 4000, (char *)(uintptr_t) "/home/alice", 1, supporters,
	    &policy, (char *)(uintptr_t) "" },
	{ (char *)(uintptr_t) "carol", 4001, (char *)(uintptr_t) "/home/carol", 3, admins, &policy,
	    (char *)(uintptr_t) "" },
};
static struct doctor doctor;

static inline int
setup(void **state)
{
	(void)state;
	strcpy(root, "/tmp/doctor.XXXXXX");
	policy = (struct policy){ .name = "groups/supporters", .file = "groups/supporters.yaml" };
	doctor = (struct doctor){ .host = { root },
		.rules = "/etc/netfence",
		.run = "/run/netfence",
		.state = "/var/lib/netfence",
		.fenced = { .n = 2, .users = people } };
	return mkdtemp(root) ? 0 : -1;
}

static inline int
teardown(void **state)
{
	char command[128];

	(void)state;
	findings_free(&doctor.findings);
	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command);
}

/* A file below the root, with the folders above it. */
static inline void
put_mode(const char *path, const char *text, mode_t mode)
{
	char whole[512], *slash;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (slash = strchr(whole + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(whole, mode), 0);
}

static inline void
put(const char *path, const char *text)
{
	put_mode(path, text, 0644);
}

/* The only finding of that kind; there has to be one. */
static inline const struct finding *
the(const char *id)
{
	static const struct finding nothing;
	const struct finding *found = NULL;
	size_t i;

	for (i = 0; i < doctor.findings.n; i++) {
		if (strcmp(doctor.findings.list[i]->id, id) != 0)
			continue;
		assert_null(found);
		found = doctor.findings.list[i];
	}
	assert_non_null(found);
	return found ? found : &nothing;
}

static inline void
forget(void)
{
	findings_free(&doctor.findings);
}

/* There is one of that kind, and it says this; grade and text as people see them. */
static inline void
says(const char *id, enum finding_grade grade, const char *text)
{
	const struct finding *finding = the(id);
	char *said;

	said = finding_text(finding);
	assert_string_equal(said, text);
	free(said);
	assert_int_equal(finding->grade, grade);
	/* Whatever is wrong has its mend. */
	if (grade == FINDING_FAIL || grade == FINDING_WARN)
		assert_non_null(finding->mend);
}

/* One of that kind says this, whatever others do. */
static inline void
among(const char *id, enum finding_grade grade, const char *text)
{
	bool found = false;
	size_t i;

	for (i = 0; i < doctor.findings.n; i++) {
		const struct finding *finding = doctor.findings.list[i];
		char *said = finding_text(finding);

		assert_non_null(said);
		found = found || (finding->grade == grade && !strcmp(finding->id, id) &&
				     !strcmp(said, text));
		free(said);
	}
	if (!found)
		fail_msg("%s: %s", id, text);
}

static inline void
silent(void)
{
	size_t i;

	for (i = 0; i < doctor.findings.n; i++) {
		if (doctor.findings.list[i]->grade != FINDING_OK)
			fail_msg(
			    "%s: %s", doctor.findings.list[i]->id, doctor.findings.list[i]->what);
	}
}

#endif
