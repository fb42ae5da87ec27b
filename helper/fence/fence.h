/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crosses from main to an engine: which uids ought to be fenced, and by which policy.
 */
#ifndef NETFENCE_FENCE_H
#define NETFENCE_FENCE_H

#include <stdint.h>

#include "base/why.h"
#include "netfence/rule.h"

/* The uids from `first` to `last`, both included, under policies[policy] of the plan. */
struct fence {
	uint32_t first;
	uint32_t last;
	uint32_t policy;
};

/*
 * The whole desired state, the same for both families. `fences` is sorted and free of overlaps;
 * neighbours under one policy are one fence. A plan without fences is "no trace".
 * Only policies that a fence names need to exist in the kernel.
 *
 * generation: as long as it is the same, and not 0, so are the policies.
 *
 * log: what policies want logged goes to that group of netlink's log; else nobody listens, and
 * nothing is logged.
 */
struct fence_plan {
	uint32_t n_policies;
	const struct policy *const *policies;
	uint32_t n_fences;
	const struct fence *fences;
	bool log;
	uint16_t log_group;
	uint64_t generation;
};

/* Which policy stands behind that one, by its number; n_policies: none. */
uint32_t fence_plan_behind(const struct fence_plan *plan, uint32_t policy);

/* -EINVAL for a plan that is not one: fences out of order, overlapping, of root, of a policy that
 * does not exist, or with one behind it that does not. An engine trusts nobody with the tables:
 * main has checked all this as well. */
int fence_plan_check(const struct fence_plan *plan, struct why *why);

#endif
