/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/known.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "netfence/protocol.h"

#define KNOWN_MAGIC UINT64_C(0x31307370756f7267) /* "groups01" */

struct known {
	void *users; /* tsearch(3) tree by name */
	uint32_t n;
};

static int
by_name(const void *left, const void *right)
{
	const struct known_user *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void
free_user(void *node)
{
	struct known_user *user = node;
	uint32_t i;

	for (i = 0; i < user->n_groups; i++)
		free(user->groups[i]);
	free(user->groups);
	free(user->name);
	free(user);
}

struct known *
known_new(void)
{
	return calloc(1, sizeof(struct known));
}

void
known_free(struct known *known)
{
	if (!known)
		return;
	tdestroy(known->users, free_user);
	free(known);
}

static struct known_user *
find(const struct known *known, const char *name)
{
	const struct known_user key = { .name = (char *)(uintptr_t)name };
	struct known_user **found = tfind(&key, &known->users, by_name);

	return found ? *found : NULL;
}

const struct known_user *
known_find(const struct known *known, const char *user)
{
	return find(known, user);
}

static struct known_user *
add_user(struct known *known, const char *name)
{
	struct known_user *user = calloc(1, sizeof(*user));

	if (user)
		user->name = strdup(name);
	if (!user || !user->name || !tsearch(user, &known->users, by_name)) {
		if (user)
			free_user(user);
		return NULL;
	}
	known->n++;
	return user;
}

static void
remove_user(struct known *known, struct known_user *user)
{
	tdelete(user, &known->users, by_name);
	known->n--;
	free_user(user);
}

static uint32_t
place_of(const struct known_user *user, const char *group)
{
	uint32_t i;

	for (i = 0; i < user->n_groups; i++)
		if (!strcmp(user->groups[i], group))
			break;
	return i;
}

static int
add_group(struct known_user *user, const char *group)
{
	cleanup_free char *copy = strdup(group);
	char **grown = reallocarray(user->groups, user->n_groups + 1, sizeof(*grown));

	if (grown)
		user->groups = grown;
	if (!copy || !grown)
		return -ENOMEM;
	grown[user->n_groups++] = steal_pointer(&copy);
	return 1;
}

int
known_learn(struct known *known, const char *name, const char *group)
{
	struct known_user *user = find(known, name);
	int result;

	if (user && place_of(user, group) < user->n_groups)
		return 0;
	if (user ? user->n_groups == KNOWN_GROUPS_MAX : known->n == KNOWN_USERS_MAX)
		return -ENOSPC;
	if (!user)
		user = add_user(known, name);
	result = user ? add_group(user, group) : -ENOMEM;
	if (user && !user->n_groups)
		remove_user(known, user);
	return result;
}

bool
known_forget(struct known *known, const char *name, const char *group)
{
	struct known_user *user = find(known, name);
	uint32_t place = user ? place_of(user, group) : 0;

	if (!user || place == user->n_groups)
		return false;
	free(user->groups[place]);
	user->groups[place] = user->groups[--user->n_groups];
	if (!user->n_groups)
		remove_user(known, user);
	return true;
}

static void
put_user(const void *node, VISIT when, void *data)
{
	const struct known_user *user = *(struct known_user *const *)node;
	struct wire_out *out = data;
	uint32_t i;

	if (when != postorder && when != leaf)
		return;
	wire_put_string(out, user->name);
	wire_put_u32(out, user->n_groups);
	for (i = 0; i < user->n_groups; i++)
		wire_put_string(out, user->groups[i]);
}

void
known_put(struct wire_out *out, const struct known *known)
{
	wire_put_u64(out, KNOWN_MAGIC);
	wire_put_u32(out, known->n);
	twalk_r(known->users, put_user, out);
}

bool
known_get(struct wire_in *in, struct known *known)
{
	uint32_t n, n_groups, i;

	if (wire_get_u64(in) != KNOWN_MAGIC)
		return false;
	n = wire_get_count(in, KNOWN_USERS_MAX, sizeof(uint32_t));
	for (; n && !in->failed; n--) {
		cleanup_free char *name = wire_get_string(in, PROTOCOL_NAME_MAX);

		n_groups = wire_get_count(in, KNOWN_GROUPS_MAX, sizeof(uint32_t));
		for (i = 0; i < n_groups && !in->failed; i++) {
			cleanup_free char *group = wire_get_string(in, PROTOCOL_NAME_MAX);

			if (!name || !group || known_learn(known, name, group) < 0)
				return false;
		}
	}
	return wire_in_done(in);
}
