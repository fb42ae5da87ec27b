/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fence/mark.h"

static const struct {
	struct mark mark;
	const char *chain;
	const char *text;
} good[] = {
	{ { MARK_DENIED, MARK_BY_RULE, 3, 0xabcdef }, "NETFENCE:supporters",
	    "NETFENCE:supporters,3,denied,000000abcdef" },
	{ { MARK_OBSERVED, MARK_BY_LOOPBACK, 0, UINT64_C(0xffffffffffff) },
	    "NETFENCE:0123456789012345678", /* 28 bytes */
	    "NETFENCE:0123456789012345678,loopback,observed,ffffffffffff" },
	{ { MARK_OBSERVED, MARK_BY_DEFAULT, 0, 1 }, "NETFENCE:a",
	    "NETFENCE:a,default,observed,000000000001" },
	{ { MARK_ALLOWED, MARK_BY_RULE, 4096, 1 }, "NETFENCE:a",
	    "NETFENCE:a,4096,allowed,000000000001" },
	{ { MARK_DENIED, MARK_BY_LIST, 0, 0 }, "NETFENCE=0123456789abcdef",
	    "NETFENCE=0123456789abcdef,list,denied,000000000000" },
	{ { MARK_DENIED, MARK_BY_ROUTING_HEADER, 0, 0 }, "NETFENCE%routing",
	    "NETFENCE%routing,routing-header,denied,000000000000" },
};

static void
test_there_and_back(void **state)
{
	char buffer[MARK_SIZE];
	struct mark mark;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_string_equal(mark_print(&good[i].mark, good[i].chain, buffer), good[i].text);
		assert_true(mark_parse(buffer, sizeof(buffer), &mark));
		assert_int_equal(mark.verdict, good[i].mark.verdict);
		assert_int_equal(mark.by, good[i].mark.by);
		assert_int_equal(mark.rule, good[i].mark.rule);
		assert_true(mark.policy == good[i].mark.policy);
	}
}

/* What other programs' rules say in the same group. */
static void
test_others(void **state)
{
	static const char *const texts[] = { "", ",", ",,,", "dropped: ", "a,3,denied",
		"a,3,denied,000000abcdef,", "a,3,denied,000000abcde", "a,3,denied,000000abcdef0",
		"a,3,denied,000000abcdeF", "a,0,denied,000000abcdef", "a,4097,denied,000000abcdef",
		"a,,denied,000000abcdef", "a,rule,denied,000000abcdef", "a,3,denie,000000abcdef",
		"a,3,deniedd,000000abcdef", "a,3x,denied,000000abcdef",
		"a,99999999999999999999,denied,000000abcdef" };
	struct mark mark;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (mark_parse(texts[i], strlen(texts[i]) + 1, &mark))
			fail_msg("\"%s\" was taken for a mark", texts[i]);
	/* Without its NUL, and cut by one. */
	assert_true(mark_parse(good[0].text, strlen(good[0].text), &mark));
	assert_false(mark_parse(good[0].text, strlen(good[0].text) - 1, &mark));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_others),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
