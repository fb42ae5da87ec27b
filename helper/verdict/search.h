/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks for a packet that does not meet what a test says: takes what the test names through the
 * rules as whole boxes of packets, each of which a rule divides into what it takes and what it
 * leaves to those behind it. What tests.c is made of.
 */
#ifndef NETFENCE_VERDICT_SEARCH_H
#define NETFENCE_VERDICT_SEARCH_H

#include "netfence/rule.h"

#define SEARCH_NUMBERS_MAX 65535U

struct numbers {
	uint32_t low;
	uint32_t high;
};

/*
 * Packets of one protocol: addresses from first to last, and numbers from low to high. A number is
 * the port, or 256 * type + code for ICMP, so that whatever a rule can name is a range of them.
 */
struct box {
	struct address_range to;
	uint32_t low;
	uint32_t high;
};

struct pending;

/*
 * Begin with all zero; set test, family and protocol; free `pending` in the end.
 * policy that of the last search_box()
 * looks  at rules, so far: more than TESTS_LOOKS_MAX are too much
 * found  the first packets that meet another action than the test's, and by which rule (NULL: the
 *        default)
 */
struct search {
	const struct policy *policy;
	const struct policy_test *test;
	enum family family;
	uint8_t protocol;
	uint32_t looks;
	struct pending *pending;
	size_t n_pending;
	size_t room;
	struct box found;
	enum action action;
	const struct rule *by;
};

#define SEARCH_FOUND    1
#define SEARCH_TOO_MUCH 2

/* All of the box by all rules of the policy. 0, one of these two, or -ENOMEM. */
int search_box(struct search *search, const struct policy *policy, const struct box *box);

/* The first numbers of the rule, in the search's protocol and family, that do not all lie before
 * `from`; false where there are none. */
bool search_numbers(
    const struct search *search, const struct rule *rule, uint32_t from, struct numbers *numbers);

#endif
