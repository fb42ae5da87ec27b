/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What others say gets into the log, and must not look like what we say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "log.h"

/* Standard error in a file, and back. */
static int saved, capture;

static void
begin_capture(void)
{
	char name[] = "/tmp/netfence-XXXXXX";

	fflush(stderr);
	capture = mkstemp(name);
	assert_true(capture >= 0);
	unlink(name);
	saved = dup(STDERR_FILENO);
	assert_true(dup2(capture, STDERR_FILENO) >= 0);
}

static void
captured(char *text, size_t size)
{
	ssize_t got;

	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	got = pread(capture, text, size - 1, 0);
	assert_true(got >= 0);
	text[got] = '\0';
	close(capture);
}

#define SAYS(expected, ...)                                              \
	do {                                                             \
		char text_[4096];                                        \
                                                                         \
		begin_capture();                                         \
		log_event(LOG_DEBUG, __VA_ARGS__);                       \
		captured(text_, sizeof(text_));                          \
		assert_string_equal(text_, "netfenced: " expected "\n"); \
	} while (0)

static void
fields_are_quoted_and_escaped(void **state)
{
	(void)state;
	SAYS("event=refused user=\"alice\" uid=4000", "refused", LOG_TEXT("user", "alice"),
	    LOG_NUMBER("uid", 4000));
	SAYS(
	    "event=refused from=\"a\\\" uid=0 \\\\\"", "refused", LOG_TEXT("from", "a\" uid=0 \\"));
	SAYS("event=refused tty=\"a\\x0aevent=off\\x1b[2J\\x7f\"", "refused",
	    LOG_TEXT("tty", "a\nevent=off\x1b[2J\x7f"));
	SAYS("event=refused tty=\"é漢\\xc2\\x9b2J\\xe2\\x80\\xae\\xff\\xe2\\x80\"", "refused",
	    LOG_TEXT("tty", "é漢\xc2\x9b"
			    "2J\xe2\x80\xae\xff\xe2\x80"));
	SAYS("event=off uid=18446744073709551615", "off", LOG_TEXT("reason", ""),
	    LOG_NUMBER("uid", UINT64_MAX));
	SAYS("event=off uid=0", "off", LOG_TEXT("reason", NULL), LOG_NUMBER("uid", 0));
}

static void
fields_stand_in_one_order(void **state)
{
	(void)state;
	SAYS("event=denied user=\"alice\" uid=4000 session=7 policy=\"vendor\" proto=\"tcp\" "
	     "dst=\"10.0.0.5\" dport=22 rule=\"a.yaml:3\" count=2 until=\"9\" reason=\"r\"",
	    "denied", LOG_TEXT("reason", "r"), LOG_TEXT("until", "9"), LOG_NUMBER("count", 2),
	    LOG_TEXT("rule", "a.yaml:3"), LOG_NUMBER("dport", 22), LOG_TEXT("dst", "10.0.0.5"),
	    LOG_TEXT("proto", "tcp"), LOG_TEXT("policy", "vendor"), LOG_NUMBER("session", 7),
	    LOG_NUMBER("uid", 4000), LOG_TEXT("user", "alice"));
}

/* However long: one line, with its quotes closed. */
static void
long_fields_are_cut_and_closed(void **state)
{
	static const char fills[] = { 'x', '"', '\n', '\\' };
	char text[8192], word_bytes[3000], *word = word_bytes;
	size_t i, length;

	(void)state;
	for (i = 0; i < sizeof(fills); i++) {
		for (length = 1300; length < sizeof(word_bytes); length += 1) {
			size_t k, quotes = 0;

			memset(word, fills[i], length);
			word[length] = '\0';
			begin_capture();
			log_event(LOG_DEBUG, "refused", LOG_TEXT("user", "alice"),
			    LOG_TEXT("from", word), LOG_TEXT("tty", word), LOG_NUMBER("uid", 7),
			    LOG_TEXT("reason", word));
			captured(text, sizeof(text));
			k = strlen(text);
			assert_true(k < 1600 && k > 1300);
			assert_int_equal(text[k - 1], '\n');
			assert_ptr_equal(strchr(text, '\n'), &text[k - 1]);
			for (k = 0; text[k]; k++) {
				if (text[k] == '\\')
					k++;
				else
					quotes += text[k] == '"';
			}
			assert_int_equal(quotes % 2, 0);
			length += 97 * (length > 1700);
		}
	}
}

static void
any_other_line_is_one_line_too(void **state)
{
	char text[4096];

	(void)state;
	begin_capture();
	log_line(LOG_DEBUG, "%s: %s", "al\nice\x1b[2J", "é\xff");
	captured(text, sizeof(text));
	assert_string_equal(text, "netfenced: al?ice?[2J: é?\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_quoted_and_escaped),
		cmocka_unit_test(fields_stand_in_one_order),
		cmocka_unit_test(any_other_line_is_one_line_too),
		cmocka_unit_test(long_fields_are_cut_and_closed),
	};

	log_open("test_log", true);
	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
