/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/sudo.h"

#include <string.h>

#include "base/cleanup.h"
#include "doctor/power.h"
#include "doctor/stack.h"

/* ---------------------------------------------------------------- sudo */

/* One entry of the listing. */
struct entry {
	char *as;       /* names, commas between */
	char *command;  /* the first, or the one that gives most */
	char *place;    /* FILE:LINE, where sudo tells it, or NULL */
	unsigned int n; /* of commands */
	bool any;       /* everything, or what gives everything */
};

static void
report(struct doctor *doctor, const struct fenced_user *user, const struct entry *entry,
    const char *as)
{
	cleanup_free char *file = NULL, *where = NULL, *more = NULL;
	bool all = !strcmp(entry->command, "ALL"), root = !strcmp(as, "root");
	struct finding *finding;
	uint32_t line = 0;
	char *colon;

	if (entry->place && (file = strdup(entry->place)) && (colon = strrchr(file, ':'))) {
		*colon = '\0';
		line = (uint32_t)strtoul(colon + 1, NULL, 10);
	} else if (!file) {
		sudo_find(&doctor->host, user, entry->as, entry->command, &file, &line);
	}
	if (file && line && asprintf(&where, " (%s:%u)", file, line) < 0)
		where = NULL;
	if (entry->n > 1 && asprintf(&more, " and %u more", entry->n - 1) < 0)
		more = NULL;
	finding = finding_add_user(&doctor->findings, entry->any ? FINDING_FAIL : FINDING_WARN,
	    "sudo.right", "sudo", user->name, "may run %s%s%sas %s%s, who is %s",
	    all ? "" : entry->command, all || !more ? "" : more, all ? "" : " ", as,
	    where ? where : "", root ? "never fenced" : "unfenced");
	finding_at(finding, file, line);
	if (root || strchr(as, ' '))
		finding_mend(finding, entry->any
					  ? "Take the right away."
					  : "Take the right away if that opens connections.");
	else
		finding_mend(finding, "Fence %s, or take the right away.", as);
}

static void
judge_entry(struct doctor *doctor, const struct fenced_user *user, const struct entry *entry)
{
	cleanup_free char *copy = entry->as ? strdup(entry->as) : NULL;
	char *rest = copy, *name;

	if (!copy || !entry->command)
		return;
	/* Root goes before all others, who need not be told then. */
	while ((name = strsep(&rest, ", "))) {
		if (!strcmp(name, "ALL") && strstr(entry->as, "!root")) {
			report(doctor, user, entry, "anybody but root");
			return;
		}
		if (!strcmp(name, "ALL") || !strcmp(name, "root") || !strcmp(name, "#0")) {
			report(doctor, user, entry, "root");
			return;
		}
	}
	strcpy(copy, entry->as);
	for (rest = copy; (name = strsep(&rest, ", "));) {
		if (*name && *name != '!' && !fenced_by_name(&doctor->fenced, name))
			report(doctor, user, entry, name);
	}
}

static void
add_command(struct entry *entry, char *command)
{
	bool any = !strcmp(command, "ALL") || power_is_any(command);

	if (command[0] == '!')
		return;
	entry->n++;
	if (!entry->command || (any && !entry->any))
		entry->command = command;
	entry->any = entry->any || any;
}

void
sudo_judge(struct doctor *doctor, const struct fenced_user *user, char *listing)
{
	struct entry entry = { .as = NULL };
	char *line, *place;
	bool commands = false, ours;

	while ((line = host_line(&listing))) {
		ours = !strncmp(line, "Sudoers entry:", 14);
		if (ours || !strncmp(line, "LDAP Role:", 10) || !strncmp(line, "SSSD Role:", 10)) {
			judge_entry(doctor, user, &entry);
			place = ours ? line + 14 + strspn(line + 14, " ") : line;
			entry = (struct entry){ .place = *place == '/' ? place : NULL };
			commands = false;
		} else if (!strncmp(line, "    RunAsUsers: ", 16)) {
			entry.as = line + 16;
		} else if (!strcmp(line, "    Commands:")) {
			commands = true;
		} else if (commands && line[0] == '\t') {
			add_command(&entry, line + 1);
		}
	}
	judge_entry(doctor, user, &entry);
}

static void
ask_sudo(struct doctor *doctor)
{
	cleanup_free char *program = host_program(&doctor->host, "sudo");
	struct why why = { "" };
	uint32_t i;

	for (i = 0; program && i < doctor->fenced.n && i < DOCTOR_ASKED_MAX; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];
		const char *argv[] = { program, "-n", "-ll", "-U", user->name, NULL };
		cleanup_free char *said = NULL;
		int result = host_run(&doctor->host, argv, &said, &why);

		/* "not allowed to run sudo" is 0 or 1, as versions differ. */
		if (result >= 0 && (strstr(said, "may run the following") ||
				       strstr(said, "is not allowed to run sudo"))) {
			sudo_judge(doctor, user, said);
			continue;
		}
		if (result >= 0)
			why_set(&why, 1, "%.*s", (int)strcspn(said, "\n"), said);
		finding_add_user(&doctor->findings, FINDING_UNKNOWN, "sudo.right", "sudo",
		    user->name, "cannot be asked about: %s", why.text);
		return;
	}
}

/* ---------------------------------------------------------------- doas */

/* permit [nopass …] WHO [as WHOM] [cmd COMMAND …]; the last that matches decides, so that a deny
 * behind it takes it back. */
static void
judge_permit(struct doctor *doctor, const char *path, uint32_t number, char *rest)
{
	static const char *const options[] = { "nopass", "nolog", "persist", "keepenv" };
	const char *word = NULL, *who = NULL, *as = "root", *command = NULL;
	struct finding *finding;
	uint32_t i;
	size_t j;
	bool option;

	while ((word = host_word(&rest))) {
		option = false;
		for (j = 0; j < sizeof(options) / sizeof(options[0]); j++)
			option = option || !strcmp(word, options[j]);
		if (option)
			continue;
		if (!strcmp(word, "setenv")) {
			while ((word = host_word(&rest)) && !strchr(word, '}'))
				;
		} else if (!strcmp(word, "as")) {
			as = host_word(&rest);
		} else if (!strcmp(word, "cmd")) {
			command = host_word(&rest);
		} else if (!who) {
			who = word;
		}
	}
	if (!who || !as || fenced_by_name(&doctor->fenced, as))
		return;
	for (i = 0; i < doctor->fenced.n; i++) {
		const struct fenced_user *user = &doctor->fenced.users[i];

		if (who[0] == ':' ? !fenced_in_group(user, who + 1) : strcmp(who, user->name) != 0)
			continue;
		finding = finding_add_user(&doctor->findings,
		    !command || power_is_any(command) ? FINDING_FAIL : FINDING_WARN, "sudo.doas",
		    "doas", user->name, "may run %s%sas %s (%s:%u), who is %s",
		    command ? command : "", command ? " " : "", as, path, number,
		    strcmp(as, "root") != 0 ? "unfenced" : "never fenced");
		finding_at(finding, path, number);
		finding_mend(finding, "Take the right away.");
	}
}

void
sudo_judge_doas(struct doctor *doctor, const char *path, char *text)
{
	uint32_t number = 0;
	const char *word;
	char *line;

	while ((line = host_line(&text))) {
		number++;
		word = host_word(&line);
		if (word && !strcmp(word, "permit"))
			judge_permit(doctor, path, number, line);
	}
}

/* ---------------------------------------------------------------- su */

/* Who needs no password. */
static void
judge_su(struct doctor *doctor, const struct stack *stack)
{
	struct finding *finding;
	uint32_t i, j;
	int k;

	for (i = 0; i < stack->n; i++) {
		const struct stack_line *line = &stack->lines[i];
		const char *group = "wheel";
		bool trust = false;

		/* A pam_permit at the end is behind those that ask. */
		if (!strcmp(line->module, "pam_permit.so") &&
		    !strcmp(line->control, "sufficient")) {
			finding = finding_add(&doctor->findings, FINDING_FAIL, "sudo.su", "su",
			    "asks nobody for a password: everybody may become root");
			finding_at(finding, line->file, line->line);
			finding_mend(finding, "Take that line away.");
		}
		for (k = 0; k < line->argc; k++) {
			trust = trust || !strcmp(line->argv[k], "trust");
			if (!strncmp(line->argv[k], "group=", 6))
				group = line->argv[k] + 6;
		}
		if (strcmp(line->module, "pam_wheel.so") != 0 || !trust)
			continue;
		for (j = 0; j < doctor->fenced.n; j++) {
			const struct fenced_user *user = &doctor->fenced.users[j];

			if (!fenced_in_group(user, group))
				continue;
			finding = finding_add_user(&doctor->findings, FINDING_FAIL, "sudo.su", "su",
			    user->name, "may become root without a password: group %s", group);
			finding_at(finding, line->file, line->line);
			finding_mend(finding, "Take \"trust\" away, or them out of the group.");
		}
	}
}

void
doctor_sudo(struct doctor *doctor)
{
	static const char *const files[] = { "/etc/doas.conf", "/usr/local/etc/doas.conf",
		"/etc/opendoas.conf" };
	cleanup_free char *su = host_program(&doctor->host, "su");
	size_t before = doctor->findings.n, i;
	struct stack stack;
	struct why why;

	if (!doctor->fenced.n)
		return;
	ask_sudo(doctor);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		cleanup_free char *text = NULL;

		if (host_read(&doctor->host, files[i], &text) == 0)
			sudo_judge_doas(doctor, files[i], text);
	}
	if (su && stack_read(&doctor->host, "su", "auth", &stack, &why) == 0)
		judge_su(doctor, &stack);
	if (su)
		stack_free(&stack);
	if (doctor->findings.n == before)
		finding_add(&doctor->findings, FINDING_OK, "sudo.right", "sudo, su, doas",
		    "no fenced user may become somebody who is unfenced");
}
