/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the uids that are led to chains to those that ought to be. Pure.
 */
#ifndef NETFENCE_NFTABLES_MEMBERS_H
#define NETFENCE_NFTABLES_MEMBERS_H

#include "nftables/change.h"

/* Puts what differs in the map of ranges, or of users, into the batch: what is to go, then what is
 * to come. -ENOMEM. */
int members_change(struct change *change, bool ranges, const struct ruleset *is,
    const struct ruleset *ought, struct why *why);

/* Leads nowhere whoever has to be shut out for a while (STEP_SHUT). */
void members_shut(struct change *change, const struct ruleset *is, const struct ruleset *ought);

#endif
