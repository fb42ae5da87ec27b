/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <event2/event.h>
#include <stdlib.h>

#include "life/inside.h"
#include "wire/client.h"

/* CLOCK_BOOTTIME goes on through a suspend, libevent's clock does not: look at least this often. */
#define LOOK_MS 60000

/* Milliseconds until the user's time is over, negative where it is; INT64_MAX for never. */
static int64_t
left_ms(const struct life *life, const struct user *user)
{
	const struct policy *policy = stay_policy(life, user);

	/* One who is always fenced has a clock only while there is a stay. */
	if (!policy || !policy->max_session || (user->always && !user->n_sessions) ||
	    policy->mode == POLICY_OBSERVE)
		return INT64_MAX;
	return user->begun_ms + (int64_t)policy->max_session * 1000 - wire_clock_boot_ms();
}

bool
expiry_is_over(const struct life *life, const struct user *user)
{
	return left_ms(life, user) <= 0;
}

int64_t
life_left(const struct life *life, const struct user *user)
{
	int64_t left = left_ms(life, user);

	if (left == INT64_MAX)
		return -1;
	return left > 0 ? left / 1000 : 0;
}

struct soonest {
	const struct life *life;
	int64_t left_ms;
};

static bool
find_soonest(struct user *user, void *data)
{
	struct soonest *soonest = data;
	int64_t left = left_ms(soonest->life, user);

	if (!user->expired && left < soonest->left_ms)
		soonest->left_ms = left;
	return true;
}

static void
look_in(struct life *life, int64_t left)
{
	if (left == INT64_MAX)
		return;
	if (left > LOOK_MS)
		left = LOOK_MS;
	alarm_in(&life->expiry, left > 0 ? left + 1 : 0);
}

void
expiry_set(struct life *life)
{
	struct soonest soonest = { life, INT64_MAX };

	table_each(life->table, find_soonest, &soonest);
	look_in(life, soonest.left_ms);
}

/* The alarm keeps the earliest wish: of all users only this one can make it earlier. */
void
expiry_set_for(struct life *life, struct user *user)
{
	struct soonest soonest = { life, INT64_MAX };

	find_soonest(user, &soonest);
	look_in(life, soonest.left_ms);
}

void
expiry_on_time(int fd, short what, void *data)
{
	struct life *life = data;
	struct user *user, *next;

	(void)fd;
	(void)what;
	/* Time goes on, and is over when the fences are back. */
	if (life->off)
		return;
	for (user = table_first(life->table); user; user = next) {
		next = user->next;
		if (!user->expired && expiry_is_over(life, user))
			stay(life, (struct moment){ .what = EXPIRED, .user = user });
	}
	expiry_set(life);
}
