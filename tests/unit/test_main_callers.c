/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Callers who go before they have their answer, and who ask for more than one thing.
 */
#include "scripted_caller.h"
#include "session/known.h"
#include "window/window.h"

/* ------------------------------------------------------------------------ who goes meanwhile */

static void
a_caller_who_hangs_up_leaves_no_fence(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	close(fd);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, false);
	main_serves(s);
	assert_false(has_record(s, ALICE));
}

/* FENCED was sent and never taken: there is nobody who could close that session. */
static void
an_answer_that_is_not_taken_is_no_session(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FENCED);
	close(fd);
	engines_do(s, ALICE, false);
	main_serves(s);
	assert_false(has_record(s, ALICE));
}

/* The opener is whoever connected; its socket may live on in others. */
static void
an_opener_that_dies_while_it_waits(void **state)
{
	struct scripted *s = scripted_begin(state);
	pid_t opener;
	int fd, i;

	engines_up(s, ALICE, false);
	for (i = 0; i < 2; i++) {
		int pair[2];
		char go;

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		opener = fork();
		if (!opener) {
			close(pair[0]);
			fd = login(s, ALICE);
			if (channel_send(pair[1], CHANNEL_READY, 0, fd) < 0)
				_exit(1);
			(void)!read(pair[1], &go, 1);
			_exit(0);
		}
		close(pair[1]);
		{
			struct channel_message message;
			struct pollfd poller = { .fd = pair[0], .events = POLLIN };

			assert_int_equal(poll(&poller, 1, 20000), 1);
			assert_int_equal(channel_receive(pair[0], &message, &fd), 1);
			assert_true(fd >= 0);
		}
		engine_is_to(s, FAMILY_IPV4, ALICE, true);
		engine_is_to(s, FAMILY_IPV6, ALICE, true);
		if (i) { /* after its answer */
			engine_says(s, FAMILY_IPV4, 0, "");
			engine_says(s, FAMILY_IPV6, 0, "");
			assert_int_equal(answer(s, fd, NULL), PROTOCOL_FENCED);
		}
		close(pair[0]);
		assert_int_equal(waitpid(opener, NULL, 0), opener);
		main_serves(s);
		main_serves(s);
		if (!i) {
			engine_says(s, FAMILY_IPV4, 0, "");
			engine_says(s, FAMILY_IPV6, 0, "");
			main_serves(s);
		}
		close(fd);
		engines_do(s, ALICE, false);
	}
	main_serves(s);
}

/* The last look found nothing while another's commit was under way, with this fence in it. */
static void
a_fence_to_be_lifted_in_the_middle_of_a_commit_is_lifted(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	struct asked asked = { 0 };
	int64_t until;
	int fd, bob, other;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	name = is_fenced(s, fd);
	other = open(s->lock, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(other, LOCK_EX), 0);
	bob = login(s, BOB);
	engine_hears(s, FAMILY_IPV4, &asked); /* for the lock */
	logout(s, &name, PROTOCOL_DONE);
	/* Looks over a second find nothing; how long main waits for the lock is in our hands. */
	for (until = wire_clock_ms() + 2500; wire_clock_ms() < until;)
		main_serves(s);
	assert_int_equal(flock(other, LOCK_UN), 0);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, BOB, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, bob);
	engines_do(s, ALICE, false);
	close(other);
	close(bob);
	close(fd);
}

/* --------------------------------------------------------------------------- odd questions */

static void
a_second_question_ends_the_first(void **state)
{
	struct scripted *s = scripted_begin(state);
	static const enum protocol_operation second[] = { PROTOCOL_OPEN, PROTOCOL_TAKEN,
		PROTOCOL_CLOSE, PROTOCOL_STATUS, PROTOCOL_SESSIONS, PROTOCOL_RULES, PROTOCOL_RELOAD,
		4711 };
	const struct session_name name = { 1, 2 };
	size_t i;

	engines_up(s, ALICE, false);
	for (i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		uint32_t uid = ALICE + 100 * (uint32_t)i;
		struct wire_out out = { 0 };
		int fd = login(s, uid);

		engine_is_to(s, FAMILY_IPV4, uid, true);
		engine_is_to(s, FAMILY_IPV6, uid, true);
		if (second[i] == PROTOCOL_OPEN)
			say_open(fd, BOB, 0, 20000);
		else if (second[i] == PROTOCOL_CLOSE)
			session_name_put(&out, &name);
		else if (second[i] == PROTOCOL_RULES)
			wire_put_string(&out, "");
		else if (second[i] == PROTOCOL_RELOAD)
			wire_put_bytes(&out, "\0\0\0\0", 5);
		if (second[i] != PROTOCOL_OPEN)
			say(fd, second[i], &out);
		wire_out_free(&out);
		assert_int_equal(answer(s, fd, NULL), PROTOCOL_ERROR);
		assert_int_equal(answer(s, fd, NULL), 0);
		main_serves(s);
		engine_says(s, FAMILY_IPV4, 0, "");
		engine_says(s, FAMILY_IPV6, 0, "");
		main_serves(s);
		close(fd);
	}
	/* None of them has become a session: all are lifted again. */
	do {
		engines_do(s, BOB, false);
		main_serves(s);
		main_serves(s);
	} while (has_record(s, ALICE) || has_record(s, ALICE + 100 * (uint32_t)(i - 1)));
}

static void
a_question_behind_an_answer_ends_the_session(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FENCED);
	say(fd, PROTOCOL_STATUS, NULL);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_ERROR);
	assert_int_equal(answer(s, fd, NULL), 0);
	engines_do(s, ALICE, false);
	close(fd);
}

static void
whoever_asked_for_a_reload_may_go(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd, i;

	engines_up(s, ALICE, false);
	for (i = 0; i < 3; i++) {
		scripted_write(s->rules, "netfence.yaml",
		    i % 2 ? SCRIPTED_RULES
			  : "version: 1\ngroups:\n  supporters:\n    egress: []\n");
		fd = caller(s);
		say_reload(fd);
		engine_is_to(s, FAMILY_IPV4, ALICE, false);
		engine_is_to(s, FAMILY_IPV6, ALICE, false);
		if (i) {
			say(fd, i == 1 ? PROTOCOL_STATUS : PROTOCOL_TAKEN, NULL);
			assert_int_equal(answer(s, fd, NULL), PROTOCOL_ERROR);
		}
		close(fd);
		main_serves(s);
		engine_says(s, FAMILY_IPV4, 0, "");
		engine_says(s, FAMILY_IPV6, 0, "");
		main_serves(s);
	}
}

static void
a_reload_that_frees_whoever_waits(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd, asker;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	scripted_write(s->rules, "netfence.yaml", "version: 1\n");
	asker = caller(s);
	say_reload(asker);
	main_serves(s);
	engine_says(s, FAMILY_IPV4, ENOSPC, "");
	engine_says(s, FAMILY_IPV6, ENOSPC, "");
	is_refused(s, fd, "");
	fd = login(s, ALICE);
	engines_do(s, ALICE, false);
	assert_int_equal(answer(s, asker, NULL), PROTOCOL_TEXT);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FREE);
	close(asker);
	close(fd);
}

/* What the files held then is not what they hold now. Signals that come several times count once.
 */
static void
a_reload_that_comes_meanwhile_is_done_afterwards(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, second, gone, fd, i;

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(fd);
	first = caller(s);
	say_reload(first);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	scripted_write(s->rules, "netfence.yaml", "version: 1\n");
	for (i = 0; i < 3; i++)
		assert_int_equal(channel_send(s->channel, CHANNEL_RELOAD, 0, -1), 0);
	main_serves(s);
	gone = caller(s);
	say_reload(gone);
	second = caller(s);
	say_reload(second);
	nothing_for(s, second);
	close(gone);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, first, NULL), PROTOCOL_TEXT);
	engines_do(s, ALICE, false);
	nothing_for(s, second);
	for (i = 0; i < 2; i++)
		engines_do(s, ALICE, false);
	assert_int_equal(answer(s, second, NULL), PROTOCOL_TEXT);
	close(first);
	close(second);
	/* And nothing else was asked for. */
	fd = login(s, BOB);
	assert_int_equal(answer(s, fd, NULL), PROTOCOL_FREE);
	close(fd);
}

/* Rules that cannot be used keep nobody waiting who asks after them. */
static void
a_reload_behind_one_that_is_refused_is_done(void **state)
{
	struct scripted *s = scripted_begin(state);
	int first, second, third, fd;
	char text[256];

	engines_up(s, ALICE, false);
	fd = login(s, ALICE);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	close(fd);
	first = caller(s);
	say_reload(first);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	scripted_write(s->rules, "netfence.yaml", "version: 1\nnonsense: 1\n");
	second = caller(s);
	say_reload(second);
	nothing_for(s, second);
	third = caller(s);
	say_reload(third);
	nothing_for(s, third);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	assert_int_equal(answer(s, first, NULL), PROTOCOL_TEXT);
	assert_int_equal(answer(s, second, text), PROTOCOL_TEXT);
	assert_non_null(strstr(text, "refused"));
	assert_int_equal(answer(s, third, text), PROTOCOL_TEXT);
	assert_non_null(strstr(text, "refused"));
	close(first);
	close(second);
	close(third);
}

/* ------------------------------------------------------------------ groups that are missing */

/* From a start on "a login" is known as a member of the group. */
static void
know_a_member(struct scripted *s)
{
	struct known *known = known_new();
	struct wire_out out = { 0 };
	int fd;

	assert_int_equal(known_learn(known, "a login", "supporters"), 1);
	known_put(&out, known);
	fd = openat(s->state_fd, "groups", O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	assert_int_equal(write(fd, out.data, out.used), out.used);
	close(fd);
	wire_out_free(&out);
	known_free(known);
	scripted_kill(s);
	scripted_start(s);
}

/* Nobody is there to ask: what was known stands, and in good time. */
static void
a_group_that_is_missing_counts_where_nobody_says_that_it_is_lost(void **state)
{
	struct scripted *s = scripted_begin(state);
	int64_t begun;
	int fd;

	know_a_member(s);
	engines_up(s, ALICE, false);
	fd = caller(s);
	begun = wire_clock_ms();
	say_open_in(fd, ALICE, 0, 2000, NULL, 0);
	nothing_for(s, fd);
	engines_do(s, ALICE, true);
	is_fenced(s, fd);
	assert_true(wire_clock_ms() - begun >= 900);
	close(fd);
}

/* Nor does it matter whoever gives up meanwhile; others are answered at once. */
static void
whoever_is_doubted_may_go(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd, other;

	know_a_member(s);
	engines_up(s, ALICE, false);
	fd = caller(s);
	say_open_in(fd, ALICE, 0, 400, NULL, 0);
	nothing_for(s, fd);
	close(fd);
	other = caller(s);
	say_open(other, BOB, 0, 20000);
	engine_is_to(s, FAMILY_IPV4, ALICE, false);
	engine_is_to(s, FAMILY_IPV6, ALICE, false);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	is_fenced(s, other);
	close(other);
	/* Past the time of the first. */
	fd = caller(s);
	say_open_in(fd, CAROL, 0, 1000, NULL, 0);
	engines_do(s, CAROL, true);
	is_fenced(s, fd);
	close(fd);
	assert_false(has_record(s, ALICE));
}

/* The window counts on an answer to each question: it is given up where one cannot be sent. */
static void
a_window_that_misses_an_answer_is_given_up(void **state)
{
	struct scripted *s = scripted_begin(state);
	const struct window_question question = { .token = 7, .uid = ALICE };
	struct wire_out out = { 0 };
	char rubbish[4096] = { 0 };
	struct pollfd poller = { .events = POLLRDHUP };
	int64_t until = DEADLINE;
	int pair[2];

	engines_up(s, ALICE, false);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	while (send(pair[1], rubbish, sizeof(rubbish), MSG_DONTWAIT) > 0)
		;
	assert_int_equal(channel_send(s->channel, CHANNEL_WINDOW, 0, pair[1]), 0);
	close(pair[1]);
	window_question_put(&out, &question);
	assert_int_equal(send(pair[0], out.data, out.used, MSG_NOSIGNAL), out.used);
	wire_out_free(&out);
	poller.fd = pair[0];
	while (poll(&poller, 1, 10) == 0) {
		if (wire_clock_ms() > until)
			fail_msg("it was kept");
		main_serves(s);
	}
	assert_true(poller.revents & POLLRDHUP);
	close(pair[0]);
}

/* ------------------------------------------------------------------------------ in good time */

/* Whoever asked with that patience is still there to hear it, and the fence does not come up
 * around somebody who was refused. */
static void
a_login_whose_commit_takes_too_long_is_refused_in_time(void **state)
{
	struct scripted *s = scripted_begin(state);
	int64_t begun;
	int fd;

	engines_up(s, ALICE, false);
	fd = caller(s);
	begun = wire_clock_ms();
	say_open(fd, ALICE, 0, 5000);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	is_refused(s, fd, "no fence in time: a commit is under way");
	assert_in_range(wire_clock_ms() - begun, 4400, 4999);
	/* Until the fence has gone again a main that starts anew has to know whose it is. */
	main_serves(s);
	assert_true(has_record(s, ALICE));
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, false);
	main_serves(s);
	assert_false(has_record(s, ALICE));
}

/* What is told is what keeps the fence from coming up. */
static void
a_login_without_an_engine_is_refused_in_time(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	engine_die(s, FAMILY_IPV6);
	fd = caller(s);
	say_open(fd, ALICE, 0, 1000);
	is_refused(s, fd, "no fence in time: the IPv6 engine is being started");
	fd = caller(s);
	say_open(fd, ALICE, 0, 1000);
	engine_start(s, FAMILY_IPV6);
	engine_says(s, FAMILY_IPV6, 0, "");
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_die(s, FAMILY_IPV6);
	is_refused(s, fd, "no fence in time: the IPv6 engine is being started");
}

/* Of one who is in without a fence, and whom a login with more groups has fenced. */
static void
a_refusal_in_time_ends_no_other_session(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct session_name name;
	int in, fd;

	engines_up(s, ALICE, false);
	in = caller(s);
	say_open_in(in, ALICE, 0, 20000, NULL, 0);
	assert_int_equal(answer(s, in, NULL), PROTOCOL_FREE);
	say(in, PROTOCOL_TAKEN, NULL);
	fd = caller(s);
	say_open(fd, ALICE, 0, 500);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	is_refused(s, fd, "no fence in time");
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	/* The fence is up: the next login has it at once. */
	fd = login(s, ALICE);
	name = is_fenced(s, fd);
	logout(s, &name, PROTOCOL_DONE);
	close(fd);
	close(in);
}

static void
nobody_waits_for_ever(void **state)
{
	struct scripted *s = scripted_begin(state);
	int fd;

	engines_up(s, ALICE, false);
	fd = caller(s);
	say_open(fd, ALICE, 0, 1);
	engine_is_to(s, FAMILY_IPV4, ALICE, true);
	engine_is_to(s, FAMILY_IPV6, ALICE, true);
	is_refused(s, fd, "no fence in time");
	engine_says(s, FAMILY_IPV4, 0, "");
	engine_says(s, FAMILY_IPV6, 0, "");
	engines_do(s, ALICE, false);
}

/* By its file, as modules say it where the kernel has no cookies, or by its cookie. */
static void
a_login_elsewhere_is_refused(void **state)
{
	struct scripted *s = scripted_begin(state);
	struct netns_name own[2] = { { 0 }, { 0, SCRIPTED_COOKIE } }, others[6];
	struct open_request request = {
		.patience_ms = 20000, .user = (char[]){ "a login" }, .service = (char[]){ "test" }
	};
	struct wire_out out;
	struct stat file;
	size_t i;
	int fd;

	assert_int_equal(stat("/proc/self/ns/net", &file), 0);
	own[0] = (struct netns_name){ file.st_dev, file.st_ino };
	others[0] = (struct netns_name){ 0, SCRIPTED_COOKIE + 1 };
	others[1] = (struct netns_name){ 0, 0 };
	others[2] = (struct netns_name){ 0, file.st_ino };
	others[3] = (struct netns_name){ file.st_dev, SCRIPTED_COOKIE };
	others[4] = (struct netns_name){ file.st_dev, file.st_ino + 1 };
	others[5] = (struct netns_name){ file.st_dev + 1, file.st_ino };
	engines_up(s, ALICE, false);
	for (i = 0; i < 8; i++) {
		request.uid = request.gid = ALICE + 100 * (uint32_t)i;
		request.groups = (char *[]){ (char[]){ "supporters" } };
		request.n_groups = 1;
		request.netns = i < 6 ? others[i] : own[i - 6];
		out = (struct wire_out){ 0 };
		open_request_put(&out, &request);
		fd = caller(s);
		say(fd, PROTOCOL_OPEN, &out);
		wire_out_free(&out);
		if (i < 6) {
			is_refused(s, fd, "another network namespace");
			continue;
		}
		engines_do(s, request.uid, true);
		is_fenced(s, fd);
		close(fd);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scripted_setup, scripted_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_caller_who_hangs_up_leaves_no_fence),
		TEST(an_answer_that_is_not_taken_is_no_session),
		TEST(an_opener_that_dies_while_it_waits),
		TEST(a_fence_to_be_lifted_in_the_middle_of_a_commit_is_lifted),
		TEST(a_second_question_ends_the_first),
		TEST(a_question_behind_an_answer_ends_the_session),
		TEST(whoever_asked_for_a_reload_may_go),
		TEST(a_reload_that_frees_whoever_waits),
		TEST(a_reload_that_comes_meanwhile_is_done_afterwards),
		TEST(a_reload_behind_one_that_is_refused_is_done),
		TEST(a_group_that_is_missing_counts_where_nobody_says_that_it_is_lost),
		TEST(whoever_is_doubted_may_go),
		TEST(a_window_that_misses_an_answer_is_given_up),
		TEST(a_login_whose_commit_takes_too_long_is_refused_in_time),
		TEST(a_login_without_an_engine_is_refused_in_time),
		TEST(a_refusal_in_time_ends_no_other_session),
		TEST(nobody_waits_for_ever),
		TEST(a_login_elsewhere_is_refused),
	};

	return cmocka_run_group_tests_name("main_callers", tests, NULL, NULL);
}
