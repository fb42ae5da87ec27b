/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

#include "life/inside.h"
#include "log.h"
#include "reaper.h"
#include "session/record.h"
#include "wire/client.h"

/* How long the looks have to find nothing before a fence is lifted; milliseconds. */
#define CLEAN_FOR_MS 1000

/* How long processes that are to end have between TERM and KILL; milliseconds. */
#define KILL_AFTER_MS 5000

const struct policy *
stay_policy(const struct life *life, const struct user *user)
{
	if (!life->rules || user->policy == WHO_NO_POLICY)
		return NULL;
	return life->rules->policies[user->policy];
}

/* ------------------------------------------------------------------- into and out of the table */

void
stay_on_opener_ended(int fd, short what, void *data)
{
	struct session *session = data;

	(void)fd;
	(void)what;
	stay(session->keeper,
	    (struct moment){ .what = OPENER_ENDED, .user = session->user, .session = session });
}

bool
stay_somebody_waits(const struct user *user)
{
	const struct session *session;

	for (session = user->sessions; session; session = session->next)
		if (session->stage == SESSION_FENCING)
			return true;
	return false;
}

void
stay_free(struct user *user)
{
	user->is_free = true;
	user->on_trial = false;
	user->policy = WHO_NO_POLICY;
	user->shut = user->expired = user->ending = false;
}

void
stay_take_up(struct user *user)
{
	user->is_free = false;
	user->in_force = user->batched = user->revision++;
	user->n_held = user->n_batched = user->n_ranges;
}

void
stay_begin_fence(struct user *user)
{
	user->is_free = false;
	user->untold = true;
	user->expired = false;
	user->since = time(NULL);
	user->begun_ms = wire_clock_boot_ms();
}

/* Makes room for the uids of the request: what belongs to somebody who is fenced stays theirs, what
 * was noted of somebody who is free does not matter. */
static int
make_room(const struct life *life, struct open_request *request, uint32_t policy, struct why *why)
{
	const struct uid_range own = { request->uid, request->uid };

	if (policy == WHO_NO_POLICY || life->off) {
		if (request->flaw[0] ||
		    table_overlap(life->table, request->ranges, request->n_ranges, request->uid))
			request->n_ranges = 0;
		if (table_overlap(life->table, &own, 1, request->uid))
			return why_set(why, EEXIST, "the uid belongs to a fenced user");
	}
	table_yield(life->table, request->ranges, request->n_ranges);
	table_yield(life->table, &own, 1);
	return 0;
}

/* The groups that count from now on. One who is free has nothing to lose by a group that seems
 * gone. */
static bool
renew(struct user *user, struct open_request *request)
{
	return (user->is_free || table_keep_groups(user, request)) &&
	       table_renew_user(user, request);
}

/* A uid may have several names, or another one than before: it goes by the one that it owes its
 * fence to, in a reload and after a restart as well. One who was unknown when they were shut
 * (recover.c) stays so. */
static void
rename_user(struct user *user, struct open_request *request)
{
	char *former = user->name;

	if (former[0] == '#')
		return;
	user->name = request->user;
	request->user = former;
}

/* The user, new or known, and a session of theirs that waits for its fence, or for nothing. */
static int
enter(struct life *life, struct moment *now, uint32_t policy, struct why *why)
{
	struct opener opener = { .pidfd = -1 };
	struct session_name name = { .id = life->last_id + 1 };
	struct user *user = table_find_user(life->table, now->request->uid);
	struct session *session;
	bool is_new = !user;
	int result;

	if (getrandom(&name.key, sizeof(name.key), GRND_NONBLOCK) != (ssize_t)sizeof(name.key))
		return why_errno(why, errno, "no random number for the session's name");
	result =
	    opener_from_peer(life->setup.proc, connection_socket(now->connection), &opener, why);
	if (result == 0)
		result = make_room(life, now->request, policy, why);
	if (result < 0) {
		opener_clear(&opener);
		return result;
	}
	if (is_new)
		user = table_add_user(life->table, now->request);
	if (user)
		noted_add(life, user);
	if (!is_new && !renew(user, now->request))
		user = NULL;
	session = user ? table_add_session(life->table, user, &name, now->request) : NULL;
	if (session) {
		session->keeper = life;
		session->opener = opener;
		result = opener_watch(
		    &session->opener, life->setup.base, stay_on_opener_ended, session, why);
	} else {
		opener_clear(&opener);
		result = why_set(why, ENOMEM, "no memory for another session");
	}
	if (!session || result < 0) {
		if (session)
			table_remove_session(life->table, session);
		if (is_new && user)
			table_remove_user(life->table, user);
		return result;
	}
	life->last_id = name.id;
	user->keeper = life;
	user->stage = USER_STAYING;
	if (!is_new && user->policy != policy)
		user->revision++; /* a narrower one, or one for a user whom a reload had freed */
	if (!is_new && (user->is_free || user->policy != policy))
		rename_user(user, now->request);
	if (is_new)
		user->is_free = policy == WHO_NO_POLICY;
	else if (user->is_free && policy != WHO_NO_POLICY) {
		stay_begin_fence(user);
		user->on_trial = !life->off;
	}
	user->policy = policy;
	user->clean_ms = 0;
	user->outlived = false;
	user->ending = false;
	user->term_ms = 0;
	/* Only while netfence is off does one come in whose time is over. */
	if (user->shut && !user->expired) {
		user->shut = false;
		user->revision++;
	}
	opener_clear(&user->waits_for);
	session->stage = SESSION_FENCING;
	session->connection = now->connection;
	connection_set_session(now->connection, session);
	now->user = user;
	now->session = session;
	if (user->n_sessions == 1 && user->always)
		user->begun_ms = wire_clock_boot_ms();
	expiry_set_for(life, user);
	return 0;
}

static void
forget_session(struct life *life, struct session *session)
{
	if (session->connection)
		connection_set_session(session->connection, NULL);
	table_remove_session(life->table, session);
}

static void
forget_user(struct life *life, struct user *user)
{
	record_remove(life->setup.records, user->uid);
	table_remove_user(life->table, user);
}

/* -------------------------------------------------------------------- shutting and ending */

/* What the user may still reach from now on: nothing. */
static void
shut(struct life *life, struct user *user)
{
	if (user->shut)
		return;
	user->shut = true;
	user->revision++;
	commits_want(life);
}

/* Asks at first, does not ask later. */
static void
end_processes(struct life *life, struct user *user)
{
	int64_t now = wire_clock_ms();
	struct why why;

	user->ending = true;
	if (!user->term_ms)
		user->term_ms = now;
	if (life->reaper < 0)
		return;
	if (reaper_ask(life->reaper, now - user->term_ms < KILL_AFTER_MS ? SIGTERM : SIGKILL,
		user->ranges, user->n_ranges, NULL, 0, &why) < 0)
		log_line(LOG_ERR, "%s: processes could not be ended: %s", user->name, why.text);
}

void
stay_leave(struct life *life, struct user *user)
{
	const struct policy *policy = stay_policy(life, user);

	user->stage = USER_LEAVING;
	if (policy && policy->mode == POLICY_ENFORCE && policy->on_logout == POLICY_CLOSE)
		shut(life, user);
	if (policy && policy->mode == POLICY_ENFORCE && policy->on_logout == POLICY_KILL)
		user->ending = !life->off;
	looks_want(life);
}

/* Nothing is left of a user whose fence stays: the next session begins a new stay. */
static void
begin_anew(struct life *life, struct user *user)
{
	user->stage = USER_STAYING;
	user->begun_ms = wire_clock_boot_ms();
	user->expired = false;
	user->ending = false;
	user->term_ms = 0;
	user->clean_ms = 0;
	if (user->shut) {
		user->shut = false;
		user->revision++;
	}
	expiry_set(life);
}

void
stay_remember(const struct life *life, const struct user *user)
{
	struct why why;

	if (life_write_record(life, user, &why) < 0)
		log_line(LOG_ERR, "%s: %s", user->name, why.text);
}

/* A session that nothing fences: the module knows it by name, and so does the next start. */
static void
let_in(struct life *life, struct session *session, const char *reason)
{
	session->stage = SESSION_ANSWERED;
	session->user->on_trial = false;
	stay_remember(life, session->user);
	tell_free(session, reason);
}

/* New rules are to find it, or the end of `off`; but nobody is kept out because we cannot remember
 * them, and in another network namespace we could do nothing. */
static void
welcome(struct life *life, struct moment *now, uint32_t policy, const char *reason)
{
	struct why why;

	if (now->request->uid && decide_is_here(life, now->request)) {
		if (enter(life, now, policy, &why) == 0) {
			let_in(life, now->session, reason);
			return;
		}
		log_line(LOG_WARNING,
		    "uid %u is not fenced, and what comes later will not find the session: %s",
		    now->request->uid, why.text);
	}
	tell_request_free(now->connection, reason);
}

/* Something of a user without sessions counts: there is a fence, or there will be one. */
static bool
keeps_fence(const struct life *life, const struct user *user)
{
	return user->in_force || user->batched || user->always || (life->off && !user->is_free);
}

/* --------------------------------------------------------------------------- login to logout */

/*
 * The whole stay of a user, top to bottom: each moment enters at the top and leaves where the
 * stay has to wait for the next.
 */
void
stay(struct life *life, struct moment now)
{
	struct user *user;
	struct session *session;
	struct why why = { "" };
	uint32_t policy = WHO_NO_POLICY;
	enum life_refusal refusal = LIFE_OTHER;

	if (now.user)
		noted_add(life, now.user);

	/* Login. Who is it, and may they? */
	if (now.what == LOGIN) {
		switch (decide(life, now.request, &policy, &refusal, &why)) {
		case VERDICT_FREE:
			welcome(life, &now, WHO_NO_POLICY, why.text);
			return;
		case VERDICT_OFF:
			tell_off(life, now.request, policy);
			welcome(life, &now, policy, why.text);
			return;
		case VERDICT_REFUSE:
			tell_request_refused(life, now.connection, now.request, refusal, why.text);
			return;
		case VERDICT_FENCE:
			break;
		}
		if (enter(life, &now, policy, &why) < 0) {
			tell_request_refused(
			    life, now.connection, now.request, LIFE_OTHER, why.text);
			return;
		}
	}
	user = now.user;
	session = now.session;

	/* Fence. Nobody is let in before both families are in force and the record is written,
	 * which is what a restart goes by. */
	if (session && session->stage == SESSION_FENCING) {
		if (now.what == LOGIN && !commits_hold(life, user)) {
			commits_want_for_login(life);
			return;
		}
		if (now.what == LOGIN || now.what == COMMITTED) {
			if (life_write_record(life, user, &why) == 0) {
				session->stage = SESSION_ANSWERED;
				tell_fenced(life, session);
				return;
			}
			tell_refused(
			    life, session->connection, user, session, LIFE_OTHER, why.text);
		} else if (now.what == FREED) {
			let_in(life, session,
			    life->off ? "netfence is off" : "no rule applies any more");
			return;
		} else if (now.what == FAILED) {
			tell_refused(
			    life, session->connection, user, session, LIFE_TABLES, now.why->text);
		}
	}

	/* The session is on from when the module has our answer. A close by another way can
	 * overtake the word of it. */
	if (session && session->stage == SESSION_ANSWERED &&
	    (now.what == TAKEN || now.what == CLOSED)) {
		session->stage = SESSION_OPEN;
		tell_begun(life, session, life->off ? "netfence is off: no fence" : NULL);
		if (now.what == TAKEN)
			return;
	}

	/* Logout. One session less changes nothing for the others. */
	if (session) {
		if (session->stage == SESSION_OPEN)
			tell_ended(life, session, now.what == CLOSED ? "closed" : "opener ended");
		forget_session(life, session);
		if (!user->n_sessions && !keeps_fence(life, user)) {
			forget_user(life, user);
			return;
		}
		if (!user->n_sessions)
			stay_leave(life, user);
		else if (now.what == FAILED && user->on_trial && !stay_somebody_waits(user))
			stay_free(user);
		stay_remember(life, user);
		return;
	}

	/* Time is over, for all sessions of the user and for what they have left. */
	if (now.what == EXPIRED) {
		user->expired = true;
		log_event(LOG_NOTICE, "expired", LOG_TEXT("user", user->name),
		    LOG_NUMBER("uid", user->uid), LOG_TEXT("policy", tell_policy_name(life, user)),
		    LOG_TEXT("reason", "max-session"));
		if (stay_policy(life, user)->on_expiry == POLICY_EXPIRY_KILL)
			user->ending = true;
		else
			shut(life, user);
		stay_remember(life, user);
		looks_want(life);
		return;
	}

	if (user->ending && !life->off && now.what == LOOKED && now.left->kind == LEFTOVER_PROCESS)
		end_processes(life, user);

	/* What is left? The fence stays until nothing is, in looks over a second. */
	if (user->stage == USER_LEAVING && now.what == LOOKED) {
		if (now.left->kind != LEFTOVER_NONE) {
			user->clean_ms = 0;
			user->outlived |= now.left->kind != LEFTOVER_UNKNOWN;
			if (now.left->kind == LEFTOVER_PROCESS && !user->ending)
				looks_wait_for(life, user, now.left->pid);
			return;
		}
		if (!user->clean_ms)
			user->clean_ms = wire_clock_ms();
		if (wire_clock_ms() - user->clean_ms < CLEAN_FOR_MS)
			return;
		if (user->always)
			begin_anew(life, user);
		else
			user->stage = USER_LIFTING;
		commits_want_sometime(life);
		return;
	}

	/* And gone, unless that took so long that we have to look again. */
	if (user->stage == USER_LIFTING && now.what == COMMITTED && !user->in_force) {
		if (user->outlived)
			tell_gone(life, user);
		forget_user(life, user);
	} else if (user->stage == USER_LIFTING && now.what == FAILED) {
		user->stage = USER_LEAVING;
		user->clean_ms = 0;
		looks_want(life);
	}
}
