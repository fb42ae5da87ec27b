/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where something was sent to: addresses, and what they are gathered into. Pure.
 */
#ifndef NETFENCE_SUGGEST_TARGETS_H
#define NETFENCE_SUGGEST_TARGETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "netfence/rule.h"

/* seen: addresses of the range, in which all of them were, unless there are less. */
struct target {
	enum family family;
	struct address_range range;
	uint64_t seen;
	bool wider; /* not all of the range was seen */
};

/* In the order of families and addresses. Single addresses. */
int targets_compare(const struct target *one, const struct target *other);

/* n single addresses, sorted and each another, in place: as many of one /24 or /64 as `merge` (0:
 * none) become that prefix, and addresses that follow upon one another a range. How many are left.
 */
uint32_t targets_gather(struct target *targets, uint32_t n, uint32_t merge);

bool targets_equal(
    const struct target *one, uint32_t n_one, const struct target *other, uint32_t n_other);

/* As words, the arena's; NULL where there is no memory. */
const char *targets_text(struct arena *arena, const struct target *target);

/* "5 of 192.0.2.0/24 and 4 of … were seen"; "" where none is wider. NULL as above. */
const char *targets_wider(struct arena *arena, const struct target *targets, uint32_t n);

#endif
