/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logins and their commits, when the engines fail, or what they say comes in another order.
 */
#include "scripted_caller.h"

/* ------------------------------------------------------------------------- both or neither */

static void
a_login_is_answered_once_both_families_are_in_force(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	nothing_for(s, fd);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, fd);
	assert_false(has_record(s, ALICE));
	engine_says(s, FAMILY_IPV6, 0, "");
	name = is_fenced(s, fd);
	assert_true(has_record(s, ALICE));
	logout(s, &name, PROTOCOL_DONE);
	logout(s, &name, PROTOCOL_ERROR);
	engines_do(s, ALICE, false);
	close(fd);
}

static void
one_family_fails_the_other_goes_back(void **state)
{
	struct scripted *s = scripted_begin(state);
	enum family bad;
	int fd, first;

	engines_up(s, ALICE, false);
	first = login(s, BOB);
	engines_do(s, BOB, true);
	is_fenced(s, first);
	for (bad = FAMILY_IPV4; bad < FAMILIES; bad++) {
		fd = login(s, ALICE);
		engine_is_to(s, FAMILY_IPV4, ALICE, true);
		engine_is_to(s, FAMILY_IPV6, ALICE, true);
		engine_says(s, bad, ENOSPC, "the table is full");
		engine_says(s, 1 - bad, 0, "");
		engine_is_to(s, 1 - bad, ALICE, false);
		nothing_for(s, fd);
		engine_says(s, 1 - bad, 0, "");
		is_refused(s, fd, "the table is full");
		assert_false(has_record(s, ALICE));
	}
	/* The one who was in before is in still. */
	fd = login(s, BOB);
	is_fenced(s, fd);
	close(fd);
	close(first);
}

/* What was in force before this main began is not known to it. */
static void
a_first_commit_that_fails_lifts_nothing(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	enum family family;
	int fd, again;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	scripted_kill(s);

	scripted_start(s);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(s, family);
		engine_says(s, family, 0, "");
	}
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV6, EIO, "not now");
	engine_says(s, FAMILY_IPV4, 0, "");
	/* Whatever comes next, it has alice in it; and nobody is let in before. */
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	again = login(s, ALICE);
	nothing_for(s, again);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, again);
	logout(s, &name, PROTOCOL_DONE);
	close(again);
	close(fd);
}

/* Nobody is logged in, and the lock is held: no reason never to try again, or never to serve. */
static void
a_first_commit_that_fails_is_tried_again(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	enum family family;
	int other = open(s->lock, O_RDONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(flock(other, LOCK_EX), 0);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		engine_start(s, family);
		engine_says(s, family, 0, "");
	}
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	engine_says(s, FAMILY_IPV4, EBUSY, "somebody else's");
	scripted_hears(s, CHANNEL_READY);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engines_do(s, ALICE, false);
	close(other);
}

static void
an_engine_that_dies_under_the_lock_is_waited_for(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_die(s, FAMILY_IPV6);
	nothing_for(s, fd);
	engine_start(s, FAMILY_IPV6);
	nothing_for(s, fd);
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(fd);
}

/* An engine that comes back in the middle of a commit has not been asked to do its part. */
static void
an_engine_that_returns_too_early_does_not_count(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	int fd, other;

	engines_up(s, ALICE, false);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	fd = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	engine_die(s, FAMILY_IPV6);
	main_serves(s);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, fd);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(other);
	close(fd);
}

/* After an engine was lost, what the kernel holds is unknown until a commit is done: a commit that
 * fails for another reason tells nothing. */
static void
a_failure_after_a_loss_tells_nothing(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	struct session_name name;
	int fd, other;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	logout(s, &name, PROTOCOL_DONE);
	close(fd);
	/* Nothing is left of alice: one family takes her fence away, the other dies. */
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_die(s, FAMILY_IPV6);
	main_serves(s);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	fd = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, EBUSY, "somebody else's");
	is_refused(s, fd, "somebody else's");
	/* The next one must not be let in on what was true before. */
	fd = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	nothing_for(s, fd);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(other);
	close(fd);
}

/* Both engines hear whose sockets are to be cut; whichever is last does that. */
static void
engines_are_to_cut(struct scripted *s, uint32_t uid)
{
	struct asked asked = { 0 };
	int family;

	for (family = 0; family < FAMILIES; family++) {
		engine_hears(s, (enum family)family, &asked);
		assert_int_equal(asked.operation, ENGINE_APPLY);
		assert_true(asked_fences(&asked, uid));
		assert_int_equal(asked.n_cuts, 1);
		assert_int_equal(asked.cuts[0].first, uid);
	}
	assert_int_equal(s->batch->missing, FAMILIES);
	asked_clear(&asked);
}

/* What was open before the login is cut before its answer, and a kernel that cannot do that is no
 * reason to refuse. */
static void
sockets_are_cut_before_the_answer(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd, bob;

	engines_up(s, ALICE, false);
	s->hold_cuts = true;
	fd = login(s, ALICE);
	engines_are_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV6, 0, "");
	nothing_for(s, fd);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	/* The next one's login cuts nobody else's. */
	bob = login(s, BOB);
	engines_are_to_cut(s, BOB);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, bob);
	engine_did(s, FAMILY_IPV6, true, EOPNOTSUPP, "no");
	is_fenced(s, bob);
	close(bob);
	close(fd);
}

static void
a_cut_that_fails_is_made_again(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_are_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_did(s, FAMILY_IPV6, true, ENOBUFS, "too many");
	nothing_for(s, fd);
	engines_are_to_cut(s, ALICE);
	engine_did(s, FAMILY_IPV4, true, ENOBUFS, "too many");
	engine_says(s, FAMILY_IPV6, 0, "");
	nothing_for(s, fd);
	engines_are_to_cut(s, ALICE);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, fd);
	close(fd);
}

/* Then there are not both families, and nobody is to be the last. */
static void
one_that_ends_while_the_other_waits_for_the_lock_counts(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	int other, fd;

	engines_up(s, ALICE, false);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	fd = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	engine_die(s, FAMILY_IPV6);
	main_serves(s);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	assert_int_equal(s->batch->missing, FAMILIES);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, fd);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	asked_clear(&asked);
	close(other);
	close(fd);
}

static void
an_engine_that_does_not_answer_is_ended(void **state)
{
	struct scripted *s = scripted_begin(state);
	int other, fd;

	engines_up(s, ALICE, false);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV6, 0, "");
	main_serves(s);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	assert_true(s->batch->since_ms > 0);
	scripted_hears(s, CHANNEL_KILL_ENGINES);
	engine_die(s, FAMILY_IPV4);
	engine_die(s, FAMILY_IPV6);
	while (s->batch->since_ms)
		main_serves(s);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
	engine_start(s, FAMILY_IPV4);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(fd);
}

static void
a_kernel_without_a_family(void **state)
{
	struct scripted *s = scripted_begin(state);
	char text[256];
	int fd;

	engine_start(s, FAMILY_IPV4);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, EAFNOSUPPORT, "no IPv6");
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_says(s, FAMILY_IPV4, 0, "");
	scripted_hears(s, CHANNEL_READY);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	assert_int_equal(s->batch->missing, 1);
	engine_says(s, FAMILY_IPV4, 0, "");
	is_fenced(s, fd);
	close(fd);
	/* Any other reason is none to go without. */
	engine_die(s, FAMILY_IPV6);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, ENOENT, "load ip6table_filter");
	fd = caller(s);
	say_open(fd, BOB, 0, 20000);
	assert_int_equal(answer(s, fd, text), PROTOCOL_REFUSED);
	assert_string_equal(text, "load ip6table_filter");
	close(fd);
}

static void
an_engine_that_talks_rubbish_is_let_go(void **state)
{
	struct scripted *s = scripted_begin(state);
	static const uint8_t rubbish[64] = { 0xff, 0xff, 0xff, 0xff, 1, 2, 3 };
	struct wire_out out = { 0 };
	char byte;

	engines_up(s, ALICE, false);
	assert_int_equal(send(s->engines[FAMILY_IPV4], rubbish, sizeof(rubbish), MSG_NOSIGNAL), 64);
	wire_put_u32(&out, 0);
	say(s->engines[FAMILY_IPV6], (enum protocol_operation)ENGINE_RESULT, &out);
	wire_out_free(&out);
	main_serves(s);
	assert_int_equal(recv(s->engines[FAMILY_IPV4], &byte, 1, 0), 0);
	assert_int_equal(recv(s->engines[FAMILY_IPV6], &byte, 1, 0), 0);
}

/* --------------------------------------------------------------------------------- batches */

static void
a_batch_that_fails_is_split(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	int alice, bob, other;

	engines_up(s, ALICE, false);
	/* Both have to wait for the commit that carol's login has begun. */
	other = login(s, CAROL);
	engine_is_to(s, FAMILY_IPV4, CAROL, true);
	engine_is_to(s, FAMILY_IPV6, CAROL, true);
	alice = login(s, ALICE);
	bob = login(s, BOB);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, other);
	/* Bob cannot be fenced, alone or with others. */
	for (;;) {
		bool bad;

		engine_hears(s, FAMILY_IPV4, &asked);
		bad = asked_fences(&asked, BOB);
		engine_is_to(s, FAMILY_IPV6, BOB, bad);
		assert_true(asked_fences(&asked, CAROL));
		engine_says(s, FAMILY_IPV6, 0, "");
		engine_says(s, FAMILY_IPV4, bad ? EINVAL : 0, bad ? "no such uid" : "");
		if (!bad && asked_fences(&asked, ALICE))
			break;
		if (bad) {
			engine_is_to(s, FAMILY_IPV6, BOB, false);
			engine_says(s, FAMILY_IPV6, 0, "");
		}
	}
	is_fenced(s, alice);
	engine_hears(s, FAMILY_IPV4, &asked);
	if (asked_fences(&asked, BOB)) {
		engine_is_to(s, FAMILY_IPV6, BOB, true);
		engine_says(s, FAMILY_IPV4, EINVAL, "no such uid");
		engine_says(s, FAMILY_IPV6, 0, "");
		engine_is_to(s, FAMILY_IPV6, BOB, false);
		engine_says(s, FAMILY_IPV6, 0, "");
	}
	is_refused(s, bob, "no such uid");
	asked_clear(&asked);
	close(alice);
	close(other);
}

/* A user is in, with a fence that stands. What a second login would add to it cannot be. */
static void
an_addition_that_fails_does_not_stay(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, second, bob;

	engines_up(s, ALICE, false);
	first = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, first);
	second = caller(s);
	say_open(second, ALICE, SUBUIDS, 20000);
	engine_is_to(s, FAMILY_IPV4, SUBUIDS, true);
	engine_is_to(s, FAMILY_IPV6, SUBUIDS, true);
	engine_says(s, FAMILY_IPV4, EINVAL, "no such uid");
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV6, SUBUIDS, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	is_refused(s, second, "no such uid");
	/* Others are not refused for it, then or later. */
	bob = login(s, BOB);
	engine_is_to(s, FAMILY_IPV4, SUBUIDS, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, bob);
	second = login(s, ALICE);
	is_fenced(s, second);
	close(second);
	close(first);
	close(bob);
}

static void
a_lock_that_others_hold_refuses_all_who_wait(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	int alice, bob, other;

	engines_up(s, ALICE, false);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	alice = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	engine_says(s, FAMILY_IPV4, EBUSY, "another program has held the lock");
	is_refused(s, alice, "another program has held the lock");

	/* Two at once: the second wait would be longer than their patience. */
	alice = login(s, ALICE);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	bob = login(s, BOB);
	close(login(s, CAROL));
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, alice);
	engines_do(s, BOB, true);
	is_fenced(s, bob);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(alice);
	close(bob);
	close(other);
}

static void
a_replaced_lock_is_noticed(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	assert_int_equal(unlink(s->lock), 0);
	fd = login(s, ALICE);
	scripted_hears(s, CHANNEL_NEW_LOCK);
	nothing_for(s, fd);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_is_answered_once_both_families_are_in_force),
		TEST(one_family_fails_the_other_goes_back),
		TEST(a_first_commit_that_fails_lifts_nothing),
		TEST(a_first_commit_that_fails_is_tried_again),
		TEST(an_engine_that_dies_under_the_lock_is_waited_for),
		TEST(an_engine_that_returns_too_early_does_not_count),
		TEST(a_failure_after_a_loss_tells_nothing),
		TEST(sockets_are_cut_before_the_answer),
		TEST(a_cut_that_fails_is_made_again),
		TEST(one_that_ends_while_the_other_waits_for_the_lock_counts),
		TEST(an_engine_that_does_not_answer_is_ended),
		TEST(a_kernel_without_a_family),
		TEST(an_engine_that_talks_rubbish_is_let_go),
		TEST(a_batch_that_fails_is_split),
		TEST(an_addition_that_fails_does_not_stay),
		TEST(a_lock_that_others_hold_refuses_all_who_wait),
		TEST(a_replaced_lock_is_noticed),
	};

	return cmocka_run_group_tests_name("main_commits", tests, NULL, NULL);
}
