/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of what a rule is about, as they are put together.
 */
#ifndef NETFENCE_POLICY_WHAT_LIST_H
#define NETFENCE_POLICY_WHAT_LIST_H

#include "base/arena.h"
#include "netfence/rule.h"

struct what_item;

/* Begin with all zero; what is in it is the arena's. */
struct what_list {
	uint32_t n;
	uint32_t room;
	struct what_item *items;
};

/* All of a protocol, or WHAT_ANY; its ports from first to last; what->icmp_type and icmp_code of
 * what->protocol. 0 or -ENOMEM. */
int what_add_whole(struct arena *arena, struct what_list *list, int protocol);
int what_add_ports(struct arena *arena, struct what_list *list, int protocol, unsigned long first,
    unsigned long last);
int what_add_type(struct arena *arena, struct what_list *list, const struct what *what);

/* Whether all that was added since there were `before` is of protocols that have ports. */
bool what_has_ports(const struct what_list *list, uint32_t before);

/*
 * As struct rule wants it: a protocol once (icmp and icmpv6: a type and code once), ports sorted
 * and joined, nothing that another one includes. 0 or -ENOMEM; the array is the arena's.
 */
int what_merge(struct arena *arena, struct what_list *list, struct what **what, uint32_t *n);

#endif
