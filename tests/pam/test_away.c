/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pam_sm_open_session() answers when netfenced is away, being restarted, slow or out of its
 * mind, and when the name service is.
 */
#include <sys/resource.h>
#include <time.h>

#include "app.h"
#include "daemon.h"

#define WHO_HEAD "netfence-who 1\nuid-min 1000\n"

static struct app app;

static int
begin(void **state)
{
	(void)state;
	world_make_users();
	world_log_forget();
	daemon_forget();
	world_write(NETFENCE_WHO_FILE, WHO_HEAD "group supporters\nend\n");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	daemon_forget();
	return 0;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- away */

static void
away_a_fenced_user_is_refused(void **state)
{
	const int64_t before = now_ms();

	(void)state;
	assert_int_equal(app_try(&app, "alice", "timeout=1", 0), PAM_SESSION_ERR);
	assert_in_range(now_ms() - before, 1000, 4500);
	assert_int_equal(app.errors, 1);
	assert_non_null(strstr(world_log(), "No such file or directory"));
	assert_int_equal(app_try(&app, "alice", "timeout=1", PAM_SILENT), PAM_SESSION_ERR);
	assert_int_equal(app.errors, 0);
}

/* A socket is left, and nobody listens behind it. */
static void
away_with_a_socket_left_is_the_same(void **state)
{
	const int64_t before = now_ms();

	(void)state;
	daemon_bind();
	assert_int_equal(app_try(&app, "alice", "timeout=1", 0), PAM_SESSION_ERR);
	assert_in_range(now_ms() - before, 1000, 4500);
	assert_non_null(strstr(world_log(), "Connection refused"));
	assert_int_equal(app_try(&app, "carol", "timeout=1", 0), PAM_IGNORE);
	close(daemon_.listener);
	unlink(world.socket);
}

static void
away_a_free_user_passes(void **state)
{
	(void)state;
	assert_int_equal(app_try(&app, "carol", "timeout=1", 0), PAM_IGNORE);
	assert_int_equal(app.errors + app.infos, 0);
	assert_non_null(strstr(world_log(), "carol"));
	assert_non_null(strstr(world.lines, "do not fence"));
}

static void
away_onerr_lets_in(void **state)
{
	(void)state;
	assert_int_equal(app_try(&app, "alice", "timeout=1 onerr=succeed", 0), PAM_IGNORE);
	assert_int_equal(app.errors + app.infos, 0);
	assert_non_null(strstr(world_log(), "onerr=succeed"));
}

static void
away_root_and_admins_pass(void **state)
{
	(void)state;
	unlink(NETFENCE_WHO_FILE);
	assert_int_equal(app_try(&app, "root", "timeout=1", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "bob", "timeout=1 admin_group=wheel", 0), PAM_IGNORE);
}

/* For what is the same whatever is wrong with netfenced: one that fails at once. */
static int
try_alone(const char *user, const char *options)
{
	daemon_forget();
	daemon_start();
	daemon_will(ACT_GARBAGE, "");
	return app_try(&app, user, options, 0);
}

static void
away_the_table_of_names_decides(void **state)
{
	static const struct {
		const char *lines;
		const char *user;
		int code;
	} cases[] = {
		{ "user alice\n", "alice", PAM_SESSION_ERR },
		{ "user alice\n", "carol", PAM_IGNORE },
		{ "exempt-user alice\nuser bob\ngroup supporters\n", "alice", PAM_IGNORE },
		{ "exempt-group alice\ngroup supporters\n", "alice", PAM_IGNORE },
		{ "others\n", "carol", PAM_SESSION_ERR },
		{ "", "alice", PAM_IGNORE },
		/* Names are compared as the name service spells them. */
		{ "user Erin\n", "erin", PAM_SESSION_ERR },
		{ "user erin\n", "erin", PAM_IGNORE },
	};
	char text[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), WHO_HEAD "%send\n", cases[i].lines);
		world_write(NETFENCE_WHO_FILE, text);
		if (try_alone(cases[i].user, "") != cases[i].code)
			fail_msg("%s: not %d with\n%s", cases[i].user, cases[i].code, text);
	}
}

static void
away_what_is_not_known_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		WHO_HEAD "user bob\n",
		WHO_HEAD "user bob\nend",
		WHO_HEAD "nonsense\nend\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		world_write(NETFENCE_WHO_FILE, bad[i]);
		assert_int_equal(try_alone("carol", ""), PAM_SESSION_ERR);
		assert_int_equal(app.errors, 1);
		assert_non_null(strstr(world_log(), NETFENCE_WHO_FILE));
		world_log_forget();
	}
	world_write(NETFENCE_WHO_FILE, WHO_HEAD "end\n");
	must(chmod(NETFENCE_WHO_FILE, 0666) == 0);
	assert_int_equal(try_alone("carol", ""), PAM_SESSION_ERR);
	unlink(NETFENCE_WHO_FILE);
	assert_int_equal(try_alone("carol", ""), PAM_SESSION_ERR);
	assert_int_equal(try_alone("carol", "onerr=succeed"), PAM_IGNORE);
}

/* ---------------------------------------------------------------- slow, or out of its mind */

static void
a_slow_daemon_is_left_at_the_deadline(void **state)
{
	int64_t before;

	(void)state;
	daemon_start();
	daemon_will(ACT_SILENT, NULL);
	daemon_will(ACT_SILENT, NULL);
	daemon_will(ACT_SILENT, NULL);
	before = now_ms();
	assert_int_equal(app_try(&app, "alice", "timeout=1", 0), PAM_SESSION_ERR);
	assert_in_range(now_ms() - before, 1000, 4500);
	assert_int_equal(app.errors, 1);
	assert_non_null(strstr(world_log(), "in time"));
	assert_int_equal(app_try(&app, "carol", "timeout=1", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "alice", "timeout=1 onerr=succeed", 0), PAM_IGNORE);
	daemon_end();
	assert_int_equal(daemon_.n, 3);
}

static void
what_is_no_answer_refuses(void **state)
{
	static const enum act acts[] = { ACT_GARBAGE, ACT_NOT_HEADER, ACT_VERSION, ACT_LONG,
		ACT_FREE_LONG, ACT_ERROR };
	size_t i;

	(void)state;
	daemon_start();
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		daemon_will(acts[i], "x");
		daemon_will(acts[i], "x");
		assert_int_equal(app_try(&app, "alice", "", 0), PAM_SESSION_ERR);
		assert_int_equal(app.errors, 1);
		assert_int_equal(app_try(&app, "carol", "", 0), PAM_IGNORE);
	}
	daemon_end();
	for (i = 0; i < daemon_.n; i++)
		assert_false(daemon_.events[i].taken);
}

/* ---------------------------------------------------------------- being restarted */

static void
a_broken_connection_is_tried_again(void **state)
{
	static const enum act acts[] = { ACT_HANG_UP, ACT_READ_ONLY, ACT_HALF, ACT_DEAF };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		daemon_forget();
		daemon_start();
		daemon_will(acts[i], "");
		daemon_will(acts[i], "");
		app_start(&app, "alice", "");
		assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
		assert_int_equal(app_close(&app), PAM_SUCCESS);
		app_end(&app);
		daemon_end();
		/* Only the session that was taken is there, and is closed. */
		assert_int_equal(daemon_.n, 4);
		for (n = 0; n < 2; n++)
			assert_false(daemon_.events[n].taken);
		assert_true(daemon_.events[2].taken);
		assert_int_equal(daemon_.events[3].operation, PROTOCOL_CLOSE);
		assert_true(daemon_.events[3].close.id == daemon_.events[2].given.id);
		assert_true(daemon_.events[3].close.key == daemon_.events[2].given.key);
	}
}

static void
connections_that_always_break_end_at_the_deadline(void **state)
{
	int64_t before;
	int i;

	(void)state;
	daemon_start();
	for (i = 0; i < PLANS_MAX; i++)
		daemon_will(ACT_DEAF, "");
	before = now_ms();
	assert_int_equal(app_try(&app, "alice", "timeout=1", 0), PAM_SESSION_ERR);
	assert_in_range(now_ms() - before, 1000, 4500);
	daemon_end();
	/* At a calm pace: 20 ms, 40 ms, 80 ms, 160 ms, and then 200 ms. */
	assert_in_range(daemon_.n, 3, 10);
}

static void *
open_in_thread(void *code)
{
	*(int *)code = app_open(&app, 0);
	return NULL;
}

/* While it asks, there is no socket first, then one that nobody listens on, and then netfenced.
 * That neither of the first two ends it at once, the tests of the deadline show. */
static void
a_daemon_that_comes_back_is_waited_for(void **state)
{
	pthread_t thread;
	int code = -1;

	(void)state;
	app_start(&app, "alice", "debug timeout=60");
	must(pthread_create(&thread, NULL, open_in_thread, &code) == 0);
	world_log_await("asking");
	daemon_bind();
	daemon_listen();
	must(pthread_join(thread, NULL) == 0);
	assert_int_equal(code, PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_int_equal(daemon_.n, 1);
	assert_true(daemon_.events[0].taken);
}

/* Who has said why before hanging up, with the request still on its way, is heard. */
static void
an_early_answer_is_heard(void **state)
{
	(void)state;
	daemon_start();
	daemon_will(ACT_FREE_UNREAD, "no");
	assert_int_equal(app_try(&app, "many", "", 0), PAM_IGNORE);
	daemon_end();
	assert_int_equal(daemon_.n, 1);
}

/* ---------------------------------------------------------------- the name service */

static void
an_unknown_user_is_unknown(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "nosuch", "", 0), PAM_USER_UNKNOWN);
	assert_int_equal(app_try(&app, "nosuch", "onerr=succeed", 0), PAM_USER_UNKNOWN);
	assert_int_equal(app_try(&app, "", "", 0), PAM_USER_UNKNOWN);
	assert_int_equal(app_try(&app, NULL, "", 0), PAM_USER_UNKNOWN);
	daemon_end();
	assert_int_equal(daemon_.n, 0);
}

static void
a_name_service_that_fails_refuses(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "trouble", "", 0), PAM_SESSION_ERR);
	assert_int_equal(app.errors, 1);
	assert_non_null(strstr(world_log(), "looking up the user: Input/output error"));
	assert_int_equal(app_try(&app, "trouble", "onerr=succeed", 0), PAM_IGNORE);
	/* One that never finds room enough. */
	assert_int_equal(app_try(&app, "endless", "", 0), PAM_SESSION_ERR);
	daemon_end();
	assert_int_equal(daemon_.n, 0);
}

static void
a_group_that_cannot_be_looked_up_refuses(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "clouded", "", 0), PAM_SESSION_ERR);
	assert_int_equal(app.errors, 1);
	assert_non_null(strstr(world_log(), "looking up group 7777: Input/output error"));
	assert_int_equal(app_try(&app, "clouded", "onerr=succeed", 0), PAM_IGNORE);
	/* Names and groups of which half could be sent only. */
	assert_int_equal(app_try(&app, "crowded", "", 0), PAM_SESSION_ERR);
	assert_int_equal(app_try(&app, "toomany", "", 0), PAM_SESSION_ERR);
	assert_int_equal(app_try(&app, "bursting", "", 0), PAM_SESSION_ERR);
	daemon_end();
	for (size_t i = 0; i < daemon_.n; i++)
		assert_int_equal(daemon_.events[i].operation, 0);
}

static void
a_group_without_a_name_is_left_out(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "nameless", "", 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(daemon_.events[0].open.gid, 4999);
	assert_int_equal(daemon_.events[0].open.n_groups, 1);
	assert_string_equal(daemon_.events[0].open.groups[0], "supporters");
}

static void
large_answers_fit(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "large", "", 0), PAM_SUCCESS);
	assert_int_equal(app_try(&app, "huge", "", 0), PAM_SUCCESS);
	assert_int_equal(app_try(&app, "many", "", 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(daemon_.events[0].open.uid, 5001);
	assert_int_equal(daemon_.events[2].open.n_groups, 30000);
	assert_string_equal(daemon_.events[2].open.groups[29999], "g129999");
}

static void
names_are_the_name_services(void **state)
{
	(void)state;
	daemon_start();
	assert_int_equal(app_try(&app, "ERIN", "", 0), PAM_SUCCESS);
	daemon_end();
	assert_string_equal(daemon_.events[0].open.user, "Erin");
}

/* A directory may be slower than the deadline without using it up. */
static void
a_slow_name_service_takes_nothing_from_the_deadline(void **state)
{
	const struct timespec longer = { .tv_sec = 1, .tv_nsec = 200000000 };
	pthread_t thread;
	int code = -1, fd;

	(void)state;
	daemon_start();
	unlink("/etc/slow");
	must(mkfifo("/etc/slow", 0600) == 0);
	app_start(&app, "slow", "timeout=1");
	must(pthread_create(&thread, NULL, open_in_thread, &code) == 0);
	fd = open("/etc/slow", O_WRONLY | O_CLOEXEC); /* it is there, waiting */
	must(fd >= 0);
	nanosleep(&longer, NULL); /* what is tested, not waited for */
	close(fd);
	must(pthread_join(thread, NULL) == 0);
	assert_int_equal(code, PAM_SUCCESS);
	app_end(&app);
	daemon_end();
	assert_in_range(daemon_.events[0].open.patience_ms, 100, 1000);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(away_a_fenced_user_is_refused, begin),
		cmocka_unit_test_setup(away_with_a_socket_left_is_the_same, begin),
		cmocka_unit_test_setup(away_a_free_user_passes, begin),
		cmocka_unit_test_setup(away_onerr_lets_in, begin),
		cmocka_unit_test_setup(away_root_and_admins_pass, begin),
		cmocka_unit_test_setup(away_the_table_of_names_decides, begin),
		cmocka_unit_test_setup(away_what_is_not_known_is_refused, begin),
		cmocka_unit_test_setup(a_slow_daemon_is_left_at_the_deadline, begin),
		cmocka_unit_test_setup(what_is_no_answer_refuses, begin),
		cmocka_unit_test_setup(a_broken_connection_is_tried_again, begin),
		cmocka_unit_test_setup(connections_that_always_break_end_at_the_deadline, begin),
		cmocka_unit_test_setup(a_daemon_that_comes_back_is_waited_for, begin),
		cmocka_unit_test_setup(an_early_answer_is_heard, begin),
		cmocka_unit_test_setup(an_unknown_user_is_unknown, begin),
		cmocka_unit_test_setup(a_name_service_that_fails_refuses, begin),
		cmocka_unit_test_setup(a_group_that_cannot_be_looked_up_refuses, begin),
		cmocka_unit_test_setup(a_group_without_a_name_is_left_out, begin),
		cmocka_unit_test_setup(large_answers_fit, begin),
		cmocka_unit_test_setup(names_are_the_name_services, begin),
		cmocka_unit_test_setup(a_slow_name_service_takes_nothing_from_the_deadline, begin),
	};

	(void)argc;
	world_enter(argv);
	return cmocka_run_group_tests_name("away", tests, NULL, end);
}
