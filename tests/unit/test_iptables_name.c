/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "iptables/name.h"

#define MANY 4096

/* The names of the chains of policies with these names; a NULL ends the list. */
static struct chain_name *
names_of(const char *const *list)
{
	struct policy policies[16] = { 0 };
	const struct policy *pointers[16];
	struct fence_plan plan = { .policies = pointers };
	struct chain_name *names;

	for (; list[plan.n_policies]; plan.n_policies++) {
		policies[plan.n_policies].name = list[plan.n_policies];
		pointers[plan.n_policies] = &policies[plan.n_policies];
	}
	assert_int_equal(chain_names(&plan, &names, NULL), 0);
	return names;
}

static void
plain_names_stay(void **state)
{
	static const char *const list[] = { "vendor", "groups/supporters", "users/a.b_c-D9",
		"users/1234567890123456789", "a/b/c", NULL };
	struct chain_name *names = names_of(list);

	(void)state;
	assert_string_equal(names[0].text, "NETFENCE:vendor");
	assert_string_equal(names[1].text, "NETFENCE:supporters");
	assert_string_equal(names[2].text, "NETFENCE:a.b_c-D9");
	assert_string_equal(names[3].text, "NETFENCE:1234567890123456789");
	assert_string_equal(names[4].text, "NETFENCE:c");
	free(names);
}

/* NETFENCE:, a stem, '~' and six digits, and nothing in the stem that iptables minds. */
static void
assert_hashed(const char *name, const char *stem)
{
	char expected[64];

	snprintf(expected, sizeof(expected), "NETFENCE:%s~", stem);
	assert_true(strncmp(name, expected, strlen(expected)) == 0);
	assert_int_equal(strlen(name), strlen(expected) + 6);
	assert_int_equal(strspn(name + strlen(expected), "0123456789abcdef"), 6);
	assert_true(strlen(name) <= CHAIN_NAME_MAX);
}

static void
others_get_a_hash(void **state)
{
	static const char *const list[] = { "groups/12345678901234567890", "users/dom users",
		"users/\xc3\xa4lex", "groups/", "users/a~b", "users/x;y\n", NULL };
	struct chain_name *names = names_of(list);

	(void)state;
	assert_hashed(names[0].text, "123456789012");
	assert_hashed(names[1].text, "dom_users");
	assert_hashed(names[2].text, "__lex");
	assert_hashed(names[3].text, "");
	assert_hashed(names[4].text, "a_b");
	assert_hashed(names[5].text, "x_y_");
	free(names);
}

static void
namesakes_get_a_hash(void **state)
{
	static const char *const list[] = { "vendor", "users/vendor", "groups/vendor", "other",
		NULL };
	static const char *const turned[] = { "groups/vendor", "other", "users/vendor", "vendor",
		NULL };
	static const char *const alone[] = { "groups/vendor", "other", NULL };
	struct chain_name *names = names_of(list);
	struct chain_name *again = names_of(turned);
	struct chain_name *single = names_of(alone);
	int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_hashed(names[i].text, "vendor");
	assert_string_not_equal(names[0].text, names[1].text);
	assert_string_not_equal(names[1].text, names[2].text);
	assert_string_not_equal(names[0].text, names[2].text);
	assert_string_equal(names[3].text, "NETFENCE:other");
	/* Whatever their order. */
	assert_string_equal(again[0].text, names[2].text);
	assert_string_equal(again[2].text, names[1].text);
	assert_string_equal(again[3].text, names[0].text);
	assert_string_equal(single[0].text, "NETFENCE:vendor");
	free(names);
	free(again);
	free(single);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* So many with one stem that their 24-bit hashes meet: all different nevertheless. */
static void
no_two_are_equal(void **state)
{
	static struct policy policies[MANY];
	static const struct policy *pointers[MANY];
	static char texts[MANY][64];
	struct fence_plan plan = { .n_policies = MANY, .policies = pointers };
	struct chain_name *names, *again;
	int i, round;

	(void)state;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < MANY; i++) {
			snprintf(texts[i], sizeof(texts[i]), "groups/a common beginning %d",
			    i + round * MANY);
			policies[i].name = texts[i];
			pointers[i] = &policies[i];
		}
		assert_int_equal(chain_names(&plan, &names, NULL), 0);
		assert_int_equal(chain_names(&plan, &again, NULL), 0);
		assert_memory_equal(names, again, MANY * sizeof(*names));
		qsort(names, MANY, sizeof(*names), by_text);
		for (i = 1; i < MANY; i++)
			assert_string_not_equal(names[i - 1].text, names[i].text);
		free(names);
		free(again);
	}
}

/* What a policy has beside its first chain is called after that, or after a hash of its name; short
 * enough to be led to, and nobody else's. */
static void
parts_are_called_after_the_first(void **state)
{
	static const struct chain_name first[] = { { "NETFENCE:vendor" },
		{ "NETFENCE:1234567890123456789" }, { "NETFENCE:1234567890123456788" },
		{ "NETFENCE:12345678901234567" } };
	struct chain_name names[16];
	uint32_t i, j, n = 0;

	(void)state;
	assert_string_equal(
	    chain_name_part(&first[0], CHAIN_ADDRESSES, 4096).text, "NETFENCE:vendor/4096");
	assert_string_equal(chain_name_part(&first[0], CHAIN_REST, 1).text, "NETFENCE:vendor+1");
	assert_string_equal(
	    chain_name_part(&first[3], CHAIN_REST, 9).text, "NETFENCE:12345678901234567+9");
	for (i = 0; i < 4; i++) {
		names[n++] = chain_name_part(&first[i], CHAIN_ADDRESSES, 4095);
		names[n++] = chain_name_part(&first[i], CHAIN_REST, 4095);
		names[n++] = chain_name_part(&first[i], CHAIN_REST, 4096);
		names[n++] = first[i];
	}
	for (i = 0; i < n; i++) {
		assert_true(strlen(names[i].text) <= CHAIN_NAME_MAX);
		assert_true(chain_name_ours(names[i].text));
		for (j = 0; j < i; j++)
			assert_string_not_equal(names[i].text, names[j].text);
	}
	assert_string_equal(chain_name_list(0xfedcba98765).text, "NETFENCE=00000fedcba98765");
}

static void
ours_are_known(void **state)
{
	(void)state;
	assert_true(chain_name_ours("NETFENCE"));
	assert_true(chain_name_ours("NETFENCE:x"));
	assert_true(chain_name_ours("NETFENCE#12"));
	assert_false(chain_name_ours("NETFENC"));
	assert_false(chain_name_ours("netfence"));
	assert_false(chain_name_ours("XNETFENCE"));
	assert_string_equal(chain_name_dispatch(0).text, "NETFENCE");
	assert_string_equal(chain_name_dispatch(12).text, "NETFENCE#12");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_names_stay),
		cmocka_unit_test(others_get_a_hash),
		cmocka_unit_test(namesakes_get_a_hash),
		cmocka_unit_test(no_two_are_equal),
		cmocka_unit_test(ours_are_known),
		cmocka_unit_test(parts_are_called_after_the_first),
	};

	return cmocka_run_group_tests_name("iptables names", tests, NULL, NULL);
}
