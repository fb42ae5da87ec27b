/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One kernel rule in plain terms: what iptables(8) says in one line. chain.c and dispatch.c make
 * them, entry.c gives them the kernel's shape, text.c prints them.
 */
#ifndef NETFENCE_IPTABLES_KRULE_H
#define NETFENCE_IPTABLES_KRULE_H

#include "fence/mark.h"
#include "iptables/name.h"
#include "netfence/rule.h"

/* xt_multiport has room for this many ports; a range takes two of them. */
#define KRULE_SLOTS 15

/* The longest name of a limit's table, with its NUL: a chain's name and three numbers. */
#define KRULE_LIMIT_NAME_SIZE 64

/* Gaps in one rule, at most. */
#define KRULE_GAPS 7

struct uid_gap {
	uint32_t first; /* both included */
	uint32_t last;
};

/* The tables of a log's two limits: the ends of their names; of the second, which counts for each
 * address and port, the buckets and how many keys it may hold. */
#define KRULE_LOG_ALL     ".log.all"
#define KRULE_LOG_EACH    ".log.each"
#define KRULE_LOG_BUCKETS 256
#define KRULE_LOG_KEYS    16384

enum krule_side { KRULE_NO_PORTS, KRULE_SOURCE_PORTS, KRULE_DESTINATION_PORTS };

enum krule_target {
	KRULE_RETURN,
	KRULE_DROP,
	KRULE_REJECT, /* admin-prohibited */
	KRULE_GOTO,   /* `chain`; its RETURN goes back to where the last jump came from */
	KRULE_JUMP,   /* `chain` */
	KRULE_LOG     /* to netlink's log, as often as rate.h says; and on with the next rule */
};

/*
 * Whatever is set must match. All zero but for protocol and icmp_* (WHAT_ANY) matches everything.
 * protocol   1..255 or WHAT_ANY; 0 would mean "any" to the kernel
 * ports      n_ports ranges, at most KRULE_SLOTS slots of them; only with a side and tcp, udp, sctp
 * icmp_type  only with protocol 1 (then not 255, which would mean "any") and 58
 * interface  the packet leaves through it; "" for any
 * to         the packet's destination, where `to_set`
 * uid_first  the owner's uid, where `owner`; both ends included
 * gaps       n_gaps ranges between these, in order and apart, that the owner's uid is not in; the
 *            layout's
 * local      the destination is an address of this host
 * reply      conntrack: the reply direction of an established flow
 * routing    the packet has an IPv6 routing header
 * under_way  TCP, and not the first packet of a connection
 * limit      where it has a count: not yet met more often than that, by all rules whose limit has
 *            the same name. The kernel keeps the settings with which it first met a name. With
 *            KRULE_LOG there is none, and limit_name begins the names of the two that it has then
 */
struct krule {
	int16_t protocol;
	int16_t icmp_type;
	int16_t icmp_code;
	enum krule_side side;
	uint32_t n_ports;
	union {
		struct ports ports[KRULE_SLOTS];
		char log_mark[MARK_SIZE]; /* with KRULE_LOG, which has no ports */
	};
	char interface[RULE_INTERFACE_MAX + 1];
	bool to_set;
	struct address_range to;
	bool owner;
	uint32_t uid_first;
	uint32_t uid_last;
	uint32_t n_gaps;
	const struct uid_gap *gaps;
	bool local;
	bool reply;
	bool routing;
	bool under_way;
	struct limit limit;
	char limit_name[KRULE_LIMIT_NAME_SIZE];
	enum krule_target target;
	struct chain_name chain; /* with KRULE_GOTO and KRULE_JUMP */
	uint16_t log_group;      /* with KRULE_LOG */
};

/* A rule that does nothing but lead an owner's packets to a chain, by goto. There are many of
 * them. */
struct owner {
	uint32_t first; /* uids, both included; 0: whoever comes as far as here */
	uint32_t last;
	uint32_t chain; /* its number in the layout */
	uint32_t gaps;  /* n_gaps of the layout's, from this one on */
	uint32_t n_gaps;
};

/* Rules of one chain, in order: n krules, malloc'd, or n of a layout's owners from `owners` on. */
struct kchain {
	struct chain_name name;
	bool dispatch; /* the latter */
	uint32_t n;
	uint32_t room; /* how many `rules` has room for */
	struct krule *rules;
	uint32_t owners;
};

/* How long a prefix the destination is exactly, 0..32 or 0..128; -1 where it is none and takes an
 * iprange. entry.c and text.c both go by this. */
int krule_prefix(const struct krule *rule, enum family family);

/* Microseconds after which one more packet may match. */
static inline uint64_t
krule_limit_period(const struct krule *rule)
{
	return UINT64_C(1000000) * rule->limit.seconds / rule->limit.count;
}

/* Whether the ports are the protocol's own match's to look at; otherwise multiport's. */
static inline bool
krule_own_ports(const struct krule *rule)
{
	return rule->n_ports == 1 && (rule->protocol == 6 || rule->protocol == 17);
}

/* What an action is to a rule. */
static inline enum krule_target
krule_of(enum action action)
{
	return action == ACTION_ALLOW  ? KRULE_RETURN
	       : action == ACTION_DROP ? KRULE_DROP
				       : KRULE_REJECT;
}

/* A rule that matches everything. */
static inline struct krule
krule_any(enum krule_target target)
{
	return (struct krule){
		.protocol = WHAT_ANY, .icmp_type = WHAT_ANY, .icmp_code = WHAT_ANY, .target = target
	};
}

#endif
