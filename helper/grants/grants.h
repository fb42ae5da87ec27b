/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was granted to whom, until when: the list that netfenced keeps. It holds data only; what
 * happens when is granting.c's.
 */
#ifndef NETFENCE_GRANTS_H
#define NETFENCE_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include "asker.h"
#include "base/arena.h"
#include "base/why.h"
#include "netfence/rule.h"
#include "term.h"

/* Bounds. */
#define GRANTS_MAX          POLICY_FRONTS_MAX  /* in all */
#define GRANTS_OF_USER_MAX  POLICY_GRANTED_MAX /* one user's */
#define GRANT_ADDRESSES_MAX 256                /* ranges in one grant */
#define GRANT_WHATS_MAX     64                 /* protocols, and types of ICMP, in one grant */
#define GRANT_PORTS_MAX     256                /* ranges of ports in one grant */
#define GRANT_REASON_MAX    255                /* bytes */
#define GRANT_SECONDS_MAX   (30U * 86400)      /* how long one may last */

/*
 * user, uid  both have to be those of whoever is fenced: a uid may be given to another account
 * what, where  as they were typed
 * rule    what that meant by the names of then
 * reason  as it was given, or ""
 * by      who granted it, or made it last longer
 * since   seconds since 1970
 *
 * A grant and all that it points to lie in its arena.
 */
struct grant {
	struct arena *arena;
	uint32_t id; /* from 1, each another; 0 until it is in a list */
	const char *user;
	uint32_t uid;
	const char *what;
	const char *where;
	struct rule rule;
	const char *reason;
	struct asker by;
	int64_t since;
	struct term term;
};

struct grant *grant_new(void);        /* all zero but its arena; the caller's; NULL: no memory */
void grant_free(struct grant *grant); /* NULL is allowed */

/* Whether the grant is for somebody whom that name and uid stand for. */
bool grant_is_for(const struct grant *grant, uint32_t uid, const char *user);

struct grants;

struct grants *grants_new(void);         /* the caller's; NULL where there is no memory */
void grants_free(struct grants *grants); /* with all that are in it; NULL is allowed */

/* Takes the grant over and, where it has no id, gives it one. -E2BIG with words for the
 * administrator where there are too many, -EEXIST where that id is taken, -ENOMEM; then it is still
 * the caller's. */
int grants_add(struct grants *grants, struct grant *grant, struct why *why);

/* Takes it out, and it is the caller's. */
struct grant *grants_remove(struct grants *grants, uint32_t id); /* NULL: there is none */

/* Puts one with the same id, user and rule in the place of another, which is then the caller's. */
struct grant *grants_replace(struct grants *grants, struct grant *grant);

const struct grant *grants_find(const struct grants *grants, uint32_t id); /* or NULL */

/* The one that lets the same user reach the same, or NULL. */
const struct grant *grants_find_same(const struct grants *grants, const struct grant *grant);

/* Those of a user, n of them, in the order of their ids; valid until the list changes. */
struct grant *const *grants_of(const struct grants *grants, uint32_t uid, uint32_t *n);

/* All of them, in the order of uids, then ids. */
struct grant *const *grants_all(const struct grants *grants, uint32_t *n);

/* The last id that was given, which a list that is read again goes on from. */
uint32_t grants_last_id(const struct grants *grants);
void grants_set_last_id(struct grants *grants, uint32_t id);

/* Changes when other rules are granted to somebody; how long they last does not matter to it. */
uint64_t grants_revision(const struct grants *grants);

#endif
