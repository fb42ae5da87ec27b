/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random policies, for tests, out of few ports and addresses so that they overlap.
 */
#ifndef NETFENCE_TESTS_RANDOM_H
#define NETFENCE_TESTS_RANDOM_H

#include <time.h>

#include "sketch.h"

#define RANDOM_LIST_MAX  16
#define RANDOM_WHATS_MAX 9

/* The source of chance; SEED= in the environment begins it again where a failure began. */
static uint64_t chance;

static inline void
random_begin(void)
{
	const char *seed = getenv("SEED");

	chance = seed ? strtoull(seed, NULL, 0) : ((uint64_t)getpid() << 32 | (uint64_t)time(NULL));
	print_message("SEED=%llu\n", (unsigned long long)chance);
}

static inline uint32_t
roll(uint32_t sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (uint32_t)(chance >> 11) % sides;
}

/* Few of each, so that rules and packets meet. */
static const uint16_t some_ports[] = { 1, 2, 3, 4, 5, 7, 9, 10, 11, 53, 80, 162, 443, 8080, 65535 };
static const int16_t some_protocols[] = { 6, 17, 132, 1, 58, 47, 50, 200, 6, 17, 6, 17 };
static const uint8_t some_icmp[] = { 0, 3, 8, 11, 13, 128, 129 };

/* 192.0.2.x and 2001:db8::x leave through the veth; 10.9.0.1, 127.x.x.x, fd09::1 and ::1 are this
 * host's. */
static const char *const some_addresses[FAMILIES][16] = {
	{ "192.0.2.0", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.7", "192.0.2.8",
	    "192.0.2.127", "192.0.2.128", "192.0.2.255", "198.51.100.1", "10.9.0.2", "10.9.0.1",
	    "127.0.0.1", "127.9.8.7", "203.0.113.9", "9.9.9.9" },
	{ "2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::7", "2001:db8::8",
	    "2001:db8::ffff", "2001:db8:0:1::", "2001:db8:8000::", "fd00::1", "fd09::2", "fd09::1",
	    "::1", "2001:db9::1", "2002::1", "3fff::9" },
};

static const char *
some_address(enum family family)
{
	return some_addresses[family][roll(16)];
}

static inline int
by_first(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct address_range *)0)->first));
}

static inline void
random_to(struct arena *arena, struct rule *rule, enum family family)
{
	struct address_range ranges[RANDOM_LIST_MAX], range;
	/* Few, or so many that they get a chain of their own. */
	uint32_t n = roll(2) ? roll(4) : roll(RANDOM_LIST_MAX + 1), used = 0, i;
	uint8_t other[16];

	if (roll(4) == 0) {
		ranges[0] = sketch_everywhere(family);
		n = used = 1;
	}
	for (i = used; i < n; i++) {
		memset(&range, 0, sizeof(range));
		sketch_address(some_address(family), range.first);
		memcpy(range.last, range.first, sizeof(range.last));
		memset(other, 0, sizeof(other));
		sketch_address(some_address(family), other);
		if (n < 4 && roll(2) && memcmp(other, range.first, sizeof(other)) > 0)
			memcpy(range.last, other, sizeof(other));
		else if (roll(n < 4 ? 2 : 8) == 0)
			range.last[family == FAMILY_IPV4 ? 3 : 15] |= (uint8_t)((1 << roll(9)) - 1);
		ranges[used++] = range;
	}
	/* Sorted and apart, as a policy's ranges are. */
	qsort(ranges, used, sizeof(*ranges), by_first);
	for (i = 0, n = 0; i < used; i++) {
		if (n > 0 && memcmp(ranges[i].first, ranges[n - 1].last, 16) <= 0)
			continue;
		ranges[n++] = ranges[i];
	}
	rule->n_to[family] = n;
	rule->to[family] = arena_new_of(arena, n, struct address_range);
	memcpy(rule->to[family], ranges, n * sizeof(*ranges));
}

static inline void
random_ports(struct arena *arena, struct what *what)
{
	const uint32_t n = sizeof(some_ports) / sizeof(*some_ports);
	uint32_t i;

	what->ports = arena_new_of(arena, n, struct ports);
	for (i = 0; i < n; i++) {
		if (roll(3) == 0)
			continue;
		what->ports[what->n_ports].first = some_ports[i];
		what->ports[what->n_ports].last = some_ports[i];
		if (i + 1 < n && roll(4) == 0)
			what->ports[what->n_ports].last = some_ports[++i];
		what->n_ports++;
		if (roll(4) == 0)
			break;
	}
}

static inline void
random_whats(struct arena *arena, uint32_t *n, struct what **whats)
{
	struct what *what;
	uint32_t i;

	*n = 1 + roll(roll(3) ? 3 : RANDOM_WHATS_MAX);
	*whats = arena_new_of(arena, *n, struct what);
	for (i = 0; i < *n; i++) {
		what = &(*whats)[i];
		*what = (struct what){ WHAT_ANY, WHAT_ANY, WHAT_ANY, 0, NULL };
		if (roll(*n > 3 ? 30 : 8) == 0)
			continue;
		what->protocol =
		    some_protocols[roll(sizeof(some_protocols) / sizeof(*some_protocols))];
		if ((what->protocol == 1 || what->protocol == 58) && roll(3)) {
			what->icmp_type = some_icmp[roll(sizeof(some_icmp))];
			if (roll(2))
				what->icmp_code = (int16_t)roll(3);
		}
		if ((what->protocol == 6 || what->protocol == 17 || what->protocol == 132) &&
		    roll(5))
			random_ports(arena, what);
	}
}

/* Some of the policy's rules name what some rule of the other, or of the same, names. */
static inline void
random_share(struct policy *policy, const struct policy *other)
{
	const struct rule *from;
	enum family family;
	uint32_t i;

	for (i = 0; i < policy->n_egress && other->n_egress; i++) {
		from = &other->egress[roll(other->n_egress)];
		for (family = FAMILY_IPV4; family < FAMILIES && roll(3) == 0; family++) {
			policy->egress[i].n_to[family] = from->n_to[family];
			policy->egress[i].to[family] = from->to[family];
		}
	}
}

static inline struct policy *
random_policy(struct arena *arena)
{
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	uint32_t i;

	*policy = (struct policy){ .name = "random", .file = "random", .line = 1 };
	policy->n_egress = roll(8);
	policy->egress = arena_new_of(arena, policy->n_egress, struct rule);
	for (i = 0; i < policy->n_egress; i++) {
		policy->egress[i].file = "random";
		policy->egress[i].action = (enum action)roll(3);
		random_whats(arena, &policy->egress[i].n_what, &policy->egress[i].what);
		random_to(arena, &policy->egress[i], FAMILY_IPV4);
		random_to(arena, &policy->egress[i], FAMILY_IPV6);
	}
	random_share(policy, policy);
	policy->unmatched = (enum action)roll(3);
	policy->loopback.kind = (enum passage_kind)roll(3);
	if (policy->loopback.kind == PASSAGE_LIST)
		random_whats(arena, &policy->loopback.n_what, &policy->loopback.what);
	return policy;
}

#endif
