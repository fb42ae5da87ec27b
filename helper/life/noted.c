/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/room.h"
#include "life/inside.h"

void
noted_add(struct life *life, struct user *user)
{
	struct noted *noted = &life->noted;
	uint32_t *uids = NULL;

	if (noted->all || user->noted)
		return;
	/* Users who come and go, and are never fenced, need no commit that would take them off the
	 * list: it does not grow for them. */
	if (noted->n < noted->room || noted->n <= table_users(life->table))
		uids = room_for(noted->uids, noted->n, &noted->room, sizeof(*uids));
	if (!uids) {
		noted_add_all(life);
		return;
	}
	noted->uids = uids;
	uids[noted->n++] = user->uid;
	user->noted = true;
}

void
noted_add_all(struct life *life)
{
	life->noted.all = true;
}

static int
by_uid(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

void
noted_begin(struct life *life, bool all)
{
	struct noted *noted = &life->noted;

	if (all)
		noted->n = 0;
	else if (noted->n)
		qsort(noted->uids, noted->n, sizeof(*noted->uids), by_uid);
	noted->all_batched = all;
	noted->n_batched = noted->n;
	noted->all = false;
}

void
noted_each(struct life *life, void (*visit)(struct life *life, struct user *user))
{
	const struct noted *noted = &life->noted;
	const uint32_t n = noted->n;
	struct user *user, *next;
	uint32_t i;

	if (noted->all || noted->all_batched) {
		for (user = table_first(life->table); user; user = next) {
			next = user->next;
			visit(life, user);
		}
		return;
	}
	/* A visit may note more users, and remove this one. */
	for (i = 0; i < n; i++) {
		user = table_find_user(life->table, noted->uids[i]);
		if (user)
			visit(life, user);
	}
}

void
noted_end(struct life *life)
{
	struct noted *noted = &life->noted;

	noted->n -= noted->n_batched;
	if (noted->n)
		memmove(
		    noted->uids, noted->uids + noted->n_batched, noted->n * sizeof(*noted->uids));
	noted->n_batched = 0;
	noted->all_batched = false;
}

void
noted_free(struct life *life)
{
	free(life->noted.uids);
}
