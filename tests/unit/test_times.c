/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times as people write and read them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "ctl/times.h"

static void
test_when(void **state)
{
	char buffer[TIMES_SIZE], expected[TIMES_SIZE];
	time_t now = time(NULL);
	struct tm parts;

	(void)state;
	localtime_r(&now, &parts);
	strftime(expected, sizeof(expected), "%H:%M", &parts);
	assert_string_equal(times_when(now, buffer), expected);
	/* 1970 is not this year; whatever the zone, it is the year or the one before. */
	assert_int_equal(strlen(times_when(86400, buffer)), strlen("1970-01-02 00:00"));
	assert_string_equal(times_when(INT64_MAX, buffer), "?");
}

static void
expect_length(int64_t seconds, const char *expected)
{
	char buffer[TIMES_SIZE];

	assert_string_equal(times_length(seconds, buffer), expected);
}

static void
test_length(void **state)
{
	(void)state;
	expect_length(-1, "-");
	expect_length(0, "0s");
	expect_length(59, "59s");
	expect_length(60, "1m");
	expect_length(3599, "59m");
	expect_length(3600, "1h00m");
	expect_length(22320, "6h12m");
	expect_length(86399, "23h59m");
	expect_length(86400, "1d");
	expect_length(INT64_MAX, "106751991167300d");
}

static void
test_parse(void **state)
{
	(void)state;
	assert_int_equal(times_parse("90", 86400), 90);
	assert_int_equal(times_parse("90s", 86400), 90);
	assert_int_equal(times_parse("5m", 86400), 300);
	assert_int_equal(times_parse("24h", 86400), 86400);
	assert_int_equal(times_parse("30d", 30 * 86400), 30 * 86400);
	assert_int_equal(times_parse("25h", 86400), 0);
	assert_int_equal(times_parse("31d", 30 * 86400), 0);
	assert_int_equal(times_parse("0", 86400), 0);
	assert_int_equal(times_parse("0m", 86400), 0);
	assert_int_equal(times_parse("", 86400), 0);
	assert_int_equal(times_parse("-5m", 86400), 0);
	assert_int_equal(times_parse(" 5m", 86400), 0);
	assert_int_equal(times_parse("5 m", 86400), 0);
	assert_int_equal(times_parse("1h30m", 86400), 0);
	assert_int_equal(times_parse("5w", 86400), 0);
	assert_int_equal(times_parse("99999999999999999999", UINT32_MAX), 0);
	assert_int_equal(times_parse("49711d", UINT32_MAX), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
