/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "doctor/stack.h"

#define BLANKS " \t\r"

/* Whether what the service starts comes without a fence. Its stack is judged elsewhere. */
static bool
is_open(struct doctor *doctor, const char *service)
{
	struct stack stack;
	struct why why;
	uint32_t at, by;
	bool open = stack_read(&doctor->host, service, "session", &stack, &why) < 0;

	at = stack_find(&stack, "pam_netfence.so", 0);
	open = open || at == stack.n || !stack_can_refuse(&stack.lines[at]) ||
	       stack_avoids(&stack, at, &by);
	stack_free(&stack);
	return open;
}

static void
found(struct doctor *doctor, const char *id, const struct fenced_user *user, const char *what,
    const char *service, const char *path, uint32_t line)
{
	struct finding *finding;

	/* `always` holds whatever runs. */
	if (user->policy->always)
		return;
	finding = finding_add_user(&doctor->findings, FINDING_FAIL, id, NULL, user->name,
	    "%s, and /etc/pam.d/%s does not fence", what, service);
	finding_at(finding, path, line);
	finding_mend(finding, "The line into /etc/pam.d/%s, or `always: true` in %s.", service,
	    user->policy->name);
}

/* ---------------------------------------------------------------- cron and at */

static const char *
cron_service(const struct host *host)
{
	return host_exists(host, "/etc/pam.d/crond") ? "crond" : "cron";
}

static void
look_at_crontabs(struct doctor *doctor, const char *service)
{
	static const char *const folders[] = { "/var/spool/cron/crontabs", "/var/spool/cron",
		"/var/spool/cron/tabs" };
	uint32_t i;
	size_t j;

	for (i = 0; i < doctor->fenced.n; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];

		for (j = 0; j < sizeof(folders) / sizeof(folders[0]); j++) {
			cleanup_free char *path = NULL;
			struct stat status;

			if (asprintf(&path, "%s/%s", folders[j], user->name) < 0) {
				path = NULL;
				return;
			}
			if (host_stat(&doctor->host, path, &status) && S_ISREG(status.st_mode))
				found(doctor, "jobs.crontab", user, "a crontab", service, path, 0);
		}
	}
}

/* minute hour day month weekday USER command, or @daily USER command. */
static void
look_at_system_crontab(struct doctor *doctor, const char *service, const char *path)
{
	cleanup_free char *text = NULL;
	const struct fenced_user *user;
	char *next, *line, *word = NULL;
	uint32_t number = 0;
	int fields, i;

	if (host_read(&doctor->host, path, &text) < 0)
		return;
	for (next = text; (line = host_line(&next));) {
		number++;
		line += strspn(line, " \t");
		if (!*line || (!isdigit((unsigned char)*line) && !strchr("*@", *line)))
			continue;
		fields = *line == '@' ? 2 : 6;
		for (i = 0; i < fields; i++)
			word = host_word(&line);
		user = word ? fenced_by_name(&doctor->fenced, word) : NULL;
		if (user)
			found(
			    doctor, "jobs.crontab", user, "a job of cron's", service, path, number);
	}
}

static void
look_at_cron(struct doctor *doctor)
{
	const char *service = cron_service(&doctor->host);
	cleanup_free char *cron = host_program(&doctor->host, service);
	char **names;
	size_t n, i;

	if (!cron || !is_open(doctor, service))
		return;
	look_at_crontabs(doctor, service);
	look_at_system_crontab(doctor, service, "/etc/crontab");
	if (host_list(&doctor->host, "/etc/cron.d", &names, &n) < 0)
		return;
	for (i = 0; i < n; i++) {
		cleanup_free char *path = NULL;

		if (asprintf(&path, "/etc/cron.d/%s", names[i]) < 0)
			path = NULL;
		if (path)
			look_at_system_crontab(doctor, service, path);
	}
	host_list_free(names, n);
}

static void
look_at_at(struct doctor *doctor)
{
	static const char *const folders[] = { "/var/spool/cron/atjobs", "/var/spool/at",
		"/var/spool/atjobs" };
	cleanup_free char *atd = host_program(&doctor->host, "atd");
	const struct fenced_user *user;
	struct stat status;
	char **names;
	size_t n, i, j;

	if (!atd || !is_open(doctor, "atd"))
		return;
	for (j = 0; j < sizeof(folders) / sizeof(folders[0]); j++) {
		if (host_list(&doctor->host, folders[j], &names, &n) < 0)
			continue;
		for (i = 0; i < n; i++) {
			cleanup_free char *path = NULL;

			if (asprintf(&path, "%s/%s", folders[j], names[i]) < 0)
				path = NULL;
			user = path && host_stat(&doctor->host, path, &status) &&
				       S_ISREG(status.st_mode)
				   ? fenced_by_uid(&doctor->fenced, status.st_uid)
				   : NULL;
			if (user)
				found(doctor, "jobs.at", user, "a job of at's", "atd", path, 0);
		}
		host_list_free(names, n);
	}
}

/* ---------------------------------------------------------------- systemd */

static void
look_at_lingering(struct doctor *doctor)
{
	char **names;
	size_t n, i;

	if (!host_exists(&doctor->host, "/run/systemd/system") ||
	    !is_open(doctor, "systemd-user") ||
	    host_list(&doctor->host, "/var/lib/systemd/linger", &names, &n) < 0)
		return;
	for (i = 0; i < n; i++) {
		const struct fenced_user *user = fenced_by_name(&doctor->fenced, names[i]);
		cleanup_free char *path = NULL;

		if (asprintf(&path, "/var/lib/systemd/linger/%s", names[i]) < 0)
			path = NULL;
		if (user)
			found(doctor, "jobs.linger", user,
			    "lingering: systemd --user runs without a login", "systemd-user", path,
			    0);
	}
	host_list_free(names, n);
}

/* What a unit's line gives to `key`, or NULL; blanks around either do not count, systemd.syntax(7).
 * Ends the line where that ends. */
static const char *
assigned(char *line, const char *key)
{
	size_t length = strlen(key);
	char *end;

	line += strspn(line, BLANKS);
	if (strncmp(line, key, length) != 0)
		return NULL;
	line += length + strspn(line + length, BLANKS);
	if (*line != '=')
		return NULL;
	line += 1 + strspn(line + 1, BLANKS);
	for (end = line + strlen(line); end > line && strchr(BLANKS, end[-1]); end--)
		;
	*end = '\0';
	return line;
}

/* By name or number, systemd.exec(5). */
static const struct fenced_user *
unit_user(const struct doctor *doctor, const char *value)
{
	char *end;
	unsigned long long uid = strtoull(value, &end, 10);

	if (!isdigit((unsigned char)value[0]) || *end)
		return fenced_by_name(&doctor->fenced, value);
	return uid > UINT32_MAX ? NULL : fenced_by_uid(&doctor->fenced, (uint32_t)uid);
}

/* A unit with User= is no session, unless it has PAMName=. */
static void
look_at_unit(struct doctor *doctor, const char *path)
{
	cleanup_free char *text = NULL;
	const struct fenced_user *user = NULL;
	struct finding *finding;
	const char *value;
	char *next, *line;
	uint32_t number = 0, at = 0;
	bool session = false;

	if (host_read(&doctor->host, path, &text) < 0)
		return;
	for (next = text; (line = host_line(&next));) {
		number++;
		value = assigned(line, "PAMName");
		if (value)
			session = value[0];
		value = assigned(line, "User");
		if (value) {
			user = unit_user(doctor, value);
			at = number;
		}
	}
	if (!user || session || user->policy->always)
		return;
	finding = finding_add_user(&doctor->findings, FINDING_FAIL, "jobs.unit", NULL, user->name,
	    "a unit runs as them without a session (%s:%u)", path, at);
	finding_at(finding, path, at);
	finding_mend(finding, "`always: true` in %s fences it from boot.", user->policy->name);
}

static void
look_at_units(struct doctor *doctor)
{
	static const char *const folders[] = { "/etc/systemd/system", "/run/systemd/system",
		"/usr/local/lib/systemd/system", "/usr/lib/systemd/system" };
	char **names;
	size_t n, i, j, length;

	for (j = 0; j < sizeof(folders) / sizeof(folders[0]); j++) {
		if (host_list(&doctor->host, folders[j], &names, &n) < 0)
			continue;
		for (i = 0; i < n; i++) {
			cleanup_free char *path = NULL;

			length = strlen(names[i]);
			if (length < 8 || strcmp(names[i] + length - 8, ".service") != 0)
				continue;
			if (asprintf(&path, "%s/%s", folders[j], names[i]) < 0)
				path = NULL;
			if (path)
				look_at_unit(doctor, path);
		}
		host_list_free(names, n);
	}
}

void
doctor_jobs(struct doctor *doctor)
{
	size_t before = doctor->findings.n;

	if (!doctor->fenced.n)
		return;
	look_at_cron(doctor);
	look_at_at(doctor);
	look_at_lingering(doctor);
	look_at_units(doctor);
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "jobs", "jobs",
		    "none of cron, at, systemd that runs without a fence");
}
