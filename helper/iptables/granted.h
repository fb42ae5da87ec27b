/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chain of a policy with granted rules: these, and then on to the policy that they stand in
 * front of, whose chain is everybody's. Pure.
 */
#ifndef NETFENCE_IPTABLES_GRANTED_H
#define NETFENCE_IPTABLES_GRANTED_H

#include "base/why.h"
#include "iptables/layout.h"
#include "iptables/list.h"

/* Adds to the layout's chain of that number, which is there and empty, and more chains as
 * chain_build() does. behind: the other policy's chain. Errors as chain_build(). */
int granted_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t number, const struct chain_name *behind, struct why *why);

#endif
