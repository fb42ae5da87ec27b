/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a packet that the kernel logs carries along: the prefix of NFLOG, from which can be told by
 * which rule it was denied. It depends on the rules alone. Pure.
 */
#ifndef NETFENCE_MARK_H
#define NETFENCE_MARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What became of the packet: observed is what a policy would deny that only observes. */
enum mark_verdict { MARK_DENIED, MARK_OBSERVED, MARK_ALLOWED };
#define MARK_VERDICTS 3

enum mark_by {
	MARK_BY_RULE,
	MARK_BY_DEFAULT,
	MARK_BY_LOOPBACK,
	MARK_BY_ROUTING_HEADER,
	MARK_BY_LIST /* one of the rules whose addresses are in a chain that policies share */
};

/*
 * rule    with MARK_BY_RULE: its number in the policy, from 1
 * policy  its `mark` (rule.h); 0 where several policies share the rule
 */
struct mark {
	enum mark_verdict verdict;
	enum mark_by by;
	uint16_t rule;
	uint64_t policy;
};

/* As much as NFLOG has room for, its NUL included. */
#define MARK_SIZE 64

/* "CHAIN,3,denied,0123456789ab", for people the name of a chain in front; of 28 bytes at most, and
 * without a comma. Into the buffer, which is returned. */
const char *mark_print(const struct mark *mark, const char *chain, char buffer[MARK_SIZE]);

/* False where the text, which need not end in a NUL, is no mark: somebody else's. */
bool mark_parse(const char *text, size_t length, struct mark *mark);

const char *mark_verdict(enum mark_verdict verdict); /* "denied", … */
const char *mark_by(enum mark_by by);                /* "rule", "default", … */

#endif
