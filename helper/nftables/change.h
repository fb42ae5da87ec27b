/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what is in the kernel to what ought to be, as the messages of a batch. Pure.
 */
#ifndef NETFENCE_NFTABLES_CHANGE_H
#define NETFENCE_NFTABLES_CHANGE_H

#include "nftables/ruleset.h"

/*
 * batch     messages are appended to it, each with *sequence, one up before
 * n         how many
 * noticed   the first difference, in words; "" where there is none
 */
struct change {
	struct bytes *batch;
	uint32_t *sequence;
	uint32_t n;
	char noticed[160];
};

/* What is only different is changed, and what is the same not touched: its counters and limits go
 * on. Where something is odd, the whole table is made anew. -ENOMEM. */
int change_make(
    struct change *change, const struct ruleset *is, const struct ruleset *ought, struct why *why);

#endif
