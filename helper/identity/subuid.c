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

/* Plain decimal only: hexadecimal, octal, signs and blanks are read in different ways by
 * different versions of newuidmap. */
static bool
parse_number(const char *text, uint64_t *number)
{
	uint64_t value = 0;

	if (!*text || (text[0] == '0' && text[1]))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (value < TOO_LARGE)
			value = value * 10 + (uint64_t)(*text - '0');
	}
	*number = value < TOO_LARGE ? value : TOO_LARGE;
	return true;
}

/* ---------------------------------------------------------------- what was found */

/* As much of an owner's name as a message shows: useradd(8) makes none that is longer. */
#define OWNER_SHOWN 32

/* The uids from `first` to `last`, which may be beyond any uid; line 0: from a service. There are
 * as many as accounts, so that a copy of each name by itself would be half of all that is done
 * here. */
struct piece {
	uint64_t first;
	uint64_t last;
	unsigned int line;
	bool own;
	char owner[OWNER_SHOWN + 1]; /* of somebody else's */
};

struct pieces {
	struct piece *list;
	size_t n;
	size_t n_own;
	unsigned int unreadable; /* a line of somebody's that is a range and cannot be read, or 0 */
};

static void
pieces_clear(struct pieces *pieces)
{
	free(pieces->list);
}

#define cleanup_pieces __attribute__((cleanup(pieces_clear)))

/* owner: NULL for the user's own. A count of 0 is nothing. */
static int
pieces_add(struct pieces *pieces, uint64_t first, uint64_t count, unsigned int line,
    const char *owner, struct why *why)
{
	struct piece *grown, *piece;

	if (!count)
		return 0;
	/* The room grows by doubling: at each power of two. */
	if (!(pieces->n & (pieces->n - 1))) {
		grown = reallocarray(pieces->list, pieces->n ? pieces->n * 2 : 1, sizeof(*grown));
		if (!grown)
			return why_set(why, ENOMEM, "no memory");
		pieces->list = grown;
	}
	piece = &pieces->list[pieces->n++];
	piece->first = first;
	piece->last = first + count - 1;
	piece->line = line;
	piece->own = !owner;
	if (!owner)
		pieces->n_own++;
	else if (!memccpy(piece->owner, owner, '\0', OWNER_SHOWN))
		piece->owner[OWNER_SHOWN] = '\0';
	return 0;
}

/* ---------------------------------------------------------------- whose is it? */

struct account {
	uint64_t uid;
	char *name;
};

struct user {
	const char *name;
	uint32_t uid;
	struct account *accounts; /* other names of the uid, and then those of high uids */
	size_t n_accounts;
	size_t n_aliases;
};

static void
user_clear(struct user *user)
{
	size_t i;

	for (i = 0; i < user->n_accounts; i++)
		free(user->accounts[i].name);
	free(user->accounts);
}

#define cleanup_user __attribute__((cleanup(user_clear)))

static int
add_account(struct user *user, uint64_t uid, const char *name, struct why *why)
{
	struct account *grown, *last;

	/* The room grows by doubling: at each power of two. */
	if (!(user->n_accounts & (user->n_accounts - 1))) {
		grown = reallocarray(
		    user->accounts, user->n_accounts ? user->n_accounts * 2 : 1, sizeof(*grown));
		if (!grown)
			return why_set(why, ENOMEM, "no memory");
		user->accounts = grown;
	}
	last = &user->accounts[user->n_accounts];
	*last = (struct account){ uid, strdup(name) };
	if (!last->name)
		return why_set(why, ENOMEM, "no memory");
	user->n_accounts++;
	if (uid == user->uid) {
		struct account alias = *last;

		*last = user->accounts[user->n_aliases];
		user->accounts[user->n_aliases++] = alias;
	}
	return 0;
}

/* newuidmap goes by the uid: what stands under any of its names is the user's. Names that only a
 * directory knows cannot be listed. An account whose own uid is low is in nobody's range. */
static int
find_accounts(struct user *user, struct why *why)
{
	cleanup_lines struct lines lines;
	uint64_t uid;
	int result;

	result = lines_open(&lines, PASSWD_FILE);
	if (result < 0)
		return why_errno(why, -result, "%s", PASSWD_FILE);
	while ((result = lines_next(&lines, why)) > 0) {
		if (lines.n_fields < 3 || !parse_number(lines.fields[2], &uid))
			continue;
		if (uid == user->uid ? strcmp(lines.fields[0], user->name) != 0 : uid >= LOWEST)
			result = add_account(user, uid, lines.fields[0], why);
		if (result < 0)
			return result;
	}
	return result;
}

static bool
is_users(const struct user *user, const char *owner)
{
	uint64_t uid;
	size_t i;

	if (!strcmp(owner, user->name) || (parse_number(owner, &uid) && uid == user->uid))
		return true;
	for (i = 0; i < user->n_aliases; i++)
		if (!strcmp(owner, user->accounts[i].name))
			return true;
	return false;
}

/* ---------------------------------------------------------------- sources */

/* files_count: whether the user's own ranges stand in /etc/subuid, or it is read for the others'
 * only. */
static int
read_subuid(const struct user *user, bool files_count, struct pieces *pieces, struct why *why)
{
	cleanup_lines struct lines lines;
	uint64_t first = 0, count = 0;
	int result;
	bool own;

	result = lines_open(&lines, SUBUID_FILE);
	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return why_errno(why, -result, "%s", SUBUID_FILE);
	while ((result = lines_next(&lines, why)) > 0) {
		own = is_users(user, lines.fields[0]);
		if (own && !files_count)
			continue;
		if (lines.n_fields >= 3 && parse_number(lines.fields[1], &first) &&
		    parse_number(lines.fields[2], &count)) {
			result = pieces_add(
			    pieces, first, count, lines.number, own ? NULL : lines.fields[0], why);
			if (result < 0)
				return result;
		} else if (own) {
			return why_set(why, EINVAL,
			    "%s, line %u: a range of %s's that cannot be read", SUBUID_FILE,
			    lines.number, user->name);
		} else if (lines.n_fields >= 3 && strspn(lines.fields[1], "0123456789")) {
			pieces->unreadable = lines.number;
		}
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
		    count < TOO_LARGE ? count : TOO_LARGE, 0, NULL, why);
	}
	return result;
}

/* *files: whether /etc/subuid is one of the sources. Without a `subid:` line it is the only one.
 * newuidmap takes the first such line, and there the first service alone (until some version asks
 * them all): to take them all fences too much rather than too little. */
static int
ask_services(const struct user *user, bool *files, struct pieces *pieces, struct why *why)
{
	cleanup_file FILE *file = NULL;
	cleanup_free char *line = NULL;
	const char *rest, *service;
	size_t size = 0, length;
	bool any = false;
	int result;

	*files = true;
	file = fopen(NSSWITCH_FILE, "re");
	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return why_errno(why, errno, "%s", NSSWITCH_FILE);
	errno = 0;
	while (!any && getline(&line, &size, file) >= 0) {
		if (strncasecmp(line, "subid:", 6) != 0)
			continue;
		rest = line + 6;
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
		errno = 0;
	}
	if (!any && !feof(file))
		return why_errno(why, errno ? errno : EIO, "%s", NSSWITCH_FILE);
	return 0;
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
	size_t i, n = 0;

	own = calloc(pieces->n_own + 1, sizeof(*own));
	if (!own)
		return why_set(why, ENOMEM, "no memory");
	for (i = 0; i < pieces->n; i++) {
		piece = &pieces->list[i];
		if (!piece->own)
			continue;
		if (piece->first < LOWEST)
			return why_set(why, EINVAL,
			    "the subordinate uids from %llu on begin below %d, among accounts",
			    (unsigned long long)piece->first, LOWEST);
		if (piece->last > HIGHEST)
			return why_set(why, EINVAL,
			    "the subordinate uids from %llu on reach beyond the last uid, %u",
			    (unsigned long long)piece->first, HIGHEST);
		own[n++] = (struct uid_range){ (uint32_t)piece->first, (uint32_t)piece->last };
	}
	qsort(own, n, sizeof(*own), by_first);
	for (i = 0; i < n; i++) {
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

static int
check_owners(const struct pieces *pieces, const struct subuids *subuids, struct why *why)
{
	const struct uid_range *touched;
	const struct piece *piece;
	size_t i;

	if (pieces->unreadable)
		return why_set(why, EINVAL,
		    "%s, line %u cannot be read: whether it touches other ranges is not known",
		    SUBUID_FILE, pieces->unreadable);
	for (i = 0; i < pieces->n; i++) {
		piece = &pieces->list[i];
		touched = piece->own ? NULL : touched_by(subuids, piece->first, piece->last);
		if (touched)
			return why_set(why, EINVAL,
			    "the subordinate uids %u-%u touch those of %s (%s, line %u)",
			    touched->first, touched->last, piece->owner, SUBUID_FILE, piece->line);
	}
	return 0;
}

static int
check_accounts(const struct user *user, const struct subuids *subuids, struct why *why)
{
	const struct uid_range *touched;
	const struct account *account;
	size_t i;

	for (i = user->n_aliases; i < user->n_accounts; i++) {
		account = &user->accounts[i];
		touched = touched_by(subuids, account->uid, account->uid);
		if (touched)
			return why_set(why, EINVAL,
			    "the subordinate uids %u-%u hold the account %.64s (uid %llu)",
			    touched->first, touched->last, account->name,
			    (unsigned long long)account->uid);
	}
	return 0;
}

int
subuid_find(const char *name, uint32_t uid, struct subuids *subuids, struct why *why)
{
	cleanup_pieces struct pieces pieces = { 0 };
	cleanup_user struct user user = { .name = name, .uid = uid };
	bool files;
	int result;

	subuids->n = 0;
	result = find_accounts(&user, why);
	if (result == 0)
		result = ask_services(&user, &files, &pieces, why);
	if (result == 0)
		result = read_subuid(&user, files, &pieces, why);
	if (result == 0)
		result = join_own(&pieces, subuids, why);
	if (result < 0 || !subuids->n)
		return result;
	result = check_owners(&pieces, subuids, why);
	if (result == 0)
		result = check_accounts(&user, subuids, why);
	return result;
}
