/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the uids of the users to be fenced to the sorted list that a fence_plan holds. Pure.
 */
#ifndef NETFENCE_PLAN_H
#define NETFENCE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fence/fence.h"
#include "wire/message.h"

/*
 * Begin with all zero; plan_free() lets go of it.
 * closed  the policy of uids that were added under two policies: one that lets nothing out
 * shared  the first of these, after plan_finish(); 0-0: none
 */
struct plan {
	struct fence *fences;
	uint32_t n;
	uint32_t size;
	bool failed; /* no memory; sticks */
	uint32_t closed;
	struct uid_range shared;
};

/* Adds the uids from `first` to `last`, both included, in any order of calls. */
void plan_add(struct plan *plan, uint32_t first, uint32_t last, uint32_t policy);

/* Sorts, and joins what touches under one policy. Two users who have uids in common must not keep
 * everybody else from a fence: of theirs only the common ones are shut. -ENOMEM, also after a
 * failed plan_add(): then the plan must not be used. */
int plan_finish(struct plan *plan);

void plan_free(struct plan *plan);

#endif
