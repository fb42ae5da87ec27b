/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/room.h"

#include <stdlib.h>

#define ROOM_FIRST 64

void *
room_for(void *list, uint32_t n, uint32_t *room, size_t size)
{
	uint32_t larger = *room ? 2 * *room : ROOM_FIRST;
	void *grown;

	if (n < *room)
		return list;
	grown = larger > n ? reallocarray(list, larger, size) : NULL;
	if (grown)
		*room = larger;
	return grown;
}
