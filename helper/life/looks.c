/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <event2/event.h>
#include <stdlib.h>

#include "base/room.h"
#include "life/inside.h"
#include "wire/client.h"

/* How often we look for what leaving users have left, at most; and how often at one who is known
 * to have a living process. Milliseconds. */
#define LOOK_EVERY_MS  500
#define LOOK_ANYWAY_MS 30000

void
looks_want(struct life *life)
{
	int64_t wait = life->looked_ms + LOOK_EVERY_MS - wire_clock_ms();

	alarm_in(&life->look, wait > 0 ? wait : 0);
}

static void
on_waited_for(int fd, short what, void *data)
{
	struct user *user = data;

	(void)fd;
	(void)what;
	opener_clear(&user->waits_for);
	looks_want(user->keeper);
}

/* A living process of a leaving user: its end is the next moment to look, and until then looks
 * cost nothing. */
void
looks_wait_for(struct life *life, struct user *user, pid_t pid)
{
	struct why why;

	user->until_ms = wire_clock_ms() + LOOK_ANYWAY_MS;
	if (opener_from_pid(life->setup.proc, pid, 0, &user->waits_for, &why) < 0 ||
	    opener_watch(&user->waits_for, life->setup.base, on_waited_for, user, &why) < 0)
		opener_clear(&user->waits_for);
}

static bool
wants_looks(const struct user *user)
{
	return user->stage == USER_LEAVING || user->ending;
}

struct due {
	int64_t now;
	struct user **users;
	uint32_t n;
	uint32_t room;
};

/* Without memory for some: they are at the next look. */
static bool
find_due(struct user *user, void *data)
{
	struct due *due = data;
	struct user **users;

	if (!wants_looks(user) || (user->waits_for.ended && due->now < user->until_ms))
		return true;
	users = room_for(due->users, due->n, &due->room, sizeof(struct user *));
	if (!users)
		return false;
	due->users = users;
	users[due->n++] = user;
	return true;
}

/* Those who wait for a process's end are looked at now and then all the same; the others at the
 * usual pace. */
static bool
want_next(struct user *user, void *data)
{
	struct life *life = data;

	if (!wants_looks(user))
		return true;
	if (!user->waits_for.ended) {
		looks_want(life);
		return false;
	}
	alarm_in(&life->look, LOOK_ANYWAY_MS);
	return true;
}

void
looks_on_time(int fd, short what, void *data)
{
	struct life *life = data;
	struct due due = { .now = wire_clock_ms() };
	struct leftover *left;
	uint32_t i;

	(void)fd;
	(void)what;
	table_each(life->table, find_due, &due);
	left = due.n ? calloc(due.n, sizeof(*left)) : NULL;
	if (left) {
		for (i = 0; i < due.n; i++) {
			opener_clear(&due.users[i]->waits_for);
			left[i].ranges = due.users[i]->ranges;
			left[i].n_ranges = due.users[i]->n_ranges;
		}
		leftover_look(life->setup.proc, left, due.n);
		for (i = 0; i < due.n; i++)
			stay(life, (struct moment){
				       .what = LOOKED, .user = due.users[i], .left = &left[i] });
	}
	life->looked_ms = wire_clock_ms();
	free(left);
	free(due.users);
	table_each(life->table, want_next, life);
}
