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
 * whoever comes meanwhile is in it: twice as long as the last one took, so that the engines leave
 * half of the time to those who log in, but no sooner and no later than this; milliseconds. */
#define GATHER_MS      20
#define GATHER_MOST_MS 100

/* How long after two logins have met others are expected to come; milliseconds. */
#define CROWD_MS 200

/* How long what nobody waits for waits for a login to go along with; milliseconds. */
#define SPARE_MS 200

static int64_t
gathering_ms(const struct life *life)
{
	const int64_t wait = 2 * life->took_ms;

	if (wait < GATHER_MS)
		return GATHER_MS;
	return wait < GATHER_MOST_MS ? wait : GATHER_MOST_MS;
}

/* At once, for who comes alone. Others will be on their way where logins have met: each commit
 * restarts the inner state of others' rules, and costs as much for one as for many. */
void
commits_want(struct life *life)
{
	int64_t now = wire_clock_ms(), wait = 0;

	if (now - life->crowded_ms < CROWD_MS)
		wait = life->commit_ms + gathering_ms(life) - now;
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
	noted_add(life, user);
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

static void lift_later(struct life *life);
static void commit_failed(struct life *life, bool nobodys_fault, const struct why *why);

void
commits_on_wanted(int fd, short what, void *data)
{
	struct life *life = data;
	struct rules *rules = life->next ? life->next : life->rules;
	struct plan plan = { 0 }, cuts = { 0 };
	struct rules *fitted;
	struct why why;

	(void)fd;
	(void)what;
	/* Without rules what is in the kernel stays; and the end of a commit under way, or an
	 * engine's return, calls us again. */
	if (rules)
		engines_follow(life->engines, rules);
	life->commit_missed = rules && !engines_free_for_commit(life->engines);
	if (life->ended || !rules || life->commit_missed || life->n_damaged || life->lost.n)
		return;
	life->next_in_batch = life->next != NULL;
	life->switch_in_batch = life->switch_due;
	if (gather_commit(life, rules, &plan, &cuts, &fitted) < 0) {
		why_set(&why, 0, "no memory to put the fences together");
		noted_add_all(life);
		lift_later(life);
		commit_failed(life, true, &why);
		alarm_in(&life->commit, RETRY_MS);
		return;
	}
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

/* Whom the commit was about, or who has come since. */
static void
follow(struct life *life, struct user *user)
{
	user->in_force = user->batched;
	user->n_held = user->n_batched;
	if (user->in_force)
		user->on_trial = false;
	if (user->policy == WHO_NO_POLICY && !user->in_force && user->name[0] != '#')
		stay_free(user);
	if (user->untold && user->in_force)
		tell_fenced_since(life, user);
	if (user->stage == USER_LIFTING) {
		stay(life, (struct moment){ .what = COMMITTED, .user = user });
	} else if (user->policy == WHO_NO_POLICY || life->off) {
		tell_waiting(life, user, FREED, NULL);
	} else if (commits_hold(life, user)) {
		tell_waiting(life, user, COMMITTED, NULL);
	} else if (user->in_force != user->revision) {
		noted_add(life, user);
		commits_want(life);
	}
}

static void
commit_done(struct life *life)
{
	life->unsure = false;
	life->failure.text[0] = '\0';
	drift_mended(life);
	if (life->next_in_batch) {
		next_is_over(life, NULL);
		expiry_set(life);
	}
	noted_each(life, follow);
	noted_end(life);
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
	life->took_ms = wire_clock_ms() - life->commit_ms;
	if (outcome != ENGINES_DONE) {
		noted_add_all(life);
		lift_later(life);
	}
	if (life->switch_in_batch && outcome != ENGINES_UNKNOWN)
		switch_is_over(life, outcome == ENGINES_DONE ? NULL : why);
	life->switch_in_batch = false;
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
