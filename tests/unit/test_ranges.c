/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges and their owners, held against a plain list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "session/ranges.h"

#define OWNERS 6
#define MOST   60

static const char owners[OWNERS];

struct plain {
	struct uid_range range;
	const void *owner; /* NULL: taken out */
};

static bool
mark(const void *owner, void *data)
{
	bool *seen = data;

	seen[(const char *)owner - owners] = true;
	return true;
}

static bool
first_only(const void *owner, void *data)
{
	(void)owner;
	++*(int *)data;
	return false;
}

static bool
is_free(const struct plain *plain, unsigned int n, int64_t uid)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (plain[i].owner && plain[i].range.first <= uid && plain[i].range.last >= uid)
			return false;
	return true;
}

static void
gaps_are_as_wide_as_can_be(const struct ranges *ranges, const struct plain *plain, unsigned int n)
{
	const int64_t most = 130; /* all ranges end below */
	struct uid_range gap;
	int64_t uid, first, last;

	for (uid = 0; uid < most; uid++) {
		assert_int_equal(ranges_gap(ranges, (uint32_t)uid, &gap), is_free(plain, n, uid));
		if (!is_free(plain, n, uid))
			continue;
		for (first = uid; first > 0 && is_free(plain, n, first - 1);)
			first--;
		for (last = uid; last < most && is_free(plain, n, last + 1);)
			last++;
		assert_int_equal(gap.first, first);
		assert_int_equal(gap.last, last == most ? UINT32_MAX : last);
	}
}

/* Whose ranges overlap is what a walk through all of them says, whatever came and went. */
static void
as_a_plain_list_says(void **state)
{
	struct ranges ranges = { 0 };
	struct plain plain[MOST];
	unsigned int seed, i, k, n, calls;
	int visits;

	(void)state;
	for (seed = 1; seed < 400; seed++) {
		srand(seed);
		n = (unsigned int)rand() % MOST;
		for (i = 0; i < n; i++) {
			plain[i].range.first = (uint32_t)rand() % 100;
			plain[i].range.last = plain[i].range.first + (uint32_t)rand() % 20;
			plain[i].owner = &owners[rand() % OWNERS];
			assert_true(ranges_add(&ranges, &plain[i].range, plain[i].owner));
			if (rand() % 10)
				continue;
			ranges_remove(&ranges, plain[i / 2].owner ? plain[i / 2].owner : owners);
			for (k = i + 1; k-- > 0;)
				if (k != i / 2 &&
				    plain[k].owner == (plain[i / 2].owner ? plain[i / 2].owner
									  : (const void *)owners))
					plain[k].owner = NULL;
			plain[i / 2].owner = NULL;
		}
		for (calls = 0; calls < 20; calls++) {
			struct uid_range asked = { (uint32_t)rand() % 110, 0 };
			bool seen[OWNERS] = { false }, expected[OWNERS] = { false }, any = false;

			asked.last = asked.first + (uint32_t)rand() % 10;
			for (i = 0; i < n; i++) {
				if (!plain[i].owner || plain[i].range.first > asked.last ||
				    plain[i].range.last < asked.first)
					continue;
				expected[(const char *)plain[i].owner - owners] = any = true;
			}
			ranges_overlap(&ranges, &asked, mark, seen);
			assert_memory_equal(seen, expected, sizeof(seen));
			visits = 0;
			ranges_overlap(&ranges, &asked, first_only, &visits);
			assert_int_equal(visits, any);
		}
		gaps_are_as_wide_as_can_be(&ranges, plain, n);
		ranges_free(&ranges);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_plain_list_says),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
