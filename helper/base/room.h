/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists that grow.
 */
#ifndef NETFENCE_ROOM_H
#define NETFENCE_ROOM_H

#include <stddef.h>
#include <stdint.h>

/* The list with room for one more behind its n elements of `size` bytes each: what it was as long
 * as *room elements are more than n, else one with twice the room, which *room says then. The
 * caller's to free(3), as `list` was, which is NULL at first. NULL where there is no memory: then
 * `list` is what it was, and *room too. */
void *room_for(void *list, uint32_t n, uint32_t *room, size_t size);

#endif
