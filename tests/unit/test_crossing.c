/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fence/crossing.h"

static struct ports web[] = { { 80, 80 }, { 8000, 8080 } };
static struct what whats[] = {
	{ 6, WHAT_ANY, WHAT_ANY, 2, web },
	{ 1, 8, 0, 0, NULL },
	{ WHAT_ANY, WHAT_ANY, WHAT_ANY, 0, NULL },
};
static struct address_range four[] = {
	{ { 10, 0, 0, 0 }, { 10, 255, 255, 255 } },
	{ { 192, 0, 2, 1 }, { 192, 0, 2, 1 } },
};
static struct address_range six[] = { { { 0x20, 1 }, { 0x20, 1, 0xff } } };
static struct rule rules[] = {
	{
	    .action = ACTION_ALLOW,
	    .n_what = 3,
	    .what = whats,
	    .n_to = { 2, 1 },
	    .to = { four, six },
	    .interface = "eth0",
	    .limit = { 10, 60 },
	    .log = true,
	},
	{ .action = ACTION_DROP },
};
static const struct policy vendor = {
	.name = "vendor",
	.n_egress = 2,
	.egress = rules,
	.unmatched = ACTION_DROP,
	.serve = { .kind = PASSAGE_LIST, .n_what = 1, .what = whats },
	.loopback = { .kind = PASSAGE_ALL },
	.log = POLICY_LOG_ALL,
	.mode = POLICY_OBSERVE,
};
static const struct policy empty = { .name = "empty", .unmatched = ACTION_REJECT };
static const struct policy *const both[] = { &vendor, &empty };

static void
put_and_get(const struct policy *policy, bool expected)
{
	const struct policy *const *got;
	const struct policy *one[] = { policy };
	struct wire_out out = { 0 };
	struct wire_in in;
	struct arena *arena = arena_new();
	uint32_t n;

	crossing_put_policies(&out, one, 1);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_int_equal(crossing_get_policies(&in, arena, &got, &n), expected);
	wire_out_free(&out);
	arena_free(arena);
}

static void
policies_come_back(void **state)
{
	const struct policy *const *got;
	const struct policy *policy;
	struct wire_out out = { 0 }, again = { 0 };
	struct wire_in in;
	struct arena *arena = arena_new();
	uint32_t n;

	(void)state;
	crossing_put_policies(&out, both, 2);
	assert_false(out.failed);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(crossing_get_policies(&in, arena, &got, &n));
	assert_true(wire_in_done(&in));
	assert_int_equal(n, 2);
	policy = got[0];
	assert_string_equal(policy->name, "vendor");
	assert_int_equal(policy->unmatched, ACTION_DROP);
	assert_int_equal(policy->log, POLICY_LOG_ALL);
	assert_int_equal(policy->mode, POLICY_OBSERVE);
	assert_int_equal(policy->serve.kind, PASSAGE_LIST);
	assert_int_equal(policy->serve.what[0].ports[1].last, 8080);
	assert_int_equal(policy->loopback.kind, PASSAGE_ALL);
	assert_int_equal(policy->n_egress, 2);
	assert_int_equal(policy->egress[0].what[1].icmp_type, 8);
	assert_int_equal(policy->egress[0].what[2].protocol, WHAT_ANY);
	assert_memory_equal(policy->egress[0].to[FAMILY_IPV4], four, sizeof(four));
	assert_memory_equal(policy->egress[0].to[FAMILY_IPV6], six, sizeof(six));
	assert_string_equal(policy->egress[0].interface, "eth0");
	assert_int_equal(policy->egress[0].limit.count, 10);
	assert_int_equal(policy->egress[0].limit.seconds, 60);
	assert_true(policy->egress[0].log);
	assert_null(policy->egress[1].interface);
	assert_int_equal(policy->egress[1].action, ACTION_DROP);
	assert_int_equal(got[1]->n_egress, 0);
	/* Both sides name it alike in the kernel's log. */
	assert_true(got[0]->mark && got[0]->mark == crossing_mark(both[0]));
	assert_true(got[1]->mark && got[1]->mark == crossing_mark(both[1]));
	assert_true(got[0]->mark != got[1]->mark);
	/* And nothing is lost on the way: what came puts the same bytes. */
	crossing_put_policies(&again, got, n);
	assert_int_equal(again.used, out.used);
	assert_memory_equal(again.data, out.data, out.used);
	wire_out_free(&again);
	wire_out_free(&out);
	arena_free(arena);
}

/* What a policy is called in the kernel's log goes by what it says, and not by where that stands.
 */
static void
marks_go_by_what_is_said(void **state)
{
	struct policy policy = *both[0];
	struct rule moved[2];
	uint64_t mark = crossing_mark(&policy);

	(void)state;
	memcpy(moved, policy.egress, sizeof(moved));
	policy.egress = moved;
	policy.line += 7;
	policy.file = "elsewhere";
	policy.mark = 4711;
	moved[0].line += 7;
	moved[0].file = "elsewhere";
	moved[0].comment = "other words";
	assert_true(crossing_mark(&policy) == mark);
	moved[1].action = ACTION_REJECT;
	assert_true(crossing_mark(&policy) != mark);
	moved[1].action = both[0]->egress[1].action;
	policy.log = POLICY_LOG_NONE;
	assert_true(crossing_mark(&policy) != mark);
	policy.log = both[0]->log;
	assert_true(crossing_mark(&policy) == mark);
	policy.name = "another";
	assert_true(crossing_mark(&policy) != mark);
}

static void
policies_cut_short_are_none(void **state)
{
	struct wire_out out = { 0 };
	size_t length;

	(void)state;
	crossing_put_policies(&out, both, 2);
	for (length = 0; length < out.used; length++) {
		const struct policy *const *got;
		struct wire_in in = { .data = out.data, .left = length };
		struct arena *arena = arena_new();
		uint32_t n;

		assert_false(crossing_get_policies(&in, arena, &got, &n));
		arena_free(arena);
	}
	wire_out_free(&out);
}

#define WITH(expected, ...)                                                    \
	do {                                                                   \
		struct what what_[] = { __VA_ARGS__ };                         \
		struct rule rule_ = rules[0];                                  \
		struct policy policy_ = vendor;                                \
                                                                               \
		rule_.n_what = 1;                                              \
		rule_.what = what_;                                            \
		policy_.egress = &rule_;                                       \
		policy_.n_egress = 1;                                          \
		put_and_get(&policy_, (expected));                             \
		policy_ = empty;                                               \
		policy_.loopback = (struct passage){ PASSAGE_LIST, 1, what_ }; \
		put_and_get(&policy_, (expected));                             \
	} while (0)

/* What no reader of rules would make. */
static void
what_cannot_be_is_refused(void **state)
{
	static struct ports reversed[] = { { 81, 80 } }, touching[] = { { 1, 2 }, { 3, 4 } },
			    back[] = { { 5, 6 }, { 1, 2 } };
	const int16_t any = WHAT_ANY;

	(void)state;
	WITH(true, { 6, any, any, 2, web });
	WITH(true, { 255, any, any, 0, NULL });
	WITH(false, { 256, any, any, 0, NULL });
	WITH(false, { -2, any, any, 0, NULL });
	WITH(true, { 58, 255, 255, 0, NULL });
	WITH(false, { 58, 256, any, 0, NULL });
	WITH(false, { 58, any, 1, 0, NULL });
	WITH(false, { 58, 1, 256, 0, NULL });
	WITH(false, { 6, 8, any, 0, NULL });
	WITH(false, { any, any, any, 2, web });
	WITH(false, { 1, any, any, 2, web });
	WITH(true, { 132, any, any, 2, web });
	WITH(false, { 6, any, any, 1, reversed });
	WITH(false, { 6, any, any, 2, touching });
	WITH(false, { 6, any, any, 2, back });
}

static void
bounds_of_policies_hold(void **state)
{
	char name[POLICY_NAME_MAX + 2];
	struct address_range swapped[] = { four[1], four[0] };
	struct address_range reversed[] = { { { 9 }, { 8 } } };
	struct policy policy = empty;
	struct rule rule = rules[0];
	struct rule *many = calloc(POLICY_RULES_MAX + 1, sizeof(*many));
	uint8_t choice;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	policy.name = name;
	put_and_get(&policy, false);
	policy.name = name + 1;
	put_and_get(&policy, true);

	policy = empty;
	policy.egress = many;
	policy.n_egress = POLICY_RULES_MAX;
	put_and_get(&policy, true);
	policy.n_egress++;
	put_and_get(&policy, false);
	free(many);

	policy.egress = &rule;
	policy.n_egress = 1;
	put_and_get(&policy, true);
	rule.to[FAMILY_IPV4] = swapped;
	put_and_get(&policy, false);
	rule.to[FAMILY_IPV4] = reversed;
	rule.n_to[FAMILY_IPV4] = 1;
	put_and_get(&policy, false);
	rule = rules[0];
	rule.interface = "a-name-too-long-";
	put_and_get(&policy, false);
	rule.interface = "a-name-not-long";
	put_and_get(&policy, true);
	rule.limit.count = RULE_LIMIT_MAX + 1;
	put_and_get(&policy, false);
	rule.limit = (struct limit){ 1, 7 };
	put_and_get(&policy, false);
	rule.limit = (struct limit){ 1, 0 };
	put_and_get(&policy, false);
	rule = rules[0];
	rule.action = (enum action)3;
	put_and_get(&policy, false);

	for (choice = 0; choice < 5; choice++) {
		struct policy odd = empty;

		odd.unmatched = (enum action)choice;
		put_and_get(&odd, choice <= ACTION_DROP);
		odd = empty;
		odd.log = (enum policy_log)choice;
		put_and_get(&odd, choice <= POLICY_LOG_NONE);
		odd = empty;
		odd.mode = (enum policy_mode)choice;
		put_and_get(&odd, choice <= POLICY_OBSERVE);
		odd = empty;
		odd.serve.kind = (enum passage_kind)choice;
		put_and_get(&odd, choice <= PASSAGE_LIST);
	}
}

/* Whether a policy in front of vendor, with so many of `rule` granted, arrives; all must be there
 * then. at: where vendor is in the list, 1 being behind it. */
static bool
front_passes(const struct rule *rule, uint32_t n_granted, const struct policy *behind, uint32_t at)
{
	struct rule *granted = calloc(n_granted + 1, sizeof(*granted));
	struct policy front = vendor;
	const struct policy *list[] = { &front, &front, &empty };
	const struct policy *const *got;
	struct wire_out out = { 0 };
	struct wire_in in;
	struct arena *arena = arena_new();
	uint32_t i, n;
	bool good;

	for (i = 0; i < n_granted; i++)
		granted[i] = *rule;
	front.name = "front";
	front.granted = granted;
	front.n_granted = n_granted;
	front.behind = behind;
	list[at] = behind;
	crossing_put_policies(&out, list, 3);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	good = !out.failed && crossing_get_policies(&in, arena, &got, &n) && wire_in_done(&in);
	if (good) {
		assert_int_equal(n, 3);
		assert_string_equal(got[1]->name, "front");
		assert_ptr_equal(got[1]->behind, got[0]);
		assert_ptr_equal(got[1]->egress, got[0]->egress);
		assert_int_equal(got[1]->unmatched, ACTION_DROP);
		assert_int_equal(got[1]->mode, POLICY_OBSERVE);
		assert_int_equal(got[1]->n_granted, n_granted);
		assert_int_equal(got[1]->granted[0].what[0].ports[1].last, 8080);
		assert_memory_equal(got[1]->granted[0].to[FAMILY_IPV4], four, sizeof(four));
		assert_null(got[0]->behind);
		assert_int_equal(got[0]->n_granted, 0);
	}
	wire_out_free(&out);
	arena_free(arena);
	free(granted);
	return good;
}

static void
what_is_granted_stands_in_front(void **state)
{
	const struct policy *const nowhere = &empty;
	struct rule rule = rules[0];
	struct policy front = vendor;

	(void)state;
	rule.limit.count = 0;
	assert_true(front_passes(&rule, 1, &vendor, 0));
	assert_true(front_passes(&rule, POLICY_GRANTED_MAX, &vendor, 0));
	assert_false(front_passes(&rule, POLICY_GRANTED_MAX + 1, &vendor, 0));
	assert_false(front_passes(&rule, 0, &vendor, 0));
	/* What it stands in front of has to come first, and to be none of its kind. */
	assert_false(front_passes(&rule, 1, &vendor, 2));
	front.behind = nowhere;
	assert_false(front_passes(&rule, 1, &front, 0));
	/* Nothing is granted but to be let out, and without a limit. */
	rule.action = ACTION_DROP;
	assert_false(front_passes(&rule, 1, &vendor, 0));
	assert_false(front_passes(&rules[0], 1, &vendor, 0));
}

static bool
fences_pass(const struct fence *fences, uint32_t n)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	struct fence *got = NULL;
	uint32_t count = 0;
	bool good;

	crossing_put_fences(&out, fences, n);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	good = crossing_get_fences(&in, 2, &got, &count);
	if (good) {
		assert_int_equal(count, n);
		assert_true(!n || !memcmp(got, fences, n * sizeof(*fences)));
		free(got);
	}
	in = (struct wire_in){ .data = out.data, .left = out.used - 1 };
	assert_false(crossing_get_fences(&in, 2, &got, &count));
	wire_out_free(&out);
	return good;
}

static void
fences_are_sorted_and_apart(void **state)
{
	static const struct fence good[] = { { 1, 1, 0 }, { 2, 9, 1 }, { 10, UINT32_MAX, 0 } };
	static const struct fence root[] = { { 0, 1, 0 } };
	static const struct fence reversed[] = { { 5, 4, 0 } };
	static const struct fence overlapping[] = { { 1, 5, 0 }, { 5, 6, 1 } };
	static const struct fence unsorted[] = { { 7, 8, 0 }, { 5, 6, 1 } };
	static const struct fence nobodys[] = { { 7, 8, 2 } };

	(void)state;
	assert_true(fences_pass(good, 0));
	assert_true(fences_pass(good, 3));
	assert_false(fences_pass(root, 1));
	assert_false(fences_pass(reversed, 1));
	assert_false(fences_pass(overlapping, 2));
	assert_false(fences_pass(unsorted, 2));
	assert_false(fences_pass(nobodys, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_come_back),
		cmocka_unit_test(marks_go_by_what_is_said),
		cmocka_unit_test(policies_cut_short_are_none),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(bounds_of_policies_hold),
		cmocka_unit_test(what_is_granted_stands_in_front),
		cmocka_unit_test(fences_are_sorted_and_apart),
	};

	return cmocka_run_group_tests_name("crossing", tests, NULL, NULL);
}
