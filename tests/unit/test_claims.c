/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fence/claims.h"

enum { OWNERS = 40, RANGES = 3, CLOSED = 9 };

struct owner {
	uint32_t n;
	struct fence ranges[RANGES];
};

static void
is_plan(struct claims *claims, const struct plan *expected)
{
	struct plan plan = { .closed = CLOSED };
	uint32_t i;

	assert_int_equal(claims_plan(claims, &plan), 0);
	assert_int_equal(plan.n, expected->n);
	assert_int_equal(plan.shared.first != 0, expected->shared.first != 0);
	for (i = 0; i < plan.n; i++) {
		assert_int_equal(plan.fences[i].first, expected->fences[i].first);
		assert_int_equal(plan.fences[i].last, expected->fences[i].last);
		assert_int_equal(plan.fences[i].policy, expected->fences[i].policy);
	}
	plan_free(&plan);
}

static void
nobody_claims_nothing(void **state)
{
	static const uint32_t owners[] = { 1, 2 };
	const struct plan none = { 0 };
	struct claims claims = { 0 };

	(void)state;
	claims_drop(&claims, owners, 2);
	is_plan(&claims, &none);
	claims_add(&claims, 1, 1, 0, 1);
	claims_drop(&claims, owners, 2);
	is_plan(&claims, &none);
	claims_free(&claims);
}

/* What two have in common stays with the other when one of them goes. */
static void
who_goes_takes_nothing_of_others(void **state)
{
	static const uint32_t going[] = { 5 };
	struct claims claims = { 0 };
	struct plan expected = { .closed = CLOSED };

	(void)state;
	claims_add(&claims, 100, 200, 0, 4);
	claims_add(&claims, 150, 250, 0, 5);
	claims_add(&claims, 201, 210, 1, 6);
	plan_add(&expected, 100, 200, 0);
	plan_add(&expected, 150, 250, 0);
	plan_add(&expected, 201, 210, 1);
	assert_int_equal(plan_finish(&expected), 0);
	is_plan(&claims, &expected);
	plan_free(&expected);
	claims_drop(&claims, going, 1);
	plan_add(&expected, 100, 200, 0);
	plan_add(&expected, 201, 210, 1);
	assert_int_equal(plan_finish(&expected), 0);
	is_plan(&claims, &expected);
	plan_free(&expected);
	claims_free(&claims);
}

static struct owner
any_owner(unsigned int *seed, uint32_t number)
{
	struct owner owner = { .n = (uint32_t)rand_r(seed) % (RANGES + 1) };
	uint32_t i;

	for (i = 0; i < owner.n; i++) {
		uint32_t first = i ? 1000 + (uint32_t)rand_r(seed) % 2000 : 10 + number;

		owner.ranges[i] =
		    (struct fence){ first, i ? first + (uint32_t)rand_r(seed) % 30 : first,
			    (uint32_t)rand_r(seed) % 3 };
	}
	return owner;
}

/* Kept through any changes, they make the plan that is made from the beginning. */
static void
any_changes_come_to_the_same_plan(void **state)
{
	struct owner owners[OWNERS] = { 0 };
	struct claims claims = { 0 };
	unsigned int seed = 1, round;
	uint32_t i, k;

	(void)state;
	for (round = 0; round < 3000; round++) {
		struct plan expected = { .closed = CLOSED };
		uint32_t changed[OWNERS], n = 0;

		if (round % 100 == 0)
			claims_clear(&claims);
		for (i = 0; i < OWNERS; i++)
			if (round % 100 == 0 || rand_r(&seed) % 10 == 0)
				changed[n++] = i;
		claims_drop(&claims, changed, n);
		for (i = 0; i < n; i++) {
			struct owner *owner = &owners[changed[i]];

			*owner = any_owner(&seed, changed[i]);
			for (k = 0; k < owner->n; k++)
				claims_add(&claims, owner->ranges[k].first, owner->ranges[k].last,
				    owner->ranges[k].policy, changed[i]);
		}
		for (i = 0; i < OWNERS; i++)
			for (k = 0; k < owners[i].n; k++)
				plan_add(&expected, owners[i].ranges[k].first,
				    owners[i].ranges[k].last, owners[i].ranges[k].policy);
		assert_int_equal(plan_finish(&expected), 0);
		is_plan(&claims, &expected);
		plan_free(&expected);
	}
	claims_free(&claims);
}

/* Without memory for one claim there is no plan, until all are made anew. */
static void
a_claim_that_is_missing_is_so_until_all_are_cleared(void **state)
{
	struct claims claims = { .failed = true };
	struct plan plan = { 0 };

	(void)state;
	claims_add(&claims, 1, 1, 0, 1);
	assert_int_equal(claims_plan(&claims, &plan), -ENOMEM);
	plan_free(&plan);
	claims_drop(&claims, (const uint32_t[]){ 1 }, 1);
	assert_int_equal(claims_plan(&claims, &plan), -ENOMEM);
	plan_free(&plan);
	claims_clear(&claims);
	claims_add(&claims, 1, 1, 0, 1);
	assert_int_equal(claims_plan(&claims, &plan), 0);
	assert_int_equal(plan.n, 1);
	plan_free(&plan);
	claims_free(&claims);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_claims_nothing),
		cmocka_unit_test(who_goes_takes_nothing_of_others),
		cmocka_unit_test(any_changes_come_to_the_same_plan),
		cmocka_unit_test(a_claim_that_is_missing_is_so_until_all_are_cleared),
	};

	return cmocka_run_group_tests_name("claims", tests, NULL, NULL);
}
