/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Those who fork themselves on and on, so that whoever looks for them one by one may find none.
 */
#include "leftover_util.h"

/* --------------------------------------------------------------------- forking without end */

static _Atomic int *over; /* shared by all: the forkers' end */

static void
fork_on_and_on(void)
{
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	while (!*over) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
		if (pid < 0)
			sched_yield();
	}
	_exit(0);
}

static void
fork_as_alice(int sock)
{
	must(setresuid(ALICE, ALICE, ALICE));
	(void)!write(sock, "x", 1);
	fork_on_and_on();
}

struct tally {
	unsigned int none, process, socket, unknown;
};

static struct tally
look_often(unsigned int looks)
{
	struct tally tally = { 0 };

	while (looks--) {
		switch (look(NULL)) {
		case LEFTOVER_NONE:
			tally.none++;
			break;
		case LEFTOVER_PROCESS:
			tally.process++;
			break;
		case LEFTOVER_SOCKET:
			tally.socket++;
			break;
		case LEFTOVER_UNKNOWN:
			tally.unknown++;
			break;
		}
	}
	print_message(
	    "process %u, unknown %u, none %u\n", tally.process, tally.unknown, tally.none);
	return tally;
}

static void
whoever_forks_without_end_is_never_missed(void **state)
{
	struct child child;
	struct tally tally;

	(void)state;
	*over = 0;
	child = child_start(fork_as_alice);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	tally = look_often(5000);
	assert_int_equal(tally.none, 0);
	assert_int_equal(tally.socket, 0);
	assert_true(tally.process > 0);
	*over = 1;
	close(child.sock);
	wait_for_nobody();
}

/* Each look begins a few PIDs before the highest there is, so that they wrap around in it. */
static void
nor_where_pids_wrap_around(void **state)
{
	struct child child;
	char text[32] = "";
	unsigned int i, none = 0;
	long most;
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	most = strtol(text, NULL, 10);
	fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		print_message("SKIPPED: no ns_last_pid\n");
		skip();
	}
	*over = 0;
	child = child_start(fork_as_alice);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	for (i = 0; i < 3000; i++) {
		int length = snprintf(text, sizeof(text), "%ld", most - 1 - (long)(i % 30));

		assert_int_equal(pwrite(fd, text, (size_t)length, 0), length);
		none += look(NULL) == LEFTOVER_NONE;
	}
	close(fd);
	*over = 1;
	close(child.sock);
	wait_for_nobody();
	/* "In the instant of a fork across such a wrap": seen now and then, never twice a second
	 * apart. */
	print_message("none %u of 3000\n", none);
	assert_true(none <= 3);
}

static useconds_t pause_of_each; /* in microseconds */

/* A process whose leader is elsewhere, and whose one thread here begins another and ends, on and
 * on. */
static void *
relay(void *unused)
{
	pthread_attr_t attributes;
	pthread_t next;

	if (*over)
		return unused;
	if (pause_of_each)
		usleep(pause_of_each);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 16384);
	while (pthread_create(&next, &attributes, relay, unused))
		sched_yield();
	pthread_attr_destroy(&attributes);
	if (pause_of_each)
		usleep((useconds_t)rand() % pause_of_each);
	return NULL;
}

static void
relay_here(int sock)
{
	(void)sock;
	must(setresuid(ALICE, 0, 0));
	relay(NULL);
	must(unshare(CLONE_NEWNET));
}

static void
look_for_relay(useconds_t pause)
{
	struct child child;
	struct tally tally;

	*over = 0;
	pause_of_each = pause;
	child = child_start(relay_here);
	tally = look_often(3000);
	assert_int_equal(tally.none, 0);
	*over = 1;
	wait_for_nobody();
	child_end(&child);
}

static void
nor_whose_threads_do(void **state)
{
	(void)state;
	look_for_relay(0);
}

/* Then a look sees no thread begin, and has only the kernel's list, which whoever ends in the
 * middle of it ends. */
static void
nor_whose_threads_take_their_time(void **state)
{
	(void)state;
	look_for_relay(200);
	look_for_relay(400);
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_forks_without_end_is_never_missed),
		cmocka_unit_test(nor_where_pids_wrap_around),
		cmocka_unit_test(nor_whose_threads_do),
		cmocka_unit_test(nor_whose_threads_take_their_time),
	};

	return cmocka_run_group_tests_name("leftover_forkers", tests, NULL, NULL);
}

int
main(void)
{
	over = mmap(NULL, sizeof(*over), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (over == MAP_FAILED)
		return 1;
	return run_beside("leftover_forkers", all_tests);
}
