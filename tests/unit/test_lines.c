/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of lines with colons: every line is given, whole, wherever the pieces end in which it is
 * read.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "identity/lines.h"

static char path[] = "/tmp/netfence-lines-XXXXXX";

static int
begin(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) < 0;
}

static int
end(void **state)
{
	(void)state;
	return unlink(path);
}

static void
write_file(const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void
assert_line(struct lines *lines, unsigned int number, unsigned int n, const char *const *fields)
{
	struct why why;
	const char *field;
	unsigned int i;

	assert_int_equal(lines_next(lines, &why), 1);
	assert_int_equal(lines->number, number);
	for (i = 0; i < n; i++) {
		field = lines_field(lines->line, i);
		assert_non_null(field);
		assert_memory_equal(field, fields[i], strlen(fields[i]));
		assert_true(field[strlen(fields[i])] == (i + 1 < n ? ':' : '\0'));
	}
	assert_null(lines_field(lines->line, i));
}

static void
assert_over(struct lines *lines)
{
	struct why why;

	assert_int_equal(lines_next(lines, &why), 0);
	assert_int_equal(lines_next(lines, &why), 0);
}

static void
test_fields(void **state)
{
	static const char text[] = "# a:b\n\na:b:c:d:e\n::\nno\0ne:1\nlast:1";
	cleanup_lines struct lines lines;

	(void)state;
	write_file(text, sizeof(text) - 1);
	assert_int_equal(lines_open(&lines, path), 0);
	assert_line(&lines, 3, 5, (const char *[]){ "a", "b", "c", "d", "e" });
	assert_line(&lines, 4, 3, (const char *[]){ "", "", "" });
	assert_line(&lines, 5, 1, (const char *[]){ "no" });
	assert_line(&lines, 6, 2, (const char *[]){ "last", "1" });
	assert_over(&lines);
}

static void
test_empty(void **state)
{
	cleanup_lines struct lines lines;

	(void)state;
	write_file("", 0);
	assert_int_equal(lines_open(&lines, path), 0);
	assert_over(&lines);
}

/* Lines of all lengths, so that pieces end at every place of a line; one of more than a piece. */
static void
test_pieces(void **state)
{
	cleanup_lines struct lines lines;
	size_t n = 700, size = n * n + 300000, used = 0, length;
	char *text = malloc(size), *long_one = malloc(200001);
	unsigned int number = 0;
	struct why why;

	(void)state;
	assert_non_null(text);
	assert_non_null(long_one);
	for (length = 1; length <= n; length++) {
		memset(text + used, 'a' + (int)(length % 26), length);
		used += length;
		text[used++] = '\n';
		if (length == n / 2) {
			memset(text + used, 'L', 200000);
			used += 200000;
			text[used++] = '\n';
		}
	}
	write_file(text, used - 1); /* the last without its newline */
	memset(long_one, 'L', 200000);
	long_one[200000] = '\0';
	assert_int_equal(lines_open(&lines, path), 0);
	for (length = 1; length <= n; length++) {
		number++;
		assert_int_equal(lines_next(&lines, &why), 1);
		assert_int_equal(lines.number, number);
		assert_int_equal(strlen(lines.line), length);
		assert_int_equal(
		    strspn(lines.line, (char[]){ (char)('a' + length % 26), '\0' }), length);
		if (length == n / 2)
			assert_line(&lines, ++number, 1, (const char *[]){ long_one });
	}
	assert_over(&lines);
	free(text);
	free(long_one);
}

static void
test_errors(void **state)
{
	cleanup_lines struct lines lines;
	struct why why;

	(void)state;
	assert_int_equal(lines_open(&lines, "/nowhere/at/all"), -ENOENT);
	assert_int_equal(lines_open(&lines, "/proc"), 0);
	assert_int_equal(lines_next(&lines, &why), -EISDIR);
	assert_non_null(strstr(why.text, "/proc"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
