/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule in plain terms: what nft(8) says in one line. chain.c makes them, expression.c gives
 * them the kernel's shape, text.c prints them.
 */
#ifndef NETFENCE_NFTABLES_NRULE_H
#define NETFENCE_NFTABLES_NRULE_H

#include "fence/mark.h"
#include "netfence/rule.h"
#include "nftables/label.h"

/* For rules that look at no family. */
#define NRULE_BOTH FAMILIES

enum nrule_side { NRULE_SOURCE, NRULE_DESTINATION };

enum nrule_target {
	NRULE_ACCEPT, /* ends our base chain only: all others still decide */
	NRULE_DROP,
	NRULE_REJECT, /* admin-prohibited */
	NRULE_RETURN,
	NRULE_GOTO, /* `chain` */
	NRULE_JUMP, /* `chain`; where it ends, on with the next rule */
	NRULE_MAP,  /* to where the map `chain` leads the owner's uid; of ranges where `ranges` */
	NRULE_LOG   /* to netlink's log, as often as rate.h says; and on with the next rule */
};

/*
 * Whatever is set must match. nrule_any() matches everything.
 * family     the packet's, or NRULE_BOTH
 * protocol   0..255 or WHAT_ANY; protocol_not: any other one
 * ports      one range, where ports_set; or the set `port_list`, where its name is not empty
 * to         the destination, where to_set; or the set `to_list`; with a family only
 * from       with NRULE_MAP: the owner's uid is no less; 0: whatever it is
 * local      leaves through lo to an address of this host
 * reply      conntrack: the reply direction of an established flow
 * routing    has an IPv6 routing header; with FAMILY_IPV6 only
 * under_way  TCP, and not the first packet of a connection
 * over       where it has a count: met more often than that
 * counted    a counter stands before the target
 * log_*      with NRULE_LOG: the group, the prefix, and the chain whose name the limits begin with.
 *            log_side says which ports, or what stands in their place, are told apart
 */
struct nrule {
	enum family family;
	int16_t protocol;
	bool protocol_not;
	int16_t icmp_type;
	int16_t icmp_code;
	enum nrule_side side;
	bool ports_set;
	struct ports ports;
	struct label port_list;
	char interface[RULE_INTERFACE_MAX + 1];
	bool to_set;
	struct address_range to;
	struct label to_list;
	uint32_t from;
	bool local;
	bool reply;
	bool routing;
	bool under_way;
	struct limit over;
	bool counted;
	enum nrule_target target;
	struct label chain;
	bool ranges;
	uint16_t log_group;
	char log_mark[MARK_SIZE];
	struct label log_limits;
};

static inline struct nrule
nrule_any(enum nrule_target target)
{
	return (struct nrule){ .family = NRULE_BOTH,
		.protocol = WHAT_ANY,
		.icmp_type = WHAT_ANY,
		.icmp_code = WHAT_ANY,
		.side = NRULE_DESTINATION,
		.target = target };
}

/* Bits of which a uid has one at least if it is no less than `from`, where there are such; else 0.
 */
static inline uint32_t
nrule_from_mask(const struct nrule *rule)
{
	return rule->from & (rule->from - 1) ? 0 : ~(rule->from - 1);
}

/* How long a prefix the range is exactly, 0..32 or 0..128; -1 where it is none. expression.c and
 * text.c both go by this. */
int nrule_prefix(const struct address_range *range, enum family family);

#endif
