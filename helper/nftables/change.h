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

/*
 * A packet goes by the rules of the generation in which it came, but looks into maps as they are
 * when it gets there; and what is in a set or map of ranges the kernel may put up a moment after
 * the rules. So rules that were in force go by a new set of ranges only once that is there: a
 * packet could find it empty. And in one commit with an element that leads from one chain to
 * another no chain must change: for the packet the one that it is led to could be what it was, or
 * empty, and the one that it is led away from what it has become, for others. A change that would
 * do this is made in several commits; after each but the last the table is read anew.
 *   STEP_ADD    what is not there yet, and nothing leads to
 *   STEP_SHUT   where chains change, whoever goes to another is led nowhere meanwhile
 *   STEP_RULES  chains, with whoever is in them
 *   STEP_MOVE   the same, and the first chain leads by another map of users, which is filled; the
 *               one before stays as it is, for packets that came before
 *   STEP_ALL    the rest; most often there is no other
 */
enum step { STEP_ADD, STEP_SHUT, STEP_RULES, STEP_MOVE, STEP_ALL };

/* Which comes next. */
enum step nchange_step(const struct ruleset *is, const struct ruleset *ought);

/* What is only different is changed, and what is the same not touched: its counters and limits go
 * on. Where something is odd, the whole table is made anew. -ENOMEM. */
int nchange_make(struct change *change, const struct ruleset *is, const struct ruleset *ought,
    enum step step, struct why *why);

/* For those who have something to put into it: a message, of NFT_MSG_…, between the two; and a
 * difference, which counts if it is the first. */
size_t nchange_begin(struct change *change, uint16_t type, uint16_t flags);
void nchange_end(const struct change *change, size_t message);
void nchange_notice(struct change *change, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
