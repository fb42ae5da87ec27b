/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fence/plan.h"

#define IS(plan, ...)                                     \
	is((plan), (const struct fence[]){ __VA_ARGS__ }, \
	    sizeof((const struct fence[]){ __VA_ARGS__ }) / sizeof(struct fence))

static void
is(const struct plan *plan, const struct fence *expected, size_t n)
{
	size_t i;

	assert_int_equal(plan->n, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(plan->fences[i].first, expected[i].first);
		assert_int_equal(plan->fences[i].last, expected[i].last);
		assert_int_equal(plan->fences[i].policy, expected[i].policy);
	}
}

static void
nothing_is_a_plan(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	assert_int_equal(plan_finish(&plan), 0);
	assert_int_equal(plan.n, 0);
	plan_free(&plan);
}

static void
neighbours_of_one_policy_are_one_fence(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	plan_add(&plan, 200000, 265535, 1);
	plan_add(&plan, 4001, 4001, 1);
	plan_add(&plan, 4000, 4000, 1);
	plan_add(&plan, 4003, 4003, 1);
	plan_add(&plan, 100000, 165535, 2);
	plan_add(&plan, 165536, 199999, 1);
	assert_int_equal(plan_finish(&plan), 0);
	IS(&plan, { 4000, 4001, 1 }, { 4003, 4003, 1 }, { 100000, 165535, 2 },
	    { 165536, 265535, 1 });
	plan_free(&plan);
}

static void
overlaps_of_one_policy_are_one_fence(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	plan_add(&plan, 100, 200, 0);
	plan_add(&plan, 120, 130, 0); /* inside: the end must not shrink */
	plan_add(&plan, 150, 250, 0);
	plan_add(&plan, 100, 200, 0);
	assert_int_equal(plan_finish(&plan), 0);
	IS(&plan, { 100, 250, 0 });
	plan_free(&plan);
}

/* What two policies have in common is shut; what each has alone stays as it is. */
static void
overlaps_of_two_policies_are_shut(void **state)
{
	static const struct {
		struct fence pair[2];
		struct fence expected[3];
		size_t n;
	} cases[] = {
		{ { { 100, 200, 0 }, { 200, 300, 1 } },
		    { { 100, 199, 0 }, { 200, 200, 9 }, { 201, 300, 1 } }, 3 },
		{ { { 100, 200, 0 }, { 150, 160, 1 } },
		    { { 100, 149, 0 }, { 150, 160, 9 }, { 161, 200, 0 } }, 3 },
		{ { { 150, 150, 1 }, { 100, 150, 0 } }, { { 100, 149, 0 }, { 150, 150, 9 } }, 2 },
		{ { { 100, 200, 1 }, { 100, 300, 0 } }, { { 100, 200, 9 }, { 201, 300, 0 } }, 2 },
		{ { { 100, 100, 0 }, { 100, 100, 1 } }, { { 100, 100, 9 } }, 1 },
		{ { { 1, UINT32_MAX, 0 }, { UINT32_MAX, UINT32_MAX, 1 } },
		    { { 1, UINT32_MAX - 1, 0 }, { UINT32_MAX, UINT32_MAX, 9 } }, 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct fence *pair = cases[i].pair;
		struct plan plan = { .closed = 9 };

		plan_add(&plan, pair[0].first, pair[0].last, pair[0].policy);
		plan_add(&plan, pair[1].first, pair[1].last, pair[1].policy);
		assert_int_equal(plan_finish(&plan), 0);
		is(&plan, cases[i].expected, cases[i].n);
		assert_int_not_equal(plan.shared.first, 0);
		plan_free(&plan);
	}
}

/* Two that touch under different policies stay two. */
static void
the_last_uid_is_one_like_any_other(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	plan_add(&plan, UINT32_MAX, UINT32_MAX, 1);
	plan_add(&plan, 1, UINT32_MAX - 1, 0);
	plan_add(&plan, UINT32_MAX, UINT32_MAX, 1);
	assert_int_equal(plan_finish(&plan), 0);
	IS(&plan, { 1, UINT32_MAX - 1, 0 }, { UINT32_MAX, UINT32_MAX, 1 });
	plan_free(&plan);
}

enum { CLOSED = 2 };

static void
policy_of_both(int *policy, int *clash)
{
	*policy = CLOSED;
	*clash = 1;
}

/* Against a table of every uid. */
static void
any_plan_says_what_was_added(void **state)
{
	enum { UIDS = 200 };
	unsigned int seed = 1, round;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct plan plan = { 0 };
		int table[UIDS], i, clash = 0, n = rand_r(&seed) % 20;
		uint32_t uid, k;

		for (uid = 0; uid < UIDS; uid++)
			table[uid] = -1;
		for (i = 0; i < n; i++) {
			uint32_t first = 1 + (uint32_t)rand_r(&seed) % (UIDS - 10);
			uint32_t last = first + (uint32_t)rand_r(&seed) % 8;
			int policy = rand_r(&seed) % 8 ? 0 : 1;

			plan_add(&plan, first, last, (uint32_t)policy);
			for (uid = first; uid <= last; uid++) {
				if (table[uid] >= 0 && table[uid] != policy)
					policy_of_both(&table[uid], &clash);
				else
					table[uid] = policy;
			}
		}
		plan.closed = CLOSED;
		assert_int_equal(plan_finish(&plan), 0);
		assert_int_equal(plan.shared.first != 0, clash);
		for (k = 0; k < plan.n; k++) {
			const struct fence *fence = &plan.fences[k];

			assert_true(!k || fence[-1].last + 1 < fence->first ||
				    fence[-1].policy != fence->policy);
			for (uid = fence->first; uid <= fence->last; uid++) {
				assert_int_equal(table[uid], fence->policy);
				table[uid] = -1;
			}
		}
		for (uid = 0; uid < UIDS; uid++)
			assert_int_equal(table[uid], -1);
		plan_free(&plan);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_a_plan),
		cmocka_unit_test(neighbours_of_one_policy_are_one_fence),
		cmocka_unit_test(overlaps_of_one_policy_are_one_fence),
		cmocka_unit_test(overlaps_of_two_policies_are_shut),
		cmocka_unit_test(the_last_uid_is_one_like_any_other),
		cmocka_unit_test(any_plan_says_what_was_added),
	};

	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
