/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes count as left, and which do not.
 */
#include "leftover_util.h"

/* ------------------------------------------------------------------------------- processes */

static void
be_alice(int sock)
{
	(void)sock;
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
be_subordinate(int sock)
{
	(void)sock;
	must(setresuid(SUBUIDS + 65535, SUBUIDS + 65535, SUBUIDS + 65535));
}

static void
be_next_to_subordinate(int sock)
{
	(void)sock;
	must(setresuid(SUBUIDS + 65536, SUBUIDS + 65536, SUBUIDS + 65536));
}

static void
be_really(int sock)
{
	(void)sock;
	must(setresuid(ALICE, 0, 0));
}

static void
be_effectively(int sock)
{
	(void)sock;
	must(setresuid(0, ALICE, 0));
}

static void
be_saved(int sock)
{
	(void)sock;
	must(setresuid(0, 0, ALICE));
}

static void
be_in_the_filesystem(int sock)
{
	(void)sock;
	setfsuid(ALICE);
}

static void
any_of_the_uids_counts(void **state)
{
	static const struct {
		void (*run)(int sock);
		enum leftover_kind kind;
	} cases[] = {
		{ be_alice, LEFTOVER_PROCESS },
		{ be_subordinate, LEFTOVER_PROCESS },
		{ be_next_to_subordinate, LEFTOVER_NONE },
		{ be_really, LEFTOVER_PROCESS },
		{ be_effectively, LEFTOVER_PROCESS },
		{ be_saved, LEFTOVER_PROCESS },
		{ be_in_the_filesystem, LEFTOVER_PROCESS },
	};
	size_t i;
	pid_t pid;

	(void)state;
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct child child = child_start(cases[i].run);

		assert_int_equal(look(&pid), cases[i].kind);
		if (cases[i].kind == LEFTOVER_PROCESS)
			assert_int_equal(pid, child.pid);
		child_end(&child);
		assert_int_equal(look(NULL), LEFTOVER_NONE);
	}
}

/* Each user of many gets their own answer. */
static void
users_are_told_apart(void **state)
{
	static const struct uid_range bobs[] = { { 4001, 4001 } }, carols[] = { { 4002, 4002 } };
	struct leftover users[] = {
		{ .ranges = bobs, .n_ranges = 1 },
		{ .ranges = alices, .n_ranges = 2 },
		{ .ranges = carols, .n_ranges = 1 },
	};
	struct child child = child_start(be_alice);

	(void)state;
	leftover_look(proc, users, 3);
	assert_int_equal(users[0].kind, LEFTOVER_NONE);
	assert_int_equal(users[1].kind, LEFTOVER_PROCESS);
	assert_int_equal(users[2].kind, LEFTOVER_NONE);
	child_end(&child);
}

static void
a_zombie_does_not_count(void **state)
{
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		must(setresuid(ALICE, ALICE, ALICE));
		_exit(0);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void *
live_on(void *sock)
{
	char byte;

	(void)!read(*(const int *)sock, &byte, 1);
	return NULL;
}

static gid_t many_groups[2000];

static void
leave_a_thread(int sock)
{
	static int kept;
	pthread_t thread;

	kept = sock;
	must(setgroups(sizeof(many_groups) / sizeof(many_groups[0]), many_groups));
	must(setresuid(ALICE, ALICE, ALICE));
	must(-pthread_create(&thread, NULL, live_on, &kept));
	(void)!write(sock, "x", 1);
	syscall(SYS_exit, 0);
}

static void
leave_a_thread_elsewhere(int sock)
{
	must(unshare(CLONE_NEWNET));
	leave_a_thread(sock);
}

static void
wait_for_zombie(pid_t pid)
{
	char name[32], text[512];

	snprintf(name, sizeof(name), "%d/stat", (int)pid);
	do {
		int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
		ssize_t got = read(fd, text, sizeof(text) - 1);

		assert_true(got > 0);
		text[got] = '\0';
		close(fd);
		sched_yield();
	} while (!strstr(text, ") Z "));
}

/* Its leader is a zombie, and it is in so many groups that its status is longer than a page. */
static void
a_process_whose_leader_has_ended_counts(void **state)
{
	struct child child;
	size_t i;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(many_groups) / sizeof(many_groups[0]); i++)
		many_groups[i] = (gid_t)(100000 + i);
	child = child_start(leave_a_thread);
	wait_for_zombie(child.pid);
	assert_int_equal(look(&pid), LEFTOVER_PROCESS);
	assert_int_equal(pid, child.pid);
	close(child.sock);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
}

/* ---------------------------------------------------------------------- other namespaces */

static void
be_elsewhere(int sock)
{
	(void)sock;
	must(unshare(CLONE_NEWNET));
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
a_process_elsewhere_does_not_count(void **state)
{
	struct child child = child_start(be_elsewhere);

	(void)state;
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	child_end(&child);
}

static void
nor_does_one_whose_leader_has_ended(void **state)
{
	struct child child = child_start(leave_a_thread_elsewhere);

	(void)state;
	wait_for_zombie(child.pid);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	close(child.sock);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
}

static void
leave_a_thread_here(int sock)
{
	static int kept;
	pthread_t thread;

	kept = sock;
	must(-pthread_create(&thread, NULL, live_on, &kept));
	must(unshare(CLONE_NEWNET));
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
a_process_with_one_thread_here_counts(void **state)
{
	struct child child = child_start(leave_a_thread_here);
	pid_t pid;

	(void)state;
	assert_int_equal(look(&pid), LEFTOVER_PROCESS);
	assert_int_equal(pid, child.pid);
	child_end(&child);
}

/* As anybody may, without root. A socket that it has opened before is of our network, and shows
 * nowhere until it is bound: so that such a process counts. */
static void
be_elsewhere_by_oneself(int sock)
{
	(void)sock;
	must(setresuid(ALICE, ALICE, ALICE));
	must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	must(socket(AF_INET, SOCK_STREAM, 0));
	must(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

static void
a_process_that_went_elsewhere_by_itself_counts(void **state)
{
	struct child child;
	int unprivileged = open("/proc/sys/user/max_user_namespaces", O_RDONLY | O_CLOEXEC);

	(void)state;
	if (unprivileged < 0)
		skip();
	close(unprivileged);
	child = child_start(be_elsewhere_by_oneself);
	assert_int_equal(look(NULL), LEFTOVER_PROCESS);
	child_end(&child);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
}

/* ---------------------------------------------------------------------------- the unreadable */

static void
what_cannot_be_read_is_not_gone(void **state)
{
	struct leftover users[] = { { .ranges = alices, .n_ranges = 2 } };
	int empty = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	leftover_look(empty, users, 1);
	assert_int_equal(users[0].kind, LEFTOVER_UNKNOWN);
	close(empty);
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_of_the_uids_counts),
		cmocka_unit_test(users_are_told_apart),
		cmocka_unit_test(a_zombie_does_not_count),
		cmocka_unit_test(a_process_whose_leader_has_ended_counts),
		cmocka_unit_test(a_process_elsewhere_does_not_count),
		cmocka_unit_test(nor_does_one_whose_leader_has_ended),
		cmocka_unit_test(a_process_with_one_thread_here_counts),
		cmocka_unit_test(a_process_that_went_elsewhere_by_itself_counts),
		cmocka_unit_test(what_cannot_be_read_is_not_gone),
	};

	return cmocka_run_group_tests_name("leftover", tests, NULL, NULL);
}

int
main(void)
{
	return run_beside("leftover", all_tests);
}
