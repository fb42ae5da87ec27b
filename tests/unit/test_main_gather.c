/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which logins share a commit, and who waits for that.
 */
#include <time.h>

#include "scripted_caller.h"

/* Main lets nobody wait for others who are not there. */
static void
who_comes_alone_waits_for_nobody(void **state)
{
	struct scripted *s = scripted_begin(state);
	int64_t began, quickest = INT64_MAX;
	uint32_t uid;
	int fd[20];

	engines_up(s, ALICE, false);
	for (uid = 0; uid < 20; uid++) {
		began = wire_clock_ms();
		fd[uid] = login(s, 5000 + uid);
		engines_do(s, 5000 + uid, true);
		is_fenced(s, fd[uid]);
		if (wire_clock_ms() - began < quickest)
			quickest = wire_clock_ms() - began;
	}
	/* Gathering takes 20 ms each time; one of twenty has met no hindrance otherwise. */
	assert_true(quickest < 15);
	for (uid = 0; uid < 20; uid++)
		close(fd[uid]);
}

static void
who_comes_meanwhile_shares_the_next(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, fd[3], i;

	engines_up(s, ALICE, false);
	first = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	for (i = 0; i < 3; i++)
		fd[i] = login(s, 5000 + (uint32_t)i);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, first);
	engine_is_to(s, FAMILY_IPV4, 5000, true);
	engine_is_to(s, FAMILY_IPV6, 5002, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	for (i = 0; i < 3; i++) {
		is_fenced(s, fd[i]);
		close(fd[i]);
	}
	close(first);
}

/* A commit that takes its time leaves as much to others before the next: here 30 ms, where 20 ms
 * from the beginning of the one to that of the next would be over when it is. */
static void
slow_commits_are_further_apart(void **state)
{
	struct scripted *s = scripted_begin(state);
	const struct timespec slow = { 0, 30000000 };
	int64_t began;
	int first, second;

	engines_up(s, ALICE, false);
	first = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	began = wire_clock_ms();
	second = login(s, BOB);
	main_serves(s);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	nanosleep(&slow, NULL);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, first);
	engine_is_to(s, FAMILY_IPV4, BOB, true);
	assert_true(wire_clock_ms() - began >= 55);
	engine_is_to(s, FAMILY_IPV6, BOB, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, second);
	close(second);
	close(first);
}

/* While people log in, the fence of one who has gone is lifted in one of their commits. */
static void
what_is_lifted_goes_along(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	struct asked asked = { 0 };
	uint32_t uid = 5000;
	bool lifted = false;
	int64_t until;
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	close(fd);
	logout(s, &name, PROTOCOL_DONE);
	while (!lifted) {
		fd = login(s, ++uid);
		engine_hears(s, FAMILY_IPV4, &asked);
		assert_true(asked_fences(&asked, uid));
		lifted = !asked_fences(&asked, ALICE);
		engine_is_to(s, FAMILY_IPV6, uid, true);
		engine_says(s, FAMILY_IPV4, 0, "");
		engine_says(s, FAMILY_IPV6, 0, "");
		is_fenced(s, fd);
		close(fd);
		for (until = wire_clock_ms() + 40; wire_clock_ms() < until;) {
			main_serves(s);
			assert_false(engine_minds(s, FAMILY_IPV4));
		}
	}
	asked_clear(&asked);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_comes_alone_waits_for_nobody),
		TEST(who_comes_meanwhile_shares_the_next),
		TEST(slow_commits_are_further_apart),
		TEST(what_is_lifted_goes_along),
	};

	return cmocka_run_group_tests_name("main_gather", tests, NULL, NULL);
}
