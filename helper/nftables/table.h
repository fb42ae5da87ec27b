/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes our table hold what a plan says, and touches no other.
 */
#ifndef NETFENCE_NFTABLES_TABLE_H
#define NETFENCE_NFTABLES_TABLE_H

#include "fence/plan.h"
#include "nftables/link.h"
#include "nftables/ruleset.h"

/* What else than the fences makes a ruleset: as long as it is the same, so are the chains and sets.
 */
struct frame {
	uint64_t policies;
	uint32_t gate;
	bool log;
	uint16_t log_group;
};

/*
 * frame       of what is held; policies 0: not known
 * log         the kernel can, as far as we know
 * held        what the last apply() made
 * applied     whether there was one
 * known       whether the kernel holds just that in `generation`; in others it may not
 */
struct ntable {
	struct link link;
	bool log;
	bool applied;
	bool known;
	uint32_t generation;
	struct ruleset held;
	struct frame frame;
};

/* On success the caller lets go of it with ntable_close(). -EPROTONOSUPPORT, -EOPNOTSUPP: the
 * kernel has no nf_tables, or lacks parts of it that fences need, which `why` names; -EPERM. */
int ntable_open(struct ntable *table, struct why *why);
void ntable_close(struct ntable *table);

/* As struct engine has them. */
int ntable_apply(
    struct ntable *table, const struct fence_plan *plan, unsigned int *commits, struct why *why);
int ntable_verify(struct ntable *table, struct why *why);
int ntable_held(struct ntable *table, struct plan *plan, struct why *why);

#endif
