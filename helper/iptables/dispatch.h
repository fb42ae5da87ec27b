/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a packet's owner to its policy's chain: the fences as chains of owner rules. Pure.
 */
#ifndef NETFENCE_IPTABLES_DISPATCH_H
#define NETFENCE_IPTABLES_DISPATCH_H

#include "base/why.h"
#include "iptables/layout.h"

/*
 * Rules in one dispatch chain, at most: that lead to policies, and that lead to further dispatch
 * chains. A packet is held against half of the rules of each chain on its way, some 70 ns each, so
 * short chains are quick; but each chain makes the table, and so each commit, longer by two
 * entries, and most of the chains are those that lead to policies.
 */
#define DISPATCH_FANOUT 8
#define DISPATCH_BRANCH 4

/*
 * Neighbours of one policy that a rule takes together, where a chain of DISPATCH_FANOUT does not
 * do: a range from the first to the last, and of what lies between them each gap by an inverted
 * match. To the kernel, which looks up each match and each target by its name and counts each rule
 * on each processor, these take a third of the time of as many rules.
 */
#define DISPATCH_RUN (KRULE_GAPS + 1)

/*
 * Adds chains to the layout: NETFENCE, where the gate leads, and, with more rules than
 * DISPATCH_FANOUT, a tree of NETFENCE#1, NETFENCE#2, ... below it. `fences`: at least one, sorted
 * and apart; chains[policy] is the number of a policy's chain in the layout. -ENOMEM; the layout
 * is to be cleared then.
 */
int dispatch_build(const struct fence *fences, uint32_t n_fences, const uint32_t *chains,
    struct layout *layout, struct why *why);

/* The rule that leads an owner to its chain. Everything behind the gate is entered by
 * goto: the kernel's stack holds one return address, the gate's, whatever the tree's depth. */
struct krule dispatch_rule(const struct layout *layout, const struct owner *owner);

#endif
