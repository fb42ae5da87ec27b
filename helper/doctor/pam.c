/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/doctor.h"
#include "doctor/stack.h"
#include "netfence/paths.h"
#include "pam_netfence/options.h"

#define MODULE "pam_netfence.so"

/* Who can have a session of a service opened. */
enum opener { OPENER_USER, OPENER_ROOT, OPENER_NOBODY };

/*
 * Services that are known: a pattern of names, and the file without which nobody uses them (a
 * program's name, or a path; several with blanks between). OPENER_NOBODY: for passwords and the
 * like; no session is ever opened, whatever the file says.
 */
static const struct service {
	const char *pattern;
	const char *needs;
	enum opener opener;
} services[] = {
	{ "sshd", "sshd", OPENER_USER },
	{ "login", "login", OPENER_USER },
	{ "remote", "in.telnetd telnetd in.rlogind", OPENER_USER },
	{ "su", "su", OPENER_USER },
	{ "su-l", "su", OPENER_USER },
	{ "sudo", "sudo", OPENER_USER },
	{ "sudo-i", "sudo", OPENER_USER },
	{ "doas", "doas", OPENER_USER },
	{ "runuser", "runuser", OPENER_ROOT },
	{ "runuser-l", "runuser", OPENER_ROOT },
	{ "systemd-run0", "run0", OPENER_USER },
	{ "cron", "cron", OPENER_USER },
	{ "crond", "crond", OPENER_USER },
	{ "atd", "atd", OPENER_USER },
	{ "systemd-user", "/run/systemd/system", OPENER_USER },
	/* The login screen itself, as a user of its own. */
	{ "gdm-launch-environment", "", OPENER_NOBODY },
	{ "*-greeter", "", OPENER_NOBODY },
	{ "gdm*", "gdm3 gdm", OPENER_USER },
	{ "lightdm*", "lightdm", OPENER_USER },
	{ "sddm*", "sddm", OPENER_USER },
	{ "xdm*", "xdm", OPENER_USER },
	{ "xrdp-sesman", "xrdp-sesman", OPENER_USER },
	{ "cockpit", "/usr/lib/cockpit/cockpit-ws /usr/libexec/cockpit-ws", OPENER_USER },
	{ "ppp", "pppd", OPENER_USER },
	{ "chfn", "", OPENER_NOBODY },
	{ "chsh", "", OPENER_NOBODY },
	{ "chage", "", OPENER_NOBODY },
	{ "chpasswd", "", OPENER_NOBODY },
	{ "newusers", "", OPENER_NOBODY },
	{ "passwd", "", OPENER_NOBODY },
	{ "user*", "", OPENER_NOBODY },
	{ "group*", "", OPENER_NOBODY },
	{ "polkit-1", "", OPENER_NOBODY },
	{ "cups", "", OPENER_NOBODY },
	{ "vlock", "", OPENER_NOBODY },
	{ "screen", "", OPENER_NOBODY },
	{ "xscreensaver", "", OPENER_NOBODY },
	{ "i3lock", "", OPENER_NOBODY },
	{ "swaylock", "", OPENER_NOBODY },
	{ "kde*", "", OPENER_NOBODY },
	/* For others to include; and what libpam takes where a service has no file. */
	{ "common-*", "", OPENER_NOBODY },
	{ "*-auth", "", OPENER_NOBODY },
	{ "*-auth-ac", "", OPENER_NOBODY },
	{ "postlogin*", "", OPENER_NOBODY },
	{ "system-*", "", OPENER_NOBODY },
	{ "config-util", "", OPENER_NOBODY },
	{ "other", "", OPENER_NOBODY },
	{ "*.*", "", OPENER_NOBODY },
	{ "*~", "", OPENER_NOBODY },
};

static const struct service *
known(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
		if (fnmatch(services[i].pattern, name, 0) == 0)
			return &services[i];
	}
	return NULL;
}

static bool
is_there(const struct host *host, const char *needs)
{
	cleanup_free char *copy = strdup(needs);
	char *rest = copy;
	const char *word;

	while (copy && (word = host_word(&rest))) {
		cleanup_free char *program = NULL;

		if (word[0] == '/' && host_exists(host, word))
			return true;
		if (word[0] != '/' && (program = host_program(host, word)))
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------- judging one stack */

struct judged {
	struct doctor *doctor;
	const char *service;
	const struct stack *stack;
	enum finding_grade worst; /* what a line that is not there is worth */
};

static struct finding *
report(const struct judged *judged, enum finding_grade grade, const char *id,
    const struct stack_line *line, const char *what)
{
	struct finding *finding =
	    finding_add(&judged->doctor->findings, grade, id, judged->service, "%s", what);

	if (line)
		finding_at(finding, line->file, line->line);
	return finding;
}

static void
judge_missing(const struct judged *judged)
{
	const struct stack *stack = judged->stack;
	uint32_t place = stack_place(stack);
	struct finding *finding = finding_add(&judged->doctor->findings, judged->worst, "pam.line",
	    judged->service, "no " MODULE " line: its sessions are free");

	finding_at(finding, stack->file, 0);
	if (place)
		finding_mend(finding, "Ahead of its line %u: session requisite " MODULE, place);
	else
		finding_mend(finding, "Add: session requisite " MODULE);
}

static bool
is_condition(const struct stack_line *line)
{
	static const char *const conditions[] = { "pam_succeed_if.so", "pam_listfile.so",
		"pam_localuser.so", "pam_access.so", "pam_time.so", "pam_exec.so" };
	size_t i;

	for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		if (!strcmp(line->module, conditions[i]))
			return true;
	}
	return false;
}

static void
judge_options(const struct judged *judged, const struct stack_line *line)
{
	struct doctor *doctor = judged->doctor;
	struct options options;
	cleanup_free char *socket = NULL;
	struct why why = { "" };
	struct finding *finding;
	uint32_t i, j;

	if (options_read(&options, line->argc, line->argv, &why) < 0) {
		finding = report(judged, FINDING_FAIL, "pam.options", line, why.text);
		finding_mend(finding, "No session can be opened. pam_netfence(8) has the options.");
		return;
	}
	if (options.succeed) {
		finding = report(judged, FINDING_WARN, "pam.onerr", line,
		    "onerr=succeed: whoever cannot be fenced is let in without a fence");
		finding_mend(finding, "Take it away when the trial is over.");
	}
	if (asprintf(&socket, "%s/" NETFENCE_SOCKET_NAME, doctor->run) < 0)
		socket = NULL;
	if (socket && strcmp(socket, options.socket) != 0) {
		finding =
		    finding_add(&doctor->findings, FINDING_FAIL, "pam.socket", judged->service,
			"socket=%s, and netfenced listens at %s", options.socket, socket);
		finding_at(finding, line->file, line->line);
		finding_mend(finding, "Let both name the same, or take socket= away.");
	}
	for (i = 0; i < doctor->fenced.n; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];

		for (j = 0; j < user->n_groups; j++) {
			if (!options_admin(&options, user->groups[j]))
				continue;
			finding = finding_add_user(&doctor->findings, FINDING_FAIL, "pam.admin",
			    judged->service, user->name,
			    "never fenced here, though the rules name them: admin_group %s",
			    user->groups[j]);
			finding_at(finding, line->file, line->line);
			finding_mend(finding, "Take them out of the group, or the rules.");
			break;
		}
	}
}

/* The lines beside it. */
static void
judge_place(const struct judged *judged, uint32_t at)
{
	const struct stack *stack = judged->stack;
	uint32_t by, systemd = stack_find(stack, "pam_systemd.so", 0);
	struct finding *finding;

	if (stack_avoids(stack, at, &by)) {
		bool condition = is_condition(&stack->lines[by]);

		finding = finding_add(&judged->doctor->findings,
		    condition ? FINDING_WARN : judged->worst, "pam.around", judged->service,
		    "%s (%s) %s", stack->lines[by].module, stack->lines[by].control,
		    condition ? "can go around " MODULE
			      : "can end the stack before " MODULE " or jumps over it");
		finding_at(finding, stack->lines[by].file, stack->lines[by].line);
		finding_mend(finding, "Put " MODULE " ahead of that line.");
	}
	if (systemd < at) {
		finding = finding_add(&judged->doctor->findings, FINDING_WARN, "pam.order",
		    judged->service,
		    "pam_systemd before " MODULE
		    ": it starts the user's own services before the fence");
		finding_at(finding, stack->lines[systemd].file, stack->lines[systemd].line);
		finding_mend(finding, "Put " MODULE " (%s:%u) ahead of it.", stack->lines[at].file,
		    stack->lines[at].line);
	}
}

/* Whether a session is opened only with a fence; whatever else, has been said. */
static void
judge(const struct judged *judged)
{
	const struct stack *stack = judged->stack;
	uint32_t at = stack_find(stack, MODULE, 0), other;
	struct finding *finding;

	/* The first that can refuse counts; one on trial may stand before it. */
	for (other = at; other < stack->n; other = stack_find(stack, MODULE, other + 1)) {
		if (stack_can_refuse(&stack->lines[other])) {
			at = other;
			break;
		}
	}
	if (at == stack->n) {
		judge_missing(judged);
		return;
	}
	if (!stack_can_refuse(&stack->lines[at])) {
		finding = finding_add(&judged->doctor->findings, judged->worst, "pam.control",
		    judged->service, "\"%s\": who cannot be fenced is let in all the same",
		    stack->lines[at].control);
		finding_at(finding, stack->lines[at].file, stack->lines[at].line);
		finding_mend(finding, "Write \"requisite\" there.");
	}
	/* libpam passes over a line "-session" whose module is not there. */
	if (stack->lines[at].path[0] == '/' &&
	    !host_exists(&judged->doctor->host, stack->lines[at].path)) {
		finding = report(judged, FINDING_FAIL, "pam.module", &stack->lines[at],
		    "the module that the line names is not there");
		finding_mend(finding, "Write " MODULE " without a folder.");
	}
	/* "Nothing to do" from all modules is a failure to libpam. */
	for (other = 0; other < stack->n; other++) {
		if (stack->lines[other].module[0] &&
		    strcmp(stack->lines[other].module, MODULE) != 0)
			break;
	}
	if (other == stack->n) {
		finding = report(judged, FINDING_WARN, "pam.alone", &stack->lines[at],
		    "no other module: whoever is not fenced is refused");
		finding_mend(finding, "Add: session required pam_permit.so");
	}
	judge_options(judged, &stack->lines[at]);
	judge_place(judged, at);
}

/* ---------------------------------------------------------------- all services */

/* Nobody believes closed what nobody has closed. */
static bool
fences_nobody(const struct doctor *doctor)
{
	const struct who *who = doctor->set ? &doctor->set->who : NULL;

	return who && !who->n_users && !who->n_groups && !who->others;
}

bool
doctor_pam_service(struct doctor *doctor, const char *name)
{
	const struct service *service = known(name);
	struct stack stack, other = { .n = 0 };
	struct why why = { "" };
	struct judged judged = { doctor, name, &stack, FINDING_FAIL };
	size_t before = doctor->findings.n;
	int result;

	result = stack_read(&doctor->host, name, "session", &stack, &why);
	/* Without a line of that kind libpam goes to `other`. */
	if (result == 0 && !stack.n && service &&
	    stack_read(&doctor->host, "other", "session", &other, &why) == 0)
		judged.stack = &other;
	if (result < 0) {
		finding_add(
		    &doctor->findings, FINDING_UNKNOWN, "pam.unreadable", name, "%s", why.text);
	} else if (judged.stack->n) {
		/* Root's own doing, or a service of which nothing is known but its file. */
		if (fences_nobody(doctor) ||
		    (service ? service->opener == OPENER_ROOT : !is_there(&doctor->host, name)))
			judged.worst = FINDING_WARN;
		judge(&judged);
	}
	stack_free(&stack);
	stack_free(&other);
	return doctor->findings.n == before;
}

static void
look_at(struct doctor *doctor, const char *name)
{
	const struct service *service = known(name);
	struct stack stack;
	struct why why;

	if (service &&
	    (service->opener == OPENER_NOBODY || !is_there(&doctor->host, service->needs)))
		return;
	if (!service) {
		/* A stack for passwords only is no way in. */
		bool opens =
		    stack_read(&doctor->host, name, "session", &stack, &why) < 0 || stack.n;

		stack_free(&stack);
		if (!opens)
			return;
	}
	if (doctor_pam_service(doctor, name))
		finding_add(&doctor->findings, FINDING_OK, "pam.line", name,
		    MODULE " is in the stack and can refuse");
}

static bool
is_earlier(struct doctor *doctor, int folder, const char *name)
{
	int i;

	for (i = 0; i < folder; i++) {
		cleanup_free char *path = NULL;

		if (asprintf(&path, "%s/%s", stack_folders[i], name) < 0) {
			path = NULL;
			return false;
		}
		if (host_exists(&doctor->host, path))
			return true;
	}
	return false;
}

void
doctor_pam(struct doctor *doctor)
{
	bool any = false;
	char **names;
	size_t n, j;
	int i;

	for (i = 0; stack_folders[i]; i++) {
		if (host_list(&doctor->host, stack_folders[i], &names, &n) < 0)
			continue;
		any = true;
		for (j = 0; j < n; j++) {
			/* sshd has a line of its own, with what sshd says of itself. */
			if (strcmp(names[j], "sshd") != 0 && !is_earlier(doctor, i, names[j]))
				look_at(doctor, names[j]);
		}
		host_list_free(names, n);
	}
	if (!any)
		finding_add(&doctor->findings, FINDING_UNKNOWN, "pam.unreadable", "pam",
		    "no folder /etc/pam.d");
}
