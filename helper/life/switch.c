/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "life/inside.h"

/* What a policy wants at logout was put off. */
static bool
leave_again(struct user *user, void *data)
{
	if (user->stage == USER_LEAVING)
		stay_leave(data, user);
	return true;
}

void
life_switch(
    struct life *life, bool off, void (*done)(const struct why *why, void *data), void *data)
{
	static const struct why no_rules = {
		"there are no rules in force, and without any the tables are not touched"
	};

	life->switched = done;
	life->switched_data = data;
	/* Said a second time: the commit under way has it. */
	if (life->switch_in_batch && life->off == off)
		return;
	life->off = off;
	noted_add_all(life);
	life->switch_due = true;
	/* A commit that is under way was put together before. */
	life->switch_in_batch = false;
	if (!off) {
		table_each(life->table, leave_again, life);
		expiry_set(life);
	}
	/* The first commit of a start has it as well. */
	commits_want(life);
	if (!life->rules)
		switch_is_over(life, &no_rules);
}

bool
life_is_switched(const struct life *life)
{
	return !life->rules || (!life->switch_due && !life->unsure);
}

bool
life_is_off(const struct life *life)
{
	return life->off;
}

void
switch_is_over(struct life *life, const struct why *why)
{
	void (*done)(const struct why *, void *) = life->switched;

	if (!why)
		life->switch_due = false;
	life->switched = NULL;
	if (done)
		done(why, life->switched_data);
}
