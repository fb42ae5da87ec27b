/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the host's own files the rules depend on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/ruleset.c"

static void
test_uid_min(void **state)
{
	static const struct {
		const char *text;
		uint32_t uid_min;
	} cases[] = {
		{ "", 1000 },
		{ "UID_MIN 500\n", 500 },
		{ "UID_MIN\t\t  500", 500 },
		{ "# UID_MIN 400\nUID_MAX 60000\n  UID_MIN 500\nGID_MIN 600\n", 500 },
		{ "#UID_MIN 400\n", 1000 },
		{ "SYS_UID_MIN 100\n", 1000 },
		{ "UID_MINIMUM 100\n", 1000 },
		{ "UID_MIN\n200\n", 1000 },
		{ "UID_MIN 0x200 # hexadecimal\n", 512 },
		{ "UID_MIN 01750\n", 1000 },
		{ "UID_MIN many\n", 1000 },
		{ "UID_MIN many\nUID_MIN 300\n", 300 },
		{ "UID_MIN 4294967294\n", 4294967294 },
		{ "UID_MIN 4294967295\n", 1000 },
		{ "UID_MIN 99999999999999999999\n", 1000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(find_uid_min(cases[i].text), cases[i].uid_min);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uid_min),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
