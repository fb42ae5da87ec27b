/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity/subuid.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "identity/lines.h"
#include "identity/subid_service.h"

#define SUBUID_FILE   "/etc/subuid"
#define PASSWD_FILE   "/etc/passwd"
#define NSSWITCH_FILE "/etc/nsswitch.conf"

#define LOWEST  65536            /* accounts, dynamic users and nobody live below */
#define HIGHEST (UINT32_MAX - 1) /* (uid_t)-1 is no uid */

/* Larger than any uid, and small enough to be added up. */
#define TOO_LARGE ((uint64_t)1 << 40)

/* The number that a field is. Plain decimal only: hexadecimal, octal, signs and blanks are read in
 * different ways by different versions of newuidmap. */
static bool
parse_number(const char *field, uint64_t *number)
{
	uint64_t value = 0;
	const char *at = field;

	if (!at)
		return false;
	for (; *at >= '0' && *at <= '9'; at++)
		if (value < TOO_LARGE)
			value = value * 10 + (uint64_t)(*at - '0');
	if (at == field || (*at && *at != ':') || (*field == '0' && at > field + 1))
		return false;
	*number = value < TOO_LARGE ? value : TOO_LARGE;
	return true;
}

/* ---------------------------------------------------------------- what is the user's */

/* The uids from `first` to `last`, which may be beyond any uid. */
struct piece {
	uint64_t first;
	uint64_t last;
};

struct pieces {
	struct piece *list;
	size_t n;
};

static void
pieces_clear(struct pieces *pieces)
{
	free(pieces->list);
}

#define cleanup_pieces __attribute__((cleanup(pieces_clear)))

/* A count of 0 is nothing. */
static int
pieces_add(struct pieces *pieces, uint64_t first, uint64_t count, struct why *why)
{
	struct piece *grown;

	if (!count)
		return 0;
	/* The room grows by doubling: at each power of two. */
	if (!(pieces->n & (pieces->n - 1))) {
		grown = reallocarray(pieces->list, pieces->n ? pieces->n * 2 : 1, sizeof(*grown));
		if (!grown)
			return why_set(why, ENOMEM, "no memory");
		pieces->list = grown;
	}
	pieces->list[pieces->n++] = (struct piece){ first, first + count - 1 };
	return 0;
}

/* ---------------------------------------------------------------- whose is it? */

struct user {
	const char *name;
	uint32_t uid;
	char **aliases; /* other names of the uid */
	size_t n_aliases;
	uint64_t highest; /* uid of anybody else in /etc/passwd */
};

static void
user_clear(struct user *user)
{
	size_t i;

	for (i = 0; i < user->n_aliases; i++)
		free(user->aliases[i]);
	free(user->aliases);
}

#define cleanup_user __attribute__((cleanup(user_clear)))

/* Whether the first field of a line is `owner`. */
static bool
is_owner(const char *line, const char *owner)
{
	for (; *owner && *line == *owner; line++)
		owner++;
	return !*owner && (*line == ':' || !*line);
}

static int
add_alias(struct user *user, const char *line, struct why *why)
{
	char **grown;

	grown = reallocarray(user->aliases, user->n_aliases + 1, sizeof(*grown));
	if (!grown)
		return why_set(why, ENOMEM, "no memory");
	user->aliases = grown;
	user->aliases[user->n_aliases] = strndup(line, strcspn(line, ":"));
	if (!user->aliases[user->n_aliases])
		return why_set(why, ENOMEM, "no memory");
	user->n_aliases++;
	return 0;
}

/* newuidmap goes by the uid: what stands under any of its names is the user's. Names that only a
 * directory knows cannot be listed. */
static int
find_aliases(struct user *user, struct why *why)
{
	cleanup_lines struct lines lines;
	uint64_t uid;
	int result;

	result = lines_open(&lines, PASSWD_FILE);
	if (result < 0)
		return why_errno(why, -result, "%s", PASSWD_FILE);
	while ((result = lines_next(&lines, why)) > 0) {
		if (!parse_number(lines_field(lines.line, 2), &uid))
			continue;
		if (uid != user->uid) {
			if (uid > user->highest)
				user->highest = uid;
		} else if (!is_owner(lines.line, user->name)) {
			result = add_alias(user, lines.line, why);
			if (result < 0)
				return result;
		}
	}
	return result;
}

static bool
is_users(const struct user *user, const char *line)
{
	uint64_t uid;
	size_t i;

	if (is_owner(line, user->name) || (parse_number(line, &uid) && uid == user->uid))
		return true;
	for (i = 0; i < user->n_aliases; i++)
		if (is_owner(line, user->aliases[i]))
			return true;
	return false;
}

/* ---------------------------------------------------------------- sources */

/* False where the line is no range that can be read. */
static bool
parse_range(const char *line, uint64_t *first, uint64_t *count)
{
	return parse_number(lines_field(line, 1), first) &&
	       parse_number(lines_field(line, 2), count);
}

/* 1: there is no such file, and so nothing in it. */
static int
open_subuid(struct lines *lines, struct why *why)
{
	int result = lines_open(lines, SUBUID_FILE);

	if (result == -ENOENT)
		return 1;
	return result < 0 ? why_errno(why, -result, "%s", SUBUID_FILE) : 0;
}

static int
read_own(const struct user *user, struct pieces *pieces, struct why *why)
{
	cleanup_lines struct lines lines;
	uint64_t first, count;
	int result;

	result = open_subuid(&lines, why);
	if (result)
		return result < 0 ? result : 0;
	while ((result = lines_next(&lines, why)) > 0) {
		if (!is_users(user, lines.line))
			continue;
		if (!parse_range(lines.line, &first, &count))
			return why_set(why, EINVAL,
			    "%s, line %u: a range of %s's that cannot be read", SUBUID_FILE,
			    lines.number, user->name);
		result = pieces_add(pieces, first, count, why);
		if (result < 0)
			return result;
	}
	return result;
}

static int
ask_service(const struct user *user, const char *service, size_t length, struct pieces *pieces,
    struct why *why)
{
	cleanup_free struct subid_range *ranges = NULL;
	uint64_t first, count;
	size_t n = 0, i;
	int result;

	result = subid_service_ask(service, length, user->name, &ranges, &n, why);
	for (i = 0; result == 0 && i < n; i++) {
		first = ranges[i].start;
		count = ranges[i].count;
		result = pieces_add(pieces, first < TOO_LARGE ? first : TOO_LARGE,
		    count < TOO_LARGE ? count : TOO_LARGE, why);
	}
	return result;
}

/* *files: whether /etc/subuid is one of the sources. Without a `subid:` line it is the only one.
 * newuidmap takes the first such line, and there the first service alone (until some version asks
 * them all): to take them all fences too much rather than too little. */
static int
ask_services(const struct user *user, bool *files, struct pieces *pieces, struct why *why)
{
	cleanup_lines struct lines lines;
	const char *rest, *service;
	bool any = false;
	size_t length;
	int result;

	*files = true;
	result = lines_open(&lines, NSSWITCH_FILE);
	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return why_errno(why, -result, "%s", NSSWITCH_FILE);
	while (!any && (result = lines_next(&lines, why)) > 0) {
		if (strncasecmp(lines.line, "subid:", 6) != 0)
			continue;
		rest = lines.line + 6;
		while (subid_service_next(&rest, &service, &length)) {
			if (!any)
				*files = false;
			any = true;
			if (length == 5 && !memcmp(service, "files", 5)) {
				*files = true;
				continue;
			}
			result = ask_service(user, service, length, pieces, why);
			if (result < 0)
				return result;
		}
	}
	return result < 0 ? result : 0;
}

/* ---------------------------------------------------------------- can they be fenced? */

static int
by_first(const void *one, const void *other)
{
	const struct uid_range *a = one, *b = other;

	return a->first < b->first ? -1 : a->first > b->first;
}

/* The user's own, sorted and joined, all of them uids that a fence may take. */
static int
join_own(const struct pieces *pieces, struct subuids *subuids, struct why *why)
{
	cleanup_free struct uid_range *own = NULL;
	const struct piece *piece;
	struct uid_range *end;
	size_t i;

	own = calloc(pieces->n + 1, sizeof(*own));
	if (!own)
		return why_set(why, ENOMEM, "no memory");
	for (i = 0; i < pieces->n; i++) {
		piece = &pieces->list[i];
		if (piece->first < LOWEST)
			return why_set(why, EINVAL,
			    "the subordinate uids from %llu on begin below %d, among accounts",
			    (unsigned long long)piece->first, LOWEST);
		if (piece->last > HIGHEST)
			return why_set(why, EINVAL,
			    "the subordinate uids from %llu on reach beyond the last uid, %u",
			    (unsigned long long)piece->first, HIGHEST);
		own[i] = (struct uid_range){ (uint32_t)piece->first, (uint32_t)piece->last };
	}
	qsort(own, pieces->n, sizeof(*own), by_first);
	for (i = 0; i < pieces->n; i++) {
		end = subuids->n ? &subuids->ranges[subuids->n - 1] : NULL;
		if (end && own[i].first <= end->last + 1) {
			if (own[i].last > end->last)
				end->last = own[i].last;
			continue;
		}
		if (subuids->n == PROTOCOL_RANGES_MAX)
			return why_set(why, EINVAL, "more than %d ranges of subordinate uids",
			    PROTOCOL_RANGES_MAX);
		subuids->ranges[subuids->n++] = own[i];
	}
	return 0;
}

static const struct uid_range *
touched_by(const struct subuids *subuids, uint64_t first, uint64_t last)
{
	uint32_t i;

	for (i = 0; i < subuids->n; i++)
		if (first <= subuids->ranges[i].last && last >= subuids->ranges[i].first)
			return &subuids->ranges[i];
	return NULL;
}

/* As much of a name as a message shows: useradd(8) makes none that is longer. */
static int
shown(const char *line)
{
	size_t length = strcspn(line, ":");

	return length < 32 ? (int)length : 32;
}

/* The ranges of all others; there are as many as accounts, and so none is kept. */
static int
check_owners(const struct user *user, const struct subuids *subuids, struct why *why)
{
	cleanup_lines struct lines lines;
	const struct uid_range *touched;
	uint64_t first, count;
	const char *field;
	int result;

	result = open_subuid(&lines, why);
	if (result)
		return result < 0 ? result : 0;
	while ((result = lines_next(&lines, why)) > 0) {
		if (!parse_range(lines.line, &first, &count)) {
			field = lines_field(lines.line, 1);
			if (field && *field >= '0' && *field <= '9' && lines_field(field, 1) &&
			    !is_users(user, lines.line))
				return why_set(why, EINVAL,
				    "%s, line %u cannot be read: whether it touches other ranges "
				    "is not known",
				    SUBUID_FILE, lines.number);
			continue;
		}
		touched = count ? touched_by(subuids, first, first + count - 1) : NULL;
		if (touched && !is_users(user, lines.line))
			return why_set(why, EINVAL,
			    "the subordinate uids %u-%u touch those of %.*s (%s, line %u)",
			    touched->first, touched->last, shown(lines.line), lines.line,
			    SUBUID_FILE, lines.number);
	}
	return result;
}

/* An account whose own uid is low is in nobody's range. */
static int
check_accounts(const struct user *user, const struct subuids *subuids, struct why *why)
{
	cleanup_lines struct lines lines;
	const struct uid_range *touched;
	uint64_t uid;
	int result;

	result = lines_open(&lines, PASSWD_FILE);
	if (result < 0)
		return why_errno(why, -result, "%s", PASSWD_FILE);
	while ((result = lines_next(&lines, why)) > 0) {
		if (!parse_number(lines_field(lines.line, 2), &uid) || uid == user->uid)
			continue;
		touched = touched_by(subuids, uid, uid);
		if (touched)
			return why_set(why, EINVAL,
			    "the subordinate uids %u-%u hold the account %.*s (uid %llu)",
			    touched->first, touched->last, shown(lines.line), lines.line,
			    (unsigned long long)uid);
	}
	return result;
}

int
subuid_find(const char *name, uint32_t uid, struct subuids *subuids, struct why *why)
{
	cleanup_pieces struct pieces pieces = { 0 };
	cleanup_user struct user user = { .name = name, .uid = uid };
	bool files;
	int result;

	subuids->n = 0;
	result = find_aliases(&user, why);
	if (result == 0)
		result = ask_services(&user, &files, &pieces, why);
	if (result == 0 && files)
		result = read_own(&user, &pieces, why);
	if (result == 0)
		result = join_own(&pieces, subuids, why);
	if (result < 0 || !subuids->n)
		return result;
	result = check_owners(&user, subuids, why);
	if (result == 0 && user.highest >= LOWEST)
		result = check_accounts(&user, subuids, why);
	return result;
}
