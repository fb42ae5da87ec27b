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

/* Cannot fail: a krule that chain.c or dispatch.c made has an entry. Of a rule that leads to a
 * chain, entry_lead_to() says where in the table that is: the offset of its first rule. */
void entry_make(const struct krule *rule, enum family family, struct entry *entry);

void entry_lead_to(struct entry *entry, enum family family, int32_t offset);

/* Makes the entry of one owner rule into another's, with as many gaps: there are many that differ
 * in this only. */
void entry_set_owner(struct entry *entry, enum family family, uint32_t first, uint32_t last,
    const struct uid_gap *gaps, uint32_t n_gaps);

/* Whether `found`, an ipt_entry or ip6t_entry out of a table, says what `wanted` says. Counters and
 * what only the kernel uses do not count. */
bool entry_same(const struct entry *wanted, enum family family, const void *found);

/* One match or target that rules may use. */
struct extension {
	const char *name;
	uint8_t revision;
	bool target;
	bool log; /* for what logs, without which the fences hold all the same */
};

/* All of them for a family; *n says how many. */
const struct extension *entry_extensions(enum family family, size_t *n);

#endif
