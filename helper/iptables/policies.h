/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The counters of the built-in chains' policies, which are somebody else's. libiptc sets them to
 * zero at every commit (they are those of the last, hidden rule of each built-in chain, and it
 * puts back only what was counted since it read them), so we add what was there before.
 */
#ifndef NETFENCE_IPTABLES_POLICIES_H
#define NETFENCE_IPTABLES_POLICIES_H

#include <stdint.h>

#include "iptables/snapshot.h"

/* The filter table has three: INPUT, FORWARD, OUTPUT. */
#define POLICIES_MAX 3

struct policies {
	unsigned int n;
	struct {
		uint64_t packets;
		uint64_t bytes;
	} counters[POLICIES_MAX]; /* in the chains' order */
};

void policies_read(struct snapshot *snapshot, struct policies *policies);

/* `now`: the table after the commit; `before`: as it was before. Adds what is missing, which is
 * right whatever was counted meanwhile. Where that fails the counters begin anew, as they do
 * whenever iptables(8) itself changes the table. */
void policies_restore(struct snapshot *now, const struct policies *before);

#endif
