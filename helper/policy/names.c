/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/names.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define SLOTS_FIRST 16
#define WORD_MAX    32 /* characters, beyond which nobody is asked whether he meant something */

struct slot {
	const char *name;
	void *thing;
};

struct names {
	struct arena *arena;
	struct slot *slots; /* a power of two of them, at most half of them used */
	size_t n_slots;
	size_t n;
};

struct names *
names_new(struct arena *arena)
{
	struct names *names = arena_new_of(arena, 1, struct names);

	if (!names)
		return NULL;
	names->arena = arena;
	names->n_slots = SLOTS_FIRST;
	names->slots = arena_new_of(arena, SLOTS_FIRST, struct slot);
	return names->slots ? names : NULL;
}

/* FNV-1a. */
static size_t
hash(const char *name)
{
	uint64_t value = 0xcbf29ce484222325;

	while (*name)
		value = (value ^ (unsigned char)*name++) * 0x100000001b3;
	return (size_t)(value ^ value >> 32);
}

/* The name's slot, or the free one where it belongs. */
static struct slot *
find(const struct names *names, const char *name)
{
	size_t i = hash(name);

	for (;; i++) {
		struct slot *slot = &names->slots[i & (names->n_slots - 1)];

		if (!slot->name || strcmp(slot->name, name) == 0)
			return slot;
	}
}

void *
names_get(const struct names *names, const char *name)
{
	return find(names, name)->thing;
}

static int
grow(struct names *names)
{
	struct slot *old = names->slots;
	size_t n_old = names->n_slots, i;

	names->slots = arena_new_of(names->arena, n_old * 2, struct slot);
	if (!names->slots) {
		names->slots = old;
		return -ENOMEM;
	}
	names->n_slots = n_old * 2;
	for (i = 0; i < n_old; i++) {
		if (old[i].name)
			*find(names, old[i].name) = old[i];
	}
	return 0;
}

int
names_put(struct names *names, const char *name, void *thing)
{
	if ((names->n + 1) * 2 > names->n_slots && grow(names))
		return -ENOMEM;
	*find(names, name) = (struct slot){ .name = name, .thing = thing };
	names->n++;
	return 0;
}

static unsigned int
least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* How many letters to insert, leave out, replace, or swap with their neighbour. */
static unsigned int
distance(const char *one, size_t n_one, const char *other, size_t n_other)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2], *free_row;
	size_t i, j;

	for (j = 0; j <= n_other; j++)
		above[j] = before[j] = (unsigned int)j;
	for (i = 1; i <= n_one; i++) {
		row[0] = (unsigned int)i;
		for (j = 1; j <= n_other; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1);
			row[j] = least(row[j], above[j - 1] + (one[i - 1] != other[j - 1]));
			if (i > 1 && j > 1 && one[i - 1] == other[j - 2] &&
			    one[i - 2] == other[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		free_row = before;
		before = above;
		above = row;
		row = free_row;
	}
	return above[n_other];
}

void
nearest_offer(struct nearest *nearest, const char *name)
{
	size_t n_wanted = strnlen(nearest->wanted, WORD_MAX + 1);
	size_t n_name = strnlen(name, WORD_MAX + 1);
	size_t apart = n_wanted > n_name ? n_wanted - n_name : n_name - n_wanted;
	/* Of three letters one may be wrong, of six two: further away is another word. */
	size_t most = least((unsigned int)(n_wanted > n_name ? n_wanted : n_name) / 3, 2);
	unsigned int far;

	if (n_wanted > WORD_MAX || n_name > WORD_MAX || apart > most)
		return;
	far = distance(nearest->wanted, n_wanted, name, n_name);
	if (far <= most && (!nearest->best || far < nearest->distance)) {
		nearest->best = name;
		nearest->distance = far;
	}
}

void
nearest_offer_all(struct nearest *nearest, const struct names *names)
{
	size_t i;

	for (i = 0; i < names->n_slots; i++) {
		if (names->slots[i].name)
			nearest_offer(nearest, names->slots[i].name);
	}
}
