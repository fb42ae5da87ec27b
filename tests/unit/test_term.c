/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ends by itself, by the earlier of two clocks.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "term.h"
#include "wire/client.h"

#define HOUR_MS INT64_C(3600000)

static void
about(int64_t ms, int64_t wanted)
{
	assert_in_range(ms, wanted - 1500, wanted + 1000);
}

static struct term
written_and_read(const struct term *term, bool same_boot, bool *good)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	struct term got;

	term_put(&out, term);
	assert_int_equal(out.used, TERM_SIZE);
	in = (struct wire_in){ .data = out.data, .left = out.used };
	got = term_get(&in, same_boot);
	*good = wire_in_done(&in);
	wire_out_free(&out);
	return got;
}

static void
the_earlier_clock_counts(void **state)
{
	struct term term = term_of(3600);

	(void)state;
	about(term_left_ms(&term), HOUR_MS);
	/* The clock was set back by a day: by the other one nothing has changed. */
	term.until += 86400;
	about(term_left_ms(&term), HOUR_MS);
	term.boot_until_ms = wire_clock_boot_ms() + 1000;
	assert_in_range(term_left_ms(&term), 0, 1000);
	/* It was set forward: people were told a time of day, and that has come. */
	term = term_of(3600);
	term.until = time(NULL) - 1;
	assert_int_equal(term_left_ms(&term), 0);
	term = term_of(3600);
	term.boot_until_ms = wire_clock_boot_ms() - 1;
	assert_int_equal(term_left_ms(&term), 0);
}

static void
after_another_boot_no_more_than_was_left(void **state)
{
	struct term term = term_of(3600), got;
	bool good;

	(void)state;
	got = written_and_read(&term, true, &good);
	assert_true(good);
	assert_int_equal(got.until, term.until);
	assert_int_equal(got.boot_until_ms, term.boot_until_ms);

	/* The boot clock began anew, while the wall clock went on for half an hour. */
	term.boot_until_ms += 40 * HOUR_MS;
	term.until -= 1800;
	got = written_and_read(&term, false, &good);
	assert_true(good);
	about(term_left_ms(&got), HOUR_MS / 2);
	assert_true(got.boot_until_ms < term.boot_until_ms);

	/* The wall clock is at 1970 after the boot: what was left then, and no more. */
	term = term_of(3600);
	got = written_and_read(&term, false, &good);
	got.until += 50 * 365 * 86400;
	about(term_left_ms(&got), HOUR_MS);
}

static void
what_cannot_have_been_written_is_damaged(void **state)
{
	static const int64_t wrong[][3] = {
		{ -1, 0, 0 },
		{ INT64_MAX, 0, 0 },
		{ 1, 0, -1 },
		{ 1, 0, INT64_MAX },
		{ 1, INT64_MAX, 0 },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct wire_out out = { 0 };
		struct wire_in in;

		for (k = 0; k < 3; k++)
			wire_put_u64(&out, (uint64_t)wrong[i][k]);
		in = (struct wire_in){ .data = out.data, .left = out.used };
		term_get(&in, true);
		assert_false(wire_in_done(&in));
		wire_out_free(&out);
	}
}

static void
a_boot_has_a_name(void **state)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	struct term_boot now = term_boot_of(proc), again = term_boot_of(proc);
	struct term_boot untold = term_boot_of(-1);

	(void)state;
	assert_int_equal(strlen(now.id), 36);
	assert_true(term_boot_is(&now, &again));
	assert_false(term_boot_is(&now, &untold));
	assert_false(term_boot_is(&untold, &untold));
	again.id[0] ^= 1;
	assert_false(term_boot_is(&now, &again));
	close(proc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earlier_clock_counts),
		cmocka_unit_test(after_another_boot_no_more_than_was_left),
		cmocka_unit_test(what_cannot_have_been_written_is_damaged),
		cmocka_unit_test(a_boot_has_a_name),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
