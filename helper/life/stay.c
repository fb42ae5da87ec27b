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

static const char *
policy_name(const struct life *life, const struct user *user)
{
	const struct policy *policy = stay_policy(life, user);

	return policy ? policy->name : "";
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

/* What the user reads at login where the policy has no words of its own. Nothing where nothing is
 * limited; nor in the sessions of su and sudo, in which nobody logs in, and whose output may be
 * read by a program: there PAM_RUSER tells who is becoming somebody else. */
static const char *
message_of(const struct life *life, const struct session *session)
{
	const struct policy *policy = stay_policy(life, session->user);

	if (policy->message)
		return policy->message;
	if (policy->mode == POLICY_OBSERVE || session->by[0])
		return "";
	return life->rules->set->settings.self_service
		   ? "Network access is limited on this host; netfencectl why tells more."
		   : "Network access is limited on this host.";
}

static void
answer_fenced(const struct life *life, struct session *session)
{
	const struct policy *policy = life->rules->policies[session->user->policy];
	struct wire_out out = { 0 };

	wire_put_u64(&out, session->name.id);
	wire_put_u64(&out, session->name.key);
	wire_put_string(&out, policy->name);
	wire_put_string(&out, message_of(life, session));
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

void
stay_on_opener_ended(int fd, short what, void *data)
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
	else if (!table_keep_groups(user, now->request) || !table_renew_user(user, now->request))
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
	user->policy = policy;
	user->clean_ms = 0;
	user->ending = false;
	user->term_ms = 0;
	if (user->shut) {
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
		user->ranges, user->n_ranges, &why) < 0)
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
		user->ending = true;
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

static void
remember(const struct life *life, const struct user *user)
{
	struct why why;

	if (life_write_record(life, user, &why) < 0)
		log_line(LOG_ERR, "%s: %s", user->name, why.text);
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
		if (now.what == LOGIN && !commits_hold(life, user)) {
			commits_want(life);
			return;
		}
		if (now.what == LOGIN || now.what == COMMITTED) {
			if (life_write_record(life, user, &why) == 0) {
				session->stage = SESSION_ANSWERED;
				answer_fenced(life, session);
				return;
			}
			refuse(session->connection, user, session, why.text);
		} else if (now.what == FREED) {
			connection_set_session(session->connection, NULL);
			connection_answer_text(
			    session->connection, PROTOCOL_FREE, "no rule applies any more");
		} else if (now.what == FAILED) {
			refuse(session->connection, user, session, now.why->text);
		}
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
		if (!user->n_sessions && !user->in_force && !user->batched && !user->always) {
			forget_user(life, user);
			return;
		}
		if (!user->n_sessions)
			stay_leave(life, user);
		remember(life, user);
		return;
	}

	/* Time is over, for all sessions of the user and for what they have left. */
	if (now.what == EXPIRED) {
		user->expired = true;
		log_event(LOG_NOTICE, "expired", LOG_TEXT("user", user->name),
		    LOG_NUMBER("uid", user->uid), LOG_TEXT("policy", policy_name(life, user)),
		    LOG_TEXT("reason", "max-session"));
		if (stay_policy(life, user)->on_expiry == POLICY_EXPIRY_KILL)
			user->ending = true;
		else
			shut(life, user);
		remember(life, user);
		looks_want(life);
		return;
	}

	if (user->ending && now.what == LOOKED && now.left->kind == LEFTOVER_PROCESS)
		end_processes(life, user);

	/* What is left? The fence stays until nothing is, in looks over a second. */
	if (user->stage == USER_LEAVING && now.what == LOOKED) {
		if (now.left->kind != LEFTOVER_NONE) {
			user->clean_ms = 0;
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
		commits_want(life);
		return;
	}

	/* And gone, unless that took so long that we have to look again. */
	if (user->stage == USER_LIFTING && now.what == COMMITTED && !user->in_force) {
		forget_user(life, user);
	} else if (user->stage == USER_LIFTING && now.what == FAILED) {
		user->stage = USER_LEAVING;
		user->clean_ms = 0;
		looks_want(life);
	}
}
