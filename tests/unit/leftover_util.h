/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of who is left: processes made for it, in a PID and a network namespace of their
 * own. Needs root.
 */
#ifndef TESTS_LEFTOVER_UTIL_H
#define TESTS_LEFTOVER_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/leftover.h"

#define ALICE   4000
#define SUBUIDS 100000

static int proc = -1;
static const struct uid_range alices[] = { { ALICE, ALICE }, { SUBUIDS, SUBUIDS + 65535 } };

static inline enum leftover_kind
look(pid_t *pid)
{
	struct leftover users[] = { { .ranges = alices, .n_ranges = 2 } };

	leftover_look(proc, users, 1);
	if (pid)
		*pid = users[0].pid;
	return users[0].kind;
}

/* What a process of the test's says to it: one byte when all is as it should be. */
struct child {
	pid_t pid;
	int sock;
};

static inline struct child
child_start(void (*run)(int sock))
{
	struct child child;
	int pair[2];
	char byte = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child.pid = fork();
	if (!child.pid) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		run(pair[1]);
		(void)!write(pair[1], "x", 1);
		for (;;)
			pause();
	}
	close(pair[1]);
	child.sock = pair[0];
	assert_int_equal(read(child.sock, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	return child;
}

static inline void
child_end(const struct child *child)
{
	kill(child->pid, SIGKILL);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	close(child->sock);
}

static inline void
must(int result)
{
	if (result < 0)
		_exit(1);
}

static inline void
wait_for_nobody(void)
{
	int64_t i;

	for (i = 0; look(NULL) != LEFTOVER_NONE; i++) {
		sched_yield();
		assert_true(i < 10000000);
	}
}

/* ------------------------------------------------------------------------------ where it is run */

static inline int
loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), range;

	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return -1;
	close(fd);
	range = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
	if (range < 0 || write(range, "0 2147483647", 12) < 0)
		return -1;
	close(range);
	return 0;
}

static inline void
needs_root(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("SKIPPED: leftovers need root\n");
		skip();
	}
	fail_msg("no namespaces: %s", strerror(errno));
}

/* Process 1 of the new namespace buries everybody's children, as every init does: a forker's
 * zombies would use up all PIDs. The tests run beside it. */
static inline int
be_init(int (*all_tests)(void))
{
	pid_t tests = fork(), pid;
	int status;

	if (!tests) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		exit(all_tests());
	}
	for (;;) {
		pid = wait(&status);
		if (pid == tests || (pid < 0 && errno != EINTR))
			_exit(pid == tests && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
}

/* The tests, in namespaces of their own; without root the one that says so. */
static inline int
run_beside(const char *name, int (*all_tests)(void))
{
	const struct CMUnitTest excuse[] = { cmocka_unit_test(needs_root) };
	int status;
	pid_t pid;

	if (geteuid() != 0 || unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) < 0)
		return cmocka_run_group_tests_name(name, excuse, NULL, NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("proc", "/proc", "proc", 0, NULL) < 0 || loopback_up() < 0)
			_exit(1);
		proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_exit(be_init(all_tests));
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}

#endif
