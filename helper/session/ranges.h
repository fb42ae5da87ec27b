/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose uids are those? Ranges of uids with their owners, to be asked for whatever overlaps.
 */
#ifndef NETFENCE_RANGES_H
#define NETFENCE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/message.h"

/* Begins all zero; ranges_free() lets go of it. Owners stay the caller's. */
struct ranges {
	struct owned_range *sorted;
	uint32_t n;
	uint32_t room;
};

void ranges_free(struct ranges *ranges);

/* False where there is no memory. Ranges may overlap. */
bool ranges_add(struct ranges *ranges, const struct uid_range *range, const void *owner);

/* Takes out all that belong to the owner. */
void ranges_remove(struct ranges *ranges, const void *owner);

/* Calls visit with the owner of each range that overlaps until it returns false. */
void ranges_overlap(const struct ranges *ranges, const struct uid_range *range,
    bool (*visit)(const void *owner, void *data), void *data);

/* The widest range around `uid` that overlaps with none. False where one holds the uid. */
bool ranges_gap(const struct ranges *ranges, uint32_t uid, struct uid_range *gap);

#endif
