/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which uids are to be fenced, by which policy, and for whom: what plans are made of. Kept from one
 * plan to the next, of which most differ in a user or two. Pure.
 */
#ifndef NETFENCE_CLAIMS_H
#define NETFENCE_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "fence/plan.h"

/* The uids from `first` to `last`, both included. owner: the uid of the user they belong to. */
struct claim {
	uint32_t first;
	uint32_t last;
	uint32_t policy;
	uint32_t owner;
};

/* Begin with all zero; claims_free() lets go of it. */
struct claims {
	struct claim *list;
	uint32_t n;
	uint32_t size;
	uint32_t n_sorted; /* the first of them, by their first uids */
	bool failed;       /* no memory; until claims_clear() */
};

void claims_clear(struct claims *claims); /* of everybody; the memory is kept */
void claims_free(struct claims *claims);

/* Takes out all that belong to one of n owners, which are sorted. */
void claims_drop(struct claims *claims, const uint32_t *owners, uint32_t n);

void claims_add(
    struct claims *claims, uint32_t first, uint32_t last, uint32_t policy, uint32_t owner);

/* Adds all of them to the plan and finishes it. -ENOMEM, also after a failed claims_add(). */
int claims_plan(struct claims *claims, struct plan *plan);

#endif
