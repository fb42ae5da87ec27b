/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/room.h"

/* reach: the highest uid of this and all before it. */
struct owned_range {
	struct uid_range range;
	uint32_t reach;
	const void *owner;
};

void
ranges_free(struct ranges *ranges)
{
	free(ranges->sorted);
	*ranges = (struct ranges){ 0 };
}

/* How many begin at `uid` or below. */
static uint32_t
count_up_to(const struct ranges *ranges, uint32_t uid)
{
	uint32_t low = 0, high = ranges->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ranges->sorted[middle].range.first <= uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
reach_from(struct ranges *ranges, uint32_t i)
{
	uint32_t reach = i > 0 ? ranges->sorted[i - 1].reach : 0;

	for (; i < ranges->n; i++) {
		if (ranges->sorted[i].range.last > reach)
			reach = ranges->sorted[i].range.last;
		ranges->sorted[i].reach = reach;
	}
}

bool
ranges_add(struct ranges *ranges, const struct uid_range *range, const void *owner)
{
	uint32_t place = count_up_to(ranges, range->first);
	struct owned_range *sorted =
	    room_for(ranges->sorted, ranges->n, &ranges->room, sizeof(*sorted));

	if (!sorted)
		return false;
	ranges->sorted = sorted;
	memmove(&sorted[place + 1], &sorted[place], (ranges->n - place) * sizeof(*sorted));
	sorted[place] = (struct owned_range){ *range, 0, owner };
	ranges->n++;
	reach_from(ranges, place);
	return true;
}

void
ranges_remove(struct ranges *ranges, const void *owner)
{
	uint32_t i, kept = 0;

	for (i = 0; i < ranges->n; i++) {
		if (ranges->sorted[i].owner != owner)
			ranges->sorted[kept++] = ranges->sorted[i];
	}
	ranges->n = kept;
	reach_from(ranges, 0);
}

void
ranges_overlap(const struct ranges *ranges, const struct uid_range *range,
    bool (*visit)(const void *owner, void *data), void *data)
{
	uint32_t i = count_up_to(ranges, range->last);

	while (i-- > 0 && ranges->sorted[i].reach >= range->first) {
		if (ranges->sorted[i].range.last >= range->first &&
		    !visit(ranges->sorted[i].owner, data))
			return;
	}
}

bool
ranges_gap(const struct ranges *ranges, uint32_t uid, struct uid_range *gap)
{
	uint32_t i = count_up_to(ranges, uid);

	if (i > 0 && ranges->sorted[i - 1].reach >= uid)
		return false;
	gap->first = i > 0 ? ranges->sorted[i - 1].reach + 1 : 0;
	gap->last = i < ranges->n ? ranges->sorted[i].range.first - 1 : UINT32_MAX;
	return true;
}
