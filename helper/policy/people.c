/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/people.h"

#include <stdlib.h>
#include <string.h>

#include "policy/names.h"
#include "policy/reader.h"

/* A name under `users` or in `exempt`, and whose it is. entry: NULL for an exempt one. */
struct person {
	const char *name;
	struct mark mark;
	const struct entry *entry;
	uint32_t uid;
	uint32_t position; /* in the order of reading */
};

struct checking {
	struct reader *reader;
	const struct ruleset *ruleset;
	const struct people *people;
	struct person *persons; /* that are there */
	uint32_t n_persons;
	bool unknown; /* that somebody could not be looked up, said once */
};

static int
report_unknown(struct checking *checking, struct mark mark, const char *name, int error)
{
	if (error == -ENOMEM)
		return error;
	if (checking->unknown)
		return 0;
	checking->unknown = true;
	return report_warning(checking->reader->reporter, mark,
	    "'%s' could not be looked up (%s), so it is not known who is there", quote(name).text,
	    strerrordesc_np(-error));
}

/* kind: "user" or "group". */
static int
report_absent(struct checking *checking, struct mark mark, const char *kind, const char *name)
{
	const char *hint = name[strspn(name, "0123456789")] ? "" : " (a name is meant, no number)";

	return report_warning(checking->reader->reporter, mark,
	    "there is no %s '%s' on this host%s", kind, quote(name).text, hint);
}

static int
add_person(struct checking *checking, const char *name, struct mark mark, const struct entry *entry)
{
	struct person *person = &checking->persons[checking->n_persons];
	uint32_t uid = 0;
	int found = checking->people->user(checking->people->context, name, &uid);

	if (found < 0)
		return report_unknown(checking, mark, name, found);
	if (!found)
		return report_absent(checking, mark, "user", name);
	if (entry && uid == 0)
		return report_warning(checking->reader->reporter, mark,
		    "'%s' has the uid 0, and is never fenced", quote(name).text);
	*person = (struct person){ name, mark, entry, uid, checking->n_persons };
	checking->n_persons++;
	return 0;
}

static int
by_uid(const void *left, const void *right)
{
	const struct person *a = left, *b = right;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	return a->position < b->position ? -1 : 1;
}

static bool
treated_alike(const struct person *a, const struct person *b)
{
	if (!a->entry || !b->entry)
		return a->entry == b->entry;
	if (a->entry->progress != PROGRESS_GOOD || b->entry->progress != PROGRESS_GOOD)
		return true; /* reported already */
	return a->entry->policy == b->entry->policy;
}

static int
check_uids(struct checking *checking)
{
	const struct person *first = checking->persons, *person;
	int result = 0;

	if (checking->n_persons)
		qsort(checking->persons, checking->n_persons, sizeof(*first), by_uid);
	for (person = first; person < checking->persons + checking->n_persons; person++) {
		if (person->uid != first->uid)
			first = person;
		if (person == first || treated_alike(first, person))
			continue;
		result = worse(result,
		    report_error(checking->reader->reporter,
			person->entry ? person->mark : first->mark,
			"'%s' and '%s' are one account, uid %u, and are treated differently here "
			"and at %s",
			quote(person->entry ? person->name : first->name).text,
			quote(person->entry ? first->name : person->name).text, person->uid,
			place(person->entry ? first->mark : person->mark).text));
	}
	return result;
}

static int
check_users(struct checking *checking)
{
	struct reader *reader = checking->reader;
	const struct exempt *exempt;
	const struct entry *entry;
	uint32_t n = reader->users.n;
	int result = 0;

	for (exempt = reader->exempt_users; exempt; exempt = exempt->next)
		n++;
	checking->persons = arena_new_of(reader->arena, n, struct person);
	if (!checking->persons)
		return -ENOMEM;
	for (entry = reader->users.first; entry; entry = entry->next)
		result = worse(result, add_person(checking, entry->name, entry->mark, entry));
	for (exempt = reader->exempt_users; exempt; exempt = exempt->next)
		result = worse(result, add_person(checking, exempt->name, exempt->mark, NULL));
	return worse(result, check_uids(checking));
}

static int
check_group(struct checking *checking, const char *name, struct mark mark)
{
	int found = checking->people->group(checking->people->context, name);

	if (found < 0)
		return report_unknown(checking, mark, name, found);
	return found ? 0 : report_absent(checking, mark, "group", name);
}

static int
check_groups(struct checking *checking)
{
	const struct reader *reader = checking->reader;
	const struct exempt *exempt;
	const struct entry *entry;
	int result = 0;

	for (entry = reader->groups.first; entry; entry = entry->next)
		result = worse(result, check_group(checking, entry->name, entry->mark));
	for (exempt = reader->exempt_groups; exempt; exempt = exempt->next)
		result = worse(result, check_group(checking, exempt->name, exempt->mark));
	return result;
}

/*
 * The members of the groups of one precedence, one group after the other.
 * decided  names for whom no group decides
 * members  name to the entry of the first group
 * group    the one whose members are being listed
 */
struct sharing {
	struct checking *checking;
	struct names *decided;
	struct names *members;
	struct entry *group;
	bool warned;
};

static int
note_decided(const char *member, void *data)
{
	struct sharing *sharing = data;
	const char *name;

	if (names_get(sharing->decided, member))
		return 0;
	name = arena_string(sharing->checking->reader->arena, member, strlen(member));
	return name ? names_put(sharing->decided, name, sharing) : -ENOMEM;
}

static int
note_member(const char *member, void *data)
{
	struct sharing *sharing = data;
	struct reader *reader = sharing->checking->reader;
	const struct entry *first = names_get(sharing->members, member);
	const char *name;

	if (names_get(reader->users.names, member) || names_get(sharing->decided, member))
		return 0;
	if (!first) {
		name = arena_string(reader->arena, member, strlen(member));
		return name ? names_put(sharing->members, name, sharing->group) : -ENOMEM;
	}
	if (sharing->warned || first->policy == sharing->group->policy)
		return 0;
	sharing->warned = true;
	return report_warning(reader->reporter, sharing->group->mark,
	    "'%s' is a member of '%s' as well, at %s, which has the same precedence and decides, "
	    "its name being the first: give one of them a higher 'precedence'",
	    quote(member).text, quote(first->name).text, place(first->mark).text);
}

static int
list_members(
    struct sharing *sharing, const char *group, struct mark mark, int (*each)(const char *, void *))
{
	const struct people *people = sharing->checking->people;
	int result = people->members(people->context, group, each, sharing);

	return result < 0 ? report_unknown(sharing->checking, mark, group, result) : 0;
}

static int
check_sharing(struct checking *checking)
{
	const struct ruleset *ruleset = checking->ruleset;
	struct reader *reader = checking->reader;
	struct sharing sharing = { .checking = checking, .decided = names_new(reader->arena) };
	const struct exempt *exempt;
	uint32_t i;
	int result = sharing.decided ? 0 : -ENOMEM;

	for (exempt = reader->exempt_users; exempt && !result; exempt = exempt->next)
		result = note_decided(exempt->name, &sharing);
	for (exempt = reader->exempt_groups; exempt && !result; exempt = exempt->next)
		result = list_members(&sharing, exempt->name, exempt->mark, note_decided);
	for (i = 0; i < ruleset->who.n_groups && !result; i++) {
		if (i == 0 || ruleset->precedence[i] != ruleset->precedence[i - 1])
			sharing.members = names_new(reader->arena);
		if (!sharing.members)
			return -ENOMEM;
		sharing.group = names_get(reader->groups.names, ruleset->who.groups[i].name);
		sharing.warned = false;
		result =
		    list_members(&sharing, sharing.group->name, sharing.group->mark, note_member);
	}
	return result;
}

int
people_check(struct ruleset *ruleset, const struct people *people, struct why *why)
{
	struct checking checking = {
		.reader = ruleset->reader,
		.ruleset = ruleset,
		.people = people,
	};
	int result = check_users(&checking);

	result = worse(result, check_groups(&checking));
	if (result != -ENOMEM)
		result = worse(result, check_sharing(&checking));
	if (result == -ENOMEM || report_finish(checking.reader->reporter, &ruleset->report))
		return why_set(why, ENOMEM, "no memory for the rules");
	if (!ruleset->report.n_errors)
		return 0;
	return why_set(why, EINVAL, "the rules have %u error%s", ruleset->report.n_errors,
	    ruleset->report.n_errors == 1 ? "" : "s");
}
