/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy as the rules of one kernel chain, for one family. Pure.
 *
 * The chain is entered by a goto, so that RETURN, like its end, goes back to OUTPUT behind the
 * gate: what a fence allows is still subject to the host's own rules.
 */
#ifndef NETFENCE_IPTABLES_CHAIN_H
#define NETFENCE_IPTABLES_CHAIN_H

#include "base/why.h"
#include "iptables/krule.h"

/* Rules in one chain: each `what` of a rule meets each of its addresses. */
#define CHAIN_RULES_MAX 262144

/*
 * Appends the policy's rules to *chain, which begins all zero but for its name; chain_clear() lets
 * go of them, also after an error. -E2BIG beyond CHAIN_RULES_MAX; -EINVAL for what the kernel's
 * rules cannot say (protocol 0; ICMP type 255 in IPv4: both would match everything), with the
 * place where it was written; -ENOMEM.
 */
int chain_build(
    const struct policy *policy, enum family family, struct kchain *chain, struct why *why);

/* Appends one rule. -E2BIG, -ENOMEM. */
int chain_add(struct kchain *chain, const struct krule *rule, struct why *why);

void chain_clear(struct kchain *chain);

#endif
