/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"

/* Whether a fence stands for the user now, with sessions or without. */
static bool
is_fenced_now(const struct doctor *doctor, uint32_t uid)
{
	struct json_object *list = NULL, *entry;
	size_t i;

	if (!json_object_object_get_ex(doctor->sessions, "sessions", &list))
		return false;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		if (doctor_number(entry, "uid") == uid &&
		    strcmp(doctor_text(entry, "state"), "free") != 0 &&
		    strcmp(doctor_text(entry, "state"), "off") != 0 &&
		    strcmp(doctor_text(entry, "state"), "starting") != 0)
			return true;
	}
	return false;
}

/* The name and any of the four uids that is one of a fenced user. */
static const struct fenced_user *
owner_of(const struct doctor *doctor, const char *pid, char name[32])
{
	cleanup_free char *path = NULL, *text = NULL;
	const struct fenced_user *user = NULL;
	char *next, *line;
	int i;

	if (asprintf(&path, "/proc/%s/status", pid) < 0) {
		path = NULL;
		return NULL;
	}
	if (host_read(&doctor->host, path, &text) < 0)
		return NULL;
	for (next = text; (line = host_line(&next));) {
		if (!strncmp(line, "Name:\t", 6))
			snprintf(name, 32, "%s", line + 6);
		/* What is dead already sends nothing. */
		if (!strncmp(line, "State:\tZ", 8))
			return NULL;
		if (strncmp(line, "Uid:", 4) != 0)
			continue;
		line += 4;
		for (i = 0; i < 4 && !user; i++)
			user = fenced_by_uid(&doctor->fenced, (uint32_t)strtoul(line, &line, 10));
		return user;
	}
	return NULL;
}

/* The first of a user's, and how many there are. */
struct stray {
	unsigned int n;
	char name[32];
	char pid[16];
};

static void
report(struct doctor *doctor, const struct stray *strays)
{
	struct finding *finding;
	uint32_t i;
	bool found = false;

	for (i = 0; i < doctor->fenced.n; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];

		if (!strays[i].n)
			continue;
		found = true;
		finding = finding_add_user(&doctor->findings, FINDING_FAIL, "processes.free", NULL,
		    user->name, "process %s (%s) runs without a fence", strays[i].pid,
		    strays[i].name);
		if (strays[i].n > 1)
			finding_mend(finding, "It and %u more: `always: true` in %s, or end them.",
			    strays[i].n - 1, user->policy->name);
		else
			finding_mend(
			    finding, "`always: true` in %s, or end it.", user->policy->name);
	}
	if (!found)
		finding_add(&doctor->findings, FINDING_OK, "processes.free", "processes",
		    "none of a fenced user without a fence");
}

/* Of one process, if it is one of a fenced user's without a fence. */
static void
look_at(const struct doctor *doctor, const char *pid, struct stray *strays)
{
	const struct fenced_user *user;
	struct stray *stray;
	char name[32] = "";

	if (!isdigit((unsigned char)pid[0]))
		return;
	user = owner_of(doctor, pid, name);
	if (!user || is_fenced_now(doctor, user->uid) || !host_same_network(&doctor->host, pid))
		return;
	stray = &strays[user - doctor->fenced.users];
	if (!stray->n++) {
		snprintf(stray->name, sizeof(stray->name), "%s", name);
		snprintf(stray->pid, sizeof(stray->pid), "%s", pid);
	}
}

static int
look_at_all(const struct doctor *doctor, struct stray *strays)
{
	char **pids;
	size_t n, i;
	int result = host_list(&doctor->host, "/proc", &pids, &n);

	if (result < 0)
		return result;
	for (i = 0; i < n; i++)
		look_at(doctor, pids[i], strays);
	host_list_free(pids, n);
	return 0;
}

void
doctor_processes(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	cleanup_free struct stray *strays = NULL, *again = NULL;
	uint32_t i;

	if (!doctor->fenced.n)
		return;
	doctor_refresh(doctor);
	if (doctor_off(doctor))
		return;
	if (!doctor->sessions) {
		finding_add(findings, FINDING_UNKNOWN, "processes.free", "processes",
		    "whose fences stand only netfenced knows");
		return;
	}
	strays = calloc(doctor->fenced.n, sizeof(*strays));
	again = calloc(doctor->fenced.n, sizeof(*again));
	if (!strays || !again || look_at_all(doctor, strays) < 0) {
		finding_add(findings, FINDING_UNKNOWN, "processes.free", "processes",
		    "/proc cannot be read, or holds more than %d", HOST_LIST_MAX);
		return;
	}
	/* Who has come or gone meanwhile is not so: what was there before netfenced was asked, and
	 * is after it, was there then. */
	doctor_refresh(doctor);
	if (look_at_all(doctor, again) == 0) {
		for (i = 0; i < doctor->fenced.n; i++) {
			if (!strays[i].n)
				again[i].n = 0;
		}
		report(doctor, again);
	}
}
