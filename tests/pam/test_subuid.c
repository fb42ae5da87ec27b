/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Subordinate uids: what of them is asked for, and what is called a flaw.
 */
#include <stdarg.h>

#include "app.h"
#include "daemon.h"
#include "identity/subuid.h"

static struct app app;

static int
begin(void **state)
{
	(void)state;
	world_make_users();
	world_log_forget();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	daemon_forget();
	return 0;
}

/* What an open of `user` asks for; good until the next. */
static const struct open_request *
asked_for(const char *user)
{
	daemon_forget();
	daemon_start();
	assert_int_equal(app_try(&app, user, "debug", 0), PAM_SUCCESS);
	daemon_end();
	assert_int_equal(daemon_.n, 1);
	return &daemon_.events[0].open;
}

static void
assert_flaw(const char *user, const char *words)
{
	const struct open_request *asked = asked_for(user);

	if (!strstr(asked->flaw, words))
		fail_msg("\"%s\" instead of \"%s\"", asked->flaw, words);
	assert_int_equal(asked->n_ranges, 0);
}

/* n pairs of first and last. */
static void
assert_ranges(const char *user, unsigned int n, ...)
{
	const struct open_request *asked = asked_for(user);
	va_list args;
	unsigned int i;

	assert_string_equal(asked->flaw, "");
	assert_int_equal(asked->n_ranges, n);
	va_start(args, n);
	for (i = 0; i < n; i++) {
		assert_int_equal(asked->ranges[i].first, va_arg(args, unsigned int));
		assert_int_equal(asked->ranges[i].last, va_arg(args, unsigned int));
	}
	va_end(args);
}

static void
subuid(const char *text)
{
	world_write("/etc/subuid", text);
}

/* ---------------------------------------------------------------- /etc/subuid */

static void
whose_they_are(void **state)
{
	(void)state;
	assert_ranges("alice", 0); /* no file */
	subuid("");
	assert_ranges("alice", 0);
	subuid("bob:100000:65536\ncarol:165536:65536\n");
	assert_ranges("alice", 0);
	assert_ranges("carol", 1, 165536U, 231071U);
	/* By name, by uid, by another name of the uid. */
	subuid("bob:100000:65536\nalice:165536:65536\n");
	assert_ranges("alice", 1, 165536U, 231071U);
	subuid("bob:100000:65536\n4000:165536:65536\n");
	assert_ranges("alice", 1, 165536U, 231071U);
	assert_ranges("ally", 1, 165536U, 231071U);
	subuid("ally:165536:65536\n");
	assert_ranges("alice", 1, 165536U, 231071U);
	/* 40000 is not 4000, nor is alic alice. */
	subuid("40000:100000:65536\nalic:200000:65536\nalicea:300000:65536\n");
	assert_ranges("alice", 0);
	/* The last line without its newline. */
	subuid("bob:100000:65536\nalice:165536:65536");
	assert_ranges("alice", 1, 165536U, 231071U);
}

static void
they_are_sorted_and_joined(void **state)
{
	(void)state;
	subuid("alice:300000:1000\n4000:100000:50000\nally:150000:15536\nalice:300500:1000\n"
	       "alice:400000:1\nalice:500000:0\nalice:100100:10\n");
	assert_ranges("alice", 3, 100000U, 165535U, 300000U, 301499U, 400000U, 400000U);
}

static void
comments_and_oddities_are_passed_over(void **state)
{
	(void)state;
	subuid("#bob:100000:999999\n# "
	       "alice:100000:65536\n\n#\nnonsense\nalso:nonsense\na:b:c\nalice:200000:10\n");
	assert_ranges("alice", 1, 200000U, 200009U);
}

static void
low_and_high(void **state)
{
	(void)state;
	subuid("alice:65535:10\n");
	assert_flaw("alice", "begin below 65536");
	subuid("alice:0:10\n");
	assert_flaw("alice", "begin below 65536");
	subuid("alice:65536:10\n");
	assert_ranges("alice", 1, 65536U, 65545U);
	subuid("alice:4294901760:65535\n");
	assert_ranges("alice", 1, 4294901760U, 4294967294U);
	subuid("alice:4294901760:65536\n");
	assert_flaw("alice", "beyond the last uid");
	subuid("alice:4294967296:1\n");
	assert_flaw("alice", "beyond the last uid");
	subuid("alice:100000:4294967296\n");
	assert_flaw("alice", "beyond the last uid");
	/* Sums and digits that would wrap. */
	subuid("alice:18446744073709551615:2\n");
	assert_flaw("alice", "beyond the last uid");
	subuid("alice:100000:18446744073709551615\n");
	assert_flaw("alice", "beyond the last uid");
	subuid("alice:18446744073709651616:10\n"); /* 2^64 + 100000 */
	assert_flaw("alice", "beyond the last uid");
	subuid("alice:100000:99999999999999999999999999999\n");
	assert_flaw("alice", "beyond the last uid");
}

static void
the_ranges_of_others(void **state)
{
	(void)state;
	subuid("bob:100000:65536\nalice:165535:10\n");
	assert_flaw("alice", "touch those of bob (/etc/subuid, line 1)");
	subuid("alice:90000:10001\nbob:100000:65536\n");
	assert_flaw("alice", "touch those of bob (/etc/subuid, line 2)");
	subuid("alice:90000:100000\nbob:100000:65536\n");
	assert_flaw("alice", "touch those of bob");
	subuid("alice:110000:10\n4001:100000:65536\n");
	assert_flaw("alice", "touch those of 4001");
	assert_flaw("bob", "touch those of alice");
	/* Beyond all uids, but over alice's. */
	subuid("alice:110000:10\nbob:100000:99999999999\n");
	assert_flaw("alice", "touch those of bob");
	/* Neighbours do not touch. */
	subuid("alice:165536:65536\nbob:100000:65536\ncarol:231072:65536\n");
	assert_ranges("alice", 1, 165536U, 231071U);
	/* And what others do among themselves is not alice's. */
	subuid("alice:165536:10\nbob:300000:65536\ncarol:310000:65536\nbob:100:10\n");
	assert_ranges("alice", 1, 165536U, 165545U);
}

static void
the_uids_of_accounts(void **state)
{
	FILE *passwd;

	(void)state;
	passwd = fopen("/etc/passwd", "a");
	fputs("erin:x:100500:100500::/:/bin/sh\n+::::::\n", passwd);
	fclose(passwd);
	subuid("alice:100000:501\n");
	assert_flaw("alice", "hold the account erin (uid 100500)");
	subuid("alice:100000:500\nbob:100501:10\n");
	assert_ranges("alice", 1, 100000U, 100499U);
	assert_ranges("bob", 1, 100501U, 100510U);
	subuid("alice:100500:1\n");
	assert_flaw("alice", "hold the account erin");
	/* erin's own uid in erin's own range is nobody else's. */
	subuid("erin:100000:65536\n");
	assert_ranges("erin", 1, 100000U, 165535U);
}

static void
what_cannot_be_read(void **state)
{
	static const char *const lines[] = {
		"alice:100000\n",
		"alice\n",
		"alice::\n",
		"alice:100000:\n",
		"alice:0x186a0:65536\n",
		"alice:0303240:65536\n",
		"alice: 100000:65536\n",
		"alice:100000:65536 \n",
		"alice:100000:-1\n",
		"alice:+100000:65536\n",
		"alice:100000:65536\r\n",
		"4000:x:65536\n",
		"ally:100000:y\n",
	};
	char text[128];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(text, sizeof(text), "bob:300000:1\nalice:200000:10\n%s", lines[i]);
		subuid(text);
		assert_flaw("alice", "line 3");
		assert_int_equal(asked_for("carol")->n_ranges, 0);
		assert_string_equal(daemon_.events[0].open.flaw, "");
	}
	/* Somebody else's, of which nobody can say where it lies: only who has ranges minds. */
	subuid("bob:0x30d40:10\nalice:200000:10\n");
	assert_flaw("alice", "line 1 cannot be read");
	assert_ranges("carol", 0);
	unlink("/etc/subuid");
	must(mkdir("/etc/subuid", 0700) == 0);
	assert_flaw("alice", "/etc/subuid: ");
	rmdir("/etc/subuid");
	must(symlink("/etc/subuid", "/etc/subuid") == 0);
	assert_flaw("alice", "/etc/subuid: ");
}

static void
too_many(void **state)
{
	char text[8192] = "";
	unsigned int i;

	(void)state;
	for (i = 0; i < PROTOCOL_RANGES_MAX; i++)
		sprintf(text + strlen(text), "alice:%u:10\n", 100000 + i * 100);
	subuid(text);
	assert_int_equal(asked_for("alice")->n_ranges, PROTOCOL_RANGES_MAX);
	assert_string_equal(daemon_.events[0].open.flaw, "");
	sprintf(text + strlen(text), "alice:900000:10\n");
	subuid(text);
	assert_flaw("alice", "more than 64 ranges");
}

/* A flaw is netfenced's to weigh: one whom nothing fences is not held up by it. */
static void
a_flaw_refuses_nobody_by_itself(void **state)
{
	(void)state;
	subuid("carol:1000:65536\n");
	daemon_forget();
	daemon_start();
	daemon_will(ACT_FREE, "nothing matches");
	assert_int_equal(app_try(&app, "carol", "", 0), PAM_IGNORE);
	daemon_end();
	assert_non_null(strstr(daemon_.events[0].open.flaw, "begin below 65536"));
}

/* Files of all kinds, against uids counted one by one. They lie between SPAN_FIRST and 64 uids
 * further on, six of them too low for a range. */
#define SPAN_FIRST 65530U
#define SPAN_LOW   6

static uint64_t
bits(unsigned int first, unsigned int count)
{
	return ((UINT64_C(1) << count) - 1) << first;
}

static void
random_files(void **state)
{
	static const char *const names[] = { "alice", "ally", "bob", "al", "alicea", "4000" };
	unsigned int seen[3] = { 0 }, round, i, n, who, first, count;
	char accounts[6][64], ranges[8][64], text[1024];
	bool is_alias[6], refused;
	uint64_t own, others, taken;
	struct subuids subuids;
	struct why why;

	(void)state;
	srandom(1);
	for (round = 0; round < 3000; round++) {
		own = others = taken = 0;
		memset(is_alias, 0, sizeof(is_alias));
		is_alias[0] = is_alias[5] = true;
		text[0] = '\0';
		n = (unsigned int)random() % 6;
		for (i = 0; i < n; i++) {
			who = (unsigned int)random() % 6;
			first = (unsigned int)random() % 64;
			if (random() % 3) {
				snprintf(accounts[i], sizeof(accounts[i]), "%s:x:%u:1::/:/bin/sh\n",
				    names[who], SPAN_FIRST + first);
				taken |= bits(first, 1);
			} else {
				snprintf(
				    accounts[i], sizeof(accounts[i]), "%s:x:4000:1\n", names[who]);
				is_alias[who] = true;
			}
			strcat(text, accounts[i]);
		}
		world_write("/etc/passwd", text);

		text[0] = '\0';
		n = (unsigned int)random() % 8;
		for (i = 0; i < n; i++) {
			who = (unsigned int)random() % 6;
			first = (unsigned int)random() % 60;
			count = (unsigned int)random() % 5;
			snprintf(ranges[i], sizeof(ranges[i]), "%s:%u:%u%s\n", names[who],
			    SPAN_FIRST + first, count, random() % 8 ? "" : ":more");
			strcat(text, ranges[i]);
			*(is_alias[who] ? &own : &others) |= bits(first, count);
		}
		if (n && random() % 2)
			text[strlen(text) - 1] = '\0';
		subuid(text);

		refused = (own & (others | taken | bits(0, SPAN_LOW))) != 0;
		seen[refused ? 2 : own != 0]++;
		if ((subuid_find("alice", 4000, &subuids, &why) < 0) != refused)
			fail_msg("round %u: %s", round, refused ? "not refused" : why.text);
		if (refused)
			continue;
		for (i = 0; i < subuids.n; i++) {
			first = subuids.ranges[i].first - SPAN_FIRST;
			count = subuids.ranges[i].last - subuids.ranges[i].first + 1;
			assert_int_equal(own & bits(first, count), bits(first, count));
			own &= ~bits(first, count);
		}
		assert_int_equal(own, 0);
	}
	assert_true(seen[0] > 100 && seen[1] > 100 && seen[2] > 100);
}

/* ---------------------------------------------------------------- subid: in nsswitch.conf */

static void
services(const char *line)
{
	char text[256];

	snprintf(text, sizeof(text), "passwd: files scripted\ngroup: files scripted\n%s", line);
	world_write("/etc/nsswitch.conf", text);
}

static void
files_is_the_file(void **state)
{
	static const char *const lines[] = { "subid: files\n", "subid:files",
		"Subid:\tfiles # sss\n", "#subid: scripted\n", "subid:\n", "subids: scripted\n",
		"subid: [x=y] files\n" };
	size_t i;

	(void)state;
	subuid("ranged:165536:65536\n");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		services(lines[i]);
		assert_ranges("ranged", 1, 165536U, 231071U);
	}
	unlink("/etc/subuid");
	services("subid: files\n");
	assert_ranges("ranged", 0);
}

static void
a_service_is_asked(void **state)
{
	(void)state;
	services("subid: scripted\n");
	subuid("ranged:165536:65536\nbob:200000:10\n");
	assert_ranges("ranged", 2, 300000U, 300999U, 2147483648U, 2147549183U);
	assert_ranges("alice", 0);
	assert_ranges("bob", 0);
	/* The others' in the file are still theirs. */
	subuid("bob:300999:10\n");
	assert_flaw("ranged", "touch those of bob");
	/* More than one: all that any of them gives. */
	services("subid: scripted [NOTFOUND=return] files\n");
	subuid("ranged:165536:65536\nbob:500000:10\n");
	assert_ranges("ranged", 3, 165536U, 231071U, 300000U, 300999U, 2147483648U, 2147549183U);
	assert_ranges("bob", 1, 500000U, 500009U);
	services("subid: files scripted\n");
	assert_ranges("ranged", 3, 165536U, 231071U, 300000U, 300999U, 2147483648U, 2147549183U);
	/* The first line counts. */
	services("subid: files\nsubid: scripted\n");
	assert_ranges("ranged", 1, 165536U, 231071U);
}

static void
a_service_that_fails_is_a_flaw(void **state)
{
	char line[128];

	(void)state;
	services("subid: scripted\n");
	assert_flaw("cut-off", "the directory does not answer");
	assert_flaw("broken", "it failed");
	services("subid: nosuchservice\n");
	assert_flaw("alice", "libsubid_nosuchservice.so");
	services("subid: files nosuchservice\n");
	assert_flaw("alice", "libsubid_nosuchservice.so");
	services("subid: ../../tmp/evil\n");
	assert_flaw("alice", "is a path");
	snprintf(line, sizeof(line), "subid: %060d\n", 0);
	services(line);
	assert_flaw("alice", "too long a name");
	/* Without the file, /etc/subuid it is. */
	unlink("/etc/nsswitch.conf");
	subuid("alice:165536:65536\n");
	assert_ranges("alice", 1, 165536U, 231071U);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whose_they_are, begin),
		cmocka_unit_test_setup(they_are_sorted_and_joined, begin),
		cmocka_unit_test_setup(comments_and_oddities_are_passed_over, begin),
		cmocka_unit_test_setup(low_and_high, begin),
		cmocka_unit_test_setup(the_ranges_of_others, begin),
		cmocka_unit_test_setup(the_uids_of_accounts, begin),
		cmocka_unit_test_setup(what_cannot_be_read, begin),
		cmocka_unit_test_setup(too_many, begin),
		cmocka_unit_test_setup(random_files, begin),
		cmocka_unit_test_setup(a_flaw_refuses_nobody_by_itself, begin),
		cmocka_unit_test_setup(files_is_the_file, begin),
		cmocka_unit_test_setup(a_service_is_asked, begin),
		cmocka_unit_test_setup(a_service_that_fails_is_a_flaw, begin),
	};

	(void)argc;
	world_enter(argv);
	return cmocka_run_group_tests_name("subuid", tests, NULL, end);
}
