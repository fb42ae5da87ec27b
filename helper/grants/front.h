/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules with what was granted in front of them: for each user with grants one policy more, in which
 * these come before all that the user's own says.
 */
#ifndef NETFENCE_GRANTS_FRONT_H
#define NETFENCE_GRANTS_FRONT_H

#include "grants/grants.h"
#include "rules.h"

struct front_user {
	uint32_t uid;
	uint32_t policy; /* what there would be without grants */
	uint32_t grant;  /* the id of the first, which tells the user's name */
};

/* For which users, in the order in which they were asked for. front_end() lets go of it. */
struct front {
	const struct grants *grants; /* or NULL */
	const struct rules *rules;
	uint64_t revision; /* of the grants */
	uint32_t n;
	struct front_user *users;
	bool failed; /* no memory; sticks */
};

/* Both stay the caller's, and must be there as long as this. grants: NULL for none. */
struct front front_begin(const struct grants *grants, const struct rules *rules);
void front_end(struct front *front);

/* The index, in front_rules(), of what a user has whom the rules give that policy: another one
 * where there are grants, else the same. Each user is asked for once. */
uint32_t front_policy(struct front *front, uint32_t uid, const char *user, uint32_t policy);

/* Whether the two come to the same rules. */
bool front_is(const struct front *one, const struct front *other);

/* Whether anything is, or was then, granted to the uid. */
bool front_knows(const struct front *front, uint32_t uid);

/* The rules with those policies behind their own; the rules themselves where there are none. The
 * caller's to rules_release(); NULL where there is no memory. generation: used for other ones. */
struct rules *front_rules(const struct front *front, struct rules *rules, uint64_t generation);

/* What one user has under a policy, for answers: the policy itself, or one of the same name in the
 * arena with the grants in front, each with its id as the rule's line. NULL: no memory. */
const struct policy *front_one(const struct grants *grants, uint32_t uid, const char *user,
    const struct policy *policy, struct arena *arena);

#endif
