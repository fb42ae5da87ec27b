/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/tests.h"

/* A box that the rules before number `rule` have left alone. */
struct pending {
	struct box box;
	uint32_t rule;
};

/* ---------------------------------------------------------------- addresses */

/* The next address, or the one before; there is one. */
static void
beside(const uint8_t address[16], enum family family, bool next, uint8_t other[16])
{
	int i = family == FAMILY_IPV4 ? 3 : 15;

	memcpy(other, address, 16);
	for (; i >= 0; i--) {
		other[i] = (uint8_t)(other[i] + (next ? 1 : -1));
		if (other[i] != (next ? 0 : 0xff))
			break;
	}
}

static int
compare(const uint8_t one[16], const uint8_t other[16])
{
	return memcmp(one, other, 16);
}

/* The first of the n sorted ranges that ends at `address` or behind it, or NULL. */
static const struct address_range *
range_at(const struct address_range *ranges, uint32_t n, const uint8_t address[16])
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (compare(ranges[middle].last, address) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n ? &ranges[low] : NULL;
}

/* ---------------------------------------------------------------- numbers */

/* Keeps the lower of the two of those that end at `from` or behind it. */
static void
keep_lowest(struct numbers *best, uint32_t from, uint32_t low, uint32_t high)
{
	if (high >= from && low < best->low)
		*best = (struct numbers){ low, high };
}

static void
lowest_of_what(
    const struct search *search, const struct what *what, uint32_t from, struct numbers *best)
{
	uint32_t i, type;

	if (what->protocol != WHAT_ANY && what->protocol != search->protocol)
		return;
	if (!what_in_family(what, search->family))
		return;
	if (what->icmp_type != WHAT_ANY) {
		type = (uint32_t)what->icmp_type << 8;
		if (what->icmp_code == WHAT_ANY)
			keep_lowest(best, from, type, type | 0xff);
		else
			keep_lowest(best, from, type | (uint32_t)what->icmp_code,
			    type | (uint32_t)what->icmp_code);
		return;
	}
	if (!what->n_ports)
		keep_lowest(best, from, 0, SEARCH_NUMBERS_MAX);
	for (i = 0; i < what->n_ports; i++)
		keep_lowest(best, from, what->ports[i].first, what->ports[i].last);
}

bool
search_numbers(
    const struct search *search, const struct rule *rule, uint32_t from, struct numbers *numbers)
{
	struct numbers best = { UINT32_MAX, 0 };
	uint32_t i;

	for (i = 0; i < rule->n_what; i++)
		lowest_of_what(search, &rule->what[i], from, &best);
	*numbers = best;
	return best.low != UINT32_MAX;
}

/* ---------------------------------------------------------------- the search */

static bool
is_wanted(const struct policy_test *test, enum action action)
{
	return action == test->action || (test->action == ACTION_REJECT && action == ACTION_DROP);
}

static int
judge(struct search *search, const struct box *box, const struct rule *rule)
{
	search->action = rule ? rule->action : search->policy->unmatched;
	if (is_wanted(search->test, search->action))
		return 0;
	search->found = *box;
	search->by = rule;
	return SEARCH_FOUND;
}

static int
leave_to(struct search *search, const struct box *box, uint32_t rule)
{
	struct pending *grown;
	size_t room;

	if (search->n_pending == search->room) {
		room = search->room ? 2 * search->room : 16;
		grown = reallocarray(search->pending, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		search->pending = grown;
		search->room = room;
	}
	search->pending[search->n_pending++] = (struct pending){ *box, rule };
	return 0;
}

/* Of addresses that the rule names all of: the numbers that it takes, and those that it leaves. */
static int
divide_numbers(struct search *search, struct box box, uint32_t i)
{
	const struct rule *rule = &search->policy->egress[i];
	const uint32_t high = box.high;
	struct numbers numbers;
	int result = 0;

	while (!result && box.low <= high && search_numbers(search, rule, box.low, &numbers) &&
	       numbers.low <= high) {
		if (numbers.low > box.low) {
			box.high = numbers.low - 1;
			result = leave_to(search, &box, i + 1);
			box.low = numbers.low;
		}
		box.high = numbers.high < high ? numbers.high : high;
		if (!result)
			result = judge(search, &box, rule);
		box.low = box.high + 1;
	}
	box.high = high;
	return !result && box.low <= high ? leave_to(search, &box, i + 1) : result;
}

/* What the rule takes of the box, by the first of its ranges that is in it, and what it leaves. */
static int
divide(struct search *search, struct box box, const struct address_range *range, uint32_t i)
{
	struct box part = box;
	int result = 0;

	if (compare(range->first, box.to.first) > 0) {
		beside(range->first, search->family, false, part.to.last);
		result = leave_to(search, &part, i + 1);
		memcpy(box.to.first, range->first, sizeof(box.to.first));
	}
	part = box;
	if (!result && compare(range->last, box.to.last) < 0) {
		beside(range->last, search->family, true, part.to.first);
		result = leave_to(search, &part, i);
		memcpy(box.to.last, range->last, sizeof(box.to.last));
	}
	return result ? result : divide_numbers(search, box, i);
}

/* The first of the rule's ranges that meets the box, if its numbers do, too; or NULL. */
static const struct address_range *
touches(const struct search *search, const struct rule *rule, const struct box *box)
{
	const struct address_range *range =
	    range_at(rule->to[search->family], rule->n_to[search->family], box->to.first);
	struct numbers numbers;

	if (rule->interface && search->test->interface &&
	    strcmp(rule->interface, search->test->interface) != 0)
		return NULL;
	if (!range || compare(range->first, box->to.last) > 0 ||
	    !search_numbers(search, rule, box->low, &numbers) || numbers.low > box->high)
		return NULL;
	return range;
}

/* A rule with an interface, for a test that names none, may take its share or not: the share is
 * judged, and the whole is left. */
static int
divide_perhaps(struct search *search, struct box box, const struct address_range *range, uint32_t i)
{
	const struct rule *rule = &search->policy->egress[i];
	struct box share = box;
	struct numbers numbers;
	int result;

	if (compare(range->first, share.to.first) > 0)
		memcpy(share.to.first, range->first, sizeof(share.to.first));
	if (search_numbers(search, rule, box.low, &numbers) && numbers.low > share.low)
		share.low = numbers.low;
	result = judge(search, &share, rule);
	return result ? result : leave_to(search, &box, i + 1);
}

static int
go_on(struct search *search, struct pending at)
{
	const struct address_range *range = NULL;
	const struct rule *rule = NULL;

	for (; at.rule < search->policy->n_egress && !range; at.rule += !range) {
		if (search->looks++ == TESTS_LOOKS_MAX)
			return SEARCH_TOO_MUCH;
		rule = &search->policy->egress[at.rule];
		range = touches(search, rule, &at.box);
	}
	if (!range)
		return judge(search, &at.box, NULL);
	if (rule->interface && !search->test->interface)
		return divide_perhaps(search, at.box, range, at.rule);
	return divide(search, at.box, range, at.rule);
}

int
search_box(struct search *search, const struct policy *policy, const struct box *box)
{
	int result;

	search->policy = policy;
	search->n_pending = 0;
	result = leave_to(search, box, 0);
	while (!result && search->n_pending)
		result = go_on(search, search->pending[--search->n_pending]);
	return result;
}
