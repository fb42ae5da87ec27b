/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a table fences already, whoever has put that there.
 */
#ifndef NETFENCE_IPTABLES_HELD_H
#define NETFENCE_IPTABLES_HELD_H

#include "fence/plan.h"
#include "iptables/xtable.h"

/* Adds the uids that the table's dispatch chains lead to policies; the table's chains have been
 * found. What policy each had is not told: 0. A rule that is not one of ours is passed over. */
void held_find(const struct xtable *table, struct plan *plan);

#endif
