/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is a character, and what shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#include "base/utf8.h"

/* As libc has it, which knows characters beyond the last one. */
static void
test_decode_anything(void **state)
{
	uint32_t seed = 815, round, character;
	char bytes[5] = "";
	mbstate_t shift;
	wchar_t wide;
	size_t ours, theirs, i;

	(void)state;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	for (round = 0; round < 1000000; round++) {
		for (i = 0; i < 4; i++) {
			seed = seed * 1103515245 + 12345;
			/* Half of them go on where the first begins. */
			bytes[i] =
			    (char)(i && seed & 0x1000000 ? 0x80 | (seed >> 16 & 0x3f) : seed >> 16);
		}
		if (!bytes[0])
			continue;
		memset(&shift, 0, sizeof(shift));
		theirs = mbrtowc(&wide, bytes, 4, &shift);
		ours = utf8_decode(bytes, 4, &character);
		if (theirs > 4 || wide > 0x10ffff)
			theirs = 0;
		assert_int_equal(ours, theirs);
		if (ours)
			assert_int_equal(character, wide);
	}
}

static void
test_step(void **state)
{
	(void)state;
	assert_int_equal(utf8_step(""), 0);
	assert_int_equal(utf8_step("a"), 1);
	assert_int_equal(utf8_step("é"), 2);
	assert_int_equal(utf8_step("漢"), 3);
	assert_int_equal(utf8_step("\n"), 0);
	assert_int_equal(utf8_step("\x7f"), 0);
	assert_int_equal(utf8_step("\xc2\x9b"), 0);     /* CSI */
	assert_int_equal(utf8_step("\xe2\x80\xae"), 0); /* from right to left */
	assert_int_equal(utf8_step("\xe2\x80\x8b"), 0); /* a blank without a width */
	assert_int_equal(utf8_step("\xef\xbb\xbf"), 0); /* byte order mark */
	assert_int_equal(utf8_step("\xe2\x80"), 0);
}

static void
expect_escaped(const char *text, const char *expected)
{
	char *escaped = utf8_escape(text);

	assert_non_null(escaped);
	assert_string_equal(escaped, expected);
	free(escaped);
}

static void
test_escape(void **state)
{
	(void)state;
	expect_escaped("", "");
	expect_escaped("alice\n", "alice\n");
	expect_escaped("é漢", "é漢");
	expect_escaped("\xff", "\\xff");
	expect_escaped("a\xc2\x9b"
		       "2J",
	    "a\\xc2\\x9b2J");
	expect_escaped("\xe2\x80", "\\xe2\\x80");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_anything),
		cmocka_unit_test(test_step),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
