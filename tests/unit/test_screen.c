/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people see: foreign text made harmless, lines and tables that fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "ctl/grid.h"
#include "ctl/screen.h"

struct page {
	struct screen screen;
	char *text;
	size_t size;
};

static void
begin(struct page *page, unsigned int columns, bool colour)
{
	*page = (struct page){ .screen = { .columns = columns, .colour = colour } };
	page->screen.stream = open_memstream(&page->text, &page->size);
	assert_non_null(page->screen.stream);
}

static void
expect(struct page *page, const char *expected)
{
	assert_int_equal(fclose(page->screen.stream), 0);
	assert_string_equal(page->text, expected);
	free(page->text);
}

/* ---------------------------------------------------------------- text */

static void
expect_clean(const char *text, const char *expected, unsigned int width)
{
	char *clean = screen_clean(text), *again;

	assert_non_null(clean);
	assert_string_equal(clean, expected);
	assert_int_equal(screen_width(clean), width);
	again = screen_clean(clean);
	assert_string_equal(again, expected);
	free(again);
	free(clean);
}

static void
test_clean(void **state)
{
	(void)state;
	expect_clean("", "", 0);
	expect_clean("alice", "alice", 5);
	expect_clean("Zoë", "Zoë", 3);
	expect_clean("漢字", "漢字", 4);
	expect_clean("a\tb\nc", "a\\x09b\\x0ac", 11);
	expect_clean("\033[31mred", "\\x1b[31mred", 11);
	expect_clean("\177", "\\x7f", 4);
	assert_null(screen_clean(NULL));
}

static void
test_clean_what_only_looks_like_text(void **state)
{
	(void)state;
	/* C1 control CSI; a broken sequence; one cut short; an overlong one; a surrogate. */
	expect_clean("\xc2\x9b"
		     "2J",
	    "\\xc2\\x9b2J", 10);
	expect_clean("a\xff"
		     "b",
	    "a\\xffb", 6);
	expect_clean("\xe2\x80", "\\xe2\\x80", 8);
	expect_clean("\xc0\xaf", "\\xc0\\xaf", 8);
	expect_clean("\xed\xa0\x80", "\\xed\\xa0\\x80", 12);
	/* Text that runs backwards; a space of no width; a line separator. */
	expect_clean("\xe2\x80\xaegpj", "\\xe2\\x80\\xaegpj", 15);
	expect_clean("\xe2\x80\x8b", "\\xe2\\x80\\x8b", 12);
	expect_clean("\xe2\x80\xa8", "\\xe2\\x80\\xa8", 12);
}

/* Whatever the bytes: nothing that controls is left, and what is left is clean. */
static void
test_clean_anything(void **state)
{
	uint32_t seed = 4711, round;
	char text[17], *clean, *again;
	size_t i, n;

	(void)state;
	for (round = 0; round < 200000; round++) {
		seed = seed * 1103515245 + 12345;
		n = (seed >> 16) % (sizeof(text) - 1);
		for (i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = (char)(seed >> 16);
		}
		text[n] = '\0';
		clean = screen_clean(text);
		assert_non_null(clean);
		for (i = 0; clean[i]; i++)
			assert_true((unsigned char)clean[i] >= 0x20 && clean[i] != 0x7f);
		again = screen_clean(clean);
		assert_string_equal(again, clean);
		assert_true(screen_width(clean) >= (text[0] != '\0'));
		free(again);
		free(clean);
	}
}

static void
test_head_and_tail(void **state)
{
	(void)state;
	assert_int_equal(screen_head("alice", 3), 3);
	assert_int_equal(screen_head("alice", 9), 5);
	assert_int_equal(screen_head("ééé", 2), 4);
	/* A character of two columns is there or not. */
	assert_int_equal(screen_head("漢字", 3), 3);
	assert_string_equal(screen_tail("alice", 3), "ice");
	assert_string_equal(screen_tail("alice", 9), "alice");
	assert_string_equal(screen_tail("aéé", 2), "éé");
	assert_string_equal(screen_tail("漢字", 3), "字");
	assert_string_equal(screen_tail("alice", 0), "");
}

/* Rules may name 65536 addresses. */
static void
test_long_text(void **state)
{
	const size_t words = 200000;
	char *text = malloc(words * 9 + 1);
	struct page page;
	size_t i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < words; i++)
		memcpy(text + i * 9, "10.0.0.5 ", 9);
	text[words * 9] = '\0';
	begin(&page, 80, false);
	screen_line(&page.screen, 8, INK_PLAIN, "rule", text);
	assert_int_equal(fclose(page.screen.stream), 0);
	/* Eight in a line. */
	for (i = 0; page.text[i] && page.text[i] != '\n'; i++)
		;
	assert_int_equal(i, 8 + 8 * 9 - 1);
	free(page.text);
	free(text);
}

static void
test_put(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 80, false);
	screen_put(&page.screen, INK_BAD, "FAIL\033");
	expect(&page, "FAIL\\x1b");
	begin(&page, 80, true);
	screen_put(&page.screen, INK_BAD, "FAIL");
	screen_put(&page.screen, INK_PLAIN, "plain");
	screen_put(&page.screen, INK_BAD, "");
	expect(&page, "\033[1;31mFAIL\033[0mplain");
}

/* ---------------------------------------------------------------- lines */

static void
test_line(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 40, false);
	screen_line(&page.screen, 8, INK_PLAIN, "who", "alice");
	screen_line(&page.screen, 8, INK_PLAIN, "", "bob");
	screen_line(&page.screen, 8, INK_PLAIN, "long-label", "carol");
	screen_line(&page.screen, 8, INK_PLAIN, "empty", "");
	expect(&page, "who     alice\n"
		      "        bob\n"
		      "long-label carol\n"
		      "empty\n");
}

static void
test_line_breaks(void **state)
{
	struct page page;

	(void)state;
	begin(&page, 20, false);
	/* Twelve columns are left for the text. */
	screen_line(&page.screen, 8, INK_PLAIN, "mend", "exactly here");
	screen_line(&page.screen, 8, INK_PLAIN, "mend", "one two three four");
	screen_line(&page.screen, 8, INK_PLAIN, "mend", "a /word/beyond/the/end b");
	screen_line(&page.screen, 8, INK_PLAIN, "mend", "ééé ééé ééé éé é");
	expect(&page, "mend    exactly here\n"
		      "mend    one two\n"
		      "        three four\n"
		      "mend    a\n"
		      "        /word/beyond/the/end\n"
		      "        b\n"
		      "mend    ééé ééé ééé\n"
		      "        éé é\n");
}

/* ---------------------------------------------------------------- tables */

static const struct grid_column columns[] = {
	{ "ID", GRID_RIGHT },
	{ "USER", GRID_CUT },
	{ "RULE", GRID_CUT_HEAD },
	{ "TIMES", GRID_RIGHT },
};

static struct grid *
sample(const char *user, const char *rule)
{
	struct grid *grid = grid_new(columns, 4);

	grid_number(grid, 7);
	grid_text(grid, INK_PLAIN, user);
	grid_text(grid, INK_WARN, rule);
	grid_number(grid, 1234567);
	grid_text(grid, INK_PLAIN, NULL);
	grid_text(grid, INK_PLAIN, "bob");
	grid_text(grid, INK_PLAIN, "");
	grid_number(grid, 5);
	assert_int_equal(grid_rows(grid), 2);
	return grid;
}

static void
expect_grid(unsigned int width, const char *user, const char *rule, const char *expected)
{
	struct grid *grid = sample(user, rule);
	struct page page;

	begin(&page, width, false);
	assert_int_equal(grid_print(grid, &page.screen), 0);
	expect(&page, expected);
	grid_free(grid);
}

static void
test_grid(void **state)
{
	(void)state;
	expect_grid(80, "alice", "rules.yaml:14",
	    "ID  USER   RULE             TIMES\n"
	    " 7  alice  rules.yaml:14  1234567\n"
	    " -  bob    -                    5\n");
}

static void
test_grid_cuts(void **state)
{
	(void)state;
	/* The widest loses first; the head of a place matters less than its end. */
	expect_grid(40, "alice", "/etc/netfence/groups/supporters.yaml:14",
	    "ID  USER   RULE                    TIMES\n"
	    " 7  alice  …/supporters.yaml:14  1234567\n"
	    " -  bob    -                           5\n");
}

static void
test_grid_is_too_narrow(void **state)
{
	(void)state;
	/* Six columns are left of each, and numbers stay whole. */
	expect_grid(10, "alexander", "/etc/netfence/netfence.yaml:14",
	    "ID  USER    RULE      TIMES\n"
	    " 7  alexa…  …ml:14  1234567\n"
	    " -  bob     -             5\n");
}

static void
test_grid_cleans(void **state)
{
	(void)state;
	expect_grid(80, "a\033[2J", "é",
	    "ID  USER      RULE    TIMES\n"
	    " 7  a\\x1b[2J  é     1234567\n"
	    " -  bob       -           5\n");
}

static void
test_grid_in_colour(void **state)
{
	struct grid *grid = sample("alice", "rules.yaml:14");
	struct page page;

	(void)state;
	begin(&page, 80, true);
	assert_int_equal(grid_print(grid, &page.screen), 0);
	/* The ink ends with the text: blanks have no colour. */
	expect(&page, "\033[1mID\033[0m  \033[1mUSER\033[0m   \033[1mRULE\033[0m             "
		      "\033[1mTIMES\033[0m\n"
		      " 7  alice  \033[33mrules.yaml:14\033[0m  1234567\n"
		      " -  bob    -                    5\n");
	grid_free(grid);
}

static void
test_no_blanks_at_the_end(void **state)
{
	static const struct grid_column two[] = { { "A", GRID_LEFT }, { "STATE", GRID_LEFT } };
	struct grid *grid = grid_new(two, 2);
	struct page page;

	(void)state;
	grid_text(grid, INK_PLAIN, "x");
	grid_text(grid, INK_PLAIN, "on");
	begin(&page, 80, false);
	assert_int_equal(grid_print(grid, &page.screen), 0);
	expect(&page, "A  STATE\nx  on\n");
	grid_free(grid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_clean_what_only_looks_like_text),
		cmocka_unit_test(test_clean_anything),
		cmocka_unit_test(test_head_and_tail),
		cmocka_unit_test(test_long_text),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_line_breaks),
		cmocka_unit_test(test_grid),
		cmocka_unit_test(test_grid_cuts),
		cmocka_unit_test(test_grid_is_too_narrow),
		cmocka_unit_test(test_grid_cleans),
		cmocka_unit_test(test_grid_in_colour),
		cmocka_unit_test(test_no_blanks_at_the_end),
	};

	screen_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
