/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/fenced.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "doctor/host.h"
#include "identity/identity.h"
#include "identity/subuid.h"
#include "policy/people.h"

/* Accounts that are gone through for `others`; a directory may have very many. */
#define ACCOUNTS_MAX 20000

#define FIELD '\037' /* stands in no name */
#define ITEM  '\036'

/* ---------------------------------------------------------------- in the child */

struct search {
	const struct ruleset *set;
	FILE *answer;
	uint32_t n;
	uint32_t more;
	struct seen *seen; /* FENCED_MAX at most */
};

struct seen {
	uint32_t uid;
	uint32_t policy;
	char *name;
};

static bool
is_new(const struct search *search, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < search->n; i++) {
		if (search->seen[i].uid == uid)
			return false;
	}
	return true;
}

/* What is no text would end a line or a field of the answer. */
static bool
is_plain(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ')
			return false;
	}
	return true;
}

static void
tell(struct search *search, const struct identity *identity, const char *home, uint32_t policy)
{
	struct subuids subuids;
	struct why flaw = { "" };
	uint32_t i;

	if (subuid_find(identity->name, identity->uid, &subuids, &flaw) == 0 ||
	    !is_plain(flaw.text))
		flaw.text[0] = '\0';
	fprintf(search->answer, "%s%c%u%c%u%c%s%c%s%c", identity->name, FIELD, identity->uid, FIELD,
	    policy, FIELD, is_plain(home) ? home : "", FIELD, flaw.text, FIELD);
	for (i = 0; i < identity->n_groups; i++) {
		if (is_plain(identity->groups[i]))
			fprintf(search->answer, "%s%c", identity->groups[i], ITEM);
	}
	putc('\n', search->answer);
}

static int
look_at(const char *name, void *data)
{
	struct search *search = data;
	struct identity identity;
	struct who_answer answer;
	const struct passwd *entry;
	struct why why;
	cleanup_free char *home = NULL;

	/* A directory takes its time for each. */
	if (search->n == FENCED_MAX) {
		search->more++;
		return 0;
	}
	if (identity_find(name, &identity, &why) < 0)
		return 0;
	if (is_plain(identity.name) && is_new(search, identity.uid) &&
	    identity_find_groups(&identity, &why) == 0) {
		answer = who_match(&search->set->who, identity.name, identity.uid,
		    (const char *const *)identity.groups, identity.n_groups);
		entry = getpwnam(identity.name);
		home = strdup(entry ? entry->pw_dir : "");
		if (answer.fenced && home) {
			tell(search, &identity, home, answer.policy);
			search->seen[search->n++] =
			    (struct seen){ identity.uid, answer.policy, strdup(identity.name) };
		}
	}
	identity_clear(&identity);
	return 0;
}

/* What is asked about a name moves getpwent() on, so the names are taken down first. */
static void
for_each_account(struct search *search,
    bool (*wanted)(const struct search *, const struct passwd *),
    int (*each)(const char *name, void *data))
{
	char **names = calloc(ACCOUNTS_MAX, sizeof(*names));
	const struct passwd *account;
	size_t n = 0, i;

	if (!names)
		return;
	setpwent();
	while (n < ACCOUNTS_MAX && (account = getpwent())) {
		if (wanted(search, account))
			names[n++] = strdup(account->pw_name);
	}
	endpwent();
	for (i = 0; i < n; i++) {
		if (names[i])
			each(names[i], search);
		free(names[i]);
	}
	free(names);
}

static bool
is_of_others(const struct search *search, const struct passwd *account)
{
	return account->pw_uid >= search->set->who.uid_min;
}

static bool
may_be_twin(const struct search *search, const struct passwd *account)
{
	uint32_t i;

	for (i = 0; i < search->n; i++) {
		if (search->seen[i].uid == account->pw_uid)
			return search->seen[i].name &&
			       strcmp(search->seen[i].name, account->pw_name) != 0;
	}
	return false;
}

/* Whoever logs in under this name gets what the rules say of it, and the same uid. */
static int
look_at_twin(const char *name, void *data)
{
	struct search *search = data;
	struct identity identity;
	struct who_answer answer;
	struct why why;
	uint32_t i;

	if (identity_find(name, &identity, &why) < 0)
		return 0;
	for (i = 0; i < search->n && search->seen[i].uid != identity.uid;)
		i++;
	if (i < search->n && search->seen[i].name && strcmp(search->seen[i].name, name) != 0 &&
	    is_plain(name) && identity_find_groups(&identity, &why) == 0) {
		answer = who_match(&search->set->who, identity.name, identity.uid,
		    (const char *const *)identity.groups, identity.n_groups);
		if (answer.policy != search->seen[i].policy)
			fprintf(
			    search->answer, "%c%s%c%s\n", ITEM, search->seen[i].name, FIELD, name);
	}
	identity_clear(&identity);
	return 0;
}

static int
take_name(const char *member, void *data)
{
	char ***next = data;

	**next = strdup(member);
	if (**next)
		(*next)++;
	return 0;
}

static int
count_name(const char *member, void *data)
{
	(void)member;
	++*(size_t *)data;
	return 0;
}

static void
look_at_members(struct search *search, const char *group)
{
	size_t n = 0;
	char **names, **next, **name;

	if (people_of_host.members(NULL, group, count_name, &n) < 0)
		return;
	names = next = calloc(n + 1, sizeof(*names));
	/* Who has joined meanwhile would not fit: nobody writes behind the last. */
	if (names && people_of_host.members(NULL, group, count_name, &(size_t){ 0 }) == 0)
		people_of_host.members(NULL, group, take_name, &next);
	for (name = names; names && name < next; name++) {
		look_at(*name, search);
		free(*name);
	}
	free(names);
}

static int
search_all(FILE *answer, void *data)
{
	struct search search = { .set = data, .answer = answer };
	const struct who *who = &search.set->who;
	uint32_t i;

	search.seen = calloc(FENCED_MAX, sizeof(*search.seen));
	if (!search.seen)
		return 1;
	for (i = 0; i < who->n_users; i++)
		look_at(who->users[i].name, &search);
	for (i = 0; i < who->n_groups; i++)
		look_at_members(&search, who->groups[i].name);
	if (who->others)
		for_each_account(&search, is_of_others, look_at);
	for_each_account(&search, may_be_twin, look_at_twin);
	fprintf(answer, "%c%u\n", FIELD, search.more);
	for (i = 0; i < search.n; i++)
		free(search.seen[i].name);
	free(search.seen);
	return 0;
}

/* ---------------------------------------------------------------- in the parent */

static char *
field(char **next, char mark)
{
	char *begin = *next, *end;

	if (!begin)
		return NULL;
	end = strchr(begin, mark);
	if (!end)
		return NULL;
	*end = '\0';
	*next = end + 1;
	return begin;
}

static bool
parse_groups(struct fenced_user *user, char *rest)
{
	const char *at;
	uint32_t room = 1;

	for (at = rest; *at; at++)
		room += *at == ITEM;
	user->groups = calloc(room, sizeof(*user->groups));
	if (!user->groups)
		return false;
	while (user->n_groups < room && (user->groups[user->n_groups] = field(&rest, ITEM)))
		user->n_groups++;
	return true;
}

static bool
parse_user(const struct ruleset *set, char *line, struct fenced *fenced)
{
	struct fenced_user *user = &fenced->users[fenced->n], found = { .name = NULL };
	const char *uid, *policy;

	found.name = field(&line, FIELD);
	uid = field(&line, FIELD);
	policy = field(&line, FIELD);
	found.home = field(&line, FIELD);
	found.flaw = field(&line, FIELD);
	if (!found.flaw || strtoul(policy, NULL, 10) >= set->n_policies)
		return false;
	found.uid = (uint32_t)strtoul(uid, NULL, 10);
	found.policy = &set->policies[strtoul(policy, NULL, 10)];
	if (!parse_groups(&found, line))
		return false;
	*user = found;
	fenced->n++;
	return true;
}

static void
parse_twin(char *line, struct fenced *fenced)
{
	char *name = field(&line, FIELD);

	if (name && fenced->n_twins < FENCED_TWINS_MAX)
		fenced->twins[fenced->n_twins++] = (struct fenced_twin){ name, line };
}

static int
by_name(const void *one, const void *other)
{
	return strcmp(
	    ((const struct fenced_user *)one)->name, ((const struct fenced_user *)other)->name);
}

int
fenced_parse(const struct ruleset *set, char *text, struct fenced *fenced, struct why *why)
{
	char *line;

	fenced->users = calloc(FENCED_MAX, sizeof(*fenced->users));
	fenced->twins = calloc(FENCED_TWINS_MAX, sizeof(*fenced->twins));
	if (!fenced->users || !fenced->twins)
		return why_set(why, ENOMEM, "no memory");
	while ((line = host_line(&text))) {
		if (line[0] == FIELD) {
			fenced->more = (uint32_t)strtoul(line + 1, NULL, 10);
			qsort(fenced->users, fenced->n, sizeof(*fenced->users), by_name);
			return 0;
		}
		if (line[0] == ITEM) {
			parse_twin(line + 1, fenced);
			continue;
		}
		if (fenced->n == FENCED_MAX || !parse_user(set, line, fenced))
			break;
	}
	return why_set(why, EPROTO, "what it said was not understood");
}

int
fenced_find(const struct ruleset *set, int64_t timeout_ms, struct fenced *fenced, struct why *why)
{
	int result;

	*fenced = (struct fenced){ .n = 0 };
	/* A ruleset is only read by it. */
	result = host_child(search_all, (void *)(uintptr_t)set, timeout_ms, &fenced->text, why);
	if (result > 0)
		result = why_set(why, EIO, "it could not be asked");
	return result ? result : fenced_parse(set, fenced->text, fenced, why);
}

void
fenced_free(struct fenced *fenced)
{
	uint32_t i;

	for (i = 0; i < fenced->n; i++)
		free(fenced->users[i].groups);
	free(fenced->users);
	free(fenced->twins);
	free(fenced->text);
	*fenced = (struct fenced){ .n = 0 };
}

const struct fenced_user *
fenced_by_name(const struct fenced *fenced, const char *name)
{
	uint32_t i;

	for (i = 0; i < fenced->n; i++) {
		if (!strcmp(fenced->users[i].name, name))
			return &fenced->users[i];
	}
	return NULL;
}

const struct fenced_user *
fenced_by_uid(const struct fenced *fenced, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < fenced->n; i++) {
		if (fenced->users[i].uid == uid)
			return &fenced->users[i];
	}
	return NULL;
}

bool
fenced_in_group(const struct fenced_user *user, const char *group)
{
	uint32_t i;

	for (i = 0; i < user->n_groups; i++) {
		if (!strcmp(user->groups[i], group))
			return true;
	}
	return false;
}
