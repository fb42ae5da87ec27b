/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a packet passes or not: the verdict, what nearly decided otherwise, and what the program
 * that sends it gets to see. Pure.
 */
#ifndef NETFENCE_EXPLAIN_H
#define NETFENCE_EXPLAIN_H

#include "policy/who.h"
#include "verdict/verdict.h"

#define EXPLAIN_NEAR_MAX 3

/* In which way a rule missed the packet. */
enum explain_miss {
	MISS_INTERFACE,   /* only in that */
	MISS_PORT,        /* right destination and protocol, other port or ICMP type */
	MISS_DESTINATION, /* right in all else */
	MISS_PROTOCOL     /* right destination */
};

struct explain_near {
	const struct rule *rule;
	enum explain_miss miss;
};

/*
 * verdict  within all limits
 * limited  the rule that decides has a limit; above it, `beyond` is the verdict
 * allowed  what becomes of the packet, `mode` included
 * sees     what a program is told that sends it, or NULL: nothing, or not known
 * late     that comes after two minutes or so only
 * near     the rules before the deciding one that would have decided otherwise and nearly matched,
 *          the nearest first
 */
struct explanation {
	struct verdict verdict;
	bool limited;
	struct verdict beyond;
	bool allowed;
	const char *sees;
	bool late;
	uint32_t n_near;
	struct explain_near near[EXPLAIN_NEAR_MAX];
};

/* policy: NULL for who is free. The result points into it. */
void explain_packet(
    const struct policy *policy, const struct packet *packet, struct explanation *explanation);

/* Who is asked about. groups: as for who_match(). */
struct explain_subject {
	const char *user;
	uint32_t uid;
	const char *const *groups;
	size_t n_groups;
};

/* Why this policy or none, in a line of words: "alice is in supporters; no own entry, not
 * exempt". malloc'd, the caller's; NULL where there is no memory. */
char *explain_who(const struct who *who, const struct explain_subject *subject);

/* "root", "exempt-user", "exempt-group", "user", "group", "others", "nobody". */
const char *explain_reason(enum who_reason reason);

#endif
