/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Real processes: an opener, what descends from it, and what does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/kin.h"
#include "session/opener.h"

static int proc;
static struct uid_range own;

static int
set_up(void **state)
{
	(void)state;
	proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	own = (struct uid_range){ getuid(), getuid() };
	/* Whoever loses its parent becomes ours. */
	return proc < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0;
}

static void
wait_here(void)
{
	for (;;)
		pause();
}

/* A child that has a child, which is told through the pipe, and waits. */
static pid_t
family(pid_t *grandchild)
{
	int pair[2];
	pid_t child;

	assert_int_equal(pipe(pair), 0);
	child = fork();
	if (child == 0) {
		pid_t below = fork();

		if (below == 0)
			wait_here();
		(void)!write(pair[1], &below, sizeof(below));
		wait_here();
	}
	assert_int_equal(read(pair[0], grandchild, sizeof(*grandchild)), sizeof(*grandchild));
	close(pair[0]);
	close(pair[1]);
	return child;
}

static void
end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static bool
has(const struct kin *kin, pid_t pid)
{
	uint32_t i;

	for (i = 0; i < kin->n; i++)
		if (kin->list[i].pid == pid)
			return true;
	return false;
}

static struct kin
kin_of(pid_t opener)
{
	struct kin kin = { .opener = { .pid = opener }, .login = KIN_NO_LOGIN };

	assert_int_equal(opener_read_start(proc, opener, &kin.opener.start), 0);
	return kin;
}

static void
who_descends_belongs(void **state)
{
	pid_t below, others_below, child = family(&below), other = family(&others_below);
	struct kin kin = kin_of(child);

	(void)state;
	assert_int_equal(kin_look(proc, &kin, &own, 1), 0);
	assert_int_equal(kin.n, 2);
	assert_true(has(&kin, child) && has(&kin, below));
	end(child);
	/* Its parent has gone; it belonged before. */
	assert_int_equal(kin_look(proc, &kin, &own, 1), 0);
	assert_int_equal(kin.n, 1);
	assert_true(has(&kin, below));
	end(below);
	assert_int_equal(kin_look(proc, &kin, &own, 1), 0);
	assert_int_equal(kin.n, 0);
	kin_free(&kin);
	end(other);
	end(others_below);
}

static void
other_users_do_not(void **state)
{
	const struct uid_range nobodys = { 4000000000U, 4000000001U };
	pid_t below, child = family(&below);
	struct kin kin = kin_of(child);

	(void)state;
	assert_int_equal(kin_look(proc, &kin, &nobodys, 1), 0);
	assert_int_equal(kin.n, 0);
	kin_free(&kin);
	end(child);
	end(below);
}

/* A PID that has been given to somebody else is nobody's. */
static void
a_start_time_is_compared(void **state)
{
	pid_t below, child = family(&below);
	struct kin kin = kin_of(child);

	(void)state;
	kin.opener.start++;
	assert_int_equal(kin_look(proc, &kin, &own, 1), 0);
	assert_int_equal(kin.n, 0);
	kin_free(&kin);
	end(child);
	end(below);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_descends_belongs),
		cmocka_unit_test(other_users_do_not),
		cmocka_unit_test(a_start_time_is_compared),
	};

	return cmocka_run_group_tests_name("kin", tests, set_up, NULL);
}
