/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pam_sm_close_session(), and sessions that nest, cross and are forgotten.
 */
#include <sys/wait.h>

#include "app.h"
#include "daemon.h"
#include "wire/client.h"

static struct app app;

static int
begin(void **state)
{
	(void)state;
	world_make_users();
	world_log_forget();
	daemon_forget();
	daemon_start();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	daemon_forget();
	return 0;
}

static void
be(const char *user)
{
	must(pam_set_item(app.pamh, PAM_USER, user) == PAM_SUCCESS);
}

/* Event n is the close of what event m opened. */
static void
assert_closes(size_t n, size_t m)
{
	assert_true(n < daemon_.n && m < daemon_.n);
	assert_int_equal(daemon_.events[n].operation, PROTOCOL_CLOSE);
	assert_int_equal(daemon_.events[m].operation, PROTOCOL_OPEN);
	assert_true(daemon_.events[m].given.id != 0);
	assert_true(daemon_.events[n].close.id == daemon_.events[m].given.id);
	assert_true(daemon_.events[n].close.key == daemon_.events[m].given.key);
}

static void
what_was_opened_is_closed(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app.infos + app.errors, 0);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_closes(1, 0);
}

/* Who is not fenced has a session all the same, which ends by its name; to PAM it is nothing. */
static void
what_is_free_is_closed_too(void **state)
{
	(void)state;
	daemon_will(ACT_FREE_NAMED, "nothing matches");
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_IGNORE);
	assert_int_equal(app_open(&app, 0), PAM_IGNORE);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app.infos + app.errors, 0);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_true(daemon_.events[0].taken);
	assert_closes(1, 0);
}

static void
who_is_free_does_not_wait_for_a_daemon_that_is_away(void **state)
{
	int64_t begun;

	(void)state;
	daemon_will(ACT_FREE_NAMED, "nothing matches");
	app_start(&app, "alice", "timeout=30");
	assert_int_equal(app_open(&app, 0), PAM_IGNORE);
	daemon_end();
	begun = wire_clock_ms();
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_true(wire_clock_ms() - begun < 5000);
	app_end(&app);
}

static void
what_was_not_opened_is_not(void **state)
{
	(void)state;
	daemon_will(ACT_FREE, "nothing matches");
	daemon_will(ACT_REFUSED, "full");
	daemon_will(ACT_REFUSED, "full");
	app_start(&app, "alice", "");
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app_open(&app, 0), PAM_IGNORE);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	assert_int_equal(app_open(&app, 0), PAM_SESSION_ERR);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	app_end(&app);
	app_start(&app, "alice", "onerr=succeed");
	assert_int_equal(app_open(&app, 0), PAM_IGNORE);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 3);
}

/* `su -` opens twice, since su-l includes su. */
static void
opens_nest(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	/* Nothing of it has been netfenced's business so far. */
	world_log_forget();
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	/* And a new one after it is another. */
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 4);
	assert_closes(1, 0);
	assert_closes(3, 2);
	assert_true(daemon_.events[0].given.id != daemon_.events[2].given.id);
}

static void
a_nested_open_needs_no_daemon(void **state)
{
	(void)state;
	app_start(&app, "alice", "timeout=1");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	daemon_start();
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_closes(1, 0);
}

static void
users_of_one_handle_are_told_apart(void **state)
{
	static const char *const orders[][3] = {
		{ "alice", "bob", "carol" },
		{ "carol", "bob", "alice" },
		{ "bob", "alice", "carol" },
		{ "bob", "carol", "alice" },
	};
	static const char *const users[] = { "alice", "bob", "carol" };
	size_t i, k, m;

	(void)state;
	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		daemon_forget();
		daemon_start();
		app_start(&app, "alice", "");
		for (k = 0; k < 3; k++) {
			be(users[k]);
			assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
		}
		be("dave");
		assert_int_equal(app_close(&app), PAM_IGNORE);
		for (k = 0; k < 3; k++) {
			be(orders[i][k]);
			assert_int_equal(app_close(&app), PAM_SUCCESS);
			assert_int_equal(app_close(&app), PAM_IGNORE);
		}
		app_end(&app);
		daemon_end();
		assert_int_equal(daemon_.n, 6);
		for (k = 0; k < 3; k++) {
			for (m = 0; strcmp(users[m], orders[i][k]) != 0;)
				m++;
			assert_closes(3 + k, m);
		}
	}
}

/* Two names of one uid are one user. */
static void
an_alias_is_the_same_user(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	be("ally");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_closes(1, 0);
}

static void
two_handles_of_one_user_are_two_sessions(void **state)
{
	struct app first;

	(void)state;
	app_start(&first, "alice", "");
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&first, 0), PAM_SUCCESS);
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&first), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	app_end(&first);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 4);
	assert_closes(2, 0);
	assert_closes(3, 1);
}

static void
a_user_who_is_gone_is_closed_by_name(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	unlink("/etc/passwd");
	/* An alias cannot be told then, and has nothing under its own name. */
	be("ally");
	assert_int_equal(app_close(&app), PAM_IGNORE);
	be("alice");
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_closes(1, 0);
}

static void
without_a_user_there_is_nothing_to_close(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	be(NULL);
	assert_int_equal(app_close(&app), PAM_IGNORE);
	be("nosuch");
	assert_int_equal(app_close(&app), PAM_IGNORE);
	app_end(&app);
}

static void
a_daemon_that_is_away_is_logged(void **state)
{
	(void)state;
	app_start(&app, "alice", "timeout=1");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app.errors + app.infos, 0);
	assert_non_null(strstr(world_log(), "could not be closed"));
	assert_int_equal(app_close(&app), PAM_IGNORE);
	app_end(&app);
}

static void
whatever_is_answered_it_is_closed(void **state)
{
	static const enum act acts[] = { ACT_ERROR, ACT_GARBAGE, ACT_SILENT, ACT_VERSION,
		ACT_FENCED, ACT_NOT_HEADER };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		daemon_will(ACT_FENCED, "");
		daemon_will(acts[i], "what it says");
		app_start(&app, "alice", "timeout=1");
		assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
		world_log_forget();
		assert_int_equal(app_close(&app), PAM_SUCCESS);
		assert_non_null(strstr(world_log(), "could not be closed"));
		assert_true(acts[i] != ACT_ERROR || strstr(world.lines, "what it says"));
		assert_int_equal(app_close(&app), PAM_IGNORE);
		app_end(&app);
	}
}

static void
a_broken_connection_is_tried_again(void **state)
{
	(void)state;
	daemon_will(ACT_FENCED, "");
	daemon_will(ACT_HANG_UP, NULL);
	daemon_will(ACT_READ_ONLY, NULL);
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_null(strstr(world_log(), "could not be closed"));
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 4);
	assert_closes(2, 0);
	assert_closes(3, 0);
}

/* Runs `what` in a child, as an application does that forks. */
static int
in_child(int (*what)(struct app *))
{
	int status;
	pid_t child = fork();

	must(child >= 0);
	if (child == 0)
		_exit(what(&app));
	must(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
only_end(struct app *a)
{
	return pam_end(a->pamh, PAM_SUCCESS | PAM_DATA_SILENT);
}

static void
pam_end_closes_nothing(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(in_child(only_end), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	assert_int_equal(app_close(&app), PAM_SUCCESS);
	app_end(&app);
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SUCCESS);
	daemon_end();
	/* Open, close, open: and no more. */
	assert_int_equal(daemon_.n, 3);
	assert_closes(1, 0);
	assert_int_equal(daemon_.events[2].operation, PROTOCOL_OPEN);
}

/* systemd's (sd-pam) is a child of the opener's. */
static void
a_child_may_close(void **state)
{
	(void)state;
	app_start(&app, "alice", "");
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(in_child(app_close), PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 2);
	assert_closes(1, 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_was_opened_is_closed, begin),
		cmocka_unit_test_setup(what_is_free_is_closed_too, begin),
		cmocka_unit_test_setup(who_is_free_does_not_wait_for_a_daemon_that_is_away, begin),
		cmocka_unit_test_setup(what_was_not_opened_is_not, begin),
		cmocka_unit_test_setup(opens_nest, begin),
		cmocka_unit_test_setup(a_nested_open_needs_no_daemon, begin),
		cmocka_unit_test_setup(users_of_one_handle_are_told_apart, begin),
		cmocka_unit_test_setup(an_alias_is_the_same_user, begin),
		cmocka_unit_test_setup(two_handles_of_one_user_are_two_sessions, begin),
		cmocka_unit_test_setup(a_user_who_is_gone_is_closed_by_name, begin),
		cmocka_unit_test_setup(without_a_user_there_is_nothing_to_close, begin),
		cmocka_unit_test_setup(a_daemon_that_is_away_is_logged, begin),
		cmocka_unit_test_setup(whatever_is_answered_it_is_closed, begin),
		cmocka_unit_test_setup(a_broken_connection_is_tried_again, begin),
		cmocka_unit_test_setup(pam_end_closes_nothing, begin),
		cmocka_unit_test_setup(a_child_may_close, begin),
	};

	(void)argc;
	world_enter(argv);
	return cmocka_run_group_tests_name("close", tests, NULL, end);
}
