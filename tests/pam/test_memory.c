/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Without memory nobody gets by: each allocation that the module makes, itself or by a function
 * of libc's or libpam's such as strdup(), fails once, and the fenced user is never let in without
 * the fence. (Those deep in libc are spared: its name service dies of them.)
 */
#include <dlfcn.h>
#include <execinfo.h>

#include "app.h"
#include "daemon.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED

/* The sanitizers have a malloc of their own. */
int
main(void)
{
	printf("1..1\nok 1 - memory # skip sanitized\n");
	return 0;
}

#else

/* glibc's own, which it keeps for this. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static _Thread_local bool counting;
static _Thread_local unsigned long seen, failing; /* failing: which, from 1; 0 for none */

static bool
is_modules(void *address)
{
	Dl_info info;

	return dladdr(address, &info) && info.dli_fname &&
	       strstr(info.dli_fname, "pam_netfence.so") != NULL;
}

/* Whether the module is the caller's caller, or the one before. Never inlined, so that it is
 * known how many frames are ours: this one and malloc()'s. */
__attribute__((noinline)) static bool
is_to_fail(void)
{
	void *frames[4];

	if (!counting)
		return false;
	counting = false;
	if (backtrace(frames, 4) < 4 || (!is_modules(frames[2]) && !is_modules(frames[3]))) {
		counting = true;
		return false;
	}
	counting = true;
	if (++seen != failing)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	return is_to_fail() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return is_to_fail() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return is_to_fail() ? NULL : __libc_realloc(old, size);
}

static struct app app;
static unsigned long codes[64];

static int
begin(void **state)
{
	(void)state;
	world_make_users();
	world_write(NETFENCE_WHO_FILE, "netfence-who 1\nuid-min 1000\ngroup supporters\nend\n");
	world_write("/etc/subuid", "bob:100000:65536\nalice:165536:65536\n");
	memset(codes, 0, sizeof(codes));
	daemon_forget();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	daemon_forget();
	return 0;
}

/* alice logs in, without the n-th allocation. True when there were not so many any more. */
static bool
open_without(unsigned long n, int (*open)(struct app *, int), int *code)
{
	app_start(&app, "alice", "timeout=1");
	seen = 0;
	failing = n;
	counting = true;
	*code = open(&app, 0);
	counting = false;
	codes[*code]++;
	return seen < n;
}

static bool
asked_for_all(const struct event *event)
{
	return event->open.n_groups == 2 && event->open.n_ranges == 1 && !event->open.flaw[0];
}

static void
a_session_is_whole_or_is_not(void **state)
{
	unsigned long n;
	bool done = false;
	size_t i;
	int code;

	(void)state;
	for (n = 1; !done; n++) {
		daemon_forget();
		daemon_start();
		done = open_without(n, app_open, &code);
		if (code != PAM_SUCCESS && code != PAM_BUF_ERR && code != PAM_SESSION_ERR)
			fail_msg("allocation %lu: code %d", n, code);
		assert_int_equal(app_close(&app), code == PAM_SUCCESS ? PAM_SUCCESS : PAM_IGNORE);
		app_end(&app);
		daemon_end();
		for (i = 0; i < daemon_.n; i++)
			if (daemon_.events[i].taken && !asked_for_all(&daemon_.events[i]))
				fail_msg("allocation %lu: not all was asked for", n);
		if (code != PAM_SUCCESS)
			for (i = 0; i < daemon_.n; i++)
				assert_false(daemon_.events[i].taken);
		assert_true(!done || code == PAM_SUCCESS);
	}
	print_message("%lu allocations: %lu sessions, %lu times no memory, %lu refused\n", n - 2,
	    codes[PAM_SUCCESS], codes[PAM_BUF_ERR], codes[PAM_SESSION_ERR]);
	assert_true(codes[PAM_BUF_ERR] > 10);
}

static void
away_nobody_is_let_in(void **state)
{
	unsigned long n;
	bool done = false;
	int code;

	(void)state;
	for (n = 1; !done; n++) {
		daemon_forget();
		daemon_start();
		daemon_will(ACT_GARBAGE, "");
		done = open_without(n, app_open, &code);
		if (code != PAM_BUF_ERR && code != PAM_SESSION_ERR)
			fail_msg("allocation %lu: code %d", n, code);
		app_end(&app);
	}
	assert_true(codes[PAM_BUF_ERR] > 10);
}

static void
a_close_without_memory_is_a_close(void **state)
{
	unsigned long n;
	bool done = false;
	int code;

	(void)state;
	for (n = 1; !done; n++) {
		daemon_forget();
		daemon_start();
		app_start(&app, "alice", "timeout=1");
		assert_int_equal(app_open(&app, 0), PAM_SUCCESS);
		seen = 0;
		failing = n;
		counting = true;
		code = app_close(&app);
		counting = false;
		done = seen < n;
		assert_int_equal(code, PAM_SUCCESS);
		assert_int_equal(app_close(&app), PAM_IGNORE);
		app_end(&app);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_session_is_whole_or_is_not, begin),
		cmocka_unit_test_setup(away_nobody_is_let_in, begin),
		cmocka_unit_test_setup(a_close_without_memory_is_a_close, begin),
	};

	void *frame;

	(void)argc;
	backtrace(&frame, 1); /* loads what it needs now, and not in the middle of something */
	world_enter(argv);
	return cmocka_run_group_tests_name("memory", tests, NULL, end);
}

#endif
