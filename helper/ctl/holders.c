/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/holders.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/room.h"
#include "ctl/ctl.h"
#include "session/leftover.h"
#include "session/processes.h"
#include "session/sockets.h"

struct holder {
	struct json_object *object; /* of the list */
	struct uid_range *ranges;
	uint32_t n_ranges;
	uint32_t n_processes;
};

/* One range of a holder; all of them sorted, since they are apart. */
struct slot {
	struct uid_range range;
	struct holder *holder;
};

struct search {
	struct holder *holders;
	uint32_t n;
	struct slot *slots;
	uint32_t n_slots;
	pid_t *seen; /* a process may be met twice */
	uint32_t n_seen;
	uint32_t room;
	bool failed;
};

static bool
get_ranges(struct holder *holder)
{
	struct json_object *list = NULL, *range;
	uint32_t i;

	if (!json_object_object_get_ex(holder->object, "ranges", &list))
		return false;
	holder->n_ranges = (uint32_t)json_object_array_length(list);
	holder->ranges = calloc(holder->n_ranges + 1, sizeof(*holder->ranges));
	if (!holder->ranges)
		return false;
	for (i = 0; i < holder->n_ranges; i++) {
		range = json_object_array_get_idx(list, i);
		holder->ranges[i].first = (uint32_t)ctl_number(range, "first");
		holder->ranges[i].last = (uint32_t)ctl_number(range, "last");
	}
	return true;
}

static int
by_uid(const void *one, const void *other)
{
	const struct slot *a = one, *b = other;

	return (a->range.first > b->range.first) - (a->range.first < b->range.first);
}

static bool
gather(struct search *search, struct json_object *list)
{
	size_t n = json_object_array_length(list), i;
	uint32_t j, room = 0;

	search->holders = calloc(n + 1, sizeof(*search->holders));
	if (!search->holders)
		return false;
	for (i = 0; i < n; i++) {
		struct holder *holder = &search->holders[search->n];

		holder->object = json_object_array_get_idx(list, i);
		if (json_object_object_get_ex(holder->object, "id", NULL))
			continue;
		if (!get_ranges(holder))
			return false;
		room += holder->n_ranges;
		search->n++;
	}
	search->slots = calloc(room + 1, sizeof(*search->slots));
	if (!search->slots)
		return false;
	for (i = 0; i < search->n; i++)
		for (j = 0; j < search->holders[i].n_ranges; j++)
			search->slots[search->n_slots++] =
			    (struct slot){ search->holders[i].ranges[j], &search->holders[i] };
	qsort(search->slots, search->n_slots, sizeof(*search->slots), by_uid);
	return true;
}

static struct holder *
find(const struct search *search, uint32_t uid)
{
	uint32_t low = 0, high = search->n_slots, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (uid > search->slots[middle].range.last)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == search->n_slots || uid < search->slots[low].range.first)
		return NULL;
	return search->slots[low].holder;
}

static bool
seen_before(struct search *search, pid_t pid)
{
	uint32_t i;
	pid_t *list;

	for (i = 0; i < search->n_seen; i++)
		if (search->seen[i] == pid)
			return true;
	list = room_for(search->seen, search->n_seen, &search->room, sizeof(*list));
	if (!list) {
		search->failed = true;
		return true;
	}
	search->seen = list;
	list[search->n_seen++] = pid;
	return false;
}

static bool
on_process(const struct processes *pass, const struct process *process, void *data)
{
	struct search *search = data;
	struct holder *holder = NULL;
	int i;

	if (process->error) {
		search->failed = true;
		return true;
	}
	for (i = 0; i < UIDS && !holder; i++)
		holder = find(search, process->uids[i]);
	if (holder && processes_here(pass, process->pid) && !seen_before(search, process->pid))
		holder->n_processes++;
	return true;
}

static void
put_number(struct holder *holder)
{
	json_object_object_add(
	    holder->object, "processes", json_object_new_int64(holder->n_processes));
}

static void
find_sockets(const struct search *search, int proc)
{
	cleanup_free struct leftover *left = calloc(search->n + 1, sizeof(*left));
	uint32_t i;

	if (!left)
		return;
	for (i = 0; i < search->n; i++) {
		left[i].ranges = search->holders[i].ranges;
		left[i].n_ranges = search->holders[i].n_ranges;
		left[i].kind = search->holders[i].n_processes ? LEFTOVER_PROCESS : LEFTOVER_NONE;
	}
	if (sockets_look(proc, left, search->n) < 0)
		return;
	for (i = 0; i < search->n; i++)
		if (!search->holders[i].n_processes)
			json_object_object_add(search->holders[i].object, "sockets",
			    json_object_new_boolean(left[i].kind == LEFTOVER_SOCKET));
}

void
holders_find(struct json_object *list)
{
	cleanup_fd int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct search search = { .holders = NULL };
	uint32_t i;

	if (proc >= 0 && gather(&search, list) && search.n &&
	    processes_each(proc, on_process, &search) == 0 && !search.failed) {
		for (i = 0; i < search.n; i++)
			put_number(&search.holders[i]);
		find_sockets(&search, proc);
	}
	for (i = 0; search.holders && i < search.n; i++)
		free(search.holders[i].ranges);
	free(search.holders);
	free(search.slots);
	free(search.seen);
}
