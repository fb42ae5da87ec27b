/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grants/front.h"

#include <stdlib.h>
#include <string.h>

struct front
front_begin(const struct grants *grants, const struct rules *rules)
{
	return (struct front){
		.grants = grants,
		.rules = rules,
		.revision = grants ? grants_revision(grants) : 0,
	};
}

void
front_end(struct front *front)
{
	free(front->users);
	memset(front, 0, sizeof(*front));
}

/* The id of the user's first grant, or 0. */
static uint32_t
first_of(const struct grants *grants, uint32_t uid, const char *user)
{
	uint32_t n = 0, i;
	struct grant *const *list = grants ? grants_of(grants, uid, &n) : NULL;

	for (i = 0; i < n; i++)
		if (grant_is_for(list[i], uid, user))
			return list[i]->id;
	return 0;
}

uint32_t
front_policy(struct front *front, uint32_t uid, const char *user, uint32_t policy)
{
	uint32_t grant = first_of(front->grants, uid, user);
	struct front_user *grown;

	if (!grant)
		return policy;
	/* There are never many of them, and one is there at once. */
	grown = reallocarray(front->users, front->n + 1, sizeof(*grown));
	if (!grown) {
		front->failed = true;
		return policy;
	}
	front->users = grown;
	grown[front->n] = (struct front_user){ uid, policy, grant };
	return front->rules->n_policies + front->n++;
}

bool
front_is(const struct front *one, const struct front *other)
{
	return !one->failed && !other->failed && one->rules == other->rules &&
	       one->revision == other->revision && one->n == other->n &&
	       (!one->n || !memcmp(one->users, other->users, one->n * sizeof(*one->users)));
}

bool
front_knows(const struct front *front, uint32_t uid)
{
	uint32_t n = 0, i;

	for (i = 0; i < front->n; i++)
		if (front->users[i].uid == uid)
			return true;
	if (front->grants)
		grants_of(front->grants, uid, &n);
	return n > 0;
}

static bool
copy_rule(struct arena *arena, const struct rule *from, struct rule *to)
{
	uint32_t i;
	int family;

	*to = *from;
	to->what = arena_new_of(arena, from->n_what, struct what);
	for (i = 0; to->what && i < from->n_what; i++) {
		const struct what *what = &from->what[i];

		to->what[i] = *what;
		to->what[i].ports = arena_new_of(arena, what->n_ports, struct ports);
		if (!to->what[i].ports)
			return false;
		if (what->n_ports)
			memcpy(
			    to->what[i].ports, what->ports, what->n_ports * sizeof(*what->ports));
	}
	for (family = 0; family < FAMILIES; family++) {
		to->to[family] = arena_new_of(arena, from->n_to[family], struct address_range);
		if (!to->to[family])
			return false;
		if (from->n_to[family])
			memcpy(to->to[family], from->to[family],
			    from->n_to[family] * sizeof(**from->to));
	}
	return to->what != NULL;
}

/* A copy: what an engine holds is its own until the next commit is done. NULL: no memory. */
static struct policy *
in_front(const struct grants *grants, uint32_t uid, const char *user, const struct policy *policy,
    struct arena *arena)
{
	struct policy *front = arena_new_of(arena, 1, struct policy);
	uint32_t n, i;
	struct grant *const *list = grants_of(grants, uid, &n);
	struct rule *granted = arena_new_of(arena, n, struct rule);

	if (!front || !granted)
		return NULL;
	*front = *policy;
	front->granted = granted;
	front->behind = policy;
	for (i = 0; i < n; i++) {
		if (!grant_is_for(list[i], uid, user))
			continue;
		if (!copy_rule(arena, &list[i]->rule, &granted[front->n_granted]))
			return NULL;
		granted[front->n_granted++].line = list[i]->id;
	}
	return front;
}

static const struct policy *
of_user(const struct front *front, const struct front_user *user, struct arena *arena)
{
	const struct grant *grant = grants_find(front->grants, user->grant);
	struct policy *policy = grant ? in_front(front->grants, user->uid, grant->user,
					    front->rules->policies[user->policy], arena)
				      : NULL;

	if (!policy)
		return NULL;
	/* What a chain is called hangs on the last part; there is no such name in rules. */
	policy->name = arena_printf(arena, "grants/grants-%u", (unsigned int)user->uid);
	return policy->name ? policy : NULL;
}

struct rules *
front_rules(const struct front *front, struct rules *rules, uint64_t generation)
{
	struct arena *arena;
	const struct policy **more;
	uint32_t i;

	if (front->failed)
		return NULL;
	if (!front->n)
		return rules_hold(rules);
	arena = arena_new();
	more = arena ? arena_new_of(arena, front->n, const struct policy *) : NULL;
	for (i = 0; more && i < front->n; i++) {
		more[i] = of_user(front, &front->users[i], arena);
		if (!more[i])
			more = NULL;
	}
	if (more)
		return rules_extend(rules, arena, more, front->n, generation);
	arena_free(arena);
	return NULL;
}

const struct policy *
front_one(const struct grants *grants, uint32_t uid, const char *user, const struct policy *policy,
    struct arena *arena)
{
	return first_of(grants, uid, user) ? in_front(grants, uid, user, policy, arena) : policy;
}
