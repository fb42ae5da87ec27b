/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/claims.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/room.h"

void
claims_clear(struct claims *claims)
{
	claims->n = claims->n_sorted = 0;
	claims->failed = false;
}

void
claims_free(struct claims *claims)
{
	free(claims->list);
	*claims = (struct claims){ 0 };
}

static int
by_number(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void
claims_drop(struct claims *claims, const uint32_t *owners, uint32_t n)
{
	uint32_t i, kept = 0, kept_sorted = 0;

	if (!n)
		return;
	for (i = 0; i < claims->n; i++) {
		const uint32_t owner = claims->list[i].owner;

		if (owner >= owners[0] && owner <= owners[n - 1] &&
		    bsearch(&owner, owners, n, sizeof(*owners), by_number))
			continue;
		claims->list[kept++] = claims->list[i];
		kept_sorted += i < claims->n_sorted;
	}
	claims->n = kept;
	claims->n_sorted = kept_sorted;
}

void
claims_add(struct claims *claims, uint32_t first, uint32_t last, uint32_t policy, uint32_t owner)
{
	struct claim *list = room_for(claims->list, claims->n, &claims->size, sizeof(*list));

	if (!list) {
		claims->failed = true;
		return;
	}
	claims->list = list;
	list[claims->n++] = (struct claim){ first, last, policy, owner };
}

static int
by_first(const void *left, const void *right)
{
	const struct claim *a = left, *b = right;

	return (a->first > b->first) - (a->first < b->first);
}

/* The few that are new among the many that were sorted before, from the end. */
static int
merge(struct claims *claims)
{
	const uint32_t n_new = claims->n - claims->n_sorted;
	cleanup_free struct claim *new = calloc(n_new, sizeof(*new));
	uint32_t i = claims->n_sorted, k = n_new, to = claims->n;

	if (!new)
		return -ENOMEM;
	memcpy(new, &claims->list[i], n_new * sizeof(*new));
	while (k) {
		if (i && claims->list[i - 1].first > new[k - 1].first)
			claims->list[--to] = claims->list[--i];
		else
			claims->list[--to] = new[--k];
	}
	return 0;
}

static int
sort(struct claims *claims)
{
	int result = 0;

	if (claims->n == claims->n_sorted)
		return 0;
	qsort(&claims->list[claims->n_sorted], claims->n - claims->n_sorted, sizeof(*claims->list),
	    by_first);
	if (claims->n_sorted)
		result = merge(claims);
	if (result == 0)
		claims->n_sorted = claims->n;
	return result;
}

int
claims_plan(struct claims *claims, struct plan *plan)
{
	uint32_t i;
	int result = claims->failed ? -ENOMEM : sort(claims);

	for (i = 0; result == 0 && i < claims->n; i++) {
		const struct claim *claim = &claims->list[i];

		plan_add(plan, claim->first, claim->last, claim->policy);
	}
	return result == 0 ? plan_finish(plan) : result;
}
