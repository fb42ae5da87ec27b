/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/room.h"
#include "policy/who.h"
#include "session/ranges.h"
#include "session/session.h"
#include "wire/client.h"

struct place {
	uint32_t uid;
	struct user *user;
};

/* Users in one piece of memory, by uid: each commit goes through all of them, and a tree of them
 * would be waited for node by node. */
struct table {
	struct place *users;
	uint32_t n_users;
	uint32_t users_room;
	struct user *first;   /* the same, as a list */
	void *sessions;       /* tsearch(3) tree by id */
	struct ranges ranges; /* at least those of all users */
	uint32_t n_sessions;
};

static int
by_id(const void *left, const void *right)
{
	const struct session *a = left, *b = right;

	return (a->name.id > b->name.id) - (a->name.id < b->name.id);
}

struct table *
table_new(void)
{
	return calloc(1, sizeof(struct table));
}

static void
free_session(struct session *session)
{
	opener_clear(&session->opener);
	free(session->service);
	free(session->tty);
	free(session->from);
	free(session->by);
	free(session);
}

static void
free_user(struct user *user)
{
	uint32_t i;

	opener_clear(&user->waits_for);
	free(user->name);
	for (i = 0; i < user->n_groups; i++)
		free(user->groups[i]);
	free(user->groups);
	free(user->ranges);
	free(user);
}

void
table_free(struct table *table)
{
	if (!table)
		return;
	while (table->n_users)
		table_remove_user(table, table->users[table->n_users - 1].user);
	free(table->users);
	ranges_free(&table->ranges);
	free(table);
}

/* Where the first user is whose uid is not below that one. */
static uint32_t
place_of(const struct table *table, uint32_t uid)
{
	uint32_t low = 0, high = table->n_users, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (table->users[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct user *
table_find_user(const struct table *table, uint32_t uid)
{
	uint32_t at = place_of(table, uid);

	return at < table->n_users && table->users[at].uid == uid ? table->users[at].user : NULL;
}

/* False where there is no memory, or that uid is there already. */
static bool
put_user(struct table *table, struct user *user)
{
	uint32_t at = place_of(table, user->uid);
	struct place *users;

	if (at < table->n_users && table->users[at].uid == user->uid)
		return false;
	users = room_for(table->users, table->n_users, &table->users_room, sizeof(*users));
	if (!users)
		return false;
	table->users = users;
	memmove(&users[at + 1], &users[at], (table->n_users - at) * sizeof(*users));
	users[at] = (struct place){ user->uid, user };
	table->n_users++;
	return true;
}

static void
take_user(struct table *table, const struct user *user)
{
	uint32_t at = place_of(table, user->uid);

	table->n_users--;
	memmove(&table->users[at], &table->users[at + 1],
	    (table->n_users - at) * sizeof(*table->users));
}

struct session *
table_find_session(const struct table *table, uint64_t id)
{
	const struct session key = { .name.id = id };
	struct session **found = tfind(&key, &table->sessions, by_id);

	return found ? *found : NULL;
}

struct user *
table_first(const struct table *table)
{
	return table->first;
}

void
table_each(const struct table *table, bool (*visit)(struct user *user, void *data), void *data)
{
	uint32_t i;

	for (i = 0; i < table->n_users; i++)
		if (!visit(table->users[i].user, data))
			return;
}

struct overlap {
	const struct uid_range *ranges;
	uint32_t n;
	uint32_t but;
	const struct user *found;
};

/* A user may have let go of a range since: those that they have now count. */
static bool
overlaps(const void *owner, void *data)
{
	const struct user *user = owner;
	struct overlap *overlap = data;
	uint32_t n = user->is_free ? 1 : user->n_ranges, i, k;

	if (user->uid == overlap->but)
		return true;
	for (i = 0; i < n; i++)
		for (k = 0; k < overlap->n; k++)
			if (user->ranges[i].first <= overlap->ranges[k].last &&
			    overlap->ranges[k].first <= user->ranges[i].last)
				overlap->found = user;
	return !overlap->found;
}

const struct user *
table_overlap(const struct table *table, const struct uid_range *ranges, uint32_t n, uint32_t but)
{
	struct overlap overlap = { ranges, n, but, NULL };
	uint32_t i;

	for (i = 0; i < n && !overlap.found; i++)
		ranges_overlap(&table->ranges, &ranges[i], overlaps, &overlap);
	return overlap.found;
}

/* Those that they have let go of stay in the index, and are of no account there. */
static bool
yield(const void *owner, void *data)
{
	const struct table *const *table = data;
	struct user *user = table_find_user(*table, ((const struct user *)owner)->uid);

	if (user && user->is_free)
		user->n_ranges = 1;
	return true;
}

void
table_yield(const struct table *table, const struct uid_range *ranges, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		ranges_overlap(&table->ranges, &ranges[i], yield, &table);
}

struct around {
	uint32_t uid;
	struct uid_range *range;
};

/* A subordinate range of one who is free is nobody's. */
static bool
widen(const void *owner, void *data)
{
	const struct user *user = owner;
	const struct around *around = data;
	uint32_t i;

	for (i = 1; user->is_free && i < user->n_ranges; i++)
		if (around->uid >= user->ranges[i].first && around->uid <= user->ranges[i].last)
			*around->range = user->ranges[i];
	return true;
}

const struct user *
table_owner(const struct table *table, uint32_t uid, struct uid_range *range)
{
	const struct uid_range alone = { uid, uid };
	struct around around = { uid, range };
	const struct user *user;
	uint32_t i;

	if (ranges_gap(&table->ranges, uid, range))
		return NULL;
	*range = alone;
	user = table_overlap(table, &alone, 1, 0);
	if (!user) {
		ranges_overlap(&table->ranges, &alone, widen, &around);
		if (table_overlap(table, range, 1, 0))
			*range = alone;
	}
	for (i = 0; user && i < user->n_ranges; i++)
		if (uid >= user->ranges[i].first && uid <= user->ranges[i].last)
			*range = user->ranges[i];
	return user;
}

uint32_t
table_users(const struct table *table)
{
	return table->n_users;
}

uint32_t
table_sessions(const struct table *table)
{
	return table->n_sessions;
}

struct user *
table_add_user(struct table *table, struct open_request *request)
{
	cleanup_free struct user *user = calloc(1, sizeof(*user));
	cleanup_free struct uid_range *ranges =
	    calloc(request->n_ranges + 1, sizeof(struct uid_range));
	uint32_t i;

	if (!user || !ranges)
		return NULL;
	user->uid = request->uid;
	ranges[0] = (struct uid_range){ request->uid, request->uid };
	if (request->n_ranges)
		memcpy(&ranges[1], request->ranges, request->n_ranges * sizeof(*ranges));
	if (!put_user(table, user))
		return NULL;
	for (i = 0; i <= request->n_ranges; i++) {
		if (ranges_add(&table->ranges, &ranges[i], user))
			continue;
		ranges_remove(&table->ranges, user);
		take_user(table, user);
		return NULL;
	}
	user->table = table;
	user->next = table->first;
	if (user->next)
		user->next->previous = user;
	table->first = user;
	user->gid = request->gid;
	user->policy = user->planned = WHO_NO_POLICY;
	user->waits_for.pidfd = -1;
	user->name = steal_pointer(&request->user);
	user->n_groups = request->n_groups;
	user->groups = steal_pointer(&request->groups);
	request->n_groups = 0;
	user->n_ranges = request->n_ranges + 1;
	user->ranges = steal_pointer(&ranges);
	user->since = time(NULL);
	user->begun_ms = wire_clock_boot_ms();
	user->revision = 1;
	return steal_pointer(&user);
}

static bool
has_range(const struct user *user, const struct uid_range *range)
{
	uint32_t i;

	for (i = 0; i < user->n_ranges; i++)
		if (user->ranges[i].first <= range->first && range->last <= user->ranges[i].last)
			return true;
	return false;
}

static bool
in_groups(const struct open_request *request, const char *group)
{
	uint32_t i;

	for (i = 0; i < request->n_groups; i++)
		if (!strcmp(request->groups[i], group))
			return true;
	return false;
}

bool
table_keep_groups(const struct user *user, struct open_request *request)
{
	char **grown;
	uint32_t i;

	for (i = 0; i < user->n_groups; i++) {
		if (in_groups(request, user->groups[i]))
			continue;
		grown = reallocarray(request->groups, request->n_groups + 1, sizeof(*grown));
		if (!grown)
			return false;
		request->groups = grown;
		grown[request->n_groups] = strdup(user->groups[i]);
		if (!grown[request->n_groups])
			return false;
		request->n_groups++;
	}
	return true;
}

bool
table_renew_user(struct user *user, struct open_request *request)
{
	struct uid_range *grown;
	char **groups = user->groups;
	uint32_t i, n_groups = user->n_groups;

	for (i = 0; i < request->n_ranges; i++) {
		if (has_range(user, &request->ranges[i]))
			continue;
		/* More than a record may hold would be lost with it. */
		if (user->n_ranges > PROTOCOL_RANGES_MAX)
			return false;
		grown = reallocarray(user->ranges, user->n_ranges + 1, sizeof(*grown));
		if (!grown)
			return false;
		user->ranges = grown;
		if (!ranges_add(&user->table->ranges, &request->ranges[i], user))
			return false;
		grown[user->n_ranges++] = request->ranges[i];
		user->revision++;
	}
	user->groups = request->groups;
	user->n_groups = request->n_groups;
	request->groups = groups;
	request->n_groups = n_groups;
	return true;
}

void
table_remove_user(struct table *table, struct user *user)
{
	while (user->sessions)
		table_remove_session(table, user->sessions);
	take_user(table, user);
	ranges_remove(&table->ranges, user);
	if (user->next)
		user->next->previous = user->previous;
	if (user->previous)
		user->previous->next = user->next;
	else
		table->first = user->next;
	free_user(user);
}

struct session *
table_add_session(struct table *table, struct user *user, const struct session_name *name,
    struct open_request *request)
{
	struct session *session = calloc(1, sizeof(*session)), **place;

	if (!session)
		return NULL;
	session->name = *name;
	place = tsearch(session, &table->sessions, by_id);
	if (!place || *place != session) {
		free(session);
		return NULL;
	}
	session->user = user;
	session->next = user->sessions;
	user->sessions = session;
	user->n_sessions++;
	table->n_sessions++;
	session->opener.pidfd = -1;
	session->service = steal_pointer(&request->service);
	session->tty = steal_pointer(&request->tty);
	session->from = steal_pointer(&request->from);
	session->by = steal_pointer(&request->by);
	session->since = time(NULL);
	return session;
}

void
table_remove_session(struct table *table, struct session *session)
{
	struct session **link = &session->user->sessions;

	while (*link != session)
		link = &(*link)->next;
	*link = session->next;
	session->user->n_sessions--;
	table->n_sessions--;
	tdelete(session, &table->sessions, by_id);
	free_session(session);
}
