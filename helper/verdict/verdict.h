/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a policy says of a packet: the same order of evaluation as the kernel's chains have. Pure.
 */
#ifndef NETFENCE_VERDICT_H
#define NETFENCE_VERDICT_H

#include "netfence/rule.h"

#define VERDICT_UNKNOWN (-1)

/*
 * protocol   0..255
 * ports      host byte order; only with tcp (6), udp (17) and sctp (132)
 * icmp_type, icmp_code  0..255, or VERDICT_UNKNOWN, which matches only what names none
 * to         network byte order; IPv4 uses the first four bytes
 * local      leaves through lo to an address of this host
 * reply      belongs to conntrack's reply direction of a known flow
 * interface  through which it leaves, or NULL: unknown, which matches only what names none
 */
struct packet {
	enum family family;
	uint8_t protocol;
	uint16_t from_port;
	uint16_t to_port;
	int icmp_type;
	int icmp_code;
	uint8_t to[16];
	bool local;
	bool reply;
	bool routing_header; /* IPv6 */
	const char *interface;
};

enum verdict_by {
	VERDICT_BY_ROUTING_HEADER,
	VERDICT_BY_GRANT,
	VERDICT_BY_SERVE,
	VERDICT_BY_LOOPBACK,
	VERDICT_BY_RULE,
	VERDICT_BY_DEFAULT
};

struct verdict {
	enum action action; /* as the policy says it; what `observe` makes of it is the caller's */
	enum verdict_by by;
	const struct rule *rule; /* with VERDICT_BY_RULE and BY_GRANT, the policy's */
	bool limited;            /* a rule with a limit came before and may match instead */
};

/* On a packet that meets every limit used up. */
struct verdict verdict_of(const struct policy *policy, const struct packet *packet);

/* On a packet that meets every limit fresh: rules with one match. */
struct verdict verdict_within(const struct policy *policy, const struct packet *packet);

/* What comes after verdict_within() came to a rule with a limit, for a packet above that: the next
 * rule that matches, fresh too, or the default. */
struct verdict verdict_beyond(
    const struct policy *policy, const struct packet *packet, const struct rule *rule);

/* Whether the rule matches, its limit aside. */
bool verdict_matches(const struct rule *rule, const struct packet *packet);

/* Whether the packet, by its destination port, is what `what` names. */
bool verdict_is_what(const struct what *what, const struct packet *packet);

/* Whether the address lies in one of n sorted ranges. */
bool verdict_in_ranges(const struct address_range *ranges, uint32_t n, const uint8_t address[16]);

#endif
