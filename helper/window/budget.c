/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window/budget.h"

#include <stdlib.h>

/* As many as may ask within a second before the first of them are newcomers again. */
#define KNOWN_MAX   256
#define BUCKETS_MAX 1024

struct known {
	struct uid_range range;
	uint32_t owner;
	int64_t until_ms;
};

/* In thousandths of a question. A full one need not be kept. */
struct bucket {
	uint32_t owner;
	int64_t left;
	int64_t at_ms;
};

struct budget {
	struct known known[KNOWN_MAX];
	unsigned int next; /* to be overwritten */
	struct bucket buckets[BUCKETS_MAX];
	struct bucket newcomers;
};

struct budget *
budget_new(void)
{
	struct budget *budget = calloc(1, sizeof(*budget));

	if (budget)
		budget->newcomers.left = BUDGET_NEWCOMERS_BURST * INT64_C(1000);
	return budget;
}

void
budget_free(struct budget *budget)
{
	free(budget);
}

static void
fill(struct bucket *bucket, int64_t rate, int64_t burst, int64_t now_ms)
{
	int64_t passed = now_ms - bucket->at_ms;

	bucket->at_ms = now_ms;
	if (passed >= burst * 1000 / rate)
		bucket->left = burst * 1000;
	else
		bucket->left += passed * rate;
	if (bucket->left > burst * 1000)
		bucket->left = burst * 1000;
}

static bool
take(struct bucket *bucket)
{
	if (bucket->left < 1000)
		return false;
	bucket->left -= 1000;
	return true;
}

/* The owner's, or a new one in the place of whichever is fullest: a full one says nothing. */
static struct bucket *
bucket_of(struct budget *budget, uint32_t owner, int64_t now_ms)
{
	struct bucket *bucket, *fullest = NULL;
	unsigned int i;

	for (i = 0; i < BUCKETS_MAX; i++) {
		bucket = &budget->buckets[i];
		if (bucket->owner == owner || !bucket->owner) {
			fullest = bucket;
			break;
		}
		fill(bucket, BUDGET_USER_RATE, BUDGET_USER_BURST, now_ms);
		if (!fullest || bucket->left > fullest->left)
			fullest = bucket;
	}
	if (fullest->owner != owner)
		*fullest = (struct bucket){ owner, BUDGET_USER_BURST * INT64_C(1000), now_ms };
	fill(fullest, BUDGET_USER_RATE, BUDGET_USER_BURST, now_ms);
	return fullest;
}

static const struct known *
find_known(const struct budget *budget, uint32_t uid, int64_t now_ms)
{
	const struct known *known;
	unsigned int i;

	for (i = 0; i < KNOWN_MAX; i++) {
		known = &budget->known[i];
		if (known->until_ms > now_ms && uid >= known->range.first &&
		    uid <= known->range.last)
			return known;
	}
	return NULL;
}

enum budget_verdict
budget_ask(struct budget *budget, uint32_t uid, int64_t now_ms)
{
	const struct known *known = find_known(budget, uid, now_ms);
	struct bucket *bucket = &budget->newcomers;

	if (known && known->owner == BUDGET_NOBODY)
		return BUDGET_FREE;
	if (known)
		bucket = bucket_of(budget, known->owner, now_ms);
	else
		fill(bucket, BUDGET_NEWCOMERS_RATE, BUDGET_NEWCOMERS_BURST, now_ms);
	return take(bucket) ? BUDGET_ASK : BUDGET_TOO_OFT;
}

void
budget_learn(struct budget *budget, const struct uid_range *range, uint32_t owner, int64_t now_ms)
{
	struct known *known = NULL;
	unsigned int i;

	for (i = 0; i < KNOWN_MAX && !known; i++)
		if (budget->known[i].range.first == range->first &&
		    budget->known[i].range.last == range->last)
			known = &budget->known[i];
	if (!known) {
		known = &budget->known[budget->next];
		budget->next = (budget->next + 1) % KNOWN_MAX;
	}
	*known = (struct known){ *range, owner,
		now_ms + (owner == BUDGET_NOBODY ? BUDGET_NOBODY_MS : BUDGET_KNOWN_MS) };
}
