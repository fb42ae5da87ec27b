/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "session/session.h"

static struct uid_range
range(uint32_t first, uint32_t last)
{
	return (struct uid_range){ first, last };
}

/* As one that came over the wire: everything malloc'd. */
static struct open_request
request_of(uint32_t uid, const struct uid_range *ranges, uint32_t n)
{
	struct open_request request = {
		.uid = uid,
		.gid = uid,
		.user = strdup("somebody"),
		.n_groups = 1,
		.groups = calloc(1, sizeof(char *)),
		.n_ranges = n,
		.ranges = calloc(n + 1, sizeof(*ranges)),
		.service = strdup("sshd"),
		.tty = strdup("ssh"),
		.from = strdup("192.0.2.7"),
		.by = strdup(""),
	};

	request.groups[0] = strdup("supporters");
	if (n)
		memcpy(request.ranges, ranges, n * sizeof(*ranges));
	return request;
}

static struct user *
add_user(struct table *table, uint32_t uid, const struct uid_range *ranges, uint32_t n)
{
	struct open_request request = request_of(uid, ranges, n);
	struct user *user = table_add_user(table, &request);

	open_request_clear(&request);
	return user;
}

static struct session *
add_session(struct table *table, struct user *user, uint64_t id)
{
	const struct session_name name = { id, id * 3 };
	struct open_request request = request_of(user->uid, NULL, 0);
	struct session *session = table_add_session(table, user, &name, &request);

	open_request_clear(&request);
	return session;
}

static void
a_user_takes_over_what_was_asked(void **state)
{
	struct table *table = table_new();
	const struct uid_range ranges[] = { range(100000, 165535), range(400000, 400000) };
	struct open_request request = request_of(4000, ranges, 2);
	struct user *user = table_add_user(table, &request);

	(void)state;
	assert_non_null(user);
	assert_null(request.user);
	assert_null(request.groups);
	assert_int_equal(request.n_groups, 0);
	open_request_clear(&request);
	assert_string_equal(user->name, "somebody");
	assert_string_equal(user->groups[0], "supporters");
	assert_int_equal(user->n_ranges, 3);
	assert_int_equal(user->ranges[0].first, 4000);
	assert_int_equal(user->ranges[0].last, 4000);
	assert_int_equal(user->ranges[2].last, 400000);
	assert_int_equal(user->revision, 1);
	assert_int_equal(user->in_force, 0);
	assert_int_equal(user->waits_for.pidfd, -1);
	assert_ptr_equal(table_find_user(table, 4000), user);
	assert_null(table_find_user(table, 4001));
	assert_int_equal(table_users(table), 1);
	table_free(table);
}

static void
a_uid_is_there_once(void **state)
{
	struct table *table = table_new();
	struct user *user = add_user(table, 4000, NULL, 0);

	(void)state;
	assert_non_null(user);
	assert_null(add_user(table, 4000, NULL, 0));
	assert_int_equal(table_users(table), 1);
	assert_ptr_equal(table_find_user(table, 4000), user);
	table_free(table);
}

/* What a free user could reach is nobody's concern, until it is somebody else's. */
static void
free_users_are_in_nobodys_way(void **state)
{
	struct table *table = table_new();
	const struct uid_range theirs = range(100000, 165535), others = range(165000, 165100);
	struct user *user = add_user(table, 4000, &theirs, 1);
	struct user *fenced = add_user(table, 4001, NULL, 0);
	const struct uid_range own = range(3999, 4000), next = range(4001, 5000);

	(void)state;
	assert_ptr_equal(table_overlap(table, &others, 1, 0), user);
	user->is_free = true;
	assert_null(table_overlap(table, &others, 1, 0));
	assert_ptr_equal(table_overlap(table, &own, 1, 0), user);
	assert_null(table_overlap(table, &own, 1, 4000));
	table_yield(table, &next, 1);
	assert_int_equal(user->n_ranges, 2);
	assert_int_equal(fenced->n_ranges, 1);
	table_yield(table, &others, 1);
	assert_int_equal(user->n_ranges, 1);
	user->is_free = false;
	assert_null(table_overlap(table, &others, 1, 0));
	assert_ptr_equal(table_overlap(table, &own, 1, 0), user);
	table_free(table);
}

static void
sessions_come_and_go_in_any_order(void **state)
{
	struct table *table = table_new();
	struct user *user = add_user(table, 4000, NULL, 0);
	struct session *one = add_session(table, user, 1), *two = add_session(table, user, 2),
		       *three = add_session(table, user, UINT64_MAX);

	(void)state;
	assert_null(add_session(table, user, 2));
	assert_int_equal(user->n_sessions, 3);
	assert_int_equal(table_sessions(table), 3);
	assert_string_equal(two->from, "192.0.2.7");
	table_remove_session(table, two);
	assert_null(table_find_session(table, 2));
	assert_ptr_equal(table_find_session(table, 1), one);
	assert_ptr_equal(table_find_session(table, UINT64_MAX), three);
	table_remove_session(table, one);
	table_remove_session(table, three);
	assert_int_equal(user->n_sessions, 0);
	assert_null(user->sessions);
	assert_int_equal(table_sessions(table), 0);
	table_free(table);
}

static void
a_user_goes_with_all_sessions(void **state)
{
	struct table *table = table_new();
	struct user *alice = add_user(table, 4000, NULL, 0), *bob = add_user(table, 4001, NULL, 0);

	(void)state;
	add_session(table, alice, 1);
	add_session(table, bob, 2);
	add_session(table, alice, 3);
	table_remove_user(table, alice);
	assert_null(table_find_session(table, 1));
	assert_null(table_find_session(table, 3));
	assert_non_null(table_find_session(table, 2));
	assert_int_equal(table_sessions(table), 1);
	assert_int_equal(table_users(table), 1);
	table_free(table);
}

struct seen {
	uint32_t uids[64];
	uint32_t n;
	uint32_t stop_after;
};

static bool
see(struct user *user, void *data)
{
	struct seen *seen = data;

	seen->uids[seen->n++] = user->uid;
	return seen->n != seen->stop_after;
}

static void
users_are_visited_once_in_order(void **state)
{
	struct table *table = table_new();
	struct seen seen = { .n = 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 50; i++)
		add_user(table, 4000 + i * 7919 % 50, NULL, 0);
	table_each(table, see, &seen);
	assert_int_equal(seen.n, 50);
	for (i = 0; i < 50; i++)
		assert_int_equal(seen.uids[i], 4000 + i);
	seen = (struct seen){ .stop_after = 7 };
	table_each(table, see, &seen);
	assert_int_equal(seen.n, 7);
	table_free(table);
}

/* Subordinate uids of one who is free are nobody's, in one piece; a fenced user's may lie in it. */
static void
nobody_owns_what_is_free(void **state)
{
	struct uid_range subuids = range(100000, 165535), found;
	struct table *table = table_new();
	struct user *user = add_user(table, 4000, &subuids, 1);

	(void)state;
	assert_ptr_equal(table_owner(table, 100007, &found), user);
	user->is_free = true;
	assert_null(table_owner(table, 100007, &found));
	assert_int_equal(found.first, 100000);
	assert_int_equal(found.last, 165535);
	assert_ptr_equal(table_owner(table, 4000, &found), user);
	assert_int_equal(found.last, 4000);
	add_user(table, 100008, NULL, 0);
	assert_null(table_owner(table, 100007, &found));
	assert_int_equal(found.first, 100007);
	assert_int_equal(found.last, 100007);
	table_free(table);
}

static void
overlaps_are_found_at_their_edges(void **state)
{
	static const struct {
		struct uid_range range;
		uint32_t but;
		uint32_t found; /* 0: nobody */
	} cases[] = {
		{ { 165535, 165540 }, 0, 4000 },
		{ { 165536, 165540 }, 0, 0 },
		{ { 90000, 100000 }, 0, 4000 },
		{ { 90000, 99999 }, 0, 0 },
		{ { 1, UINT32_MAX }, 4000, 4001 },
		{ { 120000, 120000 }, 4000, 0 },
		{ { 4001, 4001 }, 0, 4001 },
		{ { 4001, 4001 }, 4001, 0 },
		{ { UINT32_MAX, UINT32_MAX }, 0, 0 },
	};
	const struct uid_range ranges[] = { range(100000, 165535) };
	struct table *table = table_new();
	size_t i;

	(void)state;
	add_user(table, 4000, ranges, 1);
	add_user(table, 4001, NULL, 0);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct user *found = table_overlap(table, &cases[i].range, 1, cases[i].but);

		assert_int_equal(found ? found->uid : 0, cases[i].found);
	}
	table_free(table);
}

static bool
renew(struct user *user, const struct uid_range *ranges, uint32_t n)
{
	struct open_request request = request_of(user->uid, ranges, n);
	bool good;

	free(request.groups[0]);
	request.groups[0] = strdup("others");
	good = table_renew_user(user, &request);
	open_request_clear(&request);
	return good;
}

static void
a_later_login_adds_and_takes_nothing(void **state)
{
	const struct uid_range first[] = { range(100000, 165535) },
			       inside[] = { range(100000, 100010), range(165535, 165535) },
			       more[] = { range(165530, 165540), range(300000, 300001) };
	struct table *table = table_new();
	struct user *user = add_user(table, 4000, first, 1);

	(void)state;
	assert_true(renew(user, inside, 2));
	assert_int_equal(user->n_ranges, 2);
	assert_int_equal(user->revision, 1);
	assert_string_equal(user->groups[0], "others");
	assert_true(renew(user, NULL, 0));
	assert_int_equal(user->n_ranges, 2);
	assert_true(renew(user, more, 2));
	assert_int_equal(user->n_ranges, 4);
	assert_true(user->revision > 1);
	assert_int_equal(user->ranges[0].first, 4000);
	assert_int_equal(user->ranges[1].last, 165535);
	table_free(table);
}

/* A record holds so many and no more. */
static void
there_are_at_most_so_many_ranges(void **state)
{
	struct table *table = table_new();
	struct user *user = add_user(table, 4000, NULL, 0);
	uint32_t i;

	(void)state;
	for (i = 0; i < PROTOCOL_RANGES_MAX; i++) {
		const struct uid_range another = range(100000 + 2 * i, 100000 + 2 * i);

		assert_true(renew(user, &another, 1));
	}
	assert_int_equal(user->n_ranges, PROTOCOL_RANGES_MAX + 1);
	{
		const struct uid_range another = range(400000, 400000);

		assert_false(renew(user, &another, 1));
	}
	assert_int_equal(user->n_ranges, PROTOCOL_RANGES_MAX + 1);
	table_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_user_takes_over_what_was_asked),
		cmocka_unit_test(a_uid_is_there_once),
		cmocka_unit_test(free_users_are_in_nobodys_way),
		cmocka_unit_test(sessions_come_and_go_in_any_order),
		cmocka_unit_test(a_user_goes_with_all_sessions),
		cmocka_unit_test(users_are_visited_once_in_order),
		cmocka_unit_test(nobody_owns_what_is_free),
		cmocka_unit_test(overlaps_are_found_at_their_edges),
		cmocka_unit_test(a_later_login_adds_and_takes_nothing),
		cmocka_unit_test(there_are_at_most_so_many_ranges),
	};

	return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
