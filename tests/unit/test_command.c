/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told from a command's usage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/command.h"

/* The words with their values, "--confirm=TIME", after one another. */
static void
expect_words(const char *usage, const char *expected)
{
	const char *cursor = usage;
	struct command_word word;
	char all[256] = "";

	while (command_next_word(&cursor, &word)) {
		strcat(all, all[0] ? " " : "");
		strcat(all, word.text);
		strcat(all, word.value[0] ? "=" : "");
		strcat(all, word.value);
	}
	assert_string_equal(all, expected);
}

static void
test_words(void **state)
{
	(void)state;
	expect_words("", "");
	expect_words("USER WHAT WHERE", "USER WHAT WHERE");
	expect_words("USER | --group GROUP", "USER --group=GROUP");
	expect_words("[--dry-run] [--confirm TIME]", "--dry-run --confirm=TIME");
	expect_words("[--as NAME] [PATH]", "--as=NAME PATH");
	expect_words("[-l]", "-l");
	expect_words("USER WHAT WHERE --for TIME [--reason TEXT]",
	    "USER WHAT WHERE --for=TIME --reason=TEXT");
	expect_words("USER | --session ID", "USER --session=ID");
	expect_words("[WHAT WHERE]", "WHAT WHERE");
	expect_words("--all | --some", "--all --some");
	expect_words(
	    "a-word-that-is-longer-than-any-word-may-be", "a-word-that-is-longer-than-any-");
}

static void
expect_strange(const char *usage, const char *line, const char *expected)
{
	char words[128], *argv[16], *rest = words;
	const char *strange;
	int argc = 0;

	strcpy(words, line);
	while ((argv[argc] = strsep(&rest, " ")))
		argc++;
	strange = command_strange_option(usage, argc, argv);
	if (expected)
		assert_string_equal(strange, expected);
	else
		assert_null(strange);
}

static void
test_options(void **state)
{
	static const char usage[] = "grant USER WHAT WHERE --for TIME [--reason TEXT]";
	struct command_word word;
	(void)state;
	assert_true(command_has_option(usage, "--for", &word));
	assert_string_equal(word.value, "TIME");
	assert_false(command_has_option(usage, "--fo", &word));
	assert_false(command_has_option(usage, "grant", &word));
	/* A value may look like an option. */
	expect_strange(usage, "grant alice tcp/22 - --reason --for --for 2h", NULL);
	expect_strange(usage, "grant --for --reason --reasn x", "--reasn");
	expect_strange(usage, "grant alice -l", "-l");
	assert_string_equal(command_nearest_option(usage, "--reasn", &word), "--reason");
	assert_null(command_nearest_option(usage, "--quickly", &word));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
