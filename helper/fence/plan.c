/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
plan_add(struct plan *plan, uint32_t first, uint32_t last, uint32_t policy)
{
	struct fence *grown;
	uint32_t size;

	if (plan->failed)
		return;
	if (plan->n == plan->size) {
		size = plan->size ? plan->size * 2 : 64;
		grown = reallocarray(plan->fences, size, sizeof(*grown));
		if (!grown) {
			plan->failed = true;
			return;
		}
		plan->fences = grown;
		plan->size = size;
	}
	plan->fences[plan->n++] = (struct fence){ first, last, policy };
}

static int
by_first(const void *left, const void *right)
{
	const struct fence *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

int
plan_finish(struct plan *plan)
{
	struct fence *kept;
	uint32_t i;

	if (plan->failed)
		return -ENOMEM;
	if (!plan->n)
		return 0;
	qsort(plan->fences, plan->n, sizeof(*plan->fences), by_first);
	kept = plan->fences;
	for (i = 1; i < plan->n; i++) {
		const struct fence *next = &plan->fences[i];

		if (next->policy == kept->policy &&
		    (next->first <= kept->last || next->first == kept->last + 1)) {
			if (next->last > kept->last)
				kept->last = next->last;
			continue;
		}
		if (next->first <= kept->last)
			return -EEXIST;
		*++kept = *next;
	}
	plan->n = (uint32_t)(kept - plan->fences) + 1;
	return 0;
}

void
plan_free(struct plan *plan)
{
	free(plan->fences);
	memset(plan, 0, sizeof(*plan));
}
