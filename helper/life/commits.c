/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "life/inside.h"
#include "log.h"
#include "wire/client.h"

/* How long after a failed commit the next is tried; milliseconds. */
#define RETRY_MS 500

/* How soon after one commit has begun the next may while people log in at the same time, so that
 * whoever comes meanwhile is in it; milliseconds. What a login waits for at most then, but for the
 * commit that is under way. */
#define GATHER_MS 20

/* How long after two logins have met others are expected to come; milliseconds. */
#define CROWD_MS 200

/* How long what nobody waits for waits for a login to go along with; milliseconds. */
#define SPARE_MS 200

/* At once, for who comes alone. Others will be on their way where logins have met: each commit
 * restarts the inner state of others' rules, and costs as much for one as for many. */
void
commits_want(struct life *life)
{
	int64_t now = wire_clock_ms(), wait = 0;

	if (now - life->crowded_ms < CROWD_MS)
		wait = life->commit_ms + GATHER_MS - now;
	alarm_in(&life->commit, wait > 0 ? wait : 0);
}

void
commits_want_for_login(struct life *life)
{
	if (life->n_coming || life->n_in_batch)
		life->crowded_ms = wire_clock_ms();
	life->n_coming++;
	commits_want(life);
}

/* A commit of its own would be in the way of a login, and takes as long. */
void
commits_want_sometime(struct life *life)
{
	alarm_in(&life->commit, SPARE_MS);
}

void
life_refence(struct life *life, uint32_t uid)
{
	struct user *user = table_find_user(life->table, uid);

	if (!user || user->policy == WHO_NO_POLICY)
		return;
	user->revision++;
	commits_want(life);
}

bool
life_holds(const struct life *life, uint32_t uid)
{
	const struct user *user = table_find_user(life->table, uid);

	if (!user || user->policy == WHO_NO_POLICY)
		return !life->unsure;
	if (life->off)
		return !life->unsure && !user->in_force;
	return commits_hold(life, user);
}

bool
commits_hold(const struct life *life, const struct user *user)
{
	return !life->unsure && !life->repairing && user->in_force == user->revision &&
	       (!engines_busy(life->engines) || user->batched == user->revision);
}

/* A login that waits is not in yet. */
static bool
is_in(const struct user *user)
{
	const struct session *session;

	if (!user->n_sessions)
		return true;
	for (session = user->sessions; session; session = session->next)
		if (session->stage != SESSION_FENCING)
			return true;
	return false;
}

uint32_t
life_unfenced(const struct life *life, const char **reason)
{
	const struct user *user;
	uint32_t n = 0;

	*reason = life->failure.text;
	if (life->off || !life->failure.text[0])
		return 0;
	for (user = table_first(life->table); user; user = user->next)
		n += user->policy != WHO_NO_POLICY && !user->in_force &&
		     user->stage != USER_LIFTING && is_in(user);
	return n;
}

struct gathering {
	const struct life *life;
	const struct rules *rules;
	struct front front; /* what is granted under these, to whom */
	struct plan *plan;
	struct plan *cuts; /* of those whose fence comes up or may get narrower, or NULL */
	uint32_t uid;      /* 0: everybody */
	bool mark;         /* remember in each user what the plan has of them */
	uint32_t n_new;    /* users with ranges that the kernel does not hold yet */
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
	if (gathering->mark) {
		user->batched = user->n_batched = 0;
		user->planned = policy;
	}
	if (user->name[0] == '#') /* nobody knows who it is: recover.c */
		policy = gathering->rules->closed;
	if (user->stage == USER_LIFTING || policy == WHO_NO_POLICY || life->off)
		return true;
	if (user->n_ranges > user->n_held) {
		if (gathering->mark && life->one_by_one && gathering->n_new) {
			n_ranges = user->n_held;
			revision = user->in_force;
		}
		gathering->n_new++;
	}
	if (gathering->mark) {
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

static void lift_later(struct life *life);
static void commit_failed(struct life *life, bool nobodys_fault, const struct why *why);

void
commits_on_wanted(int fd, short what, void *data)
{
	struct life *life = data;
	struct rules *rules = life->next ? life->next : life->rules;
	struct plan plan = { 0 }, cuts = { 0 };
	struct gathering gathering = {
		.life = life,
		.rules = rules,
		.front = front_begin(life->setup.grants, rules),
		.plan = &plan,
		.cuts = &cuts,
		.mark = true,
	};
	struct rules *fitted = NULL;
	struct why why;
	int result;

	(void)fd;
	(void)what;
	/* Without rules what is in the kernel stays; and the end of a commit under way, or an
	 * engine's return, calls us again. */
	if (rules)
		engines_follow(life->engines, rules);
	life->commit_missed = rules && !engines_free_for_commit(life->engines);
	if (life->ended || !rules || life->commit_missed || life->n_damaged || life->lost.n)
		return;
	plan.closed = cuts.closed = rules->closed;
	life->next_in_batch = life->next != NULL;
	life->switch_in_batch = life->switch_due;
	table_each(life->table, gather, &gathering);
	result = plan_finish(&plan);
	if (result == 0)
		result = plan_finish(&cuts);
	if (result == 0) {
		fitted = fit(life, &gathering.front, rules);
		result = fitted ? 0 : -ENOMEM;
	}
	front_end(&gathering.front);
	if (result < 0) {
		plan_free(&plan);
		plan_free(&cuts);
		why_set(&why, 0, "no memory to put the fences together");
		lift_later(life);
		commit_failed(life, true, &why);
		alarm_in(&life->commit, RETRY_MS);
		return;
	}
	say_shared(life, &plan);
	life->commit_ms = wire_clock_ms();
	life->n_in_batch = life->n_coming;
	life->n_coming = 0;
	engines_commit(life->engines, fitted, &plan, &cuts);
}

/* Tells each session of the user that waits for its fence. The user may be gone after that. */
static void
tell_waiting(struct life *life, struct user *user, enum happening what, const struct why *why)
{
	struct session *session, *next;

	for (session = user->sessions; session; session = next) {
		next = session->next;
		if (session->stage == SESSION_FENCING)
			stay(
			    life, (struct moment){
				      .what = what, .user = user, .session = session, .why = why });
	}
}

static void
next_is_over(struct life *life, const struct why *why)
{
	void (*done)(const struct why *, void *) = life->done;

	if (why) {
		rules_release(life->next);
	} else {
		rules_release(life->rules);
		life->rules = life->next;
		life_follow_rules(life);
	}
	life->next = NULL;
	life->done = NULL;
	done(why, life->done_data);
}

static void
commit_done(struct life *life)
{
	struct user *user, *next;

	life->unsure = false;
	life->failure.text[0] = '\0';
	drift_mended(life);
	if (life->next_in_batch) {
		next_is_over(life, NULL);
		expiry_set(life);
	}
	for (user = table_first(life->table); user; user = next) {
		next = user->next;
		user->in_force = user->batched;
		user->n_held = user->n_batched;
		if (user->in_force)
			user->on_trial = false;
		if (user->policy == WHO_NO_POLICY && !user->in_force && user->name[0] != '#')
			stay_free(user);
		if (user->untold && user->in_force)
			tell_fenced_since(life, user);
		if (user->stage == USER_LIFTING)
			stay(life, (struct moment){ .what = COMMITTED, .user = user });
		else if (user->policy == WHO_NO_POLICY || life->off)
			tell_waiting(life, user, FREED, NULL);
		else if (commits_hold(life, user))
			tell_waiting(life, user, COMMITTED, NULL);
		else if (user->in_force != user->revision)
			commits_want(life);
	}
	if (!alarm_is_set(&life->commit))
		life->one_by_one = false;
}

/* Once, however often it is tried again. */
static void
say_failure(struct life *life, const struct why *why)
{
	if (!strcmp(life->failure.text, why->text))
		return;
	life->failure = *why;
	log_line(LOG_ERR, "commit: %s; trying again", why->text);
}

/* What could not be added to a fence that stands is not tried again: it would fail for ever, and
 * with it everybody else's. */
static void
withdraw(struct user *user)
{
	user->batched = user->in_force;
	user->n_batched = user->n_held;
	if (!user->in_force || user->n_ranges == user->n_held)
		return;
	user->n_ranges = user->n_held;
	user->revision++;
}

/* Users whose looks found nothing left. Some time has passed; they are looked at again. */
static void
lift_later(struct life *life)
{
	struct user *user, *next;

	for (user = table_first(life->table); user; user = next) {
		next = user->next;
		if (user->stage == USER_LIFTING)
			stay(life, (struct moment){ .what = FAILED, .user = user });
	}
}

/* One bad entry must not refuse everybody: several new fences are tried again one by one, and a
 * single one is refused. Where there is none to blame, all who wait are. */
static void
commit_failed(struct life *life, bool nobodys_fault, const struct why *why)
{
	struct user *user, *next;
	uint32_t n_new = 0;
	bool blame_rules = life->next_in_batch && !nobodys_fault;

	say_failure(life, why);
	if (life->next_in_batch)
		next_is_over(life, why);
	for (user = table_first(life->table); user; user = user->next)
		n_new += user->n_batched > user->n_held;
	for (user = table_first(life->table); user; user = next) {
		uint32_t uid = user->uid;
		bool tried = user->n_batched > user->n_held;

		next = user->next;
		if (!blame_rules && (nobodys_fault || !n_new || (tried && n_new == 1))) {
			withdraw(user);
			tell_waiting(life, user, FAILED, why);
			if (table_find_user(life->table, uid) != user)
				continue;
		}
		user->batched = user->in_force;
		user->n_batched = user->n_held;
		if (user->is_free || user->in_force == user->revision)
			continue;
		if (stay_somebody_waits(user))
			commits_want(life);
		else
			alarm_in(&life->commit, RETRY_MS);
	}
	life->one_by_one =
	    !nobodys_fault && (n_new > 1 || (life->one_by_one && alarm_is_set(&life->commit)));
	if (life->unsure || life->switch_due)
		alarm_in(&life->commit, RETRY_MS);
}

void
life_commit_over(struct life *life, enum engines_outcome outcome, const struct why *why)
{
	life->n_in_batch = 0;
	if (outcome != ENGINES_DONE)
		lift_later(life);
	if (life->switch_in_batch && outcome != ENGINES_UNKNOWN)
		switch_is_over(life, outcome == ENGINES_DONE ? NULL : why);
	switch (outcome) {
	case ENGINES_DONE:
		commit_done(life);
		break;
	case ENGINES_FAILED:
		commit_failed(life, false, why);
		break;
	case ENGINES_NO_LOCK:
		commit_failed(life, true, why);
		break;
	case ENGINES_UNKNOWN:
		/* Whoever waits goes on waiting, as long as the module's patience lasts. */
		say_failure(life, why);
		life->unsure = true;
		alarm_in(&life->commit, RETRY_MS);
		break;
	}
	if (life->next || life->commit_missed)
		commits_want(life);
}

void
life_engines_changed(struct life *life)
{
	commits_want(life);
}
