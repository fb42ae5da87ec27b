/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel ought to hold, from who the users are and under which rules.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "life/inside.h"
#include "log.h"

struct gathering {
	const struct life *life;
	const struct rules *rules;
	struct front front;    /* what is granted under these, to whom */
	struct plan *plan;     /* of what there is to be, or */
	struct claims *claims; /* the same, for the commit that begins */
	struct plan *cuts;     /* of those whose fence comes up or may get narrower, or NULL */
	uint32_t uid;          /* 0: everybody */
	uint32_t n_new;        /* users with ranges that the kernel does not hold yet */
};

static uint32_t
policy_under(const struct life *life, const struct rules *rules, const struct user *user)
{
	if (rules == life->rules)
		return user->policy;
	return decide_policy(rules, user);
}

static bool
gather(struct user *user, void *data)
{
	struct gathering *gathering = data;
	const struct life *life = gathering->life;
	uint32_t policy = policy_under(life, gathering->rules, user), i;
	uint32_t n_ranges = user->n_ranges, revision = user->revision;
	bool cuts;

	if (gathering->uid && gathering->uid != user->uid)
		return true;
	if (gathering->claims) {
		user->noted = false;
		user->batched = user->n_batched = 0;
		user->planned = policy;
	}
	if (user->name[0] == '#') /* nobody knows who it is: recover.c */
		policy = gathering->rules->closed;
	if (user->stage == USER_LIFTING || policy == WHO_NO_POLICY || life->off)
		return true;
	if (user->n_ranges > user->n_held) {
		if (gathering->claims && life->one_by_one && gathering->n_new) {
			n_ranges = user->n_held;
			revision = user->in_force;
		}
		gathering->n_new++;
	}
	if (gathering->claims) {
		user->batched = revision;
		user->n_batched = n_ranges;
	}
	cuts = gathering->cuts &&
	       (user->in_force != user->revision || gathering->rules != life->rules);
	if (user->shut)
		policy = gathering->rules->closed;
	else
		policy = front_policy(&gathering->front, user->uid, user->name, policy);
	for (i = 0; i < n_ranges; i++) {
		const struct uid_range *range = &user->ranges[i];

		if (gathering->claims)
			claims_add(gathering->claims, range->first, range->last, policy, user->uid);
		else
			plan_add(gathering->plan, range->first, range->last, policy);
		if (cuts)
			plan_add(gathering->cuts, range->first, range->last, policy);
	}
	return true;
}

int
life_plan(const struct life *life, uint32_t uid, struct plan *plan, struct rules **rules)
{
	struct gathering gathering = {
		.life = life,
		.rules = life->rules,
		.front = front_begin(life->setup.grants, life->rules),
		.plan = plan,
		.uid = uid,
	};
	int result;

	memset(plan, 0, sizeof(*plan));
	*rules = NULL;
	if (!life->rules)
		return 0;
	plan->closed = life->rules->closed;
	table_each(life->table, gather, &gathering);
	result = plan_finish(plan);
	if (result == 0) {
		/* For nobody but the caller: no engine goes by this generation. */
		*rules = front_rules(&gathering.front, life->rules, 0);
		result = *rules ? 0 : -ENOMEM;
	}
	front_end(&gathering.front);
	return result;
}

/* Another generation each time, and nobody else's: those of the rules themselves have 32 bits. */
static uint64_t
next_generation(struct life *life, const struct rules *rules)
{
	return rules->generation | (uint64_t)++life->fittings << 32;
}

int
life_count_cuts(struct life *life, struct rules *rules)
{
	struct plan cuts = { .closed = rules->closed };
	struct gathering gathering = {
		.life = life,
		.rules = rules,
		.front = front_begin(life->setup.grants, rules),
		.plan = &cuts,
	};
	struct rules *fitted = NULL;
	int result;

	if (!engines_free_for_commit(life->engines))
		return -EAGAIN;
	table_each(life->table, gather, &gathering);
	result = plan_finish(&cuts);
	if (result == 0 && cuts.n) {
		fitted = front_rules(&gathering.front, rules, next_generation(life, rules));
		result = fitted ? 1 : -ENOMEM;
	}
	if (result == 1)
		engines_count_cuts(life->engines, fitted, &cuts);
	rules_release(fitted);
	front_end(&gathering.front);
	plan_free(&cuts);
	return result;
}

/* The rules with what is granted, of which life holds the last: as long as nothing differs they are
 * the same, and do not cross to the engines again. NULL where there is no memory. */
static struct rules *
fit(struct life *life, struct front *front, struct rules *rules)
{
	struct rules *fitted;

	if (life->fitted && front_is(front, &life->front))
		return life->fitted;
	fitted = front_rules(front, rules, next_generation(life, rules));
	if (!fitted)
		return NULL;
	rules_release(life->fitted);
	front_end(&life->front);
	life->fitted = fitted;
	life->front = *front;
	memset(front, 0, sizeof(*front));
	return fitted;
}

/* Once for each that is met. */
static void
say_shared(struct life *life, const struct plan *plan)
{
	if (plan->shared.first && plan->shared.first != life->shared.first)
		log_line(LOG_ERR,
		    "uids %" PRIu32 "-%" PRIu32 " are fenced for two users at once: shut",
		    plan->shared.first, plan->shared.last);
	life->shared = plan->shared;
}

/* Whether only who was noted can have changed. What is granted goes by who is asked for it, one
 * after the other. */
static bool
only_noted(const struct life *life, const struct rules *rules)
{
	const struct front now = front_begin(life->setup.grants, rules);
	uint32_t i;

	if (life->noted.all || life->next || life->one_by_one || !life->fitted ||
	    now.rules != life->front.rules || now.revision != life->front.revision)
		return false;
	for (i = 0; i < life->noted.n; i++)
		if (front_knows(&life->front, life->noted.uids[i]))
			return false;
	return true;
}

static void
gather_noted(struct life *life, struct gathering *gathering)
{
	struct user *user;
	uint32_t i;

	claims_drop(&life->claims, life->noted.uids, life->noted.n);
	for (i = 0; i < life->noted.n; i++) {
		user = table_find_user(life->table, life->noted.uids[i]);
		/* Whoever has gone and come again is there twice. */
		if (user && user->noted)
			gather(user, gathering);
	}
}

int
gather_commit(struct life *life, struct rules *rules, struct plan *plan, struct plan *cuts,
    struct rules **fitted)
{
	struct gathering gathering = {
		.life = life,
		.rules = rules,
		.front = front_begin(life->setup.grants, rules),
		.claims = &life->claims,
		.cuts = cuts,
	};
	const bool all = !only_noted(life, rules);
	int result;

	plan->closed = cuts->closed = rules->closed;
	*fitted = life->fitted;
	noted_begin(life, all);
	if (all) {
		claims_clear(&life->claims);
		table_each(life->table, gather, &gathering);
	} else {
		gather_noted(life, &gathering);
	}
	result = claims_plan(&life->claims, plan);
	if (result == 0)
		result = plan_finish(cuts);
	if (result == 0 && all)
		*fitted = fit(life, &gathering.front, rules);
	front_end(&gathering.front);
	if (result == 0 && *fitted) {
		say_shared(life, plan);
		return 0;
	}
	plan_free(plan);
	plan_free(cuts);
	return -ENOMEM;
}
