/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <event2/event.h>
#include <stdlib.h>

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

static bool
is_due(const struct user *user, int64_t now)
{
	return wants_looks(user) && (!user->waits_for.ended || now >= user->until_ms);
}

void
looks_on_time(int fd, short what, void *data)
{
	struct life *life = data;
	struct leftover *left = NULL;
	struct user *user, **looked = NULL;
	uint32_t n = 0, n_looked = 0, i;
	int64_t now = wire_clock_ms();

	(void)fd;
	(void)what;
	for (user = table_first(life->table); user; user = user->next)
		n += is_due(user, now);
	if (n) {
		looked = calloc(n, sizeof(struct user *));
		left = calloc(n, sizeof(*left));
	}
	/* Without memory for it: at the next look. */
	if (looked && left) {
		for (user = table_first(life->table); user; user = user->next) {
			if (!is_due(user, now))
				continue;
			opener_clear(&user->waits_for);
			left[n_looked].ranges = user->ranges;
			left[n_looked].n_ranges = user->n_ranges;
			looked[n_looked++] = user;
		}
		leftover_look(life->setup.proc, left, n_looked);
		for (i = 0; i < n_looked; i++)
			stay(life,
			    (struct moment){ .what = LOOKED, .user = looked[i], .left = &left[i] });
	}
	life->looked_ms = wire_clock_ms();
	free(left);
	free(looked);
	/* Those who wait for a process's end are looked at now and then all the same; the others
	 * at the usual pace. */
	for (user = table_first(life->table); user; user = user->next)
		if (wants_looks(user) && !user->waits_for.ended) {
			looks_want(life);
			break;
		}
	for (user = table_first(life->table); user && !alarm_is_set(&life->look); user = user->next)
		if (wants_looks(user))
			alarm_in(&life->look, LOOK_ANYWAY_MS);
}
