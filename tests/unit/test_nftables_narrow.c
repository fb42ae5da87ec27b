/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What narrows nothing is left out of a rule: anything that is taken for that and is not would let
 * out more than the policy says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "nftables/narrow.h"

static bool
is_everywhere(enum family family, const char *first, const char *last)
{
	struct address_range range = { { 0 }, { 0 } };
	struct rule rule = { 0 };

	sketch_address(first, range.first);
	sketch_address(last, range.last);
	rule.to[family] = &range;
	rule.n_to[family] = 1;
	return narrow_is_everywhere(&rule, family);
}

static void
all_addresses_are_from_the_first_to_the_last(void **state)
{
	struct address_range halves[2] = { { { 0 }, { 127, 255, 255, 255 } },
		{ { 128 }, { 255, 255, 255, 255 } } };
	const struct rule both = { .n_to = { 2 }, .to = { halves } }, none = { 0 };

	(void)state;
	assert_true(is_everywhere(FAMILY_IPV4, "0.0.0.0", "255.255.255.255"));
	assert_false(is_everywhere(FAMILY_IPV4, "0.0.0.1", "255.255.255.255"));
	assert_false(is_everywhere(FAMILY_IPV4, "0.0.0.0", "255.255.255.254"));
	assert_false(is_everywhere(FAMILY_IPV4, "0.0.0.0", "0.0.0.0"));
	assert_false(is_everywhere(FAMILY_IPV4, "0.0.0.0", "127.255.255.255"));
	assert_true(is_everywhere(FAMILY_IPV6, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	assert_false(is_everywhere(FAMILY_IPV6, "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	assert_false(is_everywhere(FAMILY_IPV6, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"));
	assert_false(is_everywhere(FAMILY_IPV6, "::", "ffff:ffff::"));
	assert_false(narrow_is_everywhere(&both, FAMILY_IPV4));
	assert_false(narrow_is_everywhere(&none, FAMILY_IPV4));
}

static void
all_ports_are_from_the_first_to_the_last(void **state)
{
	static const struct {
		struct ports ports;
		bool narrows;
	} cases[] = { { { 0, 65535 }, false }, { { 1, 65535 }, true }, { { 0, 65534 }, true },
		{ { 0, 0 }, true } };
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ports ports = cases[i].ports;
		const struct what what = { 17, WHAT_ANY, WHAT_ANY, 1, &ports };
		struct nrule rule = nrule_any(NRULE_ACCEPT);

		assert_int_equal(narrow_to_what(NULL, &rule, &what, NRULE_DESTINATION,
				     (struct place){ "", 1 }, &why),
		    0);
		assert_int_equal(rule.protocol, 17);
		assert_int_equal(rule.ports_set, cases[i].narrows);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_addresses_are_from_the_first_to_the_last),
		cmocka_unit_test(all_ports_are_from_the_first_to_the_last),
	};

	return cmocka_run_group_tests_name("nftables_narrow", tests, NULL, NULL);
}
