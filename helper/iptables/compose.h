/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a table as it is and a layout to the table as it ought to be: our chains as the layout has
 * them, the gate in front, and everybody else's rules as they are. Pure.
 */
#ifndef NETFENCE_IPTABLES_COMPOSE_H
#define NETFENCE_IPTABLES_COMPOSE_H

#include "iptables/layout.h"
#include "iptables/xtable.h"

#define OUTPUT_CHAIN "OUTPUT"

/*
 * table    as it ought to be
 * from     for each of its entries, the one of the old table that it is, or XTABLE_NEW: so a chain
 *          that was right keeps its counters, and a wrong one begins anew
 * differs  whether the old table is not as it ought to be; `first`: in what, a name and words
 * Begins all zero but for the table's family; compose_free() lets go of it. Buffers are kept from
 * one time to the next.
 */
struct composed {
	struct xtable table;
	uint32_t *from;
	uint32_t room;
	bool differs;
	struct why first;
};

/* old: with its chains found. A stale chain of ours that somebody else's rule leads to cannot go:
 * it is kept, empty. -ENOMEM; -EPROTO: a rule leads to nowhere. */
int compose(const struct xtable *old, const struct layout *layout, struct composed *composed,
    struct why *why);
void compose_free(struct composed *composed);

/* After the kernel has refused a composed table with EINVAL, though its rules each are right: some
 * chain leads packets to ours that owner or REJECT cannot judge, those that come in for example.
 * Adds to `why` which. */
void compose_blame(const struct xtable *old, struct why *why);

#endif
