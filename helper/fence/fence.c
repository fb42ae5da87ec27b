/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/fence.h"

#include <errno.h>

uint32_t
fence_plan_behind(const struct fence_plan *plan, uint32_t policy)
{
	uint32_t i;

	for (i = 0; plan->policies[policy]->behind && i < policy; i++)
		if (plan->policies[i] == plan->policies[policy]->behind)
			return i;
	return plan->n_policies;
}

int
fence_plan_check(const struct fence_plan *plan, struct why *why)
{
	const struct fence *fence;
	uint32_t i;

	for (i = 0; i < plan->n_fences; i++) {
		fence = &plan->fences[i];
		/* UINT32_MAX is no uid: the kernel would refuse the whole table. */
		if (fence->first == 0 || fence->first > fence->last || fence->last == UINT32_MAX)
			return why_set(why, EINVAL, "uids %u to %u cannot be fenced",
			    (unsigned int)fence->first, (unsigned int)fence->last);
		if (i > 0 && fence->first <= fence[-1].last)
			return why_set(why, EINVAL, "fences of uids %u and %u are out of order",
			    (unsigned int)fence[-1].first, (unsigned int)fence->first);
		if (fence->policy >= plan->n_policies)
			return why_set(why, EINVAL, "fence of uid %u: there is no policy %u",
			    (unsigned int)fence->first, (unsigned int)fence->policy);
		if (plan->policies[fence->policy]->behind &&
		    fence_plan_behind(plan, fence->policy) == plan->n_policies)
			return why_set(why, EINVAL, "fence of uid %u: nothing is behind policy %u",
			    (unsigned int)fence->first, (unsigned int)fence->policy);
	}
	return 0;
}
