/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table from names to things, in an arena; it only grows.
 */
#ifndef NETFENCE_POLICY_NAMES_H
#define NETFENCE_POLICY_NAMES_H

#include "base/arena.h"

struct names;

/* NULL where there is no memory; it lives and ends with the arena. */
struct names *names_new(struct arena *arena);

/* The thing of that name, or NULL. */
void *names_get(const struct names *names, const char *name);

/* `name` must live as long as the table and not be in it yet; thing is not NULL. 0 or -ENOMEM. */
int names_put(struct names *names, const char *name, void *thing);

/* The nearest to a name that is not there: start with all zero but `wanted`, offer whatever there
 * is, and read `best`, NULL where nothing was near enough to ask "did you mean". */
struct nearest {
	const char *wanted;
	const char *best;
	unsigned int distance;
};
void nearest_offer(struct nearest *nearest, const char *name);
void nearest_offer_all(struct nearest *nearest, const struct names *names);

#endif
