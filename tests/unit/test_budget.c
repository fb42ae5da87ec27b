/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may have main asked: nobody at the cost of others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "window/budget.h"

#define ALICE 4000
#define BOB   4001

static struct budget *budget;
static int64_t now = 1000000;

static int
begin(void **state)
{
	(void)state;
	budget = budget_new();
	assert_non_null(budget);
	now += 1000000;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	budget_free(budget);
	return 0;
}

/* How many of n questions come through, main's answers included. */
static unsigned int
hammer(uint32_t uid, unsigned int n, const struct uid_range *range, uint32_t owner)
{
	unsigned int i, through = 0;

	for (i = 0; i < n; i++) {
		if (budget_ask(budget, uid, now) != BUDGET_ASK)
			continue;
		through++;
		budget_learn(budget, range, owner, now);
	}
	return through;
}

static const struct uid_range alice = { ALICE, ALICE }, bob = { BOB, BOB },
			      alices = { 100000, 165535 };

static void
a_user_gets_a_few_at_once_and_then_a_few_a_second(void **state)
{
	unsigned int second, through = 0;

	(void)state;
	assert_in_range(
	    hammer(ALICE, 1000, &alice, ALICE), BUDGET_USER_BURST, BUDGET_USER_BURST + 1);
	for (second = 0; second < 100; second++) {
		now += 1000;
		/* Once a second whose uid that is has to be asked anew: one more. */
		through += hammer(ALICE, 1000, &alice, ALICE);
	}
	assert_in_range(through, 100 * BUDGET_USER_RATE, 100 * (BUDGET_USER_RATE + 1));
	now += 60000;
	assert_in_range(
	    hammer(ALICE, 1000, &alice, ALICE), BUDGET_USER_BURST, BUDGET_USER_BURST + 1);
}

static void
nobody_uses_up_anothers(void **state)
{
	(void)state;
	hammer(ALICE, 100000, &alice, ALICE);
	assert_int_equal(hammer(BOB, 10, &bob, BOB), 10);
	assert_int_equal(budget_ask(budget, ALICE, now), BUDGET_TOO_OFT);
}

static void
all_uids_of_a_user_are_one(void **state)
{
	uint32_t uid;
	unsigned int through = 0;

	(void)state;
	for (uid = alices.first; uid <= alices.last; uid++)
		through += hammer(uid, 3, &alices, ALICE);
	assert_in_range(through, BUDGET_USER_BURST, BUDGET_USER_BURST + 1);
	/* What they had is gone, and newcomers are served as ever. */
	hammer(ALICE, 1, &alice, ALICE);
	assert_int_equal(budget_ask(budget, ALICE, now), BUDGET_TOO_OFT);
	assert_int_equal(hammer(BOB, 10, &bob, BOB), 10);
}

static void
who_is_not_fenced_is_asked_about_once_in_a_while(void **state)
{
	static const struct uid_range rest = { 200000, UINT32_MAX };
	unsigned int i, asked = 0;

	(void)state;
	for (i = 0; i < 100000; i++) {
		now += i % 100 == 0; /* a second in all */
		if (budget_ask(budget, rest.first + (uint32_t)rand() % 100000, now) == BUDGET_FREE)
			continue;
		asked++;
		budget_learn(budget, &rest, BUDGET_NOBODY, now);
	}
	assert_in_range(asked, 10, 11);
	/* Who is fenced in the meantime is told so. */
	budget_learn(budget, &bob, BUDGET_NOBODY, now);
	assert_int_equal(budget_ask(budget, BOB, now), BUDGET_FREE);
	now += BUDGET_NOBODY_MS;
	assert_int_equal(budget_ask(budget, BOB, now), BUDGET_ASK);
}

/* More users than are remembered: everybody is served, and main has a bounded number. */
static void
a_crowd_is_served_at_a_bounded_rate(void **state)
{
	unsigned int second, i, through = 0;

	(void)state;
	for (second = 0; second < 10; second++) {
		now += 1000;
		for (i = 0; i < 3000; i++) {
			const struct uid_range one = { 10000 + i, 10000 + i };

			through += hammer(one.first, 1, &one, one.first);
		}
	}
	assert_in_range(through, 10 * BUDGET_NEWCOMERS_BURST, 11 * BUDGET_NEWCOMERS_RATE);
}

/* Whatever comes: never more than what all budgets together allow. */
static void
never_more_than_all_budgets(void **state)
{
	unsigned int i, through = 0;
	const int64_t from = now;

	(void)state;
	srand(7);
	for (i = 0; i < 200000; i++) {
		uint32_t owner = 1000 + (uint32_t)rand() % 20;
		struct uid_range range = { owner, owner };

		if (rand() % 2)
			range = (struct uid_range){ owner * 65536, owner * 65536 + 65535 };
		now += rand() % 2;
		through += hammer(range.first + (uint32_t)rand() % (range.last - range.first + 1),
		    1, &range, owner);
	}
	/* 20 users; and each of their 40 ranges is unknown once a second. */
	assert_in_range(through, 1000,
	    (uint64_t)(now - from) * (20 * BUDGET_USER_RATE + 40) / 1000 + 20 * BUDGET_USER_BURST +
		40);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_user_gets_a_few_at_once_and_then_a_few_a_second, begin, end),
		cmocka_unit_test_setup_teardown(nobody_uses_up_anothers, begin, end),
		cmocka_unit_test_setup_teardown(all_uids_of_a_user_are_one, begin, end),
		cmocka_unit_test_setup_teardown(
		    who_is_not_fenced_is_asked_about_once_in_a_while, begin, end),
		cmocka_unit_test_setup_teardown(a_crowd_is_served_at_a_bounded_rate, begin, end),
		cmocka_unit_test_setup_teardown(never_more_than_all_budgets, begin, end),
	};

	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
