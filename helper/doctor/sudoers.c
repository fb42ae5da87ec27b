/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/cleanup.h"
#include "doctor/sudo.h"

/* sudo before 1.9.15 does not say where a right stands. Good enough to point at the line: who, as
 * whom, what have to stand in it, aliases aside. */

struct right {
	const struct fenced_user *user;
	const char *as;
	const char *command;
	const char *text; /* of the file, for aliases */
	uint32_t found;
	bool exact; /* the command stands there, too */
};

/* Whether an alias of users has the name in it. */
static bool
alias_holds(const char *text, const char *alias, const char *name)
{
	const char *at = text, *end, *found;
	size_t length = strlen(alias), size = strlen(name);

	while ((at = strstr(at, "User_Alias"))) {
		end = at + strcspn(at, "\n");
		at += 10;
		at += strspn(at, " \t");
		if (strncmp(at, alias, length) != 0)
			continue;
		found = at;
		while ((found = strstr(found + 1, name)) && found < end) {
			if (strchr(" \t,=", found[-1]) && strchr(" \t,\n", found[size]))
				return true;
		}
	}
	return false;
}

static bool
names(const struct right *right, const char *word)
{
	if (!strcmp(word, "ALL") || !strcmp(word, right->user->name))
		return true;
	if (word[0] == '%')
		return fenced_in_group(right->user, word + 1);
	return word[0] >= 'A' && word[0] <= 'Z' &&
	       alias_holds(right->text, word, right->user->name);
}

/* Of "bob, carol host = what" the users: up to a blank that stands at no comma. */
static void
cut_hosts(char *line)
{
	char *at = line, *next;

	while (*(at += strcspn(at, " \t"))) {
		next = at + strspn(at, " \t");
		if (at > line && at[-1] != ',' && *next != ',') {
			*at = '\0';
			return;
		}
		at = next;
	}
}

static bool
is_as(const char *what, const char *as)
{
	const char *list = strchr(what, '('), *found;
	size_t length = strlen(as);

	if (!list)
		return !strcmp(as, "root");
	for (found = what; (found = strstr(found, as)); found++) {
		if (strchr("(, \t:", found[-(found > what)]) && strchr("), \t:", found[length]))
			return true;
	}
	return false;
}

static void
look_at_line(struct right *right, char *line, uint32_t number)
{
	cleanup_free char *command = NULL;
	char *what = strchr(line, '='), *word;
	bool named = false, exact;

	line += strspn(line, " \t");
	if (!what || *line == '#' || !strncmp(line, "Defaults", 8) || strstr(line, "_Alias"))
		return;
	*what++ = '\0';
	cut_hosts(line);
	while ((word = strsep(&line, " \t,")))
		named = named || (*word && names(right, word));
	if (!named || !is_as(what, right->as))
		return;
	command = strndup(right->command, strcspn(right->command, " \t"));
	exact = command && strstr(what, command);
	if (!right->found || (exact && !right->exact)) {
		right->found = number;
		right->exact = exact;
	}
}

static uint32_t
look_at_file(const struct host *host, const char *path, struct right *right)
{
	cleanup_free char *text = NULL, *lines = NULL;
	char *next, *line;
	uint32_t number = 0;

	right->found = 0;
	right->exact = false;
	if (host_read(host, path, &text) < 0 || !(lines = strdup(text)))
		return 0;
	right->text = text;
	for (next = lines; (line = host_line(&next));)
		look_at_line(right, line, ++number);
	return right->found;
}

bool
sudo_find(const struct host *host, const struct fenced_user *user, const char *as,
    const char *command, char **file, uint32_t *line)
{
	struct right right = { .user = user, .as = as, .command = command };
	char **list;
	size_t n, i;

	*file = NULL;
	*line = look_at_file(host, "/etc/sudoers", &right);
	if (*line) {
		*file = strdup("/etc/sudoers");
		return *file;
	}
	if (host_list(host, "/etc/sudoers.d", &list, &n) < 0)
		return false;
	for (i = 0; i < n && !*line; i++) {
		char *path = NULL;

		/* sudo leaves these out, too. */
		if (strchr(list[i], '.') || strchr(list[i], '~') ||
		    asprintf(&path, "/etc/sudoers.d/%s", list[i]) < 0)
			continue;
		*line = look_at_file(host, path, &right);
		if (*line)
			*file = path;
		else
			free(path);
	}
	host_list_free(list, n);
	return *file;
}
