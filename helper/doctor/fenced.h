/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom the rules fence, as the name service knows them.
 */
#ifndef NETFENCE_DOCTOR_FENCED_H
#define NETFENCE_DOCTOR_FENCED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "policy/ruleset.h"

#define FENCED_MAX 500 /* users who are looked at one by one */

/*
 * policy  the ruleset's
 * flaw    why their subordinate uids cannot be fenced, or ""
 */
struct fenced_user {
	char *name;
	uint32_t uid;
	char *home;
	uint32_t n_groups;
	char **groups;
	const struct policy *policy;
	char *flaw;
};

/* Another name of a fenced user's uid, under which the rules treat them differently. */
struct fenced_twin {
	char *name;
	char *twin;
};

#define FENCED_TWINS_MAX 100

/* more: so many may be fenced beyond FENCED_MAX, whom nobody has looked at. */
struct fenced {
	uint32_t n;
	struct fenced_user *users;
	uint32_t more;
	uint32_t n_twins;
	struct fenced_twin *twins;
	char *text; /* what the names above point into */
};

/* Asks the name service, in a process of its own that may take timeout_ms. -ETIMEDOUT where it
 * does not answer; -ENOMEM; others as host_child() has them. fenced_free() either way. */
int fenced_find(
    const struct ruleset *set, int64_t timeout_ms, struct fenced *fenced, struct why *why);
void fenced_free(struct fenced *fenced);

/* NULL where the rules do not fence them, or nobody looked. */
const struct fenced_user *fenced_by_name(const struct fenced *fenced, const char *name);
const struct fenced_user *fenced_by_uid(const struct fenced *fenced, uint32_t uid);

bool fenced_in_group(const struct fenced_user *user, const char *group);

/* Reads what fenced_find()'s child has said; the text is cut up, and what is found points into it.
 * -EPROTO: it is not whole, and nobody can be told from it. */
int fenced_parse(const struct ruleset *set, char *text, struct fenced *fenced, struct why *why);

#endif
