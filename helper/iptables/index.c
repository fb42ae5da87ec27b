/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/index.h"

#include <stdlib.h>
#include <string.h>

struct index_slot {
	const char *name; /* NULL: empty */
	uint32_t hash;
	uint32_t number;
};

bool
index_begin(struct index *index, uint32_t n)
{
	uint32_t size = 16;

	while (size / 2 < n && size < UINT32_C(1) << 30)
		size *= 2;
	index->slots = calloc(size, sizeof(*index->slots));
	index->mask = size - 1;
	return index->slots != NULL;
}

void
index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){ 0 };
}

static uint32_t
hash(const char *name)
{
	uint32_t sum = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		sum = (sum ^ (unsigned char)*name) * 16777619u;
	return sum ^ sum >> 15;
}

/* The slot of the name, or the empty one where it would be. Half of the slots are empty. */
static struct index_slot *
find(const struct index *index, const char *name, uint32_t sum)
{
	uint32_t place = sum & index->mask;
	struct index_slot *slot = &index->slots[place];

	while (slot->name && (slot->hash != sum || strcmp(slot->name, name) != 0)) {
		place = (place + 1) & index->mask;
		slot = &index->slots[place];
	}
	return slot;
}

void
index_add(struct index *index, const char *name, uint32_t number)
{
	uint32_t sum = hash(name);
	struct index_slot *slot = find(index, name, sum);

	if (!slot->name)
		*slot = (struct index_slot){ name, sum, number };
}

uint32_t
index_find(const struct index *index, const char *name)
{
	const struct index_slot *slot = find(index, name, hash(name));

	return slot->name ? slot->number : INDEX_NONE;
}
