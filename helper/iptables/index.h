/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a chain's name to its number, for thousands of chains. Pure.
 */
#ifndef NETFENCE_IPTABLES_INDEX_H
#define NETFENCE_IPTABLES_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX

/* All zero is an empty one; index_free() lets go of it. */
struct index {
	struct index_slot *slots;
	uint32_t mask;
};

/* Room for n names. False where there is no memory. */
bool index_begin(struct index *index, uint32_t n);
void index_free(struct index *index);

/* Of two equal names the first counts. The name is not copied. */
void index_add(struct index *index, const char *name, uint32_t number);

/* The number, or INDEX_NONE. */
uint32_t index_find(const struct index *index, const char *name);

#endif
