/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the name service knows of a configuration: whether those whom it names are there, and
 * whether two of its entries are about the same person.
 */
#ifndef NETFENCE_POLICY_PEOPLE_H
#define NETFENCE_POLICY_PEOPLE_H

#include "policy/ruleset.h"

/*
 * Whom to ask; each may block. A negative errno says that nobody could tell.
 * user     1 and *uid where there is one of that name, 0 where there is none
 * group    1 or 0
 * members  calls `each` with the name of every member, be it their primary group or not; stops with
 *          what `each` returns where that is not 0. 0 at the end
 */
struct people {
	void *context;
	int (*user)(void *context, const char *name, uint32_t *uid);
	int (*group)(void *context, const char *name);
	int (*members)(void *context, const char *group,
	    int (*each)(const char *member, void *data), void *data);
};

/*
 * Adds to the ruleset's report: a warning of names that nobody bears, and of groups of one
 * precedence that share a member; an error where two names of one uid are to be treated
 * differently. 0, -EINVAL where the report now holds an error, or -ENOMEM.
 */
int people_check(struct ruleset *ruleset, const struct people *people, struct why *why);

/* The host's own: getpwnam(3), getgrnam(3), getpwent(3). Not for a process that must not wait. */
extern const struct people people_of_host;

#endif
