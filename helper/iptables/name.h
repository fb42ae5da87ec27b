/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our chains are called in the kernel. Pure.
 */
#ifndef NETFENCE_IPTABLES_NAME_H
#define NETFENCE_IPTABLES_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "fence/fence.h"

/* Every chain whose name begins so is ours, and nobody else's. */
#define CHAIN_PREFIX "NETFENCE"

/* Longer ones cannot be jumped to: a target's name has 28 bytes and a NUL. */
#define CHAIN_NAME_MAX 28

/* As long as libiptc's xt_chainlabel, which it asks for. */
struct chain_name {
	char text[32];
};

/* Whether a chain of that name is ours. */
bool chain_name_ours(const char *name);

/* The dispatch chains: number 0 is NETFENCE, where the gate leads; the others NETFENCE#1, … */
struct chain_name chain_name_dispatch(uint32_t number);

/* The chain of addresses that several policies may share, from a hash of what is in it:
 * NETFENCE=0123456789abcdef. */
struct chain_name chain_name_list(uint64_t hash);

/* The chain that logs IPv6's routing headers, for all policies that deny them, or for all that
 * observe: NETFENCE%routing, NETFENCE%observed. */
struct chain_name chain_name_routing(bool observed);

/*
 * One more chain of a policy's, after the name of its first and the number, 0 to 9999, of one of
 * its rules: NETFENCE:supporters/3 for the rule's addresses, with '+' for what comes after it and
 * '%' for what logs what the rule denies or allows; with 0 what is not a rule's. Where that would
 * be too long, a hash takes the place of the first one's name.
 */
enum chain_part { CHAIN_ADDRESSES = '/', CHAIN_REST = '+', CHAIN_LOG = '%' };
struct chain_name chain_name_part(
    const struct chain_name *first, enum chain_part part, uint16_t number);

/*
 * The chain of each of the plan's policies, NETFENCE: and the last part of the policy's name
 * ("groups/supporters" → NETFENCE:supporters). Where that had to be cut, holds anything but
 * letters, digits, '.', '_' and '-', or would also be another policy's, "~" and a hash of the
 * whole name follow, so that a name depends on the plan's policies and not on who is logged in.
 * *names: n_policies of them, all different, malloc'd, the caller's. -ENOMEM.
 */
int chain_names(const struct fence_plan *plan, struct chain_name **names, struct why *why);

#endif
