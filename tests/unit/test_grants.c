/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of what is granted, what is kept of it, and the rules with that in front.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "grants/front.h"
#include "grants/grants.h"
#include "grants/store.h"
#include "policy_util.h"
#include "verdict/verdict.h"
#include "wire/client.h"

static const struct term_boot boot = { "0f6b3a52-6e9c-4f63-9d0e-0123456789ab" };
static const struct term_boot other_boot = { "1f6b3a52-6e9c-4f63-9d0e-0123456789ab" };

/* One in which the words of a sketch are granted. */
static struct grant *
granted(uint32_t uid, const char *user, const char *rule)
{
	struct grant *grant = grant_new();

	grant->uid = uid;
	grant->user = arena_string(grant->arena, user, strlen(user));
	grant->what = "what";
	grant->where = "where";
	grant->reason = "TICKET-7";
	grant->rule = sketch(grant->arena, "g", rule)->egress[0];
	grant->rule.file = NULL;
	grant->rule.line = 0;
	grant->by = (struct asker){ 0, 1000, "carol" };
	grant->since = 1700000000;
	grant->term = term_of(3600);
	return grant;
}

static uint32_t
add(struct grants *grants, uint32_t uid, const char *user, const char *rule)
{
	struct grant *grant = granted(uid, user, rule);

	assert_int_equal(grants_add(grants, grant, NULL), 0);
	return grant->id;
}

static void
the_list_is_by_users(void **state)
{
	struct grants *grants = grants_new();
	struct grant *const *list;
	uint64_t revision;
	uint32_t n;

	(void)state;
	assert_int_equal(add(grants, 4001, "bob", "allow tcp/22 10.0.0.5"), 1);
	assert_int_equal(add(grants, 4000, "alice", "allow tcp/22 10.0.0.5"), 2);
	assert_int_equal(add(grants, 4001, "bob", "allow tcp/23 10.0.0.5"), 3);
	assert_int_equal(add(grants, 4000, "alice", "allow tcp/23 10.0.0.5"), 4);
	list = grants_of(grants, 4000, &n);
	assert_int_equal(n, 2);
	assert_int_equal(list[0]->id, 2);
	assert_int_equal(list[1]->id, 4);
	list = grants_of(grants, 4001, &n);
	assert_int_equal(n, 2);
	assert_int_equal(list[0]->id, 1);
	grants_of(grants, 3999, &n);
	assert_int_equal(n, 0);
	grants_of(grants, 4002, &n);
	assert_int_equal(n, 0);
	assert_string_equal(grants_find(grants, 3)->user, "bob");
	assert_null(grants_find(grants, 5));

	revision = grants_revision(grants);
	grant_free(grants_remove(grants, 2));
	assert_true(grants_revision(grants) != revision);
	assert_null(grants_remove(grants, 2));
	assert_null(grants_find(grants, 2));
	/* No number is given twice. */
	assert_int_equal(add(grants, 4000, "alice", "allow tcp/22 10.0.0.5"), 5);
	list = grants_all(grants, &n);
	assert_int_equal(n, 4);
	assert_int_equal(list[0]->id, 4);
	assert_int_equal(list[1]->id, 5);
	grants_free(grants);
}

static void
expect_same(
    const struct grants *grants, uint32_t uid, const char *user, const char *rule, uint32_t id)
{
	struct grant *grant = granted(uid, user, rule);
	const struct grant *same = grants_find_same(grants, grant);

	assert_int_equal(same ? same->id : 0, id);
	grant_free(grant);
}

static void
the_same_is_the_same_user_what_and_where(void **state)
{
	struct grants *grants = grants_new();
	struct grant *longer = granted(4000, "alice", "allow tcp/22 10.0.0.5"), *former;
	uint64_t revision;

	(void)state;
	add(grants, 4000, "alice", "allow tcp/22 10.0.0.5");
	add(grants, 4000, "alice", "allow tcp/22,80+icmp 10.0.0.5 fd00::5");
	expect_same(grants, 4000, "alice", "allow tcp/22 10.0.0.5", 1);
	expect_same(grants, 4000, "alice", "allow tcp/22,80+icmp 10.0.0.5 fd00::5", 2);
	expect_same(grants, 4001, "alice", "allow tcp/22 10.0.0.5", 0);
	expect_same(grants, 4000, "alicia", "allow tcp/22 10.0.0.5", 0);
	expect_same(grants, 4000, "alice", "allow tcp/22 10.0.0.5 fd00::5", 0);
	expect_same(grants, 4000, "alice", "allow tcp/22 10.0.0.4/31", 0);
	expect_same(grants, 4000, "alice", "allow udp/22 10.0.0.5", 0);
	expect_same(grants, 4000, "alice", "allow tcp/22-23 10.0.0.5", 0);
	expect_same(grants, 4000, "alice", "allow tcp 10.0.0.5", 0);
	expect_same(grants, 4000, "alice", "allow tcp/22,80+icmp/8 10.0.0.5 fd00::5", 0);

	revision = grants_revision(grants);
	longer->id = 1;
	former = grants_replace(grants, longer);
	assert_ptr_not_equal(former, longer);
	assert_ptr_equal(grants_find(grants, 1), longer);
	assert_int_equal(grants_revision(grants), revision);
	grant_free(former);
	grants_free(grants);
}

static void
there_is_an_end_to_it(void **state)
{
	struct grants *grants = grants_new();
	struct grant *one;
	struct why why;
	uint32_t i, n;

	(void)state;
	for (i = 0; i < GRANTS_OF_USER_MAX; i++)
		add(grants, 4000, "alice", "allow tcp 10.0.0.5");
	one = granted(4000, "alice", "allow tcp 10.0.0.5");
	assert_int_equal(grants_add(grants, one, &why), -E2BIG);
	assert_string_equal(why.text, "alice has 64 grants already");
	grant_free(one);
	for (i = GRANTS_OF_USER_MAX; i < GRANTS_MAX; i++)
		add(grants, 5000 + i, "u", "allow tcp 10.0.0.5");
	one = granted(4001, "bob", "allow tcp 10.0.0.5");
	assert_int_equal(grants_add(grants, one, &why), -E2BIG);
	assert_string_equal(why.text, "there are 4096 grants already");
	grant_free(one);
	grants_all(grants, &n);
	assert_int_equal(n, GRANTS_MAX);
	grants_free(grants);
}

/* ------------------------------------------------------------------------------ kept */

static struct grants *
some(void)
{
	struct grants *grants = grants_new();

	add(grants, 4001, "bob", "allow any any");
	add(grants, 4000, "alice", "allow tcp/22,80-90+icmp/8 10.0.0.5 fd00::-fd00::9");
	grant_free(grants_remove(grants, add(grants, 4000, "alice", "allow tcp any")));
	return grants;
}

static void
what_is_kept_comes_back(void **state)
{
	struct grants *grants = some(), *again = grants_new();
	const struct grant *one, *other;
	size_t length, length_again;
	uint8_t *bytes = store_bytes(grants, &boot, &length), *bytes_again;
	uint32_t n;

	(void)state;
	assert_int_equal(store_read(again, bytes, length, &boot, NULL), 0);
	grants_all(again, &n);
	assert_int_equal(n, 2);
	one = grants_find(grants, 2);
	other = grants_find(again, 2);
	assert_string_equal(other->user, "alice");
	assert_int_equal(other->uid, 4000);
	assert_string_equal(other->what, "what");
	assert_string_equal(other->where, "where");
	assert_string_equal(other->reason, "TICKET-7");
	assert_string_equal(other->by.name, "carol");
	assert_int_equal(other->by.login_uid, 1000);
	assert_int_equal(other->since, 1700000000);
	assert_int_equal(other->term.until, one->term.until);
	assert_int_equal(other->term.boot_until_ms, one->term.boot_until_ms);
	assert_ptr_equal(grants_find_same(again, one), other);
	/* Of the numbers that have been given, too. */
	assert_int_equal(grants_last_id(again), 3);
	bytes_again = store_bytes(again, &boot, &length_again);
	assert_int_equal(length_again, length);
	free(bytes_again);
	free(bytes);
	grants_free(again);

	/* After another boot the clock that counts is that boot's. */
	again = grants_new();
	bytes = store_bytes(grants, &other_boot, &length);
	assert_int_equal(store_read(again, bytes, length, &boot, NULL), 0);
	assert_in_range(grants_find(again, 2)->term.boot_until_ms,
	    wire_clock_boot_ms() + 3500 * 1000, wire_clock_boot_ms() + 3600 * 1000);
	free(bytes);
	grants_free(again);
	grants_free(grants);
}

/* Whatever bit, wherever it ends: nothing at all. */
static void
what_is_damaged_is_nothing(void **state)
{
	struct grants *grants = some(), *again = grants_new();
	size_t length, i;
	uint8_t *bytes = store_bytes(grants, &boot, &length);
	struct why why;
	uint32_t n;
	int bit;

	(void)state;
	for (i = 0; i < length; i++) {
		assert_int_equal(store_read(again, bytes, i, &boot, &why), -EBADMSG);
		assert_true(why.text[0] != '\0');
		for (bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(store_read(again, bytes, length, &boot, &why), -EBADMSG);
			bytes[i] ^= (uint8_t)(1 << bit);
		}
		grants_all(again, &n);
		assert_int_equal(n, 0);
	}
	assert_int_equal(store_read(again, bytes, length, &boot, &why), 0);
	free(bytes);
	grants_free(again);
	grants_free(grants);
}

/* A sum that is right over what we would not have written, as another version may. */
static void
resum(uint8_t *bytes, size_t length)
{
	const uint64_t sum = store_sum(bytes, length - sizeof(sum));

	memcpy(bytes + length - sizeof(sum), &sum, sizeof(sum));
}

static void
a_right_sum_is_not_enough(void **state)
{
	struct grants *grants = some();
	size_t length, i;
	uint8_t *bytes = store_bytes(grants, &boot, &length), *copy = malloc(length);
	unsigned int good = 0;

	(void)state;
	for (i = 0; i < length - 8; i++) {
		struct grants *again = grants_new();
		struct why why;
		uint32_t n;
		int result;

		memcpy(copy, bytes, length);
		copy[i] ^= 0xff;
		resum(copy, length);
		result = store_read(again, copy, length, &boot, &why);
		grants_all(again, &n);
		/* Another letter in a name is as good; what is taken is whole. */
		assert_true(result == 0 ? n == 2 : n == 0);
		good += result == 0;
		grants_free(again);
	}
	assert_in_range(good, 1, length / 2);
	free(copy);
	free(bytes);
	grants_free(grants);
}

/* ------------------------------------------------------------------------------ in front */

static struct rules *
some_rules(void)
{
	const struct util_text texts[] = { { "netfence.yaml",
					       "version: 1\n"
					       "users:\n"
					       "  alice: {egress: []}\n"
					       "  bob: {egress: []}\n",
					       0 },
		{ NULL, NULL, 0 } };

	return rules_new(util_compile(texts, false), 7);
}

static enum action
verdict(const struct policy *policy, uint16_t port)
{
	const struct packet packet = { .protocol = 6, .to_port = port, .to = { 10, 0, 0, 5 } };

	return verdict_of(policy, &packet).action;
}

static void
who_has_no_grants_has_the_rules(void **state)
{
	struct grants *grants = grants_new();
	struct rules *rules = some_rules(), *fitted;
	struct front front = front_begin(grants, rules), none = front_begin(NULL, rules);

	(void)state;
	assert_int_equal(front_policy(&front, 4000, "alice", 0), 0);
	assert_int_equal(front_policy(&none, 4000, "alice", 1), 1);
	fitted = front_rules(&front, rules, 8);
	assert_ptr_equal(fitted, rules);
	rules_release(fitted);
	front_end(&front);
	front_end(&none);
	rules_release(rules);
	grants_free(grants);
}

static void
grants_come_before_the_rules(void **state)
{
	struct grants *grants = grants_new();
	struct rules *rules = some_rules(), *fitted;
	struct front front, same, other;
	const struct policy *policy;
	struct arena *arena = arena_new();

	(void)state;
	add(grants, 4000, "alice", "allow tcp/22 10.0.0.5");
	add(grants, 4001, "bob", "allow tcp/23 10.0.0.5");
	add(grants, 4001, "robert", "allow tcp/24 10.0.0.5");
	add(grants, 4000, "alice", "allow tcp/25 10.0.0.5");
	front = front_begin(grants, rules);
	assert_int_equal(front_policy(&front, 4001, "bob", 1), rules->n_policies);
	assert_int_equal(front_policy(&front, 4002, "carol", 1), 1);
	assert_int_equal(front_policy(&front, 4000, "alice", 0), rules->n_policies + 1);
	fitted = front_rules(&front, rules, 8);
	assert_int_equal(fitted->n_policies, rules->n_policies + 2);
	assert_int_equal(fitted->generation, 8);
	assert_int_equal(fitted->closed, rules->closed);
	assert_ptr_equal(fitted->policies[0], rules->policies[0]);

	policy = fitted->policies[rules->n_policies];
	assert_string_equal(policy->name, "grants/grants-4001");
	assert_ptr_equal(policy->behind, rules->policies[1]);
	/* The account that has that uid now has no part in another's. */
	assert_int_equal(policy->n_granted, 1);
	assert_int_equal(policy->granted[0].line, 2);
	assert_int_equal(verdict(policy, 23), ACTION_ALLOW);
	assert_int_equal(verdict(policy, 24), ACTION_REJECT);
	policy = fitted->policies[rules->n_policies + 1];
	assert_int_equal(policy->n_granted, 2);
	assert_int_equal(verdict(policy, 22), ACTION_ALLOW);
	assert_int_equal(verdict(policy, 25), ACTION_ALLOW);
	assert_int_equal(verdict(policy, 23), ACTION_REJECT);

	/* The same users under the same rules with the same grants. */
	same = front_begin(grants, rules);
	front_policy(&same, 4001, "bob", 1);
	assert_false(front_is(&front, &same));
	front_policy(&same, 4000, "alice", 0);
	assert_true(front_is(&front, &same));
	other = front_begin(grants, rules);
	front_policy(&other, 4001, "robert", 1);
	front_policy(&other, 4000, "alice", 0);
	assert_false(front_is(&front, &other));
	front_end(&other);
	grant_free(grants_remove(grants, 4));
	other = front_begin(grants, rules);
	front_policy(&other, 4001, "bob", 1);
	front_policy(&other, 4000, "alice", 0);
	assert_false(front_is(&front, &other));

	/* What an engine holds stays what it was, whatever goes. */
	rules_release(rules);
	grants_free(grants);
	assert_int_equal(verdict(fitted->policies[fitted->n_policies - 1], 25), ACTION_ALLOW);
	rules_release(fitted);
	front_end(&front);
	front_end(&same);
	front_end(&other);
	arena_free(arena);
}

static void
one_user_for_an_answer(void **state)
{
	struct grants *grants = grants_new();
	struct rules *rules = some_rules();
	struct arena *arena = arena_new();
	const struct policy *policy;

	(void)state;
	add(grants, 4000, "alice", "allow tcp/22 10.0.0.5");
	policy = front_one(grants, 4000, "alice", rules->policies[0], arena);
	assert_string_equal(policy->name, "users/alice");
	assert_int_equal(verdict(policy, 22), ACTION_ALLOW);
	assert_ptr_equal(
	    front_one(grants, 4001, "bob", rules->policies[1], arena), rules->policies[1]);
	assert_ptr_equal(
	    front_one(NULL, 4000, "alice", rules->policies[0], arena), rules->policies[0]);
	arena_free(arena);
	rules_release(rules);
	grants_free(grants);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_list_is_by_users),
		cmocka_unit_test(the_same_is_the_same_user_what_and_where),
		cmocka_unit_test(there_is_an_end_to_it),
		cmocka_unit_test(what_is_kept_comes_back),
		cmocka_unit_test(what_is_damaged_is_nothing),
		cmocka_unit_test(a_right_sum_is_not_enough),
		cmocka_unit_test(who_has_no_grants_has_the_rules),
		cmocka_unit_test(grants_come_before_the_rules),
		cmocka_unit_test(one_user_for_an_answer),
	};

	return cmocka_run_group_tests_name("grants", tests, NULL, NULL);
}
