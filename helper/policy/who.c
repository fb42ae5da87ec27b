/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/who.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/*
 * The file, a word and its argument per line:
 *
 *	netfence-who 1
 *	uid-min 1000
 *	exempt-user backup
 *	exempt-group wheel
 *	user alice
 *	group supporters
 *	others
 *	end
 */
#define FIRST_LINE "netfence-who 1"
#define LAST_LINE  "end"

/* Dynamic users, nobody, and what else is no person's: never taken by `others`. */
#define SYSTEM_FIRST 61184
#define SYSTEM_LAST  65535

static int
by_name(const void *key, const void *member)
{
	return strcmp(key, *(const char *const *)member);
}

static int
by_entry(const void *key, const void *member)
{
	return strcmp(key, ((const struct who_entry *)member)->name);
}

static bool
is_among(const char *name, const char *const *groups, size_t n_groups)
{
	size_t i;

	for (i = 0; i < n_groups; i++)
		if (groups[i] && !strcmp(groups[i], name))
			return true;
	return false;
}

static struct who_answer
free_because(enum who_reason reason, const char *name)
{
	return (struct who_answer){
		.reason = reason, .fenced = false, .name = name, .policy = WHO_NO_POLICY
	};
}

static struct who_answer
fenced_because(enum who_reason reason, const char *name, uint32_t policy)
{
	return (
	    struct who_answer){ .reason = reason, .fenced = true, .name = name, .policy = policy };
}

struct who_answer
who_match(const struct who *who, const char *user, uint32_t uid, const char *const *groups,
    size_t n_groups)
{
	const char *const *exempt;
	const struct who_entry *entry;
	uint32_t i;

	if (uid == 0)
		return free_because(WHO_ROOT, NULL);
	/* The arrays may be NULL where they are empty, which bsearch() does not allow. */
	exempt = who->n_exempt_users ? bsearch(user, who->exempt_users, who->n_exempt_users,
					   sizeof(*who->exempt_users), by_name)
				     : NULL;
	if (exempt)
		return free_because(WHO_EXEMPT_USER, *exempt);
	for (i = 0; i < who->n_exempt_groups; i++)
		if (is_among(who->exempt_groups[i], groups, n_groups))
			return free_because(WHO_EXEMPT_GROUP, who->exempt_groups[i]);
	entry = who->n_users
		    ? bsearch(user, who->users, who->n_users, sizeof(*who->users), by_entry)
		    : NULL;
	if (entry)
		return fenced_because(WHO_USER, entry->name, entry->policy);
	for (i = 0; i < who->n_groups; i++)
		if (is_among(who->groups[i].name, groups, n_groups))
			return fenced_because(
			    WHO_GROUP, who->groups[i].name, who->groups[i].policy);
	if (who->others && uid >= who->uid_min && (uid < SYSTEM_FIRST || uid > SYSTEM_LAST))
		return fenced_because(WHO_OTHERS, NULL, who->others_policy);
	return free_because(WHO_NOBODY, NULL);
}

char *
who_print(const struct who *who)
{
	char *text = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&text, &length);
	uint32_t i;
	bool failed;

	if (!stream)
		return NULL;
	fprintf(stream, FIRST_LINE "\nuid-min %u\n", who->uid_min);
	for (i = 0; i < who->n_exempt_users; i++)
		fprintf(stream, "exempt-user %s\n", who->exempt_users[i]);
	for (i = 0; i < who->n_exempt_groups; i++)
		fprintf(stream, "exempt-group %s\n", who->exempt_groups[i]);
	for (i = 0; i < who->n_users; i++)
		fprintf(stream, "user %s\n", who->users[i].name);
	for (i = 0; i < who->n_groups; i++)
		fprintf(stream, "group %s\n", who->groups[i].name);
	if (who->others)
		fputs("others\n", stream);
	fputs(LAST_LINE "\n", stream);
	failed = ferror(stream) != 0;
	if (fclose(stream) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

/* What stands behind `word` and one blank, or NULL. */
static const char *
argument_of(const char *line, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(line, word, length) != 0 || line[length] != ' ' || !line[length + 1])
		return NULL;
	return line + length + 1;
}

static bool
parse_uid(const char *text, uint32_t *uid)
{
	uint64_t value = 0;

	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > UINT32_MAX)
			return false;
	}
	*uid = (uint32_t)value;
	return true;
}

/* Adds what a line says to `who`, whose arrays have room for it. */
static bool
take_line(struct who *who, const char *line, bool *uid_min_seen)
{
	const char *name;
	uint32_t i;

	if ((name = argument_of(line, "user"))) {
		i = who->n_users++;
		who->users[i] = (struct who_entry){ .name = name, .policy = WHO_NO_POLICY };
		/* who_match() searches by halves. */
		return !i || strcmp(who->users[i - 1].name, name) < 0;
	}
	if ((name = argument_of(line, "exempt-user"))) {
		i = who->n_exempt_users++;
		who->exempt_users[i] = name;
		return !i || strcmp(who->exempt_users[i - 1], name) < 0;
	}
	if ((name = argument_of(line, "group"))) {
		i = who->n_groups++;
		who->groups[i] = (struct who_entry){ .name = name, .policy = WHO_NO_POLICY };
		return true;
	}
	if ((name = argument_of(line, "exempt-group"))) {
		who->exempt_groups[who->n_exempt_groups++] = name;
		return true;
	}
	if ((name = argument_of(line, "uid-min")) && !*uid_min_seen) {
		*uid_min_seen = true;
		return parse_uid(name, &who->uid_min);
	}
	if (!strcmp(line, "others") && !who->others) {
		who->others = true;
		return true;
	}
	return false;
}

/* Everything in one block: the struct, an array of `lines` members for each kind of line, and the
 * text that the names stand in. No overflow: the text is at most WHO_FILE_MAX. */
static struct who *
who_allocate(size_t lines, const char *text, size_t length, char **copy)
{
	struct who *who;

	who = malloc(sizeof(*who) + 2 * lines * sizeof(struct who_entry) +
		     2 * lines * sizeof(const char *) + length);
	if (!who)
		return NULL;
	memset(who, 0, sizeof(*who));
	who->others_policy = WHO_NO_POLICY;
	who->users = (struct who_entry *)(who + 1);
	who->groups = who->users + lines;
	who->exempt_users = (const char **)(who->groups + lines);
	who->exempt_groups = who->exempt_users + lines;
	*copy = (char *)(who->exempt_groups + lines);
	memcpy(*copy, text, length);
	return who;
}

int
who_parse(const char *text, size_t length, struct who **who, struct why *why)
{
	static const char first[] = FIRST_LINE "\n";
	static const char last[] = "\n" LAST_LINE "\n";
	const size_t head = sizeof(first) - 1, tail = sizeof(last) - 1;
	cleanup_free struct who *parsed = NULL;
	bool uid_min_seen = false;
	size_t lines = 0, at;
	char *copy, *line;

	*who = NULL;
	if (length > WHO_FILE_MAX)
		return why_set(why, EBADMSG, "larger than %d bytes", WHO_FILE_MAX);
	if (length < head + tail || memcmp(text, first, head) != 0)
		return why_set(why, EBADMSG, "does not begin with \"" FIRST_LINE "\"");
	if (memcmp(text + length - tail, last, tail) != 0)
		return why_set(why, EBADMSG, "does not end in a line \"" LAST_LINE "\"");
	if (memchr(text, '\0', length))
		return why_set(why, EBADMSG, "holds a NUL");

	/* The lines between the two, each with its newline. */
	text += head;
	length -= head + tail - 1;
	for (at = 0; at < length; at++)
		lines += text[at] == '\n';
	parsed = who_allocate(lines, text, length, &copy);
	if (!parsed)
		return why_set(why, ENOMEM, "no memory");
	for (at = 0; at < length; at++)
		if (copy[at] == '\n')
			copy[at] = '\0';
	for (line = copy, at = 0; at < lines; line += strlen(line) + 1, at++)
		if (!take_line(parsed, line, &uid_min_seen))
			return why_set(why, EBADMSG,
			    "line %zu is not one of a who file, or not "
			    "in its place",
			    at + 2);
	if (!uid_min_seen)
		return why_set(why, EBADMSG, "has no line \"uid-min\"");
	*who = steal_pointer(&parsed);
	return 0;
}

void
who_free(struct who *who)
{
	free(who);
}

/* Whoever could write the file, or put another in its place, could let anybody through. */
static int
check_file(const char *path, const struct stat *status, struct why *why)
{
	if (!S_ISREG(status->st_mode))
		return why_set(why, EPERM, "%s: not a regular file", path);
	if (status->st_uid != 0)
		return why_set(why, EPERM, "%s: belongs to uid %u, not to root", path,
		    (unsigned int)status->st_uid);
	if (status->st_mode & (S_IWGRP | S_IWOTH))
		return why_set(why, EPERM, "%s: others than root could write it (mode %04o)", path,
		    (unsigned int)(status->st_mode & 07777));
	if (status->st_size > WHO_FILE_MAX)
		return why_set(why, EFBIG, "%s: larger than %d bytes", path, WHO_FILE_MAX);
	return 0;
}

int
who_read(const char *path, struct who **who, struct why *why)
{
	cleanup_free char *text = NULL;
	cleanup_fd int fd = -1;
	struct why inner = { "" };
	struct stat status;
	size_t size, used = 0;
	ssize_t got;
	int result;

	*who = NULL;
	/* NONBLOCK: a FIFO in the file's place must not stop a login. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return why_errno(why, errno, "%s", path);
	if (fstat(fd, &status) < 0)
		return why_errno(why, errno, "%s", path);
	result = check_file(path, &status, why);
	if (result < 0)
		return result;

	size = (size_t)status.st_size;
	text = malloc(size + 1);
	if (!text)
		return why_set(why, ENOMEM, "no memory");
	while (used < size) {
		got = read(fd, text + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return why_errno(why, errno, "%s", path);
		if (got == 0)
			break;
		used += (size_t)got;
	}
	result = who_parse(text, used, who, &inner);
	if (result < 0)
		return why_set(why, -result, "%s: %s", path, inner.text);
	return 0;
}
