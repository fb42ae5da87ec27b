/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/room.h"

static void
there_is_always_room_for_one_more(void **state)
{
	uint64_t *list = NULL;
	uint32_t n, room = 0, moves = 0, before;

	(void)state;
	for (n = 0; n < 100000; n++) {
		before = room;
		list = room_for(list, n, &room, sizeof(*list));
		assert_non_null(list);
		assert_true(room > n);
		moves += room != before;
		list[n] = n;
	}
	for (n = 0; n < 100000; n++)
		assert_int_equal(list[n], n);
	assert_true(moves < 20);
	free(list);
}

/* More than can be counted. */
static void
what_cannot_be_had_changes_nothing(void **state)
{
	char one;
	uint32_t room = UINT32_C(1) << 31;

	(void)state;
	assert_null(room_for(&one, room, &room, 1));
	assert_int_equal(room, UINT32_C(1) << 31);
	assert_ptr_equal(room_for(&one, 5, &room, 1), &one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_always_room_for_one_more),
		cmocka_unit_test(what_cannot_be_had_changes_nothing),
	};

	return cmocka_run_group_tests_name("room", tests, NULL, NULL);
}
