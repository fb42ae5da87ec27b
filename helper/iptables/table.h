/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes one family's filter table hold what a layout says, and touches nothing else in it.
 */
#ifndef NETFENCE_IPTABLES_TABLE_H
#define NETFENCE_IPTABLES_TABLE_H

#include "base/why.h"
#include "fence/plan.h"
#include "iptables/compose.h"

/*
 * What is known of the kernel's table between one use and the next.
 * read      as it was read last
 * composed  as it ought to be; `right`: as the kernel held it when somebody looked last
 */
struct table {
	int fd;
	struct xtable read;
	struct composed composed;
	bool right;
};

/* On success the caller lets go of it with table_close(). -EAFNOSUPPORT: the kernel has no such
 * family; -EPERM: CAP_NET_RAW or CAP_NET_ADMIN is missing; -ENOPROTOOPT, -ENOENT: the tables are
 * not in the kernel (not loaded). */
int table_open(enum family family, struct table *table, struct why *why);
void table_close(struct table *table);

/*
 * Reads the table, compares, and where something differs changes that in one commit. *commits
 * grows by the number of commits that the kernel took. The caller holds the xtables lock.
 * -EAGAIN: somebody who does not take the lock keeps changing the table. Others as table_open()
 * and the kernel have them; the table is then as it was.
 */
int table_apply(
    struct table *table, const struct layout *layout, unsigned int *commits, struct why *why);

/* Whether the kernel holds the layout: 0, or -EUCLEAN with what was noticed first; others as
 * reading a table has them. Changes nothing and needs no lock: a table is read at once. */
int table_verify(struct table *table, const struct layout *layout, struct why *why);

/* Adds the uids that are fenced in the table as it is now, under policy 0, to the plan. Changes
 * nothing. */
int table_held(struct table *table, struct plan *plan, struct why *why);

#endif
