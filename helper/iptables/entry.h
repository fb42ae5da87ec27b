/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule in the shape that the kernel's tables have it: an ipt_entry or ip6t_entry, its matches
 * and its target, aligned. Pure, and without libxtables: the kernel's structures are its interface
 * for good.
 */
#ifndef NETFENCE_IPTABLES_ENTRY_H
#define NETFENCE_IPTABLES_ENTRY_H

#include <stdalign.h>

#include "iptables/krule.h"

/* Room for the longest rule that a struct krule can say. */
#define ENTRY_MAX 1280

struct entry {
	alignas(16) unsigned char bytes[ENTRY_MAX];
	size_t size;
};

/* Cannot fail: a krule that chain.c or dispatch.c made has an entry. Standard targets carry their
 * name, as libiptc wants them; it turns the name into an offset. */
void entry_make(const struct krule *rule, enum family family, struct entry *entry);

/*
 * Whether `found`, an ipt_entry or ip6t_entry out of a snapshot, says what `wanted` says; `target`
 * is the name of found's target as libiptc gives it. Counters and what only the kernel uses do
 * not count.
 */
bool entry_same(
    const struct entry *wanted, enum family family, const void *found, const char *target);

/* One match or target that rules may use. */
struct extension {
	const char *name;
	uint8_t revision;
	bool target;
};

/* All of them for a family; *n says how many. */
const struct extension *entry_extensions(enum family family, size_t *n);

#endif
