/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/person.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/names.h"

enum ctl_exit
person_unknown(const char *kind, const char *name, const char *nearly)
{
	if (nearly)
		fprintf(stderr, "netfencectl: there is no %s \"%s\": did you mean \"%s\"?\n", kind,
		    name, nearly);
	else
		fprintf(stderr, "netfencectl: there is no %s \"%s\"\n", kind, name);
	return CTL_USAGE;
}

/* A directory may have too many accounts to go through, or not tell them at all: what it shows of
 * itself will do. */
#define ACCOUNTS_MAX 10000

static enum ctl_exit
unknown_user(const char *name, const struct ruleset *set)
{
	struct nearest nearest = { .wanted = name };
	const struct passwd *account;
	char *best = NULL;
	unsigned int i;
	bool named = false;

	for (i = 0; set && i < set->who.n_users; i++) {
		named = named || strcmp(set->who.users[i].name, name) == 0;
		nearest_offer(&nearest, set->who.users[i].name);
	}
	if (named) {
		fprintf(stderr,
		    "netfencectl: the rules have a user \"%s\", but this host does not know one\n",
		    name);
		return CTL_USAGE;
	}
	setpwent();
	for (i = 0; i < ACCOUNTS_MAX && (account = getpwent()); i++) {
		const char *before = nearest.best;

		nearest_offer(&nearest, account->pw_name);
		/* What getpwent() gave is gone with the next call. */
		if (nearest.best != before) {
			free(best);
			nearest.best = best = strdup(nearest.best);
		}
	}
	endpwent();
	person_unknown("user", name, nearest.best);
	free(best);
	return CTL_USAGE;
}

enum ctl_exit
person_find(const char *name, const struct ruleset *set, struct identity *identity)
{
	struct why why = { "" };
	int result = identity_find(name, identity, &why);

	if (result == -ESRCH)
		return unknown_user(name, set);
	if (result == 0) {
		result = identity_find_groups(identity, &why);
		if (result < 0)
			identity_clear(identity);
	}
	if (result == 0)
		return CTL_YES;
	fprintf(stderr, "netfencectl: %s\n", why.text);
	return CTL_USAGE;
}
