/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/buffer.h"

static struct wire_in
reading(const struct wire_out *out)
{
	return (struct wire_in){ .data = out->data, .left = out->used };
}

static void
what_is_put_comes_back(void **state)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	char bytes[3], *text;

	(void)state;
	wire_put_u8(&out, 200);
	wire_put_u16(&out, 60000);
	wire_put_u32(&out, 4000000000U);
	wire_put_u64(&out, UINT64_MAX - 1);
	wire_put_bytes(&out, "abc", 3);
	wire_put_string(&out, "hello");
	wire_put_string(&out, NULL);
	in = reading(&out);
	assert_int_equal(wire_get_u8(&in), 200);
	assert_int_equal(wire_get_u16(&in), 60000);
	assert_int_equal(wire_get_u32(&in), 4000000000U);
	assert_true(wire_get_u64(&in) == UINT64_MAX - 1);
	wire_get_bytes(&in, bytes, 3);
	assert_memory_equal(bytes, "abc", 3);
	text = wire_get_string(&in, 5);
	assert_string_equal(text, "hello");
	free(text);
	assert_false(wire_in_done(&in));
	text = wire_get_string(&in, 0);
	assert_string_equal(text, "");
	free(text);
	assert_true(wire_in_done(&in));
	wire_out_free(&out);
}

/* After the first error everything is zero, however much is there. */
static void
errors_stick(void **state)
{
	static const uint8_t bytes[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	struct wire_in in = { .data = bytes, .left = 7 };
	char some[4] = "xxx";
	size_t length = 9;

	(void)state;
	assert_true(wire_get_u64(&in) == 0);
	assert_true(in.failed);
	assert_int_equal(wire_get_u8(&in), 0);
	assert_int_equal(wire_get_u16(&in), 0);
	assert_int_equal(wire_get_u32(&in), 0);
	wire_get_bytes(&in, some, sizeof(some));
	assert_memory_equal(some, "\0\0\0\0", 4);
	assert_int_equal(wire_get_count(&in, 100, 1), 0);
	assert_null(wire_get_view(&in, 100, &length));
	assert_int_equal(length, 0);
	assert_null(wire_get_string(&in, 100));
	assert_false(wire_in_done(&in));
}

static void
each_number_needs_all_of_its_bytes(void **state)
{
	static const uint8_t bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	size_t left;

	(void)state;
	for (left = 0; left <= 8; left++) {
		struct wire_in one = { .data = bytes, .left = left }, two = one, four = one,
			       eight = one;

		wire_get_u8(&one);
		wire_get_u16(&two);
		wire_get_u32(&four);
		wire_get_u64(&eight);
		assert_int_equal(one.failed, left < 1);
		assert_int_equal(two.failed, left < 2);
		assert_int_equal(four.failed, left < 4);
		assert_int_equal(eight.failed, left < 8);
	}
}

static uint32_t
count_of(uint32_t count, size_t behind, uint32_t most, size_t least, bool *failed)
{
	uint8_t bytes[64] = { 0 };
	struct wire_in in = { .data = bytes, .left = sizeof(count) + behind };
	uint32_t got;

	memcpy(bytes, &count, sizeof(count));
	got = wire_get_count(&in, most, least);
	*failed = in.failed;
	return got;
}

/* A count of more members than there can be must not be believed. */
static void
a_count_is_at_most_what_was_sent(void **state)
{
	bool failed;

	(void)state;
	assert_int_equal(count_of(5, 20, 5, 4, &failed), 5);
	assert_false(failed);
	assert_int_equal(count_of(5, 19, 5, 4, &failed), 0);
	assert_true(failed);
	assert_int_equal(count_of(6, 40, 5, 4, &failed), 0);
	assert_true(failed);
	assert_int_equal(count_of(UINT32_MAX, 40, UINT32_MAX, 4, &failed), 0);
	assert_true(failed);
	assert_int_equal(count_of(0, 0, 5, 4, &failed), 0);
	assert_false(failed);
	assert_int_equal(count_of(7, 0, 7, 0, &failed), 7);
	assert_false(failed);
}

static bool
is_string(uint32_t length, const char *bytes, size_t there, size_t most)
{
	uint8_t buffer[32];
	struct wire_in in = { .data = buffer, .left = sizeof(length) + there };
	char *text;

	memcpy(buffer, &length, sizeof(length));
	memcpy(buffer + sizeof(length), bytes, there);
	text = wire_get_string(&in, most);
	assert_int_equal(text == NULL, in.failed);
	free(text);
	return !in.failed;
}

static void
strings_have_bounds_and_no_nul(void **state)
{
	(void)state;
	assert_true(is_string(3, "abc", 3, 3));
	assert_false(is_string(3, "abc", 3, 2));
	assert_false(is_string(4, "abc", 3, 10));
	assert_false(is_string(UINT32_MAX, "abc", 3, SIZE_MAX));
	assert_false(is_string(3, "a\0c", 3, 3));
	assert_false(is_string(3, "ab\0", 3, 3));
	assert_true(is_string(0, "", 0, 0));
}

static void
a_buffer_grows_and_says_where_it_cannot(void **state)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		wire_put_u32(&out, i);
	assert_false(out.failed);
	assert_int_equal(out.used, 400000);
	in = reading(&out);
	for (i = 0; i < 100000; i++)
		assert_int_equal(wire_get_u32(&in), i);
	assert_true(wire_in_done(&in));
	/* Nothing is read of what could not be held. */
	wire_put_bytes(&out, "", SIZE_MAX / 2);
	assert_true(out.failed);
	wire_put_u8(&out, 1);
	assert_int_equal(out.used, 400000);
	wire_out_free(&out);
	assert_null(out.data);
	assert_false(out.failed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_back),
		cmocka_unit_test(errors_stick),
		cmocka_unit_test(each_number_needs_all_of_its_bytes),
		cmocka_unit_test(a_count_is_at_most_what_was_sent),
		cmocka_unit_test(strings_have_bounds_and_no_nul),
		cmocka_unit_test(a_buffer_grows_and_says_where_it_cannot),
	};

	return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
