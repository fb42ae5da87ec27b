/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Addresses, prefixes and ranges as text, and sets of them.
 */
#ifndef NETFENCE_POLICY_ADDRESS_H
#define NETFENCE_POLICY_ADDRESS_H

#include "base/arena.h"
#include "base/why.h"
#include "netfence/rule.h"

/* "192.0.2.1", "2001:db8::/32", "192.0.2.1-192.0.2.9". 0, or -EINVAL with the words for the
 * administrator. Names are none of these: what looks like a host's name is an error that says so.
 */
int address_parse(
    const char *text, enum family *family, struct address_range *range, struct why *why);

/* Whether the text is meant as an address rather than as a name. */
bool address_meant(const char *text);

/* Begin with all zero; the arrays are the arena's. followed: they hang on another file, and may be
 * others tomorrow. */
struct addresses {
	bool followed;
	uint32_t n[FAMILIES];
	uint32_t room[FAMILIES];
	struct address_range *ranges[FAMILIES];
};

/* 0 or -ENOMEM. */
int addresses_add(struct arena *arena, struct addresses *addresses, enum family family,
    const struct address_range *range);
int addresses_add_all(
    struct arena *arena, struct addresses *addresses, const struct addresses *more);
int addresses_add_any(struct arena *arena, struct addresses *addresses);

/* Sorts, and makes one of those that overlap or adjoin. */
void addresses_merge(struct addresses *addresses);

#endif
