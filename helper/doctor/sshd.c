/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/sshd.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/cleanup.h"

#define WORDS_MAX     16
#define LISTENERS_MAX 4

/* ---------------------------------------------------------------- what sshd -T says */

static bool
is(const char *value, const char *one, const char *other)
{
	return !strcasecmp(value, one) || (other && !strcasecmp(value, other));
}

bool
sshd_settings_read(char *text, struct sshd_settings *settings)
{
	bool known = false, disabled = false, listen = true;
	char *line, *value;

	*settings = (struct sshd_settings){ .service = "sshd", .forwarding = "yes", .keys = "" };
	while ((line = host_line(&text))) {
		value = strchr(line, ' ');
		if (!value)
			continue;
		*value++ = '\0';
		if (!strcmp(line, "usepam")) {
			known = true;
			settings->pam = is(value, "yes", NULL);
		} else if (!strcmp(line, "allowtcpforwarding")) {
			settings->forwarding = value;
			settings->remote = is(value, "yes", "all") || is(value, "remote", NULL);
		} else if (!strcmp(line, "allowstreamlocalforwarding")) {
			settings->stream = is(value, "yes", "all") || is(value, "remote", NULL);
		} else if (!strcmp(line, "pamservicename")) {
			settings->service = value;
		} else if (!strcmp(line, "disableforwarding")) {
			disabled = is(value, "yes", NULL);
		} else if (!strcmp(line, "permitlisten")) {
			listen = !is(value, "none", NULL);
		} else if (!strcmp(line, "gatewayports")) {
			settings->gateway = !is(value, "no", NULL);
		} else if (!strcmp(line, "permittunnel")) {
			settings->tunnel = !is(value, "no", NULL);
		} else if (!strcmp(line, "authorizedkeysfile")) {
			settings->keys = value;
		}
	}
	if (disabled)
		settings->stream = settings->tunnel = false;
	if (disabled || !listen)
		settings->remote = false;
	return known;
}

/* %h, %u, %% in the path of a keys file; one that is not absolute is the home's. */
static char *
keys_path(const struct fenced_user *user, const char *pattern)
{
	cleanup_free char *part = NULL;
	char *path = NULL;
	size_t size;
	FILE *stream = open_memstream(&part, &size);

	if (!stream)
		return NULL;
	for (; *pattern; pattern++) {
		if (pattern[0] == '%' && pattern[1]) {
			pattern++;
			fprintf(stream, "%s",
			    *pattern == 'h'   ? user->home
			    : *pattern == 'u' ? user->name
					      : "%");
		} else {
			putc(*pattern, stream);
		}
	}
	if (fclose(stream) != 0)
		return NULL;
	if (part[0] == '/')
		return steal_pointer(&part);
	return asprintf(&path, "%s/%s", user->home, part) < 0 ? NULL : path;
}

/* A key's options stand in front of it; in quotes there may be anything. */
static bool
has_option(const char *line, const char *option)
{
	bool quoted = false;
	size_t length = strlen(option);
	const char *at;

	for (at = line; *at && (quoted || !isspace((unsigned char)*at)); at++) {
		if (*at == '"' && (at == line || at[-1] != '\\'))
			quoted = !quoted;
		if (!quoted && (at == line || at[-1] == ',') && !strncasecmp(at, option, length))
			return true;
	}
	return false;
}

static void
look_for_tunnels(struct doctor *doctor, const struct fenced_user *user, const char *files)
{
	cleanup_free char *copy = strdup(files);
	char *rest = copy, *pattern;

	while (copy && (pattern = host_word(&rest))) {
		cleanup_free char *path = keys_path(user, pattern), *text = NULL;
		char *next, *line;
		uint32_t number = 0;

		if (!path || host_read(&doctor->host, path, &text) < 0)
			continue;
		for (next = text; (line = host_line(&next));) {
			number++;
			line += strspn(line, " \t");
			if (*line != '#' && has_option(line, "tunnel=")) {
				struct finding *finding = finding_add_user(&doctor->findings,
				    FINDING_WARN, "sshd.key", NULL, user->name,
				    "a key may open a tunnel: tunnel= (%s:%u)", path, number);

				finding_at(finding, path, number);
				finding_mend(finding, "sshd_config: PermitTunnel no.");
			}
		}
	}
}

/* In which block it goes; what is found of several users in other groups has to name them. */
static void
mend(struct finding *finding, const struct fenced_user *user, const char *how)
{
	char match[160];

	if (!strncmp(user->policy->name, "groups/", 7))
		snprintf(match, sizeof(match), "Match Group %s", user->policy->name + 7);
	else
		snprintf(match, sizeof(match), "Match User %s", user->name);
	if (finding->mend && !strstr(finding->mend, match))
		snprintf(match, sizeof(match), "a Match block for them");
	finding_mend(finding, "sshd_config, in %s: %s", match, how);
}

void
sshd_judge(
    struct doctor *doctor, const struct fenced_user *user, const struct sshd_settings *settings)
{
	struct findings *findings = &doctor->findings;
	struct finding *finding;

	if (!settings->pam) {
		finding = finding_add_user(findings, FINDING_FAIL, "sshd.usepam", NULL, user->name,
		    "sshd does not ask PAM: UsePAM no; no login there is fenced");
		finding_mend(finding, "sshd_config: UsePAM yes; then restart sshd.");
	}
	if (settings->remote) {
		finding = finding_add_user(findings, FINDING_WARN, "sshd.remote", NULL, user->name,
		    "ssh -R is open: AllowTcpForwarding %s%s", settings->forwarding,
		    settings->gateway ? "; from other hosts too: GatewayPorts" : "");
		mend(finding, user, "AllowTcpForwarding local, or PermitListen none");
	}
	if (settings->stream) {
		finding = finding_add_user(findings, FINDING_WARN, "sshd.stream", NULL, user->name,
		    "ssh -R of local sockets is open: AllowStreamLocalForwarding");
		mend(finding, user, "AllowStreamLocalForwarding local");
	}
	if (settings->tunnel) {
		finding = finding_add_user(findings, FINDING_WARN, "sshd.tunnel", NULL, user->name,
		    "ssh -w is open (PermitTunnel): the host forwards what comes through it");
		mend(finding, user, "PermitTunnel no");
		look_for_tunnels(doctor, user, settings->keys);
	}
}

/* ---------------------------------------------------------------- which sshd */

int
sshd_arguments(char *title, const char **words, int room)
{
	char *rest = title, *end = strstr(title, " [listener]");
	const char *word;
	int n = 0;

	if (strncmp(title, "sshd: ", 6) != 0 || !end)
		return 0;
	*end = '\0';
	rest += 6;
	while ((word = host_word(&rest)) && n + 2 <= room) {
		if (strncmp(word, "-f", 2) != 0 && strncmp(word, "-o", 2) != 0)
			continue;
		words[n++] = word;
		if (!word[2] && (word = host_word(&rest)))
			words[n++] = word;
	}
	return n;
}

struct listener {
	char *title;
	int n;
	const char *words[WORDS_MAX];
};

/* Whether it is an sshd, and root's alone. A setuid program is root's too, and has whatever title
 * the user who starts it wants. Below another root there are files, and no processes. */
static bool
is_sshd(const struct host *host, const char *pid)
{
	cleanup_free char *status = NULL, *text = NULL;
	char exe[48], program[PATH_MAX], *next, *line;
	const char *name;
	ssize_t n;

	if (host->root[0])
		return true;
	snprintf(exe, sizeof(exe), "/proc/%.16s/exe", pid);
	n = readlink(exe, program, sizeof(program) - 1);
	if (n < 0 || asprintf(&status, "/proc/%s/status", pid) < 0) {
		status = NULL;
		return false;
	}
	program[n] = '\0';
	name = strrchr(program, '/');
	/* One that has been upgraded since is "(deleted)". */
	if (!name || strncmp(name, "/sshd", 5) != 0 || host_read(host, status, &text) < 0)
		return false;
	for (next = text; (line = host_line(&next));)
		if (!strncmp(line, "Uid:", 4))
			return !strcmp(line, "Uid:\t0\t0\t0\t0");
	return false;
}

/* Those that run, each configuration once; none runs: as it would be started. */
static size_t
find_listeners(const struct host *host, struct listener *listeners)
{
	char **names;
	size_t n, i, j, found = 0;

	if (host_list(host, "/proc", &names, &n) < 0)
		n = 0;
	for (i = 0; i < n && found < LISTENERS_MAX; i++) {
		struct listener *listener = &listeners[found];
		cleanup_free char *path = NULL, *title = NULL;
		struct stat status;
		bool again = false;

		if (!isdigit((unsigned char)names[i][0]) ||
		    asprintf(&path, "/proc/%s/cmdline", names[i]) < 0) {
			path = NULL;
			continue;
		}
		if (!host_stat(host, path, &status) || status.st_uid != 0 ||
		    !host_same_network(host, names[i]) || !is_sshd(host, names[i]) ||
		    host_read(host, path, &title) < 0 || !strstr(title, " [listener]"))
			continue;
		for (j = 0; j < found; j++)
			again = again || !strcmp(listeners[j].title, title);
		*listener = (struct listener){ .title = steal_pointer(&title) };
		listener->n = sshd_arguments(listener->title, listener->words, WORDS_MAX);
		if (again)
			free(listener->title);
		else
			found++;
	}
	if (n)
		host_list_free(names, n);
	if (!found)
		listeners[found++] = (struct listener){ .n = 0 };
	return found;
}

/* ---------------------------------------------------------------- asking it */

/* user: NULL for what stands outside of all Match blocks. */
static bool
ask(struct doctor *doctor, const char *program, const struct listener *listener, const char *user,
    struct sshd_settings *settings, char **text)
{
	/* -T wants host keys and a folder in /run, too; -G, of 9.3 and later, the files alone. */
	static const char *const modes[] = { "-T", "-G" };
	const char *argv[WORDS_MAX + 6] = { program };
	cleanup_free char *who = NULL;
	struct why why = { "" }, unused;
	int n = 2, i, result;

	for (i = 0; i < listener->n; i++)
		argv[n++] = listener->words[i];
	/* Where from is not known; a Match block for addresses is judged as of this one. */
	if (user &&
	    asprintf(&who, "user=%s,host=host.invalid,addr=192.0.2.1,laddr=192.0.2.2,lport=22",
		user) < 0)
		who = NULL;
	if (who) {
		argv[n++] = "-C";
		argv[n++] = who;
	}
	argv[n] = NULL;
	for (i = 0; i < 2; i++) {
		argv[1] = modes[i];
		free(*text);
		result = host_run(&doctor->host, argv, text, i ? &unused : &why);
		if (result == 0 && sshd_settings_read(*text, settings))
			return true;
		if (i == 0 && result >= 0 && *text)
			why_set(&why, EIO, "%.*s", (int)strcspn(*text, "\r\n"), *text);
	}
	finding_add(&doctor->findings, FINDING_UNKNOWN, "sshd.settings", "sshd",
	    "sshd -T does not tell what it does: %s", why.text);
	return false;
}

/* judged: the services that have been, LISTENERS_MAX at most; what was found is not said again. */
static bool
judge_stack(struct doctor *doctor, const char *service, char **judged)
{
	size_t i;

	for (i = 0; i < LISTENERS_MAX && judged[i]; i++) {
		if (!strcmp(judged[i], service))
			return true;
	}
	if (i < LISTENERS_MAX)
		judged[i] = strdup(service);
	return doctor_pam_service(doctor, service);
}

/* Whether it asks PAM, and that fences. */
static bool
ask_all(struct doctor *doctor, const char *program, const struct listener *listener, char **judged)
{
	cleanup_free char *text = NULL;
	struct sshd_settings settings;
	struct finding *finding;
	uint32_t i;
	bool good;

	if (!ask(doctor, program, listener, NULL, &settings, &text)) {
		judge_stack(doctor, "sshd", judged);
		return false;
	}
	good = judge_stack(doctor, settings.service, judged);
	if (!settings.pam) {
		finding = finding_add(&doctor->findings, FINDING_FAIL, "sshd.usepam", "sshd",
		    "UsePAM no: no login there is fenced");
		finding_mend(finding, "sshd_config: UsePAM yes; then restart sshd.");
		return false;
	}
	for (i = 0; i < doctor->fenced.n && i < DOCTOR_ASKED_MAX; i++) {
		cleanup_free char *own = NULL;

		if (!ask(doctor, program, listener, doctor->fenced.users[i].name, &settings, &own))
			return false;
		sshd_judge(doctor, &doctor->fenced.users[i], &settings);
	}
	return good;
}

void
doctor_sshd(struct doctor *doctor)
{
	cleanup_free char *program = host_program(&doctor->host, "sshd");
	struct listener listeners[LISTENERS_MAX];
	char *judged[LISTENERS_MAX] = { NULL };
	size_t n, i;
	bool good = true;

	if (!program)
		return;
	n = find_listeners(&doctor->host, listeners);
	for (i = 0; i < n; i++) {
		good = ask_all(doctor, program, &listeners[i], judged) && good;
		free(listeners[i].title);
	}
	for (i = 0; i < LISTENERS_MAX; i++)
		free(judged[i]);
	if (good)
		finding_add(&doctor->findings, FINDING_OK, "sshd.usepam", "sshd",
		    "UsePAM yes; pam_netfence before pam_systemd")
		    ->first = true;
}
