/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "self_service.h"

#include <errno.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "explain/explain.h"
#include "explain/question.h"
#include "grants/front.h"
#include "log.h"
#include "verdict/words.h"
#include "window/window.h"
#include "json/put.h"

#define LATEST_MAX      8 /* of what was denied */
#define GRANTS_TOLD_MAX 16

struct self_service {
	struct event_base *base;
	const struct life *life;
	const struct denials *denials;
	struct event *asked; /* or NULL */
	int window;          /* or -1 */
};

/* ---------------------------------------------------------------- what is told */

/* The user's policy; NULL: they are not fenced. */
static const struct policy *
policy_of(const struct rules *rules, const struct user *user)
{
	return user && user->policy != WHO_NO_POLICY ? rules->policies[user->policy] : NULL;
}

/* What decides over packets: with the grants, or the closed fence of a stay that is over. NULL
 * where there is no memory. */
static const struct policy *
in_force(const struct life *life, const struct user *user, struct arena *arena)
{
	const struct rules *rules = life_rules(life);

	if (user->shut)
		return rules->policies[rules->closed];
	return front_one(life_grants(life), user->uid, user->name, policy_of(rules, user), arena);
}

static void
put_stay(struct json_object *object, const struct life *life, const struct user *user,
    const struct policy *policy)
{
	const int64_t left = life_left(life, user);

	put_text(object, "user", user->name);
	put_text(object, "policy", policy->name);
	put_text(object, "mode", policy->mode == POLICY_OBSERVE ? "observe" : "enforce");
	put_text(object, "state",
	    user->expired                 ? "expired"
	    : user->n_sessions            ? "active"
	    : user->stage == USER_STAYING ? "always"
					  : "held");
	put_number(object, "since", user->since);
	put_number(object, "sessions", user->n_sessions);
	if (left >= 0)
		put_number(object, "left", left);
	put_text(object, "message", policy->message);
}

static void
put_packet(struct json_object *object, const struct packet *packet)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	words_packet(stream, packet);
	if (fclose(stream) == 0)
		put_text(object, "packet", text);
	free(text);
}

static struct json_object *
packet_json(const struct policy *policy, const struct packet *packet, bool *allowed)
{
	struct json_object *object = json_object_new_object();
	struct explanation explanation;

	explain_packet(policy, packet, &explanation);
	*allowed = *allowed && explanation.allowed;
	put_packet(object, packet);
	put_text(object, "verdict", explanation.allowed ? "allowed" : "denied");
	put_text(object, "sees", explanation.allowed ? "" : explanation.sees);
	put_bool(object, "late", !explanation.allowed && explanation.late);
	return object;
}

static void
put_packets(
    struct json_object *object, const struct policy *policy, const struct question *question)
{
	struct json_object *list;
	bool allowed = true;
	uint32_t i;

	list = json_object_new_array();
	for (i = 0; i < question->n_packets; i++)
		json_object_array_add(list, packet_json(policy, &question->packets[i], &allowed));
	put_text(object, "verdict", allowed ? "allowed" : "denied");
	json_object_object_add(object, "answers", list);
}

/* Not who granted it, nor why. */
static void
put_grants(struct json_object *object, const struct life *life, const struct user *user)
{
	struct json_object *list = json_object_new_array(), *entry;
	const struct grants *grants = life_grants(life);
	uint32_t n = 0, i, told = 0;
	struct grant *const *all = grants ? grants_of(grants, user->uid, &n) : NULL;

	for (i = 0; i < n && told < GRANTS_TOLD_MAX; i++) {
		if (!grant_is_for(all[i], user->uid, user->name))
			continue;
		entry = json_object_new_object();
		put_text(entry, "what", all[i]->what);
		put_text(entry, "where", all[i]->where);
		put_number(entry, "left", (term_left_ms(&all[i]->term) + 999) / 1000);
		json_object_array_add(list, entry);
		told++;
	}
	json_object_object_add(object, "grants", list);
}

static struct json_object *
denial_of(const struct denial *denial)
{
	struct json_object *object = json_object_new_object();
	struct packet packet = {
		.family = denial->family,
		.protocol = denial->protocol,
		.to_port = denial->port,
		.icmp_type = denial->icmp_type,
		.icmp_code = denial->icmp_code,
	};

	memcpy(packet.to, denial->to, sizeof(packet.to));
	put_packet(object, &packet);
	put_bool(object, "observed", denial->verdict == MARK_OBSERVED);
	put_number(object, "count", (int64_t)denial->count);
	put_bool(object, "at_least", denial->at_least);
	put_number(object, "first", denial->first);
	put_number(object, "last", denial->last);
	return object;
}

struct latest {
	const struct denial *denials[LATEST_MAX];
	unsigned int n; /* of all; they go round */
};

static bool
take_latest(const struct denial *denial, void *data)
{
	struct latest *latest = data;

	if (denial->verdict != MARK_ALLOWED)
		latest->denials[latest->n++ % LATEST_MAX] = denial;
	return true;
}

static void
put_denials(struct json_object *object, const struct denials *denials, const struct user *user)
{
	struct json_object *list = json_object_new_array();
	struct latest latest = { .n = 0 };
	unsigned int i;

	denials_each(denials, user->uid, take_latest, &latest);
	for (i = latest.n > LATEST_MAX ? latest.n - LATEST_MAX : 0; i < latest.n; i++)
		json_object_array_add(list, denial_of(latest.denials[i % LATEST_MAX]));
	json_object_object_add(object, "denials", list);
}

/* To all who are not fenced the window gives one of these answers: it must not hang on who asks or
 * what. */
static struct json_object *
tell(const struct self_service *service, const struct user *user, const struct question *question,
    struct arena *arena)
{
	const struct life *life = service->life;
	struct json_object *object = json_object_new_object();
	const struct policy *policy = NULL, *decides;

	if (!object)
		return NULL;
	if (!life_is_off(life))
		policy = policy_of(life_rules(life), user);
	put_number(object, "schema", SELF_SERVICE_SCHEMA);
	put_bool(object, "fenced", policy != NULL);
	if (!policy)
		return object;
	put_stay(object, life, user, policy);
	if (!question->n_packets) {
		put_grants(object, life, user);
		put_denials(object, service->denials, user);
		return object;
	}
	decides = in_force(life, user, arena);
	if (decides) {
		put_packets(object, decides, question);
		return object;
	}
	json_object_put(object);
	return NULL;
}

/* ---------------------------------------------------------------- questions and answers */

static void
close_window(struct self_service *service)
{
	if (service->asked)
		event_free(service->asked);
	service->asked = NULL;
	if (service->window >= 0)
		close(service->window);
	service->window = -1;
}

/* The window counts on an answer to each question: where one is lost, a new window begins, which
 * the supervisor starts. */
static void
send_answer(struct self_service *service, struct window_answer *answer,
    enum protocol_operation operation, const char *text)
{
	struct wire_out out = { 0 };

	answer->operation = (uint16_t)operation;
	answer->text = text;
	answer->length = strlen(text);
	window_answer_put(&out, answer);
	if (out.failed ||
	    send(service->window, out.data, out.used, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		log_line(LOG_ERR, "an answer for a user was lost: %s",
		    strerrordesc_np(out.failed ? ENOMEM : errno));
		close_window(service);
	}
	wire_out_free(&out);
}

static void
answer(struct self_service *service, struct window_question *asked)
{
	const struct rules *rules = life_rules(service->life);
	struct window_answer told = { .token = asked->token };
	const struct user *user = table_owner(life_table(service->life), asked->uid, &told.range);
	struct arena *arena = arena_new();
	struct json_object *object = NULL;
	struct question question;
	const char *text;

	told.owner = user ? user->uid : 0;
	if (!rules || !rules->set->settings.self_service) {
		send_answer(service, &told, PROTOCOL_ERROR,
		    rules ? "the administrator does not allow this here" : "no rules are in force");
	} else if (user && (!arena || !question_get(&asked->payload, arena, &question))) {
		send_answer(service, &told, PROTOCOL_ERROR, "the request is damaged");
	} else {
		object = tell(service, user, &question, arena);
		text =
		    object ? json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN) : NULL;
		if (text && strlen(text) <= WINDOW_ANSWER_MAX)
			send_answer(service, &told, PROTOCOL_TEXT, text);
		else
			send_answer(service, &told, PROTOCOL_ERROR, "no memory for an answer");
		json_object_put(object);
	}
	arena_free(arena);
}

static void
on_asked(int fd, short what, void *data)
{
	struct self_service *service = data;
	uint8_t bytes[WINDOW_QUESTION_MAX + 16];
	struct window_question question;
	ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0 && window_question_get(bytes, (size_t)got, &question)) {
		answer(service, &question);
		return;
	}
	/* The supervisor starts another one. */
	close_window(service);
}

void
self_service_set_window(struct self_service *service, int window)
{
	close_window(service);
	service->window = window;
	service->asked = event_new(service->base, window, EV_READ | EV_PERSIST, on_asked, service);
	/* Logins go first. */
	if (!service->asked || event_priority_set(service->asked, OPENER_PRIORITY) < 0 ||
	    event_add(service->asked, NULL) < 0) {
		log_line(LOG_ERR, "no memory: users cannot ask about themselves");
		close_window(service);
	}
}

struct self_service *
self_service_new(struct event_base *base, const struct life *life, const struct denials *denials)
{
	struct self_service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->base = base;
	service->life = life;
	service->denials = denials;
	service->window = -1;
	return service;
}

void
self_service_free(struct self_service *service)
{
	if (!service)
		return;
	close_window(service);
	free(service);
}
