/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>

#include "session/known.h"

static void
what_is_learnt_is_known(void **state)
{
	struct known *known = known_new();
	const struct known_user *user;

	(void)state;
	assert_null(known_find(known, "alice"));
	assert_int_equal(known_learn(known, "alice", "supporters"), 1);
	assert_int_equal(known_learn(known, "alice", "supporters"), 0);
	assert_int_equal(known_learn(known, "alice", "wheel"), 1);
	assert_int_equal(known_learn(known, "bob", "wheel"), 1);
	user = known_find(known, "alice");
	assert_non_null(user);
	assert_int_equal(user->n_groups, 2);
	assert_false(known_forget(known, "carol", "wheel"));
	assert_false(known_forget(known, "bob", "supporters"));
	assert_true(known_forget(known, "alice", "supporters"));
	assert_false(known_forget(known, "alice", "supporters"));
	assert_string_equal(known_find(known, "alice")->groups[0], "wheel");
	assert_true(known_forget(known, "alice", "wheel"));
	assert_null(known_find(known, "alice"));
	known_free(known);
}

static void
it_ends_somewhere(void **state)
{
	struct known *known = known_new();
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < KNOWN_GROUPS_MAX; i++) {
		snprintf(name, sizeof(name), "g%d", i);
		assert_int_equal(known_learn(known, "alice", name), 1);
	}
	assert_int_equal(known_learn(known, "alice", "one more"), -ENOSPC);
	assert_int_equal(known_learn(known, "bob", "one more"), 1);
	known_free(known);
}

/* Each length but the whole one is refused. */
static void
it_is_written_down_and_read(void **state)
{
	struct known *known = known_new(), *again = known_new();
	struct wire_out out = { 0 };
	struct wire_in in;
	size_t length;

	(void)state;
	known_learn(known, "alice", "supporters");
	known_learn(known, "alice", "wheel");
	known_learn(known, "bob", "wheel");
	known_put(&out, known);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	assert_true(known_get(&in, again));
	assert_int_equal(known_find(again, "alice")->n_groups, 2);
	assert_string_equal(known_find(again, "bob")->groups[0], "wheel");
	known_free(again);
	for (length = 0; length < out.used; length++) {
		again = known_new();
		in = (struct wire_in){ .data = out.data, .left = length };
		assert_false(known_get(&in, again));
		known_free(again);
	}
	wire_out_free(&out);
	known_free(known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_learnt_is_known),
		cmocka_unit_test(it_ends_somewhere),
		cmocka_unit_test(it_is_written_down_and_read),
	};

	return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
