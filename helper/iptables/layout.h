/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that ought to be ours in one family's filter table. Pure.
 */
#ifndef NETFENCE_IPTABLES_LAYOUT_H
#define NETFENCE_IPTABLES_LAYOUT_H

#include "base/why.h"
#include "fence/fence.h"
#include "iptables/krule.h"

/*
 * gated   whether there is a gate, which then is the first rule of OUTPUT. Without fences there is
 *         none, and no chain
 * chains  n of them
 * sorted  their numbers, in the order of their names as strcmp has it, which is that of the table
 * owners  the rules of the dispatch chains
 * gaps    of these
 * log     as the plan has it
 * routing  the chain that logs routing headers, by what becomes of them, or LAYOUT_NO_CHAIN
 */
#define LAYOUT_NO_CHAIN UINT32_MAX

struct layout {
	bool gated;
	struct krule gate;
	uint32_t n;
	uint32_t room; /* how many `chains` has room for */
	struct kchain *chains;
	uint32_t *sorted;
	uint32_t n_owners;
	uint32_t owners_room;
	struct owner *owners;
	uint32_t n_gaps;
	uint32_t gaps_room;
	struct uid_gap *gaps;
	bool log;
	uint16_t log_group;
	uint32_t routing[MARK_VERDICTS];
};

/* On success *layout is the caller's to clear. -EINVAL for a plan that is not one (fences out of
 * order, overlapping, of root, of a policy that does not exist), -EEXIST where two chains would
 * have one name, and what chain_build() says. */
int layout_build(
    const struct fence_plan *plan, enum family family, struct layout *layout, struct why *why);
void layout_clear(struct layout *layout);

/* Adds an empty chain; *number is its number then. Where chains are in memory changes. -ENOMEM. */
int layout_add_chain(
    struct layout *layout, const struct chain_name *name, uint32_t *number, struct why *why);

/* The chain's rule number i, whatever kind of chain it is. */
struct krule layout_rule(const struct layout *layout, const struct kchain *chain, uint32_t i);

/* The chain of that name, or NULL. */
const struct kchain *layout_find(const struct layout *layout, const char *name);

#endif
