/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pam_sm_open_session() answers when netfenced is there, and what it asks.
 */
#include <ctype.h>
#include <dirent.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <time.h>

#include "app.h"
#include "daemon.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

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

static bool
has_group(const struct open_request *request, const char *name)
{
	uint32_t i;

	for (i = 0; i < request->n_groups; i++)
		if (!strcmp(request->groups[i], name))
			return true;
	return false;
}

/* ---------------------------------------------------------------- what netfenced decides */

/* The network namespace of this test, by its cookie where the kernel has cookies. */
static struct netns_name
own_network(void)
{
	struct netns_name netns = { 0 };
	socklen_t size = sizeof(netns.inode);
	struct stat file;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0);
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &netns.inode, &size) < 0) {
		must(errno == ENOPROTOOPT);
		must(stat("/proc/self/ns/net", &file) == 0);
		netns = (struct netns_name){ file.st_dev, file.st_ino };
	}
	close(fd);
	return netns;
}

static void
a_fenced_user_is_in_and_told_so(void **state)
{
	const struct open_request *asked = &daemon_.events[0].open;
	struct netns_name netns;

	(void)state;
	world_write("/etc/subuid", "alice:100000:65536\n");
	daemon_will(ACT_FENCED, "Outbound access is limited.");
	app_start(&app, "alice", "");
	must(pam_set_item(app.pamh, PAM_TTY, "ssh") == PAM_SUCCESS);
	must(pam_set_item(app.pamh, PAM_RHOST, "192.0.2.7") == PAM_SUCCESS);
	must(pam_set_item(app.pamh, PAM_RUSER, "mallory") == PAM_SUCCESS);
	assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
	assert_int_equal(app.infos, 1);
	assert_int_equal(app.errors, 0);
	assert_string_equal(app.said, "Outbound access is limited.");
	app_end(&app);

	daemon_end();
	assert_int_equal(daemon_.n, 1);
	assert_true(daemon_.events[0].taken);
	assert_in_range(asked->patience_ms, 3000, 5000);
	assert_string_equal(asked->user, "alice");
	assert_int_equal(asked->uid, 4000);
	assert_int_equal(asked->gid, 4000);
	assert_int_equal(asked->n_groups, 2);
	assert_true(has_group(asked, "alice"));
	assert_true(has_group(asked, "supporters"));
	assert_int_equal(asked->n_ranges, 1);
	assert_int_equal(asked->ranges[0].first, 100000);
	assert_int_equal(asked->ranges[0].last, 165535);
	assert_string_equal(asked->flaw, "");
	netns = own_network();
	assert_true(asked->netns.device == netns.device);
	assert_true(asked->netns.inode == netns.inode);
	assert_string_equal(asked->service, "tested");
	assert_string_equal(asked->tty, "ssh");
	assert_string_equal(asked->from, "192.0.2.7");
	assert_string_equal(asked->by, "mallory");
}

static void
nothing_is_said_without_need(void **state)
{
	(void)state;
	daemon_will(ACT_FENCED, "");
	daemon_will(ACT_FENCED, "limited");
	daemon_will(ACT_FENCED, "limited");
	daemon_will(ACT_REFUSED, "full");
	daemon_will(ACT_REFUSED, "full");
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SUCCESS);
	assert_int_equal(app.infos + app.errors, 0);
	assert_int_equal(app_try(&app, "alice", "", PAM_SILENT), PAM_SUCCESS);
	assert_int_equal(app.infos + app.errors, 0);
	assert_int_equal(app_try(&app, "alice", "quiet", 0), PAM_SUCCESS);
	assert_int_equal(app.infos + app.errors, 0);
	assert_int_equal(app_try(&app, "alice", "", PAM_SILENT), PAM_SESSION_ERR);
	assert_int_equal(app.infos + app.errors, 0);
	assert_int_equal(app_try(&app, "alice", "quiet", 0), PAM_SESSION_ERR);
	assert_int_equal(app.infos + app.errors, 0);
}

static void
what_would_move_a_terminal_is_not_said(void **state)
{
	static const struct {
		const char *sent;
		const char *said;
	} cases[] = {
		{ "two\nlines\tand a tab", "two\nlines\tand a tab" },
		{ "\033[2Jgone\a\b\r\177", "?[2Jgone????" },
		{ "C1: \302\233 2J \302\237", "C1: ? 2J ?" }, /* U+009B, CSI */
		{ "caf\303\251 \342\202\254 \360\237\230\200",
		    "caf\303\251 \342\202\254 \360\237\230\200" },
		{ "raw \233 and cut \303", "raw ? and cut ?" },
		{ "long \300\233 \340\200\233", "long ?? ???" },        /* longer than need be */
		{ "turned \342\200\256 round", "turned ? round" },      /* U+202E */
		{ "\355\240\200 \364\220\200\200 \377", "??? ???? ?" }, /* surrogate; beyond */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		daemon_will(ACT_FENCED, cases[i].sent);
		assert_int_equal(app_try(&app, "alice", "", 0), PAM_SUCCESS);
		assert_string_equal(app.said, cases[i].said);
	}
}

static void
a_percent_sign_is_only_that(void **state)
{
	(void)state;
	daemon_will(ACT_FENCED, "100%s %n");
	daemon_will(ACT_REFUSED, "%s%s%n");
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SUCCESS);
	assert_string_equal(app.said, "100%s %n");
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SESSION_ERR);
	assert_non_null(strstr(world_log(), "%s%s%n"));
}

static void
a_free_user_passes(void **state)
{
	(void)state;
	daemon_will(ACT_FREE, "nothing matches");
	assert_int_equal(app_try(&app, "carol", "", 0), PAM_IGNORE);
	assert_int_equal(app.infos + app.errors, 0);
	daemon_end();
	assert_int_equal(daemon_.n, 1);
	assert_false(daemon_.events[0].taken);
}

static void
who_is_refused_reads_one_plain_line(void **state)
{
	char priority[16];

	(void)state;
	daemon_will(ACT_REFUSED, "ipv6: no such chain");
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SESSION_ERR);
	assert_int_equal(app.errors, 1);
	assert_int_equal(app.infos, 0);
	assert_null(strchr(app.said, '\n'));
	assert_null(strstr(app.said, "chain"));
	assert_non_null(strstr(world_log(), "ipv6: no such chain"));
	snprintf(priority, sizeof(priority), "<%d>", LOG_AUTHPRIV | LOG_ERR);
	assert_non_null(strstr(world.lines, priority));
	assert_non_null(strstr(world.lines, "pam_netfence(tested:session)"));
	assert_non_null(strstr(world.lines, "alice"));
}

static void
an_error_is_a_refusal(void **state)
{
	(void)state;
	daemon_will(ACT_ERROR, "not understood");
	assert_int_equal(app_try(&app, "alice", "onerr=fail", 0), PAM_SESSION_ERR);
	assert_int_equal(app.errors, 1);
	assert_non_null(strstr(world_log(), "not understood"));
}

static void
onerr_lets_in_and_says_so(void **state)
{
	(void)state;
	daemon_will(ACT_REFUSED, "no such chain");
	daemon_will(ACT_ERROR, "not understood");
	assert_int_equal(app_try(&app, "alice", "onerr=succeed", 0), PAM_IGNORE);
	assert_int_equal(app.errors + app.infos, 0);
	assert_non_null(strstr(world_log(), "no such chain"));
	assert_non_null(strstr(world.lines, "onerr=succeed"));
	assert_int_equal(app_try(&app, "alice", "onerr=succeed", 0), PAM_IGNORE);
	assert_non_null(strstr(world_log(), "not understood"));
}

/* A login on a kernel before 5.14: without SO_NETNS_COOKIE. */
static int
open_without_cookies(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getsockopt, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SO_NETNS_COOKIE, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };
	pid_t child = fork();
	int status;

	must(child >= 0);
	if (child == 0) {
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
		must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
		_exit(app_try(&app, "alice", "", 0));
	}
	must(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void
a_network_without_a_cookie_has_its_file(void **state)
{
	const struct open_request *asked = &daemon_.events[0].open;
	struct stat netns;

	(void)state;
	must(stat("/proc/self/ns/net", &netns) == 0);
	assert_int_equal(open_without_cookies(), PAM_SUCCESS);
	daemon_end();
	assert_string_equal(asked->flaw, "");
	assert_true(asked->netns.device == netns.st_dev);
	assert_true(asked->netns.inode == netns.st_ino);
}

/* Without /proc nobody can say then which network namespace this is: netfenced must not guess. */
static void
a_network_that_cannot_be_told_is_a_flaw(void **state)
{
	int code;

	(void)state;
	world_empty("/proc");
	code = open_without_cookies();
	must(umount("/proc") == 0);
	assert_int_equal(code, PAM_SUCCESS);
	daemon_end();
	assert_non_null(strstr(daemon_.events[0].open.flaw, "telling the network namespace"));
}

/* ---------------------------------------------------------------- who is not asked about */

static void
assert_not_asked(void)
{
	daemon_end();
	assert_int_equal(daemon_.n, 0);
}

static void
root_is_never_asked_about(void **state)
{
	(void)state;
	assert_int_equal(app_try(&app, "root", "", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "toor", "", 0), PAM_IGNORE);
	assert_not_asked();
}

static void
admins_are_not_asked_about(void **state)
{
	(void)state;
	/* As a member, and by the primary group. */
	assert_int_equal(app_try(&app, "bob", "admin_group=wheel", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "dave", "admin_group=wheel", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "bob", "admin_group=sudo,wheel", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "bob", "admin_group=wheel,sudo", 0), PAM_IGNORE);
	assert_int_equal(app_try(&app, "bob", "admin_group=a admin_group=wheel", 0), PAM_IGNORE);
	assert_not_asked();
}

static void
others_are_no_admins(void **state)
{
	static const char *const options[] = {
		"admin_group=sudo",
		"admin_group=whee,wheel2",
		"admin_group=WHEEL",
		"admin_group=wheelwheel",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		assert_int_equal(app_try(&app, "bob", options[i], 0), PAM_SUCCESS);
	assert_int_equal(app_try(&app, "alice", "admin_group=wheel", 0), PAM_SUCCESS);
	/* A user's name is not a group's. */
	assert_int_equal(app_try(&app, "dave", "admin_group=dave", 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(daemon_.n, 6);
}

/* ---------------------------------------------------------------- options */

static void
a_bad_option_is_an_error(void **state)
{
	static const char *const options[] = {
		"colour=blue",
		"Debug",
		"debug=1",
		"quiet=",
		"timeout",
		"timeout=",
		"timeout=0",
		"timeout=-1",
		"timeout=+1",
		"timeout=1.5",
		"timeout=5s",
		"timeout=3601",
		"timeout=18446744073709551617",
		"onerr=",
		"onerr=ignore",
		"onerr=succeedx",
		"admin_group=",
		"admin_group=,",
		"admin_group=a,",
		"admin_group=,a",
		"admin_group=a,,b",
		"socket=",
		"socket=relative/path",
		"debug quiet nonsense",
	};
	char line[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		/* Before onerr=succeed as behind it: a slip must not open the gate. */
		snprintf(line, sizeof(line), "%s %s", i % 2 ? options[i] : "onerr=succeed",
		    i % 2 ? "onerr=succeed" : options[i]);
		app_start(&app, "alice", line);
		if (app_open(&app, 0) != PAM_SERVICE_ERR)
			fail_msg("taken: %s", line);
		assert_int_equal(app_close(&app), PAM_IGNORE);
		app_end(&app);
		assert_non_null(strstr(world_log(), "bad option: "));
		world_log_forget();
	}
	/* Even of root, so that it is noticed in time. */
	assert_int_equal(app_try(&app, "root", "colour=blue", 0), PAM_SERVICE_ERR);
	assert_non_null(strstr(world_log(), "colour=blue"));
	assert_not_asked();
}

static void
a_path_must_fit_a_socket(void **state)
{
	char line[256] = "socket=/";

	(void)state;
	memset(line + strlen(line), 'x', 107);
	assert_int_equal(app_try(&app, "alice", line, 0), PAM_SERVICE_ERR);
	/* One less fits, and only then is it that nobody is there. */
	line[strlen(line) - 1] = '\0';
	assert_int_equal(app_try(&app, "alice", strcat(line, " timeout=1"), 0), PAM_SESSION_ERR);
}

static void
good_options_are_taken(void **state)
{
	static const char *const options[] = {
		"timeout=1",
		"timeout=3600",
		"onerr=fail debug quiet",
		"admin_group=a,b,c",
		"[admin_group=domain admins,wheel]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		assert_int_equal(app_try(&app, "alice", options[i], 0), PAM_SUCCESS);
	daemon_end();
	assert_in_range(daemon_.events[0].open.patience_ms, 1, 1000);
	assert_in_range(daemon_.events[1].open.patience_ms, 3590000, 3600000);
}

static void
debug_says_what_happens(void **state)
{
	char priority[16];

	(void)state;
	snprintf(priority, sizeof(priority), "<%d>", LOG_AUTHPRIV | LOG_DEBUG);
	assert_int_equal(app_try(&app, "alice", "", 0), PAM_SUCCESS);
	assert_null(strstr(world_log(), priority));
	assert_int_equal(app_try(&app, "alice", "debug", 0), PAM_SUCCESS);
	assert_non_null(strstr(world_log(), priority));
	assert_non_null(strstr(world.lines, "groups/supporters"));
}

/* ---------------------------------------------------------------- a guest in the process */

static size_t
count_descriptors(void)
{
	size_t n = 0;
	int fd;

	for (fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void
the_process_is_left_as_it_was(void **state)
{
	static char ident[] = "the-host";
	struct sigaction before[32], after[32];
	size_t descriptors;
	sigset_t mask_before, mask_after;
	int number;

	(void)state;
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
	descriptors = count_descriptors();
	for (number = 1; number < 32; number++)
		must(sigaction(number, NULL, &before[number]) == 0);
	must(sigprocmask(SIG_SETMASK, NULL, &mask_before) == 0);
	daemon_will(ACT_FENCED, "limited");
	daemon_will(ACT_REFUSED, "no");
	/* SIGPIPE would kill here. */
	daemon_will(ACT_DEAF, "");
	daemon_will(ACT_HANG_UP, "");
	daemon_will(ACT_FREE_UNREAD, "");
	assert_int_equal(app_try(&app, "alice", "debug", 0), PAM_SUCCESS);
	assert_int_equal(app_try(&app, "alice", "debug", 0), PAM_SESSION_ERR);
	assert_int_equal(app_try(&app, "many", "debug", 0), PAM_IGNORE);

	assert_int_equal(count_descriptors(), descriptors);
	for (number = 1; number < 32; number++) {
		must(sigaction(number, NULL, &after[number]) == 0);
		assert_true(before[number].sa_handler == after[number].sa_handler);
	}
	must(sigprocmask(SIG_SETMASK, NULL, &mask_after) == 0);
	for (number = 1; number < 32; number++)
		assert_int_equal(
		    sigismember(&mask_before, number), sigismember(&mask_after, number));
	world_log_forget();
	syslog(LOG_INFO, "still the host's");
	assert_non_null(strstr(world_log(), "the-host["));
	closelog();
}

/* A host that forks and executes while the module waits gives nothing of it away. */
static void
descriptors_are_closed_on_exec(void **state)
{
	const size_t before = daemon_count_leaks(); /* whoever started us may have leaked some */

	(void)state;
	daemon_will(ACT_SILENT, NULL);
	assert_int_equal(app_try(&app, "alice", "timeout=1", 0), PAM_SESSION_ERR);
	daemon_end();
	assert_int_equal(daemon_.leaks, before);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_fenced_user_is_in_and_told_so, begin),
		cmocka_unit_test_setup(nothing_is_said_without_need, begin),
		cmocka_unit_test_setup(what_would_move_a_terminal_is_not_said, begin),
		cmocka_unit_test_setup(a_percent_sign_is_only_that, begin),
		cmocka_unit_test_setup(a_free_user_passes, begin),
		cmocka_unit_test_setup(who_is_refused_reads_one_plain_line, begin),
		cmocka_unit_test_setup(an_error_is_a_refusal, begin),
		cmocka_unit_test_setup(onerr_lets_in_and_says_so, begin),
		cmocka_unit_test_setup(a_network_without_a_cookie_has_its_file, begin),
		cmocka_unit_test_setup(a_network_that_cannot_be_told_is_a_flaw, begin),
		cmocka_unit_test_setup(root_is_never_asked_about, begin),
		cmocka_unit_test_setup(admins_are_not_asked_about, begin),
		cmocka_unit_test_setup(others_are_no_admins, begin),
		cmocka_unit_test_setup(a_bad_option_is_an_error, begin),
		cmocka_unit_test_setup(a_path_must_fit_a_socket, begin),
		cmocka_unit_test_setup(good_options_are_taken, begin),
		cmocka_unit_test_setup(debug_says_what_happens, begin),
		cmocka_unit_test_setup(the_process_is_left_as_it_was, begin),
		cmocka_unit_test_setup(descriptors_are_closed_on_exec, begin),
	};

	(void)argc;
	world_enter(argv);
	return cmocka_run_group_tests_name("open", tests, NULL, end);
}
