/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"

void
plan_add(struct plan *plan, uint32_t first, uint32_t last, uint32_t policy)
{
	struct fence *fences;

	if (plan->failed)
		return;
	fences = room_for(plan->fences, plan->n, &plan->size, sizeof(*fences));
	if (!fences) {
		plan->failed = true;
		return;
	}
	plan->fences = fences;
	fences[plan->n++] = (struct fence){ first, last, policy };
}

static int
by_first(const void *left, const void *right)
{
	const struct fence *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

/* What comes from claims.c is so already. */
static void
sort(struct plan *plan)
{
	uint32_t i;

	for (i = 1; i < plan->n; i++)
		if (plan->fences[i].first < plan->fences[i - 1].first)
			break;
	if (i < plan->n)
		qsort(plan->fences, plan->n, sizeof(*plan->fences), by_first);
}

/* Under two policies, of `kept` and of `next`: the common uids are shut, what each has beside them
 * goes back in line. */
static void
part(struct plan *plan, uint32_t kept, uint32_t next)
{
	const struct fence a = plan->fences[kept], b = plan->fences[next];
	const uint32_t last = a.last < b.last ? a.last : b.last;

	if (!plan->shared.first)
		plan->shared = (struct uid_range){ b.first, last };
	plan->n -= next - kept;
	memmove(&plan->fences[kept + 1], &plan->fences[next + 1],
	    (plan->n - kept - 1) * sizeof(*plan->fences));
	plan->fences[kept] = (struct fence){ b.first, last, plan->closed };
	if (a.first < b.first)
		plan_add(plan, a.first, b.first - 1, a.policy);
	if (a.last > last)
		plan_add(plan, last + 1, a.last, a.policy);
	if (b.last > last)
		plan_add(plan, last + 1, b.last, b.policy);
}

/* False where two policies met: then once more from the beginning. */
static bool
join(struct plan *plan)
{
	struct fence *kept = plan->fences;
	uint32_t i;

	sort(plan);
	for (i = 1; i < plan->n; i++) {
		const struct fence *next = &plan->fences[i];

		if (next->policy == kept->policy &&
		    (next->first <= kept->last || next->first == kept->last + 1)) {
			if (next->last > kept->last)
				kept->last = next->last;
			continue;
		}
		if (next->first <= kept->last) {
			part(plan, (uint32_t)(kept - plan->fences), i);
			return false;
		}
		*++kept = *next;
	}
	plan->n = (uint32_t)(kept - plan->fences) + 1;
	return true;
}

int
plan_finish(struct plan *plan)
{
	plan->shared = (struct uid_range){ 0, 0 };
	while (!plan->failed && plan->n && !join(plan))
		;
	return plan->failed ? -ENOMEM : 0;
}

void
plan_free(struct plan *plan)
{
	free(plan->fences);
	memset(plan, 0, sizeof(*plan));
}
