/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "life/life.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "life/inside.h"
#include "log.h"
#include "session/record.h"

void
life_login(struct life *life, struct connection *connection, struct open_request *request)
{
	if (!doubts_raise(life, connection, request))
		life_decide(life, connection, request);
}

void
life_decide(struct life *life, struct connection *connection, struct open_request *request)
{
	if (life->rules)
		doubts_learn(life, request->user, request->groups, request->n_groups);
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

	if (!session) {
		doubts_hung_up(life, connection);
		return;
	}
	connection_set_session(connection, NULL);
	session->connection = NULL;
	stay(life, (struct moment){ .what = HUNG_UP, .user = session->user, .session = session });
}

/* What a login is waiting for. */
static void
explain_wait(const struct life *life, struct why *why)
{
	if (life->n_damaged || life->lost.n)
		why_set(why, 0, "it is not known yet who was fenced before");
	else if (!engines_free_for_commit(life->engines))
		engines_explain(life->engines, why);
	else
		*why = life->failure;
}

bool
life_late(struct life *life, struct connection *connection)
{
	struct session *session = connection_session(connection);
	struct why cause = { "" }, why;

	if (!session || session->stage != SESSION_FENCING)
		return false;
	explain_wait(life, &cause);
	why_set(&why, 0, "no fence in time%s%s", cause.text[0] ? ": " : "", cause.text);
	tell_refused(life, connection, session->user, session, LIFE_TABLES, why.text);
	/* A commit with the fence in it may be under way. */
	session->connection = NULL;
	stay(life, (struct moment){ .what = HUNG_UP, .user = session->user, .session = session });
	return true;
}

static bool
follow_rules(struct user *user, void *data)
{
	struct life *life = data;

	doubts_learn(life, user->name, user->groups, user->n_groups);
	user->policy = decide_policy(life->rules, user);
	user->on_trial = false;
	/* A login during the commit has brought other groups. */
	if (user->policy != user->planned) {
		user->revision++;
		commits_want(life);
	}
	if (user->is_free && user->policy != WHO_NO_POLICY)
		stay_begin_fence(user);
	if (user->stage == USER_LEAVING)
		stay_leave(life, user);
	return true;
}

void
life_follow_rules(struct life *life)
{
	table_each(life->table, follow_rules, life);
	noted_add_all(life);
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
		life_follow_rules(life);
		expiry_set(life);
		drift_begin(life);
		commits_want(life);
		done(NULL, data);
		return 0;
	}
	noted_add_all(life);
	life->next = rules_hold(rules);
	life->done = done;
	life->done_data = data;
	commits_want(life);
	return 0;
}

void
life_end(struct life *life, const char *reason)
{
	log_line(LOG_ERR, "%s: starting again", reason);
	life->ended = true;
	event_base_loopbreak(life->setup.base);
}

static void
complain(const char *file, uint32_t uid, const char *reason, void *data)
{
	log_line(LOG_ERR, "record %s: %s", file, reason);
	recover_note(data, uid);
}

static int
take_up(struct life *life, struct session *session, struct why *why)
{
	struct opener found = { .pidfd = -1 };
	int result;

	result = opener_from_pid(
	    life->setup.proc, session->opener.pid, session->opener.mark, &found, why);
	if (result == 0)
		result = opener_watch(&found, life->setup.base, stay_on_opener_ended, session, why);
	if (result == 0)
		session->opener = found;
	else
		opener_clear(&found);
	return result == -EINVAL ? -ESRCH : result; /* a PID that cannot be one */
}

int
life_adopt(struct life *life, struct why *why)
{
	struct session *session, *next;
	struct user *user, *user_next;
	int result;

	doubts_begin(life);
	result = record_read_all(life->setup.records, life->table, complain, life, why);
	if (result < 0)
		return result;
	if (life->ended)
		return why_set(why, ENOMEM, "no memory");
	for (user = table_first(life->table); user; user = user_next) {
		user_next = user->next;
		user->keeper = life;
		if (!user->is_free)
			stay_take_up(user);
		if (!user->n_sessions) {
			user->stage = USER_LEAVING;
			looks_want(life);
		}
		/* With the last of them one who is free goes. */
		for (session = user->sessions; session; session = next) {
			next = session->next;
			session->keeper = life;
			if (session->name.id > life->last_id)
				life->last_id = session->name.id;
			result = take_up(life, session, why);
			/* Only who is known to have ended has. */
			if (result == -ESRCH)
				stay(life,
				    (struct moment){
					.what = OPENER_ENDED, .user = user, .session = session });
			else if (result < 0)
				return result;
		}
	}
	if (table_users(life->table))
		log_line(LOG_NOTICE, "users taken up: %" PRIu32 ", sessions: %" PRIu32,
		    table_users(life->table), table_sessions(life->table));
	return 0;
}

const struct rules *
life_rules(const struct life *life)
{
	return life->rules;
}

struct rules *
life_hold_rules(struct life *life)
{
	return rules_hold(life->rules);
}

const struct grants *
life_grants(const struct life *life)
{
	return life->setup.grants;
}

const struct table *
life_table(const struct life *life)
{
	return life->table;
}

int
life_write_record(const struct life *life, const struct user *user, struct why *why)
{
	int result = record_write(life->setup.records, user, why);

	if (result == -ENOENT)
		channel_send(life->setup.channel, CHANNEL_NEED_FOLDER, CHANNEL_RECORDS, -1);
	return result;
}

static bool
write_again(struct user *user, void *data)
{
	struct why why;

	if (life_write_record(data, user, &why) < 0)
		log_line(LOG_ERR, "%s: %s", user->name, why.text);
	return true;
}

void
life_set_records(struct life *life, int records)
{
	log_line(LOG_WARNING, "the folder of records was gone: all are written again");
	close(life->setup.records);
	life->setup.records = records;
	table_each(life->table, write_again, life);
}

void
life_set_reaper(struct life *life, int reaper)
{
	if (life->reaper >= 0)
		close(life->reaper);
	life->reaper = reaper;
}

void
life_keep_out(struct life *life, uint32_t uid, bool out)
{
	struct user *user = table_find_user(life->table, uid);

	if (user)
		user->kept_out = out;
}

int
life_kill(const struct life *life, int signal, const struct uid_range *ranges, uint32_t n,
    const struct kin_process *only, uint32_t n_only, struct why *why)
{
	if (life->reaper < 0)
		return why_set(why, EPIPE, "the reaper is being started");
	return reaper_ask(life->reaper, signal, ranges, n, only, n_only, why);
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
	life->looked_ms = life->commit_ms = life->crowded_ms = INT64_MIN / 2; /* never */
	life->unsure = true;
	life->noted.all = true;
	life->table = table_new();
	life->commit.timer = evtimer_new(setup->base, commits_on_wanted, life);
	life->look.timer = evtimer_new(setup->base, looks_on_time, life);
	life->expiry.timer = evtimer_new(setup->base, expiry_on_time, life);
	life->verify.timer = evtimer_new(setup->base, drift_on_time, life);
	life->recover.timer = evtimer_new(setup->base, recover_on_time, life);
	life->keep.timer = evtimer_new(setup->base, doubts_on_keep, life);
	life->doubt.timer = evtimer_new(setup->base, doubts_on_time, life);
	life->known = known_new();
	life->reaper = -1;
	if (!life->known || !life->keep.timer || !life->doubt.timer || !life->table ||
	    !life->commit.timer || !life->look.timer || !life->expiry.timer ||
	    !life->verify.timer || !life->recover.timer) {
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
	doubts_free(life);
	known_free(life->known);
	if (life->keep.timer)
		event_free(life->keep.timer);
	if (life->doubt.timer)
		event_free(life->doubt.timer);
	table_free(life->table);
	noted_free(life);
	claims_free(&life->claims);
	if (life->commit.timer)
		event_free(life->commit.timer);
	if (life->look.timer)
		event_free(life->look.timer);
	if (life->recover.timer)
		event_free(life->recover.timer);
	free(life->damaged);
	plan_free(&life->lost);
	if (life->verify.timer)
		event_free(life->verify.timer);
	if (life->expiry.timer)
		event_free(life->expiry.timer);
	if (life->reaper >= 0)
		close(life->reaper);
	rules_release(life->next);
	rules_release(life->fitted);
	front_end(&life->front);
	rules_release(life->rules);
	free(life);
}
