/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "grants/grants.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sorted by uid, then id: a commit asks of each fenced user. */
struct grants {
	struct grant **list;
	uint32_t n;
	uint32_t last_id;
	uint64_t revision;
};

struct grant *
grant_new(void)
{
	struct arena *arena = arena_new();
	struct grant *grant = arena ? arena_new_of(arena, 1, struct grant) : NULL;

	if (!grant) {
		arena_free(arena);
		return NULL;
	}
	grant->arena = arena;
	return grant;
}

void
grant_free(struct grant *grant)
{
	if (grant)
		arena_free(grant->arena);
}

bool
grant_is_for(const struct grant *grant, uint32_t uid, const char *user)
{
	return grant->uid == uid && strcmp(grant->user, user) == 0;
}

struct grants *
grants_new(void)
{
	struct grants *grants = calloc(1, sizeof(*grants));

	if (!grants)
		return NULL;
	grants->list = calloc(GRANTS_MAX, sizeof(struct grant *));
	if (!grants->list) {
		free(grants);
		return NULL;
	}
	return grants;
}

void
grants_free(struct grants *grants)
{
	uint32_t i;

	if (!grants)
		return;
	for (i = 0; i < grants->n; i++)
		grant_free(grants->list[i]);
	free(grants->list);
	free(grants);
}

/* Where the first of that uid stands, or would. */
static uint32_t
begin_of(const struct grants *grants, uint32_t uid)
{
	uint32_t low = 0, high = grants->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (grants->list[middle]->uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint32_t
place_of(const struct grants *grants, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < grants->n; i++)
		if (grants->list[i]->id == id)
			break;
	return i;
}

int
grants_add(struct grants *grants, struct grant *grant, struct why *why)
{
	uint32_t n, at = begin_of(grants, grant->uid);

	if (grants->n == GRANTS_MAX)
		return why_set(why, E2BIG, "there are %d grants already", GRANTS_MAX);
	grants_of(grants, grant->uid, &n);
	if (n == GRANTS_OF_USER_MAX)
		return why_set(
		    why, E2BIG, "%s has %d grants already", grant->user, GRANTS_OF_USER_MAX);
	if (grant->id && grants_find(grants, grant->id))
		return why_set(why, EEXIST, "there is a grant %u already", (unsigned int)grant->id);
	if (!grant->id && grants->last_id == UINT32_MAX)
		return why_set(why, E2BIG, "there is no number left for a grant");
	if (!grant->id)
		grant->id = grants->last_id + 1;
	if (grant->id > grants->last_id)
		grants->last_id = grant->id;
	while (at < grants->n && grants->list[at]->uid == grant->uid &&
	       grants->list[at]->id < grant->id)
		at++;
	memmove(&grants->list[at + 1], &grants->list[at], (grants->n - at) * sizeof(*grants->list));
	grants->list[at] = grant;
	grants->n++;
	grants->revision++;
	return 0;
}

struct grant *
grants_remove(struct grants *grants, uint32_t id)
{
	uint32_t at = place_of(grants, id);
	struct grant *grant;

	if (at == grants->n)
		return NULL;
	grant = grants->list[at];
	grants->n--;
	memmove(&grants->list[at], &grants->list[at + 1], (grants->n - at) * sizeof(*grants->list));
	grants->revision++;
	return grant;
}

struct grant *
grants_replace(struct grants *grants, struct grant *grant)
{
	struct grant **place = &grants->list[place_of(grants, grant->id)];
	struct grant *former = *place;

	*place = grant;
	return former;
}

const struct grant *
grants_find(const struct grants *grants, uint32_t id)
{
	uint32_t at = place_of(grants, id);

	return at < grants->n ? grants->list[at] : NULL;
}

static bool
same_what(const struct what *one, const struct what *other)
{
	return one->protocol == other->protocol && one->icmp_type == other->icmp_type &&
	       one->icmp_code == other->icmp_code && one->n_ports == other->n_ports &&
	       (!one->n_ports ||
		   !memcmp(one->ports, other->ports, one->n_ports * sizeof(*one->ports)));
}

/* The reader sorts and joins: what means the same is the same. */
static bool
same_rule(const struct rule *one, const struct rule *other)
{
	uint32_t i;
	int family;

	for (family = 0; family < FAMILIES; family++)
		if (one->n_to[family] != other->n_to[family] ||
		    (one->n_to[family] && memcmp(one->to[family], other->to[family],
					      one->n_to[family] * sizeof(**one->to))))
			return false;
	if (one->n_what != other->n_what)
		return false;
	for (i = 0; i < one->n_what; i++)
		if (!same_what(&one->what[i], &other->what[i]))
			return false;
	return true;
}

const struct grant *
grants_find_same(const struct grants *grants, const struct grant *grant)
{
	uint32_t n, i;
	struct grant *const *list = grants_of(grants, grant->uid, &n);

	for (i = 0; i < n; i++)
		if (grant_is_for(list[i], grant->uid, grant->user) &&
		    same_rule(&list[i]->rule, &grant->rule))
			return list[i];
	return NULL;
}

struct grant *const *
grants_of(const struct grants *grants, uint32_t uid, uint32_t *n)
{
	uint32_t at = begin_of(grants, uid);

	for (*n = 0; at + *n < grants->n && grants->list[at + *n]->uid == uid; ++*n)
		;
	return &grants->list[at];
}

struct grant *const *
grants_all(const struct grants *grants, uint32_t *n)
{
	*n = grants->n;
	return grants->list;
}

uint32_t
grants_last_id(const struct grants *grants)
{
	return grants->last_id;
}

void
grants_set_last_id(struct grants *grants, uint32_t id)
{
	grants->last_id = id;
}

uint64_t
grants_revision(const struct grants *grants)
{
	return grants->revision;
}
