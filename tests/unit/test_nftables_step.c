/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which changes of the nftables table take more than one commit. What a packet finds in the moment
 * of one is seen too seldom to be told by packets alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "nftables/change.h"

/* Few words, and so many that TCP and UDP have chains of their own. */
#define FEW       "allow udp/1 any"
#define FEW_MORE  "allow udp/2 any"
#define MANY      "allow tcp/1 any; allow tcp/2 any; allow udp/1 any; allow udp/2 any"
#define MANY_MORE "allow tcp/1 any; allow tcp/2 any; allow udp/1 any; allow udp/3 any"

/* By a set of ranges. */
#define LISTED "reject udp/1,3 any"

enum { NOBODY = UINT32_MAX };

/* Two policies, and which of them each of two people has; NOBODY: is not fenced.
 * stays  the policy of a third, from 1; 0: there is none */
struct state {
	const char *rules[2];
	uint32_t alice, bob, stays;
};

#define LED(one, other, first, second)                                         \
	(struct state)                                                         \
	{                                                                      \
		.rules = { (one), (other) }, .alice = (first), .bob = (second) \
	}
#define BESIDE(third, one, other, first, second)                                                 \
	(struct state)                                                                           \
	{                                                                                        \
		.rules = { (one), (other) }, .alice = (first), .bob = (second), .stays = (third) \
	}

static void
make(const struct state *state, struct arena *arena, struct ruleset *ruleset)
{
	const struct policy *policies[] = { sketch(arena, "one", state->rules[0]),
		sketch(arena, "other", state->rules[1]) };
	struct fence fences[3];
	struct fence_plan plan = { .n_policies = 2, .policies = policies, .fences = fences };
	struct nlayout layout;
	struct why why;

	if (state->alice != NOBODY)
		fences[plan.n_fences++] = (struct fence){ 1001, 1001, state->alice };
	if (state->bob != NOBODY)
		fences[plan.n_fences++] = (struct fence){ 100000, 165535, state->bob };
	if (state->stays)
		fences[plan.n_fences++] = (struct fence){ 200000, 265535, state->stays - 1 };
	assert_int_equal(nlayout_build(&plan, NSET_USERS, &layout, &why), 0);
	assert_int_equal(ruleset_make(&layout, ruleset, &why), 0);
	nlayout_clear(&layout);
}

/* The same whoever of the two it is: the one is in the map of users, the other in that of ranges.
 * shut: what the kernel has leads them nowhere. */
static void
takes(struct state is, struct state ought, bool shut, enum step expected)
{
	struct arena *arena = arena_new();
	struct ruleset from, to;
	uint32_t person;
	int i;

	for (i = 0; i < 2; i++) {
		make(&is, arena, &from);
		make(&ought, arena, &to);
		if (shut)
			from.members[i && is.alice != NOBODY].chain = RULESET_NO_CHAIN;
		assert_int_equal(nchange_step(&from, &to), expected);
		ruleset_clear(&from);
		ruleset_clear(&to);
		person = is.alice;
		is.alice = is.bob;
		is.bob = person;
		person = ought.alice;
		ought.alice = ought.bob;
		ought.bob = person;
	}
	arena_free(arena);
}

static void
what_nobody_is_led_through_is_one_commit(void **state)
{
	(void)state;
	takes(LED(FEW, MANY, 0, 1), LED(FEW, MANY, 0, 1), false, STEP_ALL);
	/* One comes, or goes, and a policy with them. */
	takes(LED(FEW, MANY, 0, NOBODY), LED(FEW, MANY, 0, 1), false, STEP_ALL);
	takes(LED(FEW, MANY, 0, 1), LED(FEW, MANY, NOBODY, 1), false, STEP_ALL);
	/* Rules change, and nobody goes anywhere. */
	takes(LED(FEW, MANY, 0, 1), LED(FEW_MORE, MANY_MORE, 0, 1), false, STEP_ALL);
	takes(LED(FEW, MANY, 0, NOBODY), LED(FEW_MORE, MANY, 0, 1), false, STEP_ALL);
	/* By a set, for who was not fenced before. */
	takes(LED(FEW, LISTED, 0, NOBODY), LED(FEW, LISTED, 0, 1), false, STEP_ALL);
	/* To a policy that is there and stays as it is, from another. */
	takes(LED(FEW, MANY, 0, 1), LED(FEW, MANY, 1, 1), false, STEP_ALL);
}

static void
what_is_not_there_is_made_first(void **state)
{
	(void)state;
	takes(LED(FEW, MANY, 0, NOBODY), LED(FEW, MANY, 1, NOBODY), false, STEP_ADD);
	takes(LED(FEW, MANY, 0, 0), LED(FEW_MORE, MANY, 0, 1), false, STEP_ADD);
}

/* The kernel may tell rules of what is in a set of ranges a moment late. */
static void
a_set_of_ranges_is_there_before_rules_go_by_it(void **state)
{
	(void)state;
	takes(LED(FEW, MANY, 0, 1), LED(LISTED, MANY, 0, 1), false, STEP_ADD);
	takes(LED(LISTED, MANY, 0, 1), LED(FEW, MANY, 0, 1), false, STEP_ALL);
}

/* Be it the policy that is left or the one that is come to, and in whichever of its chains. */
static void
who_goes_between_policies_that_change_is_shut_out(void **state)
{
	static const char *const few[] = { FEW, FEW_MORE }, *const many[] = { MANY, MANY_MORE };
	int i, k;

	(void)state;
	for (i = 0; i < 2; i++)
		for (k = 0; k < 2; k++) {
			/* The one that is left goes. */
			takes(LED(FEW, MANY, 0, 1), LED(few[i], many[k], 1, 1), false,
			    k == 0 ? STEP_ALL : STEP_SHUT);
			takes(LED(FEW, MANY, 0, 1), LED(few[i], many[k], 1, 0), false,
			    i + k == 0 ? STEP_ALL : STEP_SHUT);
		}
	/* Only the one that is left changes, in which somebody else stays. */
	takes(BESIDE(1, FEW, MANY, 0, 1), BESIDE(1, FEW_MORE, MANY, 1, 1), false, STEP_SHUT);
	takes(BESIDE(1, MANY, FEW, 0, 1), BESIDE(1, MANY_MORE, FEW, 1, 1), false, STEP_SHUT);
}

static void
who_is_shut_out_waits_for_the_rules(void **state)
{
	(void)state;
	takes(LED(FEW, MANY, 0, 0), LED(FEW_MORE, MANY, 0, 0), true, STEP_RULES);
	takes(LED(FEW, MANY, 1, 1), LED(FEW, MANY_MORE, 1, 1), true, STEP_RULES);
	takes(LED(FEW, MANY, 1, 1), LED(FEW, MANY, 1, 1), true, STEP_ALL);
}

/* What leads everybody is another map of users than there ought to be. */
static enum step
from_another_map(struct state is, struct state ought, bool shut, bool led)
{
	struct arena *arena = arena_new();
	struct ruleset from, to;
	enum step step;
	uint32_t i;

	make(&is, arena, &from);
	make(&ought, arena, &to);
	for (i = 0; i < from.n_sets; i++)
		if (nset_is_users(from.sets[i].kind))
			from.sets[i].kind = NSET_USERS_MANY;
	if (led)
		bytes_free(&from.chains[0].rules);
	if (shut)
		from.members[0].chain = RULESET_NO_CHAIN;
	step = nchange_step(&from, &to);
	ruleset_clear(&from);
	ruleset_clear(&to);
	arena_free(arena);
	return step;
}

/* Rules change along with that, so that whoever is led by the former never meets others. What is
 * first, if somebody goes elsewhere in the map of ranges, is first here too. */
static void
another_map_of_users_comes_with_the_rules(void **state)
{
	const struct state few = LED(FEW, MANY, NOBODY, 0), more = LED(FEW_MORE, MANY, NOBODY, 0);
	const struct state both = LED(FEW, MANY, 0, 1), other = LED(FEW_MORE, MANY, 0, 0);

	(void)state;
	assert_int_equal(from_another_map(few, few, false, true), STEP_MOVE);
	assert_int_equal(from_another_map(few, more, false, true), STEP_MOVE);
	assert_int_equal(from_another_map(few, more, true, true), STEP_MOVE);
	assert_int_equal(from_another_map(both, other, false, true), STEP_SHUT);
	assert_int_equal(from_another_map(few, LED(FEW, MANY, NOBODY, 1), false, true), STEP_ADD);
	assert_int_equal(from_another_map(few, LED(FEW, LISTED, 1, 0), false, true), STEP_ADD);
	/* It leads nobody any more. */
	assert_int_equal(from_another_map(few, few, false, false), STEP_ALL);
	assert_int_equal(from_another_map(few, more, true, false), STEP_RULES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_is_led_through_is_one_commit),
		cmocka_unit_test(what_is_not_there_is_made_first),
		cmocka_unit_test(a_set_of_ranges_is_there_before_rules_go_by_it),
		cmocka_unit_test(who_goes_between_policies_that_change_is_shut_out),
		cmocka_unit_test(who_is_shut_out_waits_for_the_rules),
		cmocka_unit_test(another_map_of_users_comes_with_the_rules),
	};

	return cmocka_run_group_tests_name("nftables_step", tests, NULL, NULL);
}
