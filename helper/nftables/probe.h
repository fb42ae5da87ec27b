/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the parts of nf_tables that fences need are in the kernel.
 */
#ifndef NETFENCE_NFTABLES_PROBE_H
#define NETFENCE_NFTABLES_PROBE_H

#include "nftables/link.h"

/* Nothing comes into being. *log: whether packets can be logged to a group of netlink's log.
 * -EOPNOTSUPP with the names of all else that is missing. */
int probe(struct link *link, bool *log, struct why *why);

#endif
