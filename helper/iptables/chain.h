/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy as the rules of a kernel chain, or a few, for one family. Pure.
 *
 * A policy's chain is entered by a goto, so that RETURN, like its end, goes back to OUTPUT behind
 * the gate: what a fence allows is still subject to the host's own rules.
 */
#ifndef NETFENCE_IPTABLES_CHAIN_H
#define NETFENCE_IPTABLES_CHAIN_H

#include "base/why.h"
#include "iptables/krule.h"
#include "iptables/layout.h"
#include "iptables/list.h"

/* Rules in one chain: each `what` of a rule may meet each of its addresses. */
#define CHAIN_RULES_MAX 262144

/*
 * Adds the policy's rules to the layout's chain of that number, which is there and empty, and more
 * chains where addresses have one of their own (list.h) or the policy goes on after such. What the
 * layout holds after an error is to be cleared. -E2BIG beyond CHAIN_RULES_MAX; -EINVAL for what
 * the kernel's rules cannot say (protocol 0; ICMP type 255 in IPv4: both would match everything),
 * with the place where it was written; -ENOMEM.
 */
int chain_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t number, struct why *why);

/* Appends what the rule says but for its addresses and its limit: none where it names no address
 * of the family. As chain_build(). */
int chain_add_whats(
    struct kchain *chain, const struct rule *rule, enum family family, struct why *why);

/* Appends one rule. -E2BIG, -ENOMEM. */
int chain_add(struct kchain *chain, const struct krule *rule, struct why *why);

void chain_clear(struct kchain *chain);

#endif
