/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/what_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One port range, one type, or a whole protocol (`whole`). */
struct what_item {
	int16_t protocol;
	int16_t icmp_type;
	int16_t icmp_code;
	bool whole;
	struct ports ports;
};

static int
add(struct arena *arena, struct what_list *list, const struct what_item *item)
{
	struct what_item *grown;
	uint32_t room = list->room;

	if (list->n == room) {
		room = room ? room * 2 : 4;
		grown = arena_new_of(arena, room, struct what_item);
		if (!grown)
			return -ENOMEM;
		if (list->n)
			memcpy(grown, list->items, list->n * sizeof(*grown));
		list->items = grown;
		list->room = room;
	}
	list->items[list->n++] = *item;
	return 0;
}

int
what_add_whole(struct arena *arena, struct what_list *list, int protocol)
{
	struct what_item item = {
		.protocol = (int16_t)protocol,
		.icmp_type = WHAT_ANY,
		.icmp_code = WHAT_ANY,
		.whole = true,
	};

	return add(arena, list, &item);
}

int
what_add_ports(struct arena *arena, struct what_list *list, int protocol, unsigned long first,
    unsigned long last)
{
	struct what_item item = {
		.protocol = (int16_t)protocol,
		.icmp_type = WHAT_ANY,
		.icmp_code = WHAT_ANY,
		.ports = { .first = (uint16_t)first, .last = (uint16_t)last },
	};

	return add(arena, list, &item);
}

int
what_add_type(struct arena *arena, struct what_list *list, const struct what *what)
{
	struct what_item item = {
		.protocol = what->protocol,
		.icmp_type = what->icmp_type,
		.icmp_code = what->icmp_code,
	};

	return add(arena, list, &item);
}

bool
what_has_ports(const struct what_list *list, uint32_t before)
{
	uint32_t i;

	for (i = before; i < list->n; i++) {
		if (list->items[i].protocol != 6 && list->items[i].protocol != 17 &&
		    list->items[i].protocol != 132)
			return false;
	}
	return true;
}

/* The wider ones first, so that what follows within a protocol may be included already. */
static int
by_width(const void *left, const void *right)
{
	const struct what_item *a = left, *b = right;

	if (a->protocol != b->protocol)
		return a->protocol < b->protocol ? -1 : 1;
	if (a->whole != b->whole)
		return a->whole ? -1 : 1;
	if (a->icmp_type != b->icmp_type)
		return a->icmp_type < b->icmp_type ? -1 : 1;
	if (a->icmp_code != b->icmp_code)
		return a->icmp_code < b->icmp_code ? -1 : 1;
	return (a->ports.first > b->ports.first) - (a->ports.first < b->ports.first);
}

static bool
has_ports(const struct what_item *item)
{
	return !item->whole && item->icmp_type == WHAT_ANY;
}

static bool
includes(const struct what *what, const struct what_item *item)
{
	if (what->protocol == WHAT_ANY)
		return true;
	if (what->protocol != item->protocol || what->n_ports)
		return false;
	return what->icmp_type == WHAT_ANY ||
	       (what->icmp_type == item->icmp_type &&
		   (what->icmp_code == WHAT_ANY || what->icmp_code == item->icmp_code));
}

/* Adds the item's ports to those of `what`, which begin no later. */
static void
join_ports(struct what *what, struct ports ports)
{
	struct ports *last = what->n_ports ? &what->ports[what->n_ports - 1] : NULL;

	if (!last || ports.first > (uint32_t)last->last + 1)
		what->ports[what->n_ports++] = ports;
	else if (ports.last > last->last)
		last->last = ports.last;
}

int
what_merge(struct arena *arena, struct what_list *list, struct what **what, uint32_t *n)
{
	struct ports *ports = arena_new_of(arena, list->n, struct ports);
	const struct what_item *item;
	struct what *last = NULL;
	uint32_t i;

	*n = 0;
	*what = arena_new_of(arena, list->n, struct what);
	if (!*what || !ports)
		return -ENOMEM;
	if (list->n)
		qsort(list->items, list->n, sizeof(*list->items), by_width);
	for (i = 0; i < list->n; i++) {
		item = &list->items[i];
		if (last && includes(last, item))
			continue;
		if (!last || last->protocol != item->protocol || !has_ports(item)) {
			last = &(*what)[(*n)++];
			*last = (struct what){
				.protocol = item->protocol,
				.icmp_type = item->icmp_type,
				.icmp_code = item->icmp_code,
				.ports = ports + i,
			};
		}
		if (has_ports(item))
			join_ports(last, item->ports);
	}
	return 0;
}
