/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "life.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "session/leftover.h"
#include "session/record.h"
#include "wire/client.h"

/* How often we look for what leaving users have left, at most; how long the looks have to find
 * nothing before a fence is lifted; how often one that is known to have a living process is looked
 * at all the same; how long after a failed commit the next is tried. Milliseconds. */
#define LOOK_EVERY_MS  500
#define CLEAN_FOR_MS   1000
#define LOOK_ANYWAY_MS 30000
#define RETRY_MS       500

struct alarm {
	struct event *timer;
	int64_t due_ms;
};

struct life {
	struct life_setup setup;
	struct table *table;
	struct engines *engines;
	struct rules *rules; /* in force, or NULL */
	struct rules *next;  /* in the commit under way, or waiting for it */
	bool next_in_batch;  /* the former */
	bool unsure;         /* what the kernel holds is not known before the next commit */
	void (*done)(const struct why *why, void *data);
	void *done_data;
	uint64_t last_id;
	struct alarm commit; /* a commit is wanted: soon, so that it takes all that come at once */
	struct alarm look;
	int64_t looked_ms;
	bool one_by_one; /* after a failure: each new fence in a commit of its own */
};

/* What can happen. */
enum happening {
	LOGIN,
	COMMITTED,    /* the kernel is as the last commit wanted it */
	FAILED,       /* it is as it was before */
	TAKEN,        /* the module has our answer */
	CLOSED,       /* the module says that the session is over */
	HUNG_UP,      /* the module gave up before it had our answer */
	OPENER_ENDED, /* the process that opened the session is gone */
	LOOKED        /* we have looked for what a leaving user has left */
};

struct moment {
	enum happening what;
	struct user *user;
	struct session *session;       /* whose moment it is, or NULL: the user's */
	struct connection *connection; /* LOGIN */
	struct open_request *request;  /* LOGIN */
	const struct leftover *left;   /* LOOKED */
	const struct why *why;         /* FAILED */
};

/* Rings the timer then, unless it is to ring before. */
static void
after(struct alarm *alarm, int64_t milliseconds)
{
	const struct timeval delay = { milliseconds / 1000, (milliseconds % 1000) * 1000 };
	int64_t due_ms = wire_clock_ms() + milliseconds;

	if (evtimer_pending(alarm->timer, NULL) && alarm->due_ms <= due_ms)
		return;
	alarm->due_ms = due_ms;
	evtimer_add(alarm->timer, &delay);
}

static bool
is_set(const struct alarm *alarm)
{
	return evtimer_pending(alarm->timer, NULL);
}

static void
want_commit(struct life *life)
{
	after(&life->commit, 0);
}

static void
want_look(struct life *life)
{
	int64_t wait = life->looked_ms + LOOK_EVERY_MS - wire_clock_ms();

	after(&life->look, wait > 0 ? wait : 0);
}

static const char *
policy_name(const struct life *life, const struct user *user)
{
	return user->policy == WHO_NO_POLICY || !life->rules
		   ? ""
		   : life->rules->policies[user->policy]->name;
}

static bool
fence_stands(const struct life *life, const struct user *user)
{
	return !life->unsure && user->in_force == user->revision &&
	       (!engines_busy(life->engines) || user->batched == user->revision);
}

/* ------------------------------------------------------------------ who is it, and may they? */

enum verdict { VERDICT_FREE, VERDICT_FENCE, VERDICT_REFUSE };

static struct who_answer
match(const struct rules *rules, const char *name, uint32_t uid, char **groups, uint32_t n)
{
	return who_match(&rules->set->who, name, uid, (const char *const *)groups, n);
}

static enum verdict
decide(
    const struct life *life, const struct open_request *request, uint32_t *policy, struct why *why)
{
	const struct user *live = table_find_user(life->table, request->uid), *other;
	const struct uid_range own = { request->uid, request->uid };
	struct who_answer answer;
	const char *reason;
	uint32_t i;

	if (!request->uid) {
		why_set(why, 0, "root is never fenced");
		return VERDICT_FREE;
	}
	if (!life->rules) {
		why_set(why, EAGAIN, "there are no rules that can be used; netfenced -t says why");
		return VERDICT_REFUSE;
	}
	answer =
	    match(life->rules, request->user, request->uid, request->groups, request->n_groups);
	*policy = answer.policy;
	/* A login never widens a fence that stands: what it would gain comes with a reload. */
	if (live && live->policy != WHO_NO_POLICY)
		*policy = live->policy;
	if (*policy == WHO_NO_POLICY) {
		why_set(why, 0, "%s%s",
		    answer.reason == WHO_EXEMPT_USER    ? "exempt"
		    : answer.reason == WHO_EXEMPT_GROUP ? "exempt as a member of "
							: "no rule applies",
		    answer.reason == WHO_EXEMPT_GROUP ? answer.name : "");
		return VERDICT_FREE;
	}
	if (request->flaw[0]) {
		why_set(why, EPERM, "%s", request->flaw);
		return VERDICT_REFUSE;
	}
	if (request->netns.device != life->setup.netns.device ||
	    request->netns.inode != life->setup.netns.inode) {
		why_set(why, EPERM,
		    "the login is in another network namespace than netfenced: it cannot be "
		    "fenced");
		return VERDICT_REFUSE;
	}
	/* The module has looked at these; we do not rely on that. */
	for (i = 0; i < request->n_ranges; i++)
		if (request->ranges[i].first < 65536) {
			why_set(why, EPERM,
			    "the subordinate uids %" PRIu32 "-%" PRIu32 " begin below 65536",
			    request->ranges[i].first, request->ranges[i].last);
			return VERDICT_REFUSE;
		}
	other = table_overlap(life->table, request->ranges, request->n_ranges, request->uid);
	if (!other)
		other = table_overlap(life->table, &own, 1, request->uid);
	for (i = 0; i < FAMILIES; i++)
		if (engines_condition(life->engines, (enum family)i, &reason) == ENGINE_BROKEN) {
			why_set(why, EIO, "%s", reason);
			return VERDICT_REFUSE;
		}
	if (other) {
		why_set(
		    why, EPERM, "subordinate uids are shared with the fenced user %s", other->name);
		return VERDICT_REFUSE;
	}
	return VERDICT_FENCE;
}

/* ----------------------------------------------------------------------- telling the module */

static void
refuse(struct connection *connection, const struct user *user, const struct session *session,
    const char *reason)
{
	log_event(LOG_WARNING, "refused", LOG_TEXT("user", user->name),
	    LOG_NUMBER("uid", user->uid), LOG_TEXT("service", session->service),
	    LOG_TEXT("from", session->from), LOG_TEXT("tty", session->tty),
	    LOG_TEXT("reason", reason));
	if (!connection)
		return;
	connection_set_session(connection, NULL);
	connection_answer_text(connection, PROTOCOL_REFUSED, reason);
}

/* For a request that never came as far as a session. */
static void
refuse_request(
    struct connection *connection, const struct open_request *request, const char *reason)
{
	const struct user user = { .uid = request->uid, .name = request->user };
	const struct session session = {
		.service = request->service,
		.from = request->from,
		.tty = request->tty,
	};

	refuse(connection, &user, &session, reason);
}

static void
answer_fenced(const struct life *life, struct session *session)
{
	const struct policy *policy = life->rules->policies[session->user->policy];
	struct wire_out out = { 0 };

	wire_put_u64(&out, session->name.id);
	wire_put_u64(&out, session->name.key);
	wire_put_string(&out, policy->name);
	wire_put_string(&out, policy->message);
	connection_answer(session->connection, PROTOCOL_FENCED, &out, false);
	wire_out_free(&out);
}

static void
log_session(
    const struct life *life, const char *event, const struct session *session, const char *reason)
{
	const struct user *user = session->user;

	log_event(LOG_INFO, event, LOG_TEXT("user", user->name), LOG_NUMBER("uid", user->uid),
	    LOG_NUMBER("session", session->name.id), LOG_TEXT("policy", policy_name(life, user)),
	    LOG_TEXT("service", session->service), LOG_TEXT("from", session->from),
	    LOG_TEXT("tty", session->tty), LOG_TEXT("by", session->by), LOG_TEXT("reason", reason));
}

/* ------------------------------------------------------------------- into and out of the table */

static void stay(struct life *life, struct moment now);

static void
on_opener_ended(int fd, short what, void *data)
{
	struct session *session = data;

	(void)fd;
	(void)what;
	stay(session->keeper,
	    (struct moment){ .what = OPENER_ENDED, .user = session->user, .session = session });
}

/* The user, new or known, and a session of theirs that waits for its fence. */
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
	if (result < 0)
		return result;
	if (is_new)
		user = table_add_user(life->table, now->request);
	else if (!table_renew_user(user, now->request))
		user = NULL;
	session = user ? table_add_session(life->table, user, &name, now->request) : NULL;
	if (session) {
		session->keeper = life;
		session->opener = opener;
		result =
		    opener_watch(&session->opener, life->setup.base, on_opener_ended, session, why);
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
	user->policy = policy;
	user->clean_ms = 0;
	opener_clear(&user->waits_for);
	session->stage = SESSION_FENCING;
	session->connection = now->connection;
	connection_set_session(now->connection, session);
	now->user = user;
	now->session = session;
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

static void
on_waited_for(int fd, short what, void *data)
{
	struct user *user = data;

	(void)fd;
	(void)what;
	opener_clear(&user->waits_for);
	want_look(user->keeper);
}

/* A living process of a leaving user: its end is the next moment to look, and until then looks
 * cost nothing. */
static void
wait_for(struct life *life, struct user *user, pid_t pid)
{
	struct why why;

	user->until_ms = wire_clock_ms() + LOOK_ANYWAY_MS;
	if (opener_from_pid(life->setup.proc, pid, 0, &user->waits_for, &why) < 0 ||
	    opener_watch(&user->waits_for, life->setup.base, on_waited_for, user, &why) < 0)
		opener_clear(&user->waits_for);
}

/* --------------------------------------------------------------------------- login to logout */

/*
 * The whole stay of a user, top to bottom: each moment enters at the top and leaves where the
 * stay has to wait for the next.
 */
static void
stay(struct life *life, struct moment now)
{
	struct user *user;
	struct session *session;
	struct why why = { "" };
	uint32_t policy = WHO_NO_POLICY;

	/* Login. Who is it, and may they? */
	if (now.what == LOGIN) {
		switch (decide(life, now.request, &policy, &why)) {
		case VERDICT_FREE:
			connection_answer_text(now.connection, PROTOCOL_FREE, why.text);
			return;
		case VERDICT_REFUSE:
			refuse_request(now.connection, now.request, why.text);
			return;
		case VERDICT_FENCE:
			break;
		}
		if (enter(life, &now, policy, &why) < 0) {
			refuse_request(now.connection, now.request, why.text);
			return;
		}
	}
	user = now.user;
	session = now.session;

	/* Fence. Nobody is let in before both families are in force and the record is written,
	 * which is what a restart goes by. */
	if (session && session->stage == SESSION_FENCING) {
		if (now.what == LOGIN && !fence_stands(life, user)) {
			want_commit(life);
			return;
		}
		if (now.what == LOGIN || now.what == COMMITTED) {
			if (record_write(life->setup.records, user, &why) == 0) {
				session->stage = SESSION_ANSWERED;
				answer_fenced(life, session);
				return;
			}
			refuse(session->connection, user, session, why.text);
		} else if (now.what == FAILED) {
			refuse(session->connection, user, session, now.why->text);
		}
		session->connection = NULL;
	}

	/* The session is on from when the module has our answer. A close by another way can
	 * overtake the word of it. */
	if (session && session->stage == SESSION_ANSWERED &&
	    (now.what == TAKEN || now.what == CLOSED)) {
		session->stage = SESSION_OPEN;
		log_session(life, "session-start", session, NULL);
		if (now.what == TAKEN)
			return;
	}

	/* Logout. One session less changes nothing for the others. */
	if (session) {
		if (session->stage == SESSION_OPEN)
			log_session(life, "session-end", session,
			    now.what == CLOSED ? "closed" : "opener ended");
		forget_session(life, session);
		if (user->n_sessions) {
			if (record_write(life->setup.records, user, &why) < 0)
				log_line(LOG_ERR, "%s: %s", user->name, why.text);
			return;
		}
		if (!user->in_force && !user->batched) {
			forget_user(life, user);
			return;
		}
		if (record_write(life->setup.records, user, &why) < 0)
			log_line(LOG_ERR, "%s: %s", user->name, why.text);
		user->stage = USER_LEAVING;
		want_look(life);
		return;
	}

	/* What is left? The fence stays until nothing is, in looks over a second. */
	if (user->stage == USER_LEAVING && now.what == LOOKED) {
		if (now.left->kind != LEFTOVER_NONE) {
			user->clean_ms = 0;
			if (now.left->kind == LEFTOVER_PROCESS)
				wait_for(life, user, now.left->pid);
			return;
		}
		if (!user->clean_ms)
			user->clean_ms = wire_clock_ms();
		if (wire_clock_ms() - user->clean_ms < CLEAN_FOR_MS)
			return;
		user->stage = USER_LIFTING;
		want_commit(life);
		return;
	}

	/* And gone. */
	if (user->stage == USER_LIFTING && now.what == COMMITTED && !user->in_force)
		forget_user(life, user);
}

/* ------------------------------------------------------------------------------------ commits */

struct gathering {
	const struct life *life;
	const struct rules *rules;
	struct plan *plan;
	uint32_t uid;   /* 0: everybody */
	bool mark;      /* remember in each user what the plan has of them */
	uint32_t n_new; /* fences that the kernel does not hold yet */
};

static uint32_t
policy_under(const struct life *life, const struct rules *rules, const struct user *user)
{
	if (rules == life->rules)
		return user->policy;
	return match(rules, user->name, user->uid, user->groups, user->n_groups).policy;
}

static bool
gather(struct user *user, void *data)
{
	struct gathering *gathering = data;
	const struct life *life = gathering->life;
	uint32_t policy = policy_under(life, gathering->rules, user), i;

	if (gathering->uid && gathering->uid != user->uid)
		return true;
	if (gathering->mark)
		user->batched = 0;
	if (user->stage == USER_LIFTING || policy == WHO_NO_POLICY)
		return true;
	if (!user->in_force) {
		if (gathering->mark && life->one_by_one && gathering->n_new)
			return true;
		gathering->n_new++;
	}
	if (gathering->mark)
		user->batched = user->revision;
	for (i = 0; i < user->n_ranges; i++)
		plan_add(gathering->plan, user->ranges[i].first, user->ranges[i].last, policy);
	return true;
}

int
life_plan(const struct life *life, uint32_t uid, struct plan *plan)
{
	struct gathering gathering = {
		.life = life,
		.rules = life->rules,
		.plan = plan,
		.uid = uid,
	};

	memset(plan, 0, sizeof(*plan));
	if (life->rules)
		table_each(life->table, gather, &gathering);
	return plan_finish(plan);
}

static void
on_commit_wanted(int fd, short what, void *data)
{
	struct life *life = data;
	struct rules *rules = life->next ? life->next : life->rules;
	struct plan plan = { 0 };
	struct gathering gathering = {
		.life = life,
		.rules = rules,
		.plan = &plan,
		.mark = true,
	};
	int result;

	(void)fd;
	(void)what;
	/* Without rules what is in the kernel stays; and the end of a commit under way, or an
	 * engine's return, calls us again. */
	if (!rules || !engines_free_for_commit(life->engines))
		return;
	life->next_in_batch = life->next != NULL;
	table_each(life->table, gather, &gathering);
	result = plan_finish(&plan);
	if (result < 0) {
		log_line(
		    LOG_ERR, "the fences cannot be put together: %s", strerrordesc_np(-result));
		plan_free(&plan);
		after(&life->commit, RETRY_MS);
		return;
	}
	engines_commit(life->engines, rules, &plan);
}

static bool
collect(struct user *user, void *data)
{
	struct user ***next = data;

	*(*next)++ = user;
	return true;
}

/* All users as they are now, for loops in which some of them go. The caller frees it. */
static struct user **
everybody(const struct life *life, uint32_t *n)
{
	struct user **users, **next;

	*n = table_users(life->table);
	users = next = calloc(*n + 1, sizeof(*users));
	if (!users) {
		log_line(LOG_ERR, "no memory to go through %" PRIu32 " users", *n);
		*n = 0;
		return NULL;
	}
	table_each(life->table, collect, &next);
	return users;
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

static bool
follow_rules(struct user *user, void *data)
{
	const struct life *life = data;

	user->policy =
	    match(life->rules, user->name, user->uid, user->groups, user->n_groups).policy;
	return true;
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
		table_each(life->table, follow_rules, life);
	}
	life->next = NULL;
	life->done = NULL;
	done(why, life->done_data);
}

static void
commit_done(struct life *life)
{
	struct user **users;
	uint32_t n, i;

	life->unsure = false;
	if (life->next_in_batch)
		next_is_over(life, NULL);
	users = everybody(life, &n);
	for (i = 0; i < n; i++) {
		users[i]->in_force = users[i]->batched;
		if (users[i]->stage == USER_LIFTING)
			stay(life, (struct moment){ .what = COMMITTED, .user = users[i] });
		else if (fence_stands(life, users[i]))
			tell_waiting(life, users[i], COMMITTED, NULL);
		else if (users[i]->n_sessions && users[i]->policy != WHO_NO_POLICY)
			want_commit(life);
	}
	if (!is_set(&life->commit))
		life->one_by_one = false;
	free(users);
}

/* One bad entry must not refuse everybody: several new fences are tried again one by one, and a
 * single one is refused. */
static void
commit_failed(struct life *life, const struct why *why)
{
	struct user **users = NULL;
	uint32_t n, i, n_new = 0;

	life->unsure = false;
	log_line(LOG_ERR, "commit: %s", why->text);
	if (life->next_in_batch)
		next_is_over(life, why);
	users = everybody(life, &n);
	for (i = 0; i < n; i++)
		if (users[i]->batched && users[i]->in_force != users[i]->revision)
			n_new++;
	for (i = 0; i < n; i++) {
		bool tried = users[i]->batched && users[i]->in_force != users[i]->revision;

		users[i]->batched = users[i]->in_force;
		if (users[i]->stage == USER_LIFTING)
			after(&life->commit, RETRY_MS);
		else if (tried && n_new == 1)
			tell_waiting(life, users[i], FAILED, why);
		else if (users[i]->in_force != users[i]->revision)
			want_commit(life);
	}
	life->one_by_one = n_new > 1 || (life->one_by_one && is_set(&life->commit));
	free(users);
}

void
life_commit_over(struct life *life, enum engines_outcome outcome, const struct why *why)
{
	switch (outcome) {
	case ENGINES_DONE:
		commit_done(life);
		break;
	case ENGINES_FAILED:
		commit_failed(life, why);
		break;
	case ENGINES_UNKNOWN:
		/* Whoever waits goes on waiting, as long as the module's patience lasts. */
		log_line(LOG_ERR, "commit: %s; trying again", why->text);
		life->unsure = true;
		after(&life->commit, RETRY_MS);
		break;
	}
	if (life->next)
		want_commit(life);
}

void
life_engines_changed(struct life *life)
{
	want_commit(life);
}

/* ------------------------------------------------------------------------ what is left of whom */

static void
on_look(int fd, short what, void *data)
{
	struct life *life = data;
	struct leftover *left = NULL;
	struct user **users;
	uint32_t n, n_looked = 0, i;
	int64_t now = wire_clock_ms();

	(void)fd;
	(void)what;
	users = everybody(life, &n);
	for (i = 0; i < n; i++) {
		const struct user *user = users[i];

		if (user->stage == USER_LEAVING &&
		    (!user->waits_for.ended || now >= user->until_ms))
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
	users = everybody(life, &n);
	for (i = 0; i < n; i++)
		if (users[i]->stage == USER_LEAVING && !users[i]->waits_for.ended) {
			want_look(life);
			break;
		}
	for (i = 0; i < n && !is_set(&life->look); i++)
		if (users[i]->stage == USER_LEAVING)
			after(&life->look, LOOK_ANYWAY_MS);
	free(users);
}

/* -------------------------------------------------------------------------------- from outside */

void
life_login(struct life *life, struct connection *connection, struct open_request *request)
{
	stay(life, (struct moment){ .what = LOGIN, .connection = connection, .request = request });
}

void
life_taken(struct life *life, struct connection *connection)
{
	struct session *session = connection_session(connection);

	connection_set_session(connection, NULL);
	session->connection = NULL;
	stay(life, (struct moment){ .what = TAKEN, .user = session->user, .session = session });
}

int
life_close(struct life *life, const struct session_name *name, struct why *why)
{
	struct session *session = table_find_session(life->table, name->id);

	if (!session || session->name.key != name->key || session->stage == SESSION_FENCING)
		return why_set(why, ENOENT, "there is no such session");
	stay(life, (struct moment){ .what = CLOSED, .user = session->user, .session = session });
	return 0;
}

void
life_hung_up(struct life *life, struct connection *connection)
{
	struct session *session = connection_session(connection);

	if (!session)
		return;
	connection_set_session(connection, NULL);
	session->connection = NULL;
	stay(life, (struct moment){ .what = HUNG_UP, .user = session->user, .session = session });
}

int
life_use_rules(struct life *life, struct rules *rules,
    void (*done)(const struct why *why, void *data), void *data, struct why *why)
{
	if (life->next)
		return why_set(why, EBUSY, "another reload is under way");
	if (!life->rules) {
		/* The first ones: nothing was in force by others, and logins wait for the commit.
		 */
		life->rules = rules_hold(rules);
		table_each(life->table, follow_rules, life);
		want_commit(life);
		done(NULL, data);
		return 0;
	}
	life->next = rules_hold(rules);
	life->done = done;
	life->done_data = data;
	want_commit(life);
	return 0;
}

static void
complain(const char *file, const char *reason)
{
	log_line(LOG_ERR, "record %s: %s; left out", file, reason);
}

int
life_adopt(struct life *life, struct why *why)
{
	struct session *session, *next;
	struct why reason;
	struct user **users;
	uint32_t n, i;
	int result;

	result = record_read_all(life->setup.records, life->table, complain, why);
	if (result < 0)
		return result;
	users = everybody(life, &n);
	for (i = 0; i < n; i++) {
		/* The kernel holds this fence, but perhaps not as we would have it. */
		users[i]->keeper = life;
		users[i]->in_force = users[i]->batched = users[i]->revision++;
		for (session = users[i]->sessions; session; session = next) {
			struct opener found = { .pidfd = -1 };

			next = session->next;
			session->keeper = life;
			if (session->name.id > life->last_id)
				life->last_id = session->name.id;
			if (opener_from_pid(life->setup.proc, session->opener.pid,
				session->opener.start, &found, &reason) == 0 &&
			    opener_watch(
				&found, life->setup.base, on_opener_ended, session, &reason) == 0) {
				session->opener = found;
				continue;
			}
			opener_clear(&found);
			stay(
			    life, (struct moment){
				      .what = OPENER_ENDED, .user = users[i], .session = session });
		}
		if (!users[i]->n_sessions) {
			users[i]->stage = USER_LEAVING;
			want_look(life);
		}
	}
	if (n)
		log_line(LOG_NOTICE, "took up %" PRIu32 " users with %" PRIu32 " sessions",
		    table_users(life->table), table_sessions(life->table));
	free(users);
	return 0;
}

const struct rules *
life_rules(const struct life *life)
{
	return life->rules;
}

const struct table *
life_table(const struct life *life)
{
	return life->table;
}

void
life_set_engines(struct life *life, struct engines *engines)
{
	life->engines = engines;
}

struct life *
life_new(const struct life_setup *setup)
{
	struct life *life = calloc(1, sizeof(*life));

	if (!life)
		return NULL;
	life->setup = *setup;
	life->looked_ms = -LOOK_EVERY_MS;
	life->unsure = true;
	life->table = table_new();
	life->commit.timer = evtimer_new(setup->base, on_commit_wanted, life);
	life->look.timer = evtimer_new(setup->base, on_look, life);
	if (!life->table || !life->commit.timer || !life->look.timer) {
		life_free(life);
		return NULL;
	}
	return life;
}

void
life_free(struct life *life)
{
	if (!life)
		return;
	table_free(life->table);
	if (life->commit.timer)
		event_free(life->commit.timer);
	if (life->look.timer)
		event_free(life->look.timer);
	rules_release(life->next);
	rules_release(life->rules);
	free(life);
}
