/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One generation of rules, kept as long as somebody uses it: the ones in force, and beside them
 * for the time of a commit the ones that are to follow.
 */
#ifndef NETFENCE_RULES_H
#define NETFENCE_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "policy/ruleset.h"

struct rules {
	struct rules *base;  /* of rules_extend(), held; or NULL */
	struct arena *arena; /* with it */
	struct ruleset *set;
	uint32_t n_policies;
	const struct policy **policies; /* set's, as a fence_plan has them, behind them one more: */
	uint32_t closed;                /* the index of the policy that lets nothing out */
	struct policy closed_policy;
	uint64_t generation; /* from 1, each another */
	time_t since;
	unsigned int references;
};

/* Takes over the set. One reference, the caller's. NULL where there is no memory: the set is
 * freed. */
struct rules *rules_new(struct ruleset *set, uint64_t generation);

/* The same with n policies more, which lie behind the others, indices unchanged. Takes the arena
 * over, which holds them; the list itself is copied. NULL where there is no memory: the arena is
 * freed. */
struct rules *rules_extend(struct rules *base, struct arena *arena,
    const struct policy *const *more, uint32_t n, uint64_t generation);

struct rules *rules_hold(struct rules *rules); /* returns it; NULL stays NULL */
void rules_release(struct rules *rules);       /* NULL is allowed */

/* Whether two policies of one name would do the same. False also where memory runs out. */
bool rules_same_policy(const struct policy *one, const struct policy *other);

/* Whether the two would do the same, line numbers aside. False also where memory runs out. */
bool rules_equal(const struct ruleset *one, const struct ruleset *other);

#endif
