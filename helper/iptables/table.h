/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes one family's filter table hold what a layout says, and touches nothing else in it.
 */
#ifndef NETFENCE_IPTABLES_TABLE_H
#define NETFENCE_IPTABLES_TABLE_H

#include "base/why.h"
#include "iptables/layout.h"

/*
 * Reads the table, compares, and where something differs changes that in one commit; then reads
 * again, since only that tells what is in force. *commits grows by the number of commits that the
 * kernel took. The caller holds the xtables lock.
 * -EAGAIN: somebody who does not take the lock keeps changing the table. Others as
 * snapshot_open() and the kernel have them; the table is then as it was.
 */
int table_apply(
    const struct layout *layout, enum family family, unsigned int *commits, struct why *why);

/* Whether the kernel holds the layout: 0, or -EUCLEAN with what is not so; others as reading a
 * table has them. Changes nothing, and needs no lock: a table is read in one. */
int table_verify(const struct layout *layout, enum family family, struct why *why);

/* Whether the table holds what the layout says. Changes nothing and needs no lock. -EUCLEAN where
 * it does not, with what was noticed first; others as snapshot_open(). */
int table_verify(const struct layout *layout, enum family family, struct why *why);

#endif
