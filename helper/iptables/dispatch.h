/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a packet's owner to its policy's chain: the fences as chains of owner rules. Pure.
 */
#ifndef NETFENCE_IPTABLES_DISPATCH_H
#define NETFENCE_IPTABLES_DISPATCH_H

#include "base/why.h"
#include "fence/fence.h"
#include "iptables/krule.h"

/* Rules in one dispatch chain. Each rule that a packet passes costs about 40 ns, and so does each
 * chain that it enters. */
#define DISPATCH_FANOUT 8

/*
 * Appends the chains to *chains (*n of them already; malloc'd, the caller's to clear one by one
 * and to free, also after an error): NETFENCE, where the gate leads, and, with more fences than
 * DISPATCH_FANOUT, a tree of NETFENCE#1, NETFENCE#2, … below it. `fences`: at least one, sorted
 * and apart; names[policy] is the chain of a policy. -ENOMEM.
 */
int dispatch_build(const struct fence *fences, uint32_t n_fences, const struct chain_name *names,
    struct kchain **chains, uint32_t *n, struct why *why);

#endif
