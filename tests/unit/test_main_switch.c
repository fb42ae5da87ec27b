/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes between a change of the rules, or of off and on, and the commit that it takes.
 */
#include "scripted_caller.h"

static int
say_off(const struct scripted *s)
{
	struct wire_out out = { 0 };
	int fd = caller(s);

	wire_put_u32(&out, 600);
	wire_put_string(&out, "a reason");
	wire_put_string(&out, "");
	say(fd, PROTOCOL_OFF, &out);
	wire_out_free(&out);
	return fd;
}

static int
say_on(const struct scripted *s)
{
	struct wire_out out = { 0 };
	int fd = caller(s);

	wire_put_string(&out, "");
	say(fd, PROTOCOL_ON, &out);
	wire_out_free(&out);
	return fd;
}

static void
is_free(struct scripted *s, int fd)
{
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FREE);
	say(fd, PROTOCOL_TAKEN, NULL);
	main_serves(s);
}

/* A lock that others hold refuses the login. The session that began while netfence was off is to be
 * fenced all the same. */
static void
a_login_that_fails_frees_nobody_who_was_in(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct asked asked = { 0 };
	int first, second, asker, other;

	engines_up(s, ALICE, false);
	asker = say_off(s);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	close(asker);
	first = login(s, ALICE);
	is_free(s, first);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	asker = say_on(s);
	engine_hears(s, FAMILY_IPV4, &asked);
	assert_int_equal(asked.operation, ENGINE_LOCK);
	second = login(s, ALICE);
	main_serves(s);
	/* It is free when main tries again, however soon. */
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, EBUSY, "somebody else's");
	is_refused(s, second, "somebody else's");
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	engines_do(s, ALICE, true);
	asked_clear(&asked);
	close(asker);
	close(other);
	close(first);
}

/* The same of one whom new rules fence; they are tried again until they are in force. */
static void
a_login_that_fails_after_a_reload_frees_nobody(void **state)
{
	struct scripted *s = scripted_begin(state);
	char *groups[] = { (char[]){ "testers" } };
	int first, second, asker;

	engines_up(s, ALICE, false);
	scripted_write(s->rules, "netfence.yaml", SCRIPTED_RULES "  testers:\n    egress: []\n");
	asker = caller(s);
	say_reload(asker);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	first = caller(s);
	say_open_in(first, ALICE, 0, 20000, groups, 1);
	is_free(s, first);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	second = caller(s);
	say_open_in(second, ALICE, 0, 20000, groups, 1);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, ENOSPC, "the table is full");
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	is_refused(s, second, "the table is full");
	engines_do(s, ALICE, true);
	close(asker);
	close(first);
}

/* Nothing fences alice but what a login says, and that fence cannot be: she is as free as before,
 * and others are not refused for her sake. */
static void
a_login_that_fails_leaves_free_who_was(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, second, bob;

	engines_up(s, ALICE, false);
	first = caller(s);
	say_open_in(first, ALICE, 0, 20000, NULL, 0);
	is_free(s, first);
	second = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV4, ENOSPC, "the table is full");
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV6, 0, "");
	is_refused(s, second, "the table is full");
	bob = login(s, BOB);
	engines_do(s, ALICE, false);
	is_fenced(s, bob);
	close(first);
	close(bob);
}

/* The commit under way is the other one's. */
static void
on_is_not_answered_by_the_commit_of_off(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd, off, on;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	off = say_off(s);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	on = say_on(s);
	assert_int_equal(answer(s, off, NULL), PROTOCOL_ERROR);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	nothing_for(s, on);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, on, NULL), PROTOCOL_TEXT);
	close(off);
	close(on);
	close(fd);
}

/* That it is on by then is no answer: the kernel is not so yet. */
static void
a_second_on_waits_as_the_first_does(void **state)
{
	struct scripted *s = scripted_begin(state);
	int off, on, again;

	engines_up(s, ALICE, false);
	off = say_off(s);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, off, NULL), PROTOCOL_TEXT);
	on = say_on(s);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	again = say_on(s);
	assert_int_equal(answer(s, on, NULL), PROTOCOL_ERROR);
	nothing_for(s, again);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, again, NULL), PROTOCOL_TEXT);
	close(again);
	/* After one that failed as well. */
	off = say_off(s);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, off, NULL), PROTOCOL_TEXT);
	on = say_on(s);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV4, ENOSPC, "the table is full");
	engine_says(s, FAMILY_IPV6, ENOSPC, "");
	assert_int_equal(answer(s, on, NULL), PROTOCOL_TEXT);
	again = say_on(s);
	nothing_for(s, again);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, again, NULL), PROTOCOL_TEXT);
	close(again);
	close(on);
	close(off);
}

/* Who was ended when it had been said is not there to bring the fences back; the next one is. */
static void
on_at_a_start_waits_for_the_first_commit(void **state)
{
	struct scripted *s = scripted_begin(state);
	char text[256];
	int on;

	on = say_on(s);
	engine_start(s, FAMILY_IPV4);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, on);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	nothing_for(s, on);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, on, NULL), PROTOCOL_TEXT);
	close(on);
	on = say_on(s);
	assert_int_equal(answer(s, on, text), PROTOCOL_TEXT);
	assert_non_null(strstr(text, "was on"));
	close(on);
}

/* It is known that the fence is not there: a second session waits for the repair. */
static void
nobody_is_let_in_before_a_repair_is_done(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, second;

	engines_up(s, ALICE, false);
	first = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, first);
	s->drift = true;
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	second = login(s, ALICE);
	nothing_for(s, second);
	engine_says(s, FAMILY_IPV4, 0, "");
	nothing_for(s, second);
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, second);
	close(first);
	close(second);
}

/* The commit under way has new rules by the groups that were known when it began. */
static void
groups_that_come_during_a_reload_count(void **state)
{
	struct scripted *s = scripted_begin(state);
	char *groups[] = { (char[]){ "supporters" }, (char[]){ "testers" } };
	int first, second, asker;

	engines_up(s, ALICE, false);
	first = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, first);
	scripted_write(s->rules, "netfence.yaml", SCRIPTED_RULES "exempt:\n  groups: [testers]\n");
	asker = caller(s);
	say_reload(asker);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	second = caller(s);
	say_open_in(second, ALICE, 0, 20000, groups, 2);
	is_fenced(s, second);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	engines_do(s, ALICE, false);
	close(asker);
	close(first);
	close(second);
}

static void
engine_holds(const struct scripted *s, enum family family, uint32_t uid)
{
	const struct fence fence = { uid, uid, 0 };
	struct wire_out out = { 0 };

	crossing_put_fences(&out, &fence, 1);
	assert_int_equal(wire_send(s->engines[family], (enum protocol_operation)ENGINE_HELD, &out,
			     DEADLINE, NULL),
	    0);
	wire_out_free(&out);
}

/* New rules had fenced alice, and main was ended before the record said so. Her last session ends
 * before the first commit: what she has left is held all the same. */
static void
what_the_kernel_holds_outlasts_a_session_that_was_free(void **state)
{
	struct scripted *s = scripted_begin(state);
	char *groups[] = { (char[]){ "testers" } };
	struct protocol_header header;
	struct free_answer given;
	struct wire_in in;
	uint8_t *payload;
	int fd;

	engines_up(s, ALICE, false);
	fd = caller(s);
	say_open_in(fd, ALICE, 0, 20000, groups, 1);
	wait_for(s, fd);
	assert_int_equal(wire_receive(fd, &header, &payload, DEADLINE, NULL), 0);
	assert_int_equal(header.operation, PROTOCOL_FREE);
	in = (struct wire_in){ .data = payload, .left = header.length };
	assert_true(free_answer_get(&in, &given));
	free(payload);
	say(fd, PROTOCOL_TAKEN, NULL);
	main_serves(s);
	assert_true(has_record(s, ALICE));
	scripted_kill(s);
	close(fd);

	scripted_write(s->rules, "netfence.yaml", SCRIPTED_RULES "  testers:\n    egress: []\n");
	scripted_start(s);
	engine_start(s, FAMILY_IPV4);
	engine_holds(s, FAMILY_IPV4, ALICE);
	engine_says(s, FAMILY_IPV4, 0, "");
	main_serves(s);
	logout(s, &given.session, PROTOCOL_DONE);
	free_answer_clear(&given);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, true);
	engines_do(s, ALICE, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_login_that_fails_frees_nobody_who_was_in),
		TEST(a_login_that_fails_after_a_reload_frees_nobody),
		TEST(a_login_that_fails_leaves_free_who_was),
		TEST(on_is_not_answered_by_the_commit_of_off),
		TEST(a_second_on_waits_as_the_first_does),
		TEST(on_at_a_start_waits_for_the_first_commit),
		TEST(nobody_is_let_in_before_a_repair_is_done),
		TEST(groups_that_come_during_a_reload_count),
		TEST(what_the_kernel_holds_outlasts_a_session_that_was_free),
	};

	return cmocka_run_group_tests_name("main_switch", tests, NULL, NULL);
}
