/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our chains, sets and limits are called in the kernel. nft(8) takes names only of letters,
 * digits, '/', '-', '_' and '.': others it prints and cannot read again. Pure.
 */
#ifndef NETFENCE_NFTABLES_LABEL_H
#define NETFENCE_NFTABLES_LABEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/why.h"
#include "fence/fence.h"

/* The table, of the family inet. */
#define LABEL_TABLE "netfence"

/* The base chain. Every chain's name begins so. */
#define LABEL_BASE "NETFENCE"

/* The maps from uids to chains: of users' own uids, by how many have room, and of ranges. */
#define LABEL_USERS      "users/4096"
#define LABEL_USERS_MANY "users/32768"
#define LABEL_USERS_ALL  "users/131072"
#define LABEL_RANGES     "ranges"

/* Where all go whose uids the map of users does not have: to that of ranges. */
#define LABEL_BY_RANGES "NETFENCE.ranges"

/* What logs routing headers of all policies that deny them, or that observe. */
#define LABEL_ROUTING  "NETFENCE.routing"
#define LABEL_OBSERVED "NETFENCE.observed"

struct label {
	char text[64];
};

struct label label_of(const char *text);

/*
 * The chain of each of the plan's policies, NETFENCE/ and the last part of the policy's name, of
 * 28 bytes at most; where that had to be cut, or would be another's too, '/' and a hash follow. It
 * depends on the plan's policies and not on who is logged in. *labels: n_policies of them, all
 * different, malloc'd, the caller's. -ENOMEM.
 */
int label_policies(const struct fence_plan *plan, struct label **labels, struct why *why);

/* What belongs to a policy's chain: "NETFENCE/vendor/loopback". */
struct label label_part(const struct label *first, const char *part);
/* Of its rule of that number, from 1: "NETFENCE/vendor/3". */
struct label label_rule(const struct label *first, uint32_t number);

/* A set of ports or addresses, named by what is in it, so that what has one name is the same:
 * "ports/22.80-90" where that is short, or the kind and a hash of the bytes. */
struct label label_ports(const struct ports *ports, uint32_t n);
struct label label_addresses(enum family family, const struct address_range *ranges, uint32_t n);

#endif
