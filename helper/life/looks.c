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

void
looks_on_time(int fd, short what, void *data)
{
	struct life *life = data;
	struct leftover *left = NULL;
	struct user **users;
	uint32_t n, n_looked = 0, i;
	int64_t now = wire_clock_ms();

	(void)fd;
	(void)what;
	users = life_everybody(life, &n);
	for (i = 0; i < n; i++) {
		const struct user *user = users[i];

		if (wants_looks(user) && (!user->waits_for.ended || now >= user->until_ms))
			users[n_looked++] = users[i];
	}
	if (n_looked)
		left = calloc(n_looked, sizeof(*left));
	if (left) {
		for (i = 0; i < n_looked; i++) {
			opener_clear(&users[i]->waits_for);
			left[i].ranges = users[i]->ranges;
			left[i].n_ranges = users[i]->n_ranges;
		}
		leftover_look(life->setup.proc, left, n_looked);
		life->looked_ms = wire_clock_ms();
		for (i = 0; i < n_looked; i++)
			stay(life,
			    (struct moment){ .what = LOOKED, .user = users[i], .left = &left[i] });
	}
	free(left);
	free(users);
	/* Those who wait for a process's end are looked at now and then all the same; the others
	 * at the usual pace. */
	users = life_everybody(life, &n);
	for (i = 0; i < n; i++)
		if (wants_looks(users[i]) && !users[i]->waits_for.ended) {
			looks_want(life);
			break;
		}
	for (i = 0; i < n && !alarm_is_set(&life->look); i++)
		if (wants_looks(users[i]))
			alarm_in(&life->look, LOOK_ANYWAY_MS);
	free(users);
}
