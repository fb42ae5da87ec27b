/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/opener.h"

static int proc;

static int
open_proc(void **state)
{
	(void)state;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return proc < 0;
}

static pid_t
start_child(void)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		for (;;)
			pause();
	}
	return pid;
}

static void
end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool
has_ended(const struct opener *opener)
{
	struct pollfd poller = { .fd = opener->pidfd, .events = POLLIN };

	return poll(&poller, 1, 0) == 1;
}

static void
a_process_is_its_pid_and_its_mark(void **state)
{
	struct opener opener = { .pidfd = -1 }, again = { .pidfd = -1 };
	uint64_t start, read;
	struct why why;
	pid_t pid = start_child();

	(void)state;
	assert_int_equal(opener_from_pid(proc, pid, 0, &opener, &why), 0);
	assert_int_equal(opener.pid, pid);
	assert_true(opener.mark > 0);
	assert_true(fcntl(opener.pidfd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(opener_from_pid(proc, pid, opener.mark, &again, &why), 0);
	opener_clear(&again);
	assert_int_equal(again.pidfd, -1);
	assert_int_equal(opener_from_pid(proc, pid, opener.mark + 1, &again, &why), -ESRCH);
	assert_int_equal(again.pidfd, -1);
	assert_int_equal(opener_start(proc, &opener, &start), 0);
	assert_int_equal(opener_read_start(proc, pid, &read), 0);
	assert_int_equal(start, read);
	assert_false(has_ended(&opener));
	end_child(pid);
	assert_true(has_ended(&opener));
	assert_int_equal(opener_start(proc, &opener, &start), -ESRCH);
	assert_int_equal(opener_from_pid(proc, pid, 0, &again, &why), -ESRCH);
	opener_clear(&opener);
	opener_clear(&opener);
}

/* It stays when nobody has a pidfd for a while, as between two netfenceds, and the next process has
 * another. */
static void
a_mark_is_one_process(void **state)
{
	struct opener opener = { .pidfd = -1 };
	uint64_t marks[50];
	struct why why;
	size_t i, j;
	pid_t pid;

	(void)state;
	for (i = 0; i < 50; i++) {
		pid = start_child();
		for (j = 0; j < 2; j++) {
			assert_int_equal(opener_from_pid(proc, pid, 0, &opener, &why), 0);
			if (j)
				assert_true(opener.mark == marks[i]);
			marks[i] = opener.mark;
			opener_clear(&opener);
		}
		end_child(pid);
		/* Start times of the same tick are the same. */
		for (j = 0; j < i && marks[i] >> 63; j++)
			assert_true(marks[j] != marks[i]);
	}
}

/* As a netfenced put it into its records that did not know of inodes. */
static void
a_start_is_a_mark_too(void **state)
{
	struct opener opener = { .pidfd = -1 };
	pid_t pid = start_child();
	struct why why;
	uint64_t start;

	(void)state;
	assert_int_equal(opener_read_start(proc, pid, &start), 0);
	assert_int_equal(opener_from_pid(proc, pid, start, &opener, &why), 0);
	assert_true(opener.mark == start);
	opener_clear(&opener);
	assert_int_equal(opener_from_pid(proc, pid, start + 1, &opener, &why), -ESRCH);
	assert_int_equal(opener.pidfd, -1);
	end_child(pid);
}

/* What a record may hold. */
static void
numbers_that_are_no_pid(void **state)
{
	static const pid_t pids[] = { 0, -1, INT32_MAX, INT32_MIN };
	struct opener opener = { .pidfd = -1 };
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		assert_true(opener_from_pid(proc, pids[i], 7, &opener, &why) < 0);
		assert_int_equal(opener.pidfd, -1);
	}
}

/* A program may have any name, one that looks like the rest of the line too. */
static void
the_start_is_found_behind_any_name(void **state)
{
	static const char *const names[] = { "a b", ") R 1 1 1", "((", "))", "1 (x) S 3" };
	uint64_t start, named;
	char before[16];
	size_t i;

	(void)state;
	prctl(PR_GET_NAME, before, 0, 0, 0);
	assert_int_equal(opener_read_start(proc, getpid(), &start), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		prctl(PR_SET_NAME, names[i], 0, 0, 0);
		assert_int_equal(opener_read_start(proc, getpid(), &named), 0);
		assert_int_equal(named, start);
	}
	prctl(PR_SET_NAME, before, 0, 0, 0);
}

/* A listening socket, and a child that connects to it. */
static pid_t
connect_child(int listening)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address);
	pid_t pid;
	int fd;

	assert_int_equal(getsockname(listening, (struct sockaddr *)&address, &size), 0);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		if (connect(fd, (const struct sockaddr *)&address, size) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	return pid;
}

static void
the_peer_is_whoever_connected(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), sock;
	struct opener opener = { .pidfd = -1 }, again = { .pidfd = -1 };
	struct why why;
	pid_t pid;

	(void)state;
	/* autobind: a name of the kernel's choice, unix(7) */
	assert_int_equal(
	    bind(listening, (const struct sockaddr *)&address, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(listening, 4), 0);

	pid = connect_child(listening);
	sock = accept(listening, NULL, NULL);
	assert_int_equal(opener_from_peer(proc, sock, &opener, &why), 0);
	assert_int_equal(opener.pid, pid);
	assert_int_equal(opener_from_pid(proc, pid, opener.mark, &again, &why), 0);
	opener_clear(&again);
	assert_false(has_ended(&opener));
	end_child(pid);
	assert_true(has_ended(&opener));
	opener_clear(&opener);
	/* And when it has gone already, its number is nobody's. */
	assert_int_equal(opener_from_peer(proc, sock, &opener, &why), -ESRCH);
	assert_int_equal(opener.pidfd, -1);
	close(sock);

	/* A zombie has ended. */
	pid = connect_child(listening);
	sock = accept(listening, NULL, NULL);
	kill(pid, SIGKILL);
	{
		siginfo_t info;

		assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	}
	if (opener_from_peer(proc, sock, &opener, &why) == 0)
		assert_true(has_ended(&opener));
	opener_clear(&opener);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(sock);
	close(listening);
}

static void
on_ended(int fd, short what, void *data)
{
	struct opener *opener = data;

	(void)fd;
	(void)what;
	/* As those do who watch: it is let go of in its own call. */
	opener_clear(opener);
}

static void
the_end_is_told_once(void **state)
{
	struct event_base *base = event_base_new();
	struct opener opener = { .pidfd = -1 };
	struct why why;
	pid_t pid = start_child();

	(void)state;
	assert_int_equal(event_base_priority_init(base, OPENER_PRIORITY + 1), 0);
	assert_int_equal(opener_from_pid(proc, pid, 0, &opener, &why), 0);
	assert_int_equal(opener_watch(&opener, base, on_ended, &opener, &why), 0);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_true(opener.pidfd >= 0);
	end_child(pid);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_int_equal(opener.pidfd, -1);
	assert_null(opener.ended);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_its_pid_and_its_mark),
		cmocka_unit_test(a_mark_is_one_process),
		cmocka_unit_test(a_start_is_a_mark_too),
		cmocka_unit_test(numbers_that_are_no_pid),
		cmocka_unit_test(the_start_is_found_behind_any_name),
		cmocka_unit_test(the_peer_is_whoever_connected),
		cmocka_unit_test(the_end_is_told_once),
	};

	return cmocka_run_group_tests_name("opener", tests, open_proc, NULL);
}
