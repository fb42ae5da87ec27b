/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy's egress rules: each `what` with each address, or addresses in chains of their own where
 * that saves rules. Pure.
 */
#ifndef NETFENCE_IPTABLES_EGRESS_H
#define NETFENCE_IPTABLES_EGRESS_H

#include "base/why.h"
#include "iptables/layout.h"
#include "iptables/list.h"

/* Appends to the layout's chain *number, the policy's first; *number becomes that of the chain
 * where the policy goes on after them. What has no chain of its own yet gets one. Errors as
 * chain_build(). */
int egress_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t *number, struct why *why);

#endif
