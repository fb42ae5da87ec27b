/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule is about, as text ("any", "tcp/80,8000-8080", "8080/tcp", "icmp/echo-request",
 * "https", "47"), and sets of it.
 */
#ifndef NETFENCE_POLICY_WHAT_H
#define NETFENCE_POLICY_WHAT_H

#include "base/arena.h"
#include "base/why.h"
#include "netfence/rule.h"
#include "policy/service.h"

struct what_item;

/* Begin with all zero; what is in it is the arena's. */
struct what_list {
	uint32_t n;
	uint32_t room;
	struct what_item *items;
};

/* Adds what the text means. 0, -EINVAL with the words for the administrator, or -ENOMEM. */
int what_parse(struct arena *arena, const struct services *services, const char *text,
    struct what_list *list, struct why *why);

/* Whether a number that stands alone, and is therefore a protocol, was rather meant as a port. */
bool what_seems_port(const char *text);

/* Whether all that was added since there were `before` is of protocols that have ports. */
bool what_has_ports(const struct what_list *list, uint32_t before);

/*
 * As struct rule wants it: a protocol once (icmp and icmpv6: a type and code once), ports sorted
 * and joined, nothing that another one includes. 0 or -ENOMEM; the array is the arena's.
 */
int what_merge(struct arena *arena, struct what_list *list, struct what **what, uint32_t *n);

/* "tcp", "icmpv6", or "protocol 47". */
struct protocol_name {
	char text[16];
};
struct protocol_name protocol_name(int protocol);

#endif
