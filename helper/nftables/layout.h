/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All that ought to be in our table. Pure.
 */
#ifndef NETFENCE_NFTABLES_LAYOUT_H
#define NETFENCE_NFTABLES_LAYOUT_H

#include "base/why.h"
#include "fence/fence.h"
#include "nftables/nrule.h"

/* Rules in one chain. */
#define CHAIN_RULES_MAX 262144

/* Uids from here on are in the map of ranges, all others in that of users, whoever is their
 * neighbour: subordinate uids are no lower. So none ever goes from the one to the other, and a
 * packet that looks into both while a commit is made misses nothing. */
#define LAYOUT_RANGES 65536

/* How many elements have room in the maps of users. */
#define LAYOUT_USERS      4096
#define LAYOUT_USERS_MANY 32768
#define LAYOUT_USERS_ALL  (2 * LAYOUT_RANGES)

/* How many addresses and ports a log tells apart at once. */
#define LAYOUT_LOG_KEYS 16384

/* Of a fixed size the map of users is a quicker one, and the kernel looks through all of its room
 * whenever an element comes. So there are three, of which a table has one: for few, for many, and
 * for all the uids that there are below LAYOUT_RANGES. */
enum nset_kind {
	NSET_USERS,
	NSET_USERS_MANY,
	NSET_USERS_ALL,
	NSET_RANGES,
	NSET_PORTS,
	NSET_IPV4,
	NSET_IPV6,
	NSET_LOG4, /* addresses and ports that were logged lately */
	NSET_LOG6,
	NSET_KINDS
};

static inline bool
nset_is_users(enum nset_kind kind)
{
	return kind <= NSET_USERS_ALL;
}

/* What a map of users is called. */
struct label nset_users_label(enum nset_kind kind);

/* ranges: n of them, of ports or addresses; the policy's own. Maps and logs have none. */
struct nset {
	struct label name;
	enum nset_kind kind;
	uint32_t n;
	const struct ports *ports;
	const struct address_range *ranges;
};

struct nchain {
	struct label name;
	uint32_t n;
	uint32_t room;
	struct nrule *rules;
};

/* An element of the maps: to which chain an owner's packets go. */
struct member {
	uint32_t first; /* uids, both included; of the map of users: one */
	uint32_t last;
	uint32_t chain; /* its number */
};

/*
 * Without fences there is nothing at all.
 * sorted  the chains' numbers, in the order of their names; the base chain is the first of either
 * users   which map of users
 * by_ranges  the number of the chain that the map of users leads everybody else to
 * of_policy  n_policies of them: the number of a policy's first chain, or LAYOUT_NO_CHAIN
 * limits  names of limits, sorted, of RATE_POLICY_BURST a second each
 * routing  the chains that log routing headers, by what becomes of them, or LAYOUT_NO_CHAIN
 */
#define LAYOUT_NO_CHAIN UINT32_MAX

struct nlayout {
	uint32_t n_chains;
	uint32_t chains_room;
	struct nchain *chains;
	uint32_t *sorted;
	enum nset_kind users;
	uint32_t by_ranges;
	uint32_t n_policies;
	uint32_t *of_policy;
	uint32_t n_sets;
	uint32_t sets_room;
	struct nset *sets;
	uint32_t n_limits;
	uint32_t limits_room;
	struct label *limits;
	uint32_t n_members;
	struct member *members; /* sorted, and apart */
	bool log;
	uint16_t log_group;
	uint32_t routing[MARK_VERDICTS];
};

/* users: which map of users there is, if any. On success *layout is the caller's to clear; it
 * points into the plan's policies. -EINVAL for a plan that is not one, -EEXIST where two things
 * would have one name, and what chain_build() says. Sets are sorted by name, each there once. */
int nlayout_build(
    const struct fence_plan *plan, enum nset_kind users, struct nlayout *layout, struct why *why);
void nlayout_clear(struct nlayout *layout);

/* These expect a plan that is one: fence_plan_check(). Below this uid nobody is fenced; of a plan
 * that fences somebody. It is the same for many plans.
 */
uint32_t nlayout_gate(const struct fence_plan *plan);

/* Whether a layout in which policies have such chains has just those that this plan's has, too. */
bool nlayout_fits(const struct fence_plan *plan, const uint32_t *of_policy, uint32_t n_policies);

/* The elements of the maps: *members is malloc'd, the caller's. -ENOMEM. */
int nlayout_members(const struct fence_plan *plan, const uint32_t *of_policy,
    struct member **members, uint32_t *n, struct why *why);

/* How many of them are of the map of users. */
uint32_t nlayout_count_users(const struct member *members, uint32_t n);

/* Which map these members' users should have, where there is that one now. What elements a commit
 * takes away and those that it brings have room beside one another, which older kernels want;
 * and where people come and go it is not another map each time. */
enum nset_kind nlayout_users(const struct member *members, uint32_t n, enum nset_kind now);

/* Each adds one, and chains in memory move. -ENOMEM. A set may be added again and again. */
int nlayout_add_chain(
    struct nlayout *layout, const struct label *name, uint32_t *number, struct why *why);
int nlayout_add_set(struct nlayout *layout, const struct nset *set, struct why *why);
int nlayout_add_limit(struct nlayout *layout, const struct label *name, struct why *why);

/* -E2BIG beyond CHAIN_RULES_MAX. */
int nlayout_add_rule(
    struct nlayout *layout, uint32_t chain, const struct nrule *rule, struct why *why);

#endif
