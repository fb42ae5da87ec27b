/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table's contents in the kernel's own terms: as they ought to be, or as they are. Both look the
 * same, so that they can be compared. Pure.
 */
#ifndef NETFENCE_NFTABLES_RULESET_H
#define NETFENCE_NFTABLES_RULESET_H

#include "nftables/bytes.h"
#include "nftables/layout.h"

/*
 * rules  NFTA_RULE_EXPRESSIONS of each rule, one after another
 * seen   how the kernel hands these back, where that is not the same; else empty
 */
struct rchain {
	struct label name;
	bool base;
	struct bytes rules;
	struct bytes seen;
};

/* spans: n of them, sorted, of ports (two bytes) or addresses, in network byte order. */
struct rset {
	struct label name;
	enum nset_kind kind;
	uint32_t n;
	struct address_range *spans;
};

/*
 * Chains, sets and limits are sorted by name, members by uid; a member's chain is its number among
 * the chains, or RULESET_NO_CHAIN where it leads elsewhere.
 * of_policy  n_policies of them: the number of a policy's first chain, or RULESET_NO_CHAIN; of a
 *            ruleset that was made, not read
 * users  whose members these are: of that map of users, and of the ranges
 * rest   where the map of users leads all whom it does not have, likewise; rest_there: whether it
 *        leads them anywhere
 * there  whether there is a table at all
 * odd    what is there that we never make, in words, or ""
 */
#define RULESET_NO_CHAIN UINT32_MAX

struct ruleset {
	bool there;
	char odd[160];
	uint32_t n_chains;
	struct rchain *chains;
	uint32_t n_sets;
	struct rset *sets;
	uint32_t n_limits;
	struct label *limits;
	uint32_t n_members;
	struct member *members;
	enum nset_kind users;
	bool rest_there;
	uint32_t rest;
	uint32_t n_policies;
	uint32_t *of_policy;
};

/* *ruleset is the caller's to clear, also after an error. -ENOMEM, or -E2BIG for a rule that is
 * more than netlink can say. */
int ruleset_make(const struct nlayout *layout, struct ruleset *ruleset, struct why *why);
void ruleset_clear(struct ruleset *ruleset);

/* The number of the chain of that name, or RULESET_NO_CHAIN. */
uint32_t ruleset_find_chain(const struct ruleset *ruleset, const char *name);

/* The set of that name, or NULL. */
const struct rset *ruleset_find_set(const struct ruleset *ruleset, const char *name);

/* Whether a chain holds what it ought to; `is` as it was read. */
bool ruleset_same_rules(const struct rchain *is, const struct rchain *ought);

/* As it is read back, a set is sorted; so are its spans. */
bool ruleset_same_spans(const struct rset *is, const struct rset *ought);

#endif
