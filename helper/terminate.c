/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminate.h"

#include <event2/event.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "session/kin.h"
#include "session/leftover.h"
#include "wire/client.h"

#define SCHEMA 1

/* How often we look, how many looks in a row have to find nobody, and how long TERM has before
 * KILL; milliseconds. */
#define LOOK_MS       250
#define CLEAN_LOOKS   2
#define KILL_AFTER_MS 5000

/* One that is under way. What it is about may be gone before it is over. */
struct ending {
	struct ending *next;
	uint32_t uid;
	char *name;
	bool whole;
	uint64_t session; /* or 0 */
	struct uid_range *ranges;
	uint32_t n_ranges;
	struct kin kin; /* of a session */
	uint32_t n_sessions;
	unsigned int clean;
	int64_t begun_ms;
	struct connection *connection; /* or NULL */
};

struct terminate {
	struct life *life;
	int proc;
	struct event *alarm;
	struct ending *endings;
};

static void
log_ending(const struct ending *ending, const char *from, const char *reason)
{
	if (ending->whole)
		log_event(LOG_NOTICE, "terminate", LOG_TEXT("user", ending->name),
		    LOG_NUMBER("uid", ending->uid), LOG_TEXT("from", from),
		    LOG_TEXT("reason", reason));
	else
		log_event(LOG_NOTICE, "terminate", LOG_TEXT("user", ending->name),
		    LOG_NUMBER("uid", ending->uid), LOG_NUMBER("session", ending->session),
		    LOG_TEXT("from", from), LOG_TEXT("reason", reason));
}

static void
free_ending(struct ending *ending)
{
	kin_free(&ending->kin);
	free(ending->ranges);
	free(ending->name);
	free(ending);
}

/* ---------------------------------------------------------------------------- it goes on */

static void
conclude(struct terminate *terminate, struct ending *ending, bool left)
{
	struct ending **link = &terminate->endings;
	struct json_object *object;

	while (*link != ending)
		link = &(*link)->next;
	*link = ending->next;
	if (ending->whole)
		life_keep_out(terminate->life, ending->uid, false);
	log_ending(ending, "", left ? "not all could be ended" : "nothing is left");
	if (ending->connection) {
		object = json_object_new_object();
		json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
		json_object_object_add(
		    object, "result", json_object_new_string(left ? "left" : "terminated"));
		json_object_object_add(object, "user", json_object_new_string(ending->name));
		json_object_object_add(object, "uid", json_object_new_int64(ending->uid));
		json_object_object_add(
		    object, "sessions", json_object_new_int64(ending->n_sessions));
		connection_answer_text(ending->connection, PROTOCOL_TEXT,
		    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
		json_object_put(object);
	}
	free_ending(ending);
}

static bool
is_clean(struct terminate *terminate, struct ending *ending)
{
	struct leftover left = { .ranges = ending->ranges, .n_ranges = ending->n_ranges };

	if (!ending->whole)
		return kin_look(terminate->proc, &ending->kin, ending->ranges, ending->n_ranges) ==
			   0 &&
		       !ending->kin.n;
	leftover_look(terminate->proc, &left, 1);
	return left.kind == LEFTOVER_NONE || left.kind == LEFTOVER_SOCKET;
}

static void
signal_all(struct terminate *terminate, const struct ending *ending)
{
	int signal = wire_clock_ms() - ending->begun_ms < KILL_AFTER_MS ? SIGTERM : SIGKILL;
	const struct kin *kin = &ending->kin;
	uint32_t done = 0, part;
	struct why why;

	if (!ending->whole && !kin->n)
		return; /* nobody known: not everybody */
	do {
		part = kin->n - done < LIFE_KILL_MAX ? kin->n - done : LIFE_KILL_MAX;
		if (life_kill(terminate->life, signal, ending->ranges, ending->n_ranges,
			kin->list + done, part, &why) < 0)
			log_line(LOG_ERR, "%s: processes could not be ended: %s", ending->name,
			    why.text);
		done += part;
	} while (done < kin->n);
}

static void
look(struct terminate *terminate, struct ending *ending)
{
	if (!is_clean(terminate, ending)) {
		ending->clean = 0;
		signal_all(terminate, ending);
	} else if (++ending->clean == CLEAN_LOOKS) {
		conclude(terminate, ending, false);
		return;
	}
	if (wire_clock_ms() - ending->begun_ms > TERMINATE_MS)
		conclude(terminate, ending, true);
}

static void
look_again(const struct terminate *terminate)
{
	static const struct timeval soon = { 0, LOOK_MS * 1000 };

	if (terminate->endings)
		evtimer_add(terminate->alarm, &soon);
}

static void
on_alarm(int fd, short what, void *data)
{
	struct terminate *terminate = data;
	struct ending *ending, *next;

	(void)fd;
	(void)what;
	for (ending = terminate->endings; ending; ending = next) {
		next = ending->next;
		look(terminate, ending);
	}
	look_again(terminate);
}

/* ---------------------------------------------------------------------------- it begins */

static void
refuse(struct connection *connection, const char *reason)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, "result", json_object_new_string("refused"));
	json_object_object_add(object, "reason", json_object_new_string(reason));
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

/* Audit's number of the session's login, where no other session of the user came of that login. */
static uint32_t
login_of(const struct terminate *terminate, const struct session *session)
{
	uint32_t login = kin_login(terminate->proc, session->opener.pid);
	const struct session *other;

	for (other = session->user->sessions; other && login != KIN_NO_LOGIN; other = other->next)
		if (other != session && kin_login(terminate->proc, other->opener.pid) == login)
			login = KIN_NO_LOGIN;
	return login;
}

static struct kin_process
opener_of(const struct terminate *terminate, const struct session *session)
{
	struct kin_process opener = { .pid = session->opener.pid };

	/* One that has just ended is nobody any more. */
	if (opener_start(terminate->proc, &session->opener, &opener.start) < 0)
		opener.start = UINT64_MAX;
	return opener;
}

static struct ending *
new_ending(
    const struct terminate *terminate, const struct user *user, const struct session *session)
{
	struct ending *ending = calloc(1, sizeof(*ending));

	if (!ending)
		return NULL;
	ending->name = strdup(user->name);
	ending->ranges = calloc(user->n_ranges, sizeof(*ending->ranges));
	if (!ending->name || !ending->ranges) {
		free_ending(ending);
		return NULL;
	}
	memcpy(ending->ranges, user->ranges, user->n_ranges * sizeof(*ending->ranges));
	ending->n_ranges = user->n_ranges;
	ending->uid = user->uid;
	ending->whole = !session;
	ending->n_sessions = session ? 1 : user->n_sessions;
	ending->begun_ms = wire_clock_ms();
	if (session) {
		ending->session = session->name.id;
		ending->kin.opener = opener_of(terminate, session);
		ending->kin.login = login_of(terminate, session);
	}
	return ending;
}

void
terminate_start(struct terminate *terminate, struct connection *connection, uint32_t uid,
    uint64_t id, const char *claim)
{
	const struct table *table = life_table(terminate->life);
	const struct session *session =
	    uid == TERMINATE_NO_UID ? table_find_session(table, id) : NULL;
	const struct user *user = session ? session->user : table_find_user(table, uid);
	struct asker asker = asker_of(connection, terminate->proc, claim);
	struct ending *ending;

	if (uid == TERMINATE_NO_UID && !session) {
		refuse(connection, "there is no such session (netfencectl sessions lists them)");
		return;
	}
	if (!user || !user->uid || user->policy == WHO_NO_POLICY) {
		refuse(connection, "nothing fences that user: nothing is ended");
		return;
	}
	ending = new_ending(terminate, user, session);
	if (!ending) {
		refuse(connection, "no memory");
		return;
	}
	ending->connection = connection;
	connection_wait(connection, TERMINATE_MS + 5000);
	ending->next = terminate->endings;
	terminate->endings = ending;
	log_ending(ending, asker.name, "processes are ended");
	if (ending->whole)
		life_keep_out(terminate->life, uid, true);
	look(terminate, ending);
	look_again(terminate);
}

void
terminate_forget(struct terminate *terminate, const struct connection *connection)
{
	struct ending *ending;

	for (ending = terminate->endings; ending; ending = ending->next)
		if (ending->connection == connection)
			ending->connection = NULL;
}

struct terminate *
terminate_new(struct event_base *base, struct life *life, int proc)
{
	struct terminate *terminate = calloc(1, sizeof(*terminate));

	if (!terminate)
		return NULL;
	terminate->life = life;
	terminate->proc = proc;
	terminate->alarm = evtimer_new(base, on_alarm, terminate);
	if (!terminate->alarm) {
		free(terminate);
		return NULL;
	}
	return terminate;
}

void
terminate_free(struct terminate *terminate)
{
	struct ending *ending;

	if (!terminate)
		return;
	while ((ending = terminate->endings)) {
		terminate->endings = ending->next;
		free_ending(ending);
	}
	event_free(terminate->alarm);
	free(terminate);
}
