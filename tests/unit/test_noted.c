/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "life/inside.h"

static uint32_t visited[8];
static uint32_t n_visited;

static void
visit(struct life *life, struct user *user)
{
	(void)life;
	assert_true(n_visited < 8);
	visited[n_visited++] = user->uid;
}

#define VISITS(life, ...)                                 \
	visits((life), (const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void
visits(struct life *life, const uint32_t *uids, size_t n)
{
	n_visited = 0;
	noted_each(life, visit);
	assert_int_equal(n_visited, n);
	assert_memory_equal(visited, uids, n * sizeof(*uids));
}

static struct user *
add(struct life *life, uint32_t uid)
{
	struct open_request request = { .uid = uid, .user = strdup("somebody") };
	struct user *user = table_add_user(life->table, &request);

	assert_non_null(user);
	return user;
}

static struct life
begin(void)
{
	struct life life = { .table = table_new() };

	assert_non_null(life.table);
	return life;
}

static void
end(struct life *life)
{
	noted_free(life);
	table_free(life->table);
}

/* As gather.c does. */
static void
commit(struct life *life, bool all)
{
	struct user *user;

	noted_begin(life, all);
	for (user = table_first(life->table); user; user = user->next)
		user->noted = false;
}

static void
who_is_noted_during_a_commit_is_for_the_next(void **state)
{
	struct life life = begin();
	struct user *one = add(&life, 1), *two = add(&life, 2);

	(void)state;
	add(&life, 3);
	noted_add(&life, two);
	noted_add(&life, one);
	noted_add(&life, two);
	commit(&life, false);
	VISITS(&life, 1, 2);
	noted_add(&life, one);
	VISITS(&life, 1, 2, 1);
	noted_end(&life);
	VISITS(&life, 1);
	commit(&life, false);
	noted_end(&life);
	assert_int_equal(life.noted.n, 0);
	end(&life);
}

static void
all_are_visited_until_it_is_done(void **state)
{
	struct life life = begin();
	struct user *one = add(&life, 1);

	(void)state;
	add(&life, 2);
	noted_add_all(&life);
	noted_add(&life, one);
	VISITS(&life, 2, 1);
	commit(&life, true);
	VISITS(&life, 2, 1);
	noted_add(&life, one);
	VISITS(&life, 2, 1);
	noted_end(&life);
	VISITS(&life, 1);
	/* And who was only noted, by the end of a commit in which all were. */
	commit(&life, false);
	noted_add_all(&life);
	VISITS(&life, 2, 1);
	noted_end(&life);
	VISITS(&life, 2, 1);
	end(&life);
}

static void
who_has_gone_is_not_visited(void **state)
{
	struct life life = begin();

	(void)state;
	noted_add(&life, add(&life, 1));
	noted_add(&life, add(&life, 2));
	table_remove_user(life.table, table_find_user(life.table, 1));
	VISITS(&life, 2);
	end(&life);
}

/* Whom nothing fences no commit is for. */
static void
who_comes_and_goes_does_not_fill_memory(void **state)
{
	struct life life = begin();
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		struct user *user = add(&life, 1000 + i);

		noted_add(&life, user);
		table_remove_user(life.table, user);
	}
	assert_true(life.noted.room < 1000);
	VISITS(&life, add(&life, 1)->uid);
	end(&life);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_noted_during_a_commit_is_for_the_next),
		cmocka_unit_test(all_are_visited_until_it_is_done),
		cmocka_unit_test(who_has_gone_is_not_visited),
		cmocka_unit_test(who_comes_and_goes_does_not_fill_memory),
	};

	return cmocka_run_group_tests_name("noted", tests, NULL, NULL);
}
