/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "life/inside.h"
#include "log.h"
#include "session/record.h"

static bool
has_group(char *const *groups, uint32_t n, const char *group)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(groups[i], group))
			return true;
	return false;
}

static bool
same_groups(const struct user *user, const struct open_request *request)
{
	uint32_t i;

	if (user->n_groups != request->n_groups)
		return false;
	for (i = 0; i < user->n_groups; i++)
		if (strcmp(user->groups[i], request->groups[i]) != 0 &&
		    !has_group(request->groups, request->n_groups, user->groups[i]))
			return false;
	return true;
}

/* Of one whom nothing fences so far. */
static void
make_room(const struct life *life, const struct user *user, struct open_request *request)
{
	if (request->flaw[0] ||
	    table_overlap(life->table, request->ranges, request->n_ranges, user->uid))
		request->n_ranges = 0;
	table_yield(life->table, request->ranges, request->n_ranges);
}

/* Ranges that cannot be fenced are left out, loudly: a login is refused for the same reason. Those
 * that the user has already stay. */
static void
leave_out_ranges(struct life *life, struct open_request *request)
{
	const struct user *other =
	    table_overlap(life->table, request->ranges, request->n_ranges, request->uid);

	if (!request->flaw[0] && !other)
		return;
	log_line(LOG_ERR, "%s: fenced without the further subordinate uids: %s%s", request->user,
	    request->flaw, other ? "shared with a fenced user" : "");
	request->n_ranges = 0;
}

void
life_renew(struct life *life, struct resolved *list, uint32_t n)
{
	struct user *user;
	struct why why;
	uint32_t i, revision;
	bool same;

	noted_add_all(life);
	for (i = 0; i < n; i++) {
		if (list[i].result != RESOLVER_FOUND)
			continue;
		user = table_find_user(life->table, list[i].request.uid);
		if (!user)
			continue;
		if (user->is_free)
			make_room(life, user, &list[i].request);
		else if (!list[i].request.flaw[0])
			leave_out_ranges(life, &list[i].request);
		doubts_forget(life, user, &list[i].request);
		same = same_groups(user, &list[i].request);
		revision = user->revision;
		if (!table_renew_user(user, &list[i].request))
			log_line(LOG_ERR, "%s: no memory for new groups", user->name);
		/* A restart would go by the former ones. */
		else if ((!same || user->revision != revision) &&
			 life_write_record(life, user, &why) < 0)
			log_line(LOG_ERR, "%s: %s", user->name, why.text);
	}
}

static bool
begin_always(struct life *life, struct open_request *request, uint32_t policy)
{
	struct user *user = table_find_user(life->table, request->uid);
	struct why why;

	if (!user) {
		leave_out_ranges(life, request);
		user = table_add_user(life->table, request);
		if (!user) {
			log_line(LOG_ERR, "no memory to fence another user");
			return false;
		}
		user->keeper = life;
		user->policy = policy;
	}
	if (user->is_free) {
		user->policy = policy;
		stay_begin_fence(user);
	}
	user->keep_always = true;
	if (user->always)
		return true;
	user->always = true;
	/* The commit that lifts the fence may be under way. */
	if (user->stage == USER_LIFTING)
		stay_leave(life, user);
	if (life_write_record(life, user, &why) < 0)
		log_line(LOG_ERR, "%s: %s", user->name, why.text);
	commits_want(life);
	return true;
}

static bool
forget_keep(struct user *user, void *data)
{
	(void)data;
	user->keep_always = false;
	return true;
}

static bool
end_always(struct user *user, void *data)
{
	if (!user->always || user->keep_always)
		return true;
	user->always = false;
	if (!user->n_sessions)
		stay_leave(data, user);
	return true;
}

bool
life_always(struct life *life, struct resolved *list, uint32_t n, bool complete)
{
	const struct who *who = &life->rules->set->who;
	bool done = true;
	struct who_answer answer;
	struct user *user;
	uint32_t i;

	noted_add_all(life);
	table_each(life->table, forget_keep, NULL);
	for (i = 0; i < n; i++) {
		struct open_request *request = &list[i].request;

		if (list[i].result == RESOLVER_FAILED) {
			/* What was last known stands. */
			complete = done = false;
			continue;
		}
		if (list[i].result != RESOLVER_FOUND || !request->uid)
			continue;
		/* The live user has the groups already that life_renew() took out of here. */
		user = table_find_user(life->table, request->uid);
		answer = user ? who_match(who, user->name, user->uid,
				    (const char *const *)user->groups, user->n_groups)
			      : who_match(who, request->user, request->uid,
				    (const char *const *)request->groups, request->n_groups);
		if (answer.policy != WHO_NO_POLICY && life->rules->policies[answer.policy]->always)
			done &= begin_always(life, request, answer.policy);
	}
	if (complete)
		table_each(life->table, end_always, life);
	return done;
}
