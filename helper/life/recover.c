/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "life/inside.h"
#include "log.h"

/* How long we wait to be told who they are; milliseconds, more than the resolver may take. */
#define RECOVER_MS 12000

void
recover_note(struct life *life, uint32_t uid)
{
	uint32_t *grown;

	if (!uid)
		return;
	grown = reallocarray(life->damaged, life->n_damaged + 1, sizeof(*grown));
	if (!grown) {
		life_end(life, "no memory to remember who was fenced");
		return;
	}
	life->damaged = grown;
	grown[life->n_damaged++] = uid;
	alarm_in(&life->recover, RECOVER_MS);
}

/* Neighbours under one policy are one range in the kernel. A wider one is somebody's subordinate
 * uids, which come with the user they belong to. */
#define NEIGHBOURS_MAX 64

static bool
is_noted(const struct life *life, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < life->n_damaged; i++)
		if (life->damaged[i] == uid)
			return true;
	return false;
}

struct kernel {
	const struct plan *plan; /* sorted */
};

static bool
holds(const struct plan *plan, const struct uid_range *range)
{
	uint32_t low = 0, high = plan->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (plan->fences[middle].last < range->first)
			low = middle + 1;
		else
			high = middle;
	}
	return low < plan->n && plan->fences[low].first <= range->last;
}

/* New rules fenced them, and main was ended before that was written down. */
static bool
is_held_all_the_same(struct user *user, void *data)
{
	const struct kernel *kernel = data;
	uint32_t i;

	for (i = 0; !user->in_force && i < user->n_ranges; i++)
		if (holds(kernel->plan, &user->ranges[i]))
			stay_take_up(user);
	return true;
}

void
life_held(struct life *life, const struct plan *plan)
{
	struct kernel kernel = { plan };
	uint32_t i, uid;

	noted_add_all(life);
	table_each(life->table, is_held_all_the_same, &kernel);
	for (i = 0; i < plan->n; i++) {
		const struct uid_range range = { plan->fences[i].first, plan->fences[i].last };

		if (range.last - range.first >= NEIGHBOURS_MAX) {
			if (!table_overlap(life->table, &range, 1, 0))
				plan_add(&life->lost, range.first, range.last, 0);
			continue;
		}
		for (uid = range.first; uid <= range.last; uid++) {
			const struct uid_range one = { uid, uid };

			if (is_noted(life, uid) || table_overlap(life->table, &one, 1, 0))
				continue;
			log_line(LOG_WARNING,
			    "uid %" PRIu32 " is fenced in the kernel, and has no record", uid);
			recover_note(life, uid);
		}
	}
	if (life->lost.failed)
		life_end(life, "no memory to remember what was fenced");
	if (life->lost.n)
		alarm_in(&life->recover, life->n_damaged ? RECOVER_MS : 0);
}

const uint32_t *
life_damaged(const struct life *life, uint32_t *n)
{
	*n = life->n_damaged;
	return life->damaged;
}

/* Somebody of whom nothing but the uid is known lets nothing out. */
static void
shut_unknown(struct life *life, uint32_t uid, uint32_t last)
{
	char name[24];
	struct uid_range range = { uid, last };
	struct open_request request = { .uid = uid };
	struct user *user;

	snprintf(name, sizeof(name), "#%" PRIu32, uid);
	request.user = strdup(name);
	request.ranges = &range;
	request.n_ranges = uid != last;
	user = request.user ? table_add_user(life->table, &request) : NULL;
	free(request.user);
	if (!user) {
		life_end(life, "no memory to fence who was fenced");
		return;
	}
	log_line(
	    LOG_ALERT, "uid %" PRIu32 " was fenced, and who that is cannot be told: shut", uid);
	user->shut = true;
	user->policy = 0;
}

static void
recover(struct life *life, struct open_request *request)
{
	struct user *user;

	if (request->flaw[0] ||
	    table_overlap(life->table, request->ranges, request->n_ranges, request->uid))
		request->n_ranges = 0;
	user = table_find_user(life->table, request->uid);
	if (user)
		return;
	user = table_add_user(life->table, request);
	if (!user) {
		life_end(life, "no memory to hold who was fenced");
		return;
	}
	user->policy = life->rules ? decide_policy(life->rules, user) : WHO_NO_POLICY;
	log_line(LOG_WARNING, "%s was fenced, by a record that is damaged: held", user->name);
}

static bool
settle(struct user *user, void *data)
{
	struct life *life = data;

	if (user->keeper)
		return true;
	user->keeper = life;
	stay_take_up(user);
	stay_leave(life, user);
	return true;
}

void
life_recover(struct life *life, struct resolved *list, uint32_t n)
{
	uint32_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < life->n_damaged; k++)
			if (list[i].result == RESOLVER_FOUND &&
			    list[i].request.uid == life->damaged[k])
				recover(life, &list[i].request);
	for (k = 0; k < life->n_damaged && !life->ended; k++)
		if (!table_find_user(life->table, life->damaged[k]))
			shut_unknown(life, life->damaged[k], life->damaged[k]);
	life->n_damaged = 0;
	for (k = 0; k < life->lost.n; k++) {
		const struct uid_range range = { life->lost.fences[k].first,
			life->lost.fences[k].last };

		if (!table_overlap(life->table, &range, 1, 0))
			shut_unknown(life, range.first, range.last);
	}
	plan_free(&life->lost);
	noted_add_all(life);
	table_each(life->table, settle, life);
	commits_want(life);
}

void
recover_on_time(int fd, short what, void *data)
{
	struct life *life = data;

	(void)fd;
	(void)what;
	if (life->n_damaged || life->lost.n)
		life_recover(life, NULL, 0);
}
