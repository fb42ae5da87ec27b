/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which addresses get a chain of their own. A rule whose W `what`s meet T addresses is W * T kernel
 * rules; with the addresses in a chain of their own, to which each `what` leads, it is W + T. Pure.
 *
 * Rules that reject or drop jump there and come back where no address is met: all rules and
 * policies that name the same addresses share one chain.
 */
#ifndef NETFENCE_IPTABLES_LIST_H
#define NETFENCE_IPTABLES_LIST_H

#include "base/why.h"
#include "fence/fence.h"
#include "iptables/index.h"
#include "iptables/name.h"

/* Entries of the table that a chain of its own has to save at least. Small policies read better
 * in one piece. */
#define LIST_SAVES 16

/* A chain has a head and an end. */
#define LIST_CHAIN_ENTRIES 2

#define LIST_NO_CHAIN UINT32_MAX

/*
 * Addresses that rules of one action name.
 * to     n of them, the rule's own that named them first
 * whats  how many kernel rules lead there, in all policies of the plan
 * chain  its number in the layout, once somebody has made it; else LIST_NO_CHAIN
 */
struct list {
	struct chain_name name;
	enum action action;
	bool log; /* what it denies is logged */
	uint32_t n;
	const struct address_range *to;
	uint64_t whats;
	uint32_t chain;
};

struct lists {
	enum family family;
	bool log; /* as the plan has it */
	uint32_t n;
	struct list *lists;
	struct index names;
};

/* Looks through all of the plan's policies, those included that no fence names: what a chain holds
 * does not depend on who is logged in. The caller ends them with lists_end(), also after an error.
 * -ENOMEM. */
int lists_begin(
    const struct fence_plan *plan, enum family family, struct lists *lists, struct why *why);
void lists_end(struct lists *lists);

/* The list that the addresses of the policy's rule are, where it has a chain of its own; else NULL.
 */
struct list *lists_find(
    const struct lists *lists, const struct policy *policy, const struct rule *rule);

/* Whether `whats` and `addresses` in chains of their own, with that many entries more beside them,
 * are by LIST_SAVES fewer than each with each. */
bool list_saves(uint64_t whats, uint64_t addresses, uint32_t more);

/* Whether two rules name the same addresses. */
bool list_same(const struct rule *one, const struct rule *other, enum family family);

#endif
