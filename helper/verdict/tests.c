/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict/tests.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/search.h"
#include "verdict/words.h"

static bool
has_ports(int protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

static bool
has_types(int protocol)
{
	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* ---------------------------------------------------------------- what a test names */

/* Whether all of the range is this host's, wherever that host is. */
static bool
is_own(enum family family, const struct address_range *range)
{
	static const uint8_t localhost6[16] = { [15] = 1 };

	if (family == FAMILY_IPV4)
		return range->first[0] == 127 && range->last[0] == 127;
	return memcmp(range->first, localhost6, 16) == 0 &&
	       memcmp(range->last, localhost6, 16) == 0;
}

/* `loopback` as rules of which the default says what is in no list. */
static void
loopback_as_policy(const struct policy *policy, struct rule *rule, struct address_range *to,
    struct policy *loopback)
{
	enum family family;

	*loopback = (struct policy){ .name = policy->name, .unmatched = ACTION_REJECT };
	if (policy->loopback.kind == PASSAGE_ALL)
		loopback->unmatched = ACTION_ALLOW;
	if (policy->loopback.kind != PASSAGE_LIST)
		return;
	memset(to->first, 0, sizeof(to->first));
	memset(to->last, 0xff, sizeof(to->last));
	*rule = (struct rule){
		.action = ACTION_ALLOW,
		.n_what = policy->loopback.n_what,
		.what = policy->loopback.what,
	};
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		rule->n_to[family] = 1;
		rule->to[family] = to;
	}
	loopback->n_egress = 1;
	loopback->egress = rule;
}

static int
search_range(struct search *search, const struct policy *policy, const struct address_range *range,
    struct numbers numbers)
{
	const struct box box = { *range, numbers.low, numbers.high };
	struct address_range everywhere;
	struct policy loopback;
	struct rule rule;
	int result;

	if (!is_own(search->family, range))
		return search_box(search, policy, &box);
	loopback_as_policy(policy, &rule, &everywhere, &loopback);
	result = search_box(search, &loopback, &box);
	search->by = NULL;
	return result;
}

/* The numbers that `what` names of the protocol, one after the other. */
static int
search_protocol(
    struct search *search, const struct policy *policy, const struct what *what, int protocol)
{
	const struct policy_test *test = search->test;
	const struct rule named = { .n_what = 1, .what = (struct what *)(uintptr_t)what };
	uint32_t highest = has_ports(protocol) || has_types(protocol) ? SEARCH_NUMBERS_MAX : 0;
	/* Nothing can be sent to port 0. */
	uint32_t from = has_ports(protocol) ? 1 : 0, i;
	struct numbers numbers;
	int result = 0;

	search->protocol = (uint8_t)protocol;
	while (!result && from <= highest && search_numbers(search, &named, from, &numbers)) {
		if (numbers.low < from)
			numbers.low = from;
		if (numbers.high > highest)
			numbers.high = highest;
		for (i = 0; !result && i < test->n_to[search->family]; i++)
			result =
			    search_range(search, policy, &test->to[search->family][i], numbers);
		from = numbers.high + 1;
	}
	return result;
}

static void
note_protocols(bool known[256], const struct what *what, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (what[i].protocol != WHAT_ANY)
			known[what[i].protocol & 0xff] = true;
	}
}

/* Of `any`: every protocol that the policy knows, and one for all that it does not know. */
static int
search_any(struct search *search, const struct policy *policy, const struct what *what)
{
	static const struct what ported[] = {
		{ .protocol = IPPROTO_TCP },
		{ .protocol = IPPROTO_UDP },
	};
	bool known[256] = { false }, other = false;
	int protocol, result = 0;
	uint32_t i;

	note_protocols(known, ported, sizeof(ported) / sizeof(*ported));
	note_protocols(known, policy->loopback.what, policy->loopback.n_what);
	for (i = 0; i < policy->n_egress; i++)
		note_protocols(known, policy->egress[i].what, policy->egress[i].n_what);
	/* To iptables 0 is any protocol: no rule can name it. */
	for (protocol = 1; protocol < 256 && !result; protocol++) {
		if (!known[protocol] && other)
			continue;
		if ((protocol == IPPROTO_ICMP && search->family != FAMILY_IPV4) ||
		    (protocol == IPPROTO_ICMPV6 && search->family != FAMILY_IPV6))
			continue;
		other = other || !known[protocol];
		result = search_protocol(search, policy, what, protocol);
	}
	return result;
}

static int
search_test(struct search *search, const struct policy *policy)
{
	const struct policy_test *test = search->test;
	int result = 0;
	uint32_t i;

	for (search->family = FAMILY_IPV4; search->family < FAMILIES; search->family++) {
		for (i = 0; i < test->n_what && !result; i++) {
			const struct what *what = &test->what[i];

			if (what->protocol == WHAT_ANY)
				result = search_any(search, policy, what);
			else if (what_in_family(what, search->family))
				result = search_protocol(search, policy, what, what->protocol);
		}
		if (result)
			break; /* the family belongs to what was found */
	}
	return result;
}

/* ---------------------------------------------------------------- what is said of it */

static void
say_packet(FILE *stream, const struct search *search)
{
	struct packet packet = {
		.family = search->family,
		.protocol = search->protocol,
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN,
	};

	memcpy(packet.to, search->found.to.first, sizeof(packet.to));
	if (has_types(search->protocol)) {
		packet.icmp_type = (int)(search->found.low >> 8);
		packet.icmp_code = (int)(search->found.low & 0xff);
	} else {
		packet.to_port = (uint16_t)search->found.low;
	}
	words_packet(stream, &packet);
}

static void
say_failure(FILE *stream, const struct search *search)
{
	static const char *const met[] = {
		[ACTION_ALLOW] = "allowed",
		[ACTION_REJECT] = "rejected",
		[ACTION_DROP] = "dropped",
	};
	const struct rule *by = search->by;
	bool own = is_own(search->family, &search->found.to);
	fputs("the test does not hold: ", stream);
	say_packet(stream, search);
	fprintf(stream, " is %s by ", met[search->action]);
	if (own) {
		fputs("'loopback'", stream);
	} else if (by) {
		fprintf(stream, "'");
		words_rule(stream, by);
		fprintf(stream, "' at %s:%u", by->file, (unsigned int)by->line);
		if (by->interface && !search->test->interface)
			fprintf(stream,
			    " when it leaves through %s (a test can have an 'interface')",
			    by->interface);
	} else {
		fprintf(stream, "'default', as no rule matches");
	}
}

static int
tell(const struct search *search, const struct policy *policy, int found, tests_failed *failed,
    void *data)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int result;

	if (!stream)
		return -ENOMEM;
	if (found == SEARCH_FOUND)
		say_failure(stream, search);
	else
		fputs("the test takes too long to prove: name fewer addresses or ports", stream);
	if (fclose(stream) != 0) {
		free(text);
		return -ENOMEM;
	}
	result = failed(policy, search->test, text, data);
	free(text);
	return result;
}

int
tests_hold(const struct policy *policy, tests_failed *failed, void *data)
{
	struct search search = { .test = policy->tests };
	int result = 0;
	uint32_t i;

	for (i = 0; i < policy->n_tests && result >= 0; i++) {
		search.test = &policy->tests[i];
		search.looks = 0;
		result = search_test(&search, policy);
		if (result > 0)
			result = tell(&search, policy, result, failed, data);
		if (result)
			break;
	}
	free(search.pending);
	return result;
}
