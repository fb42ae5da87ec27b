/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "inquiry.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "explain/answer.h"
#include "explain/explain.h"
#include "granting/granting.h"
#include "grants/front.h"
#include "json/put.h"

#define LOGIN_SCHEMA 1

static void
answer(struct connection *connection, struct json_object *object)
{
	if (!object) {
		connection_answer_text(connection, PROTOCOL_ERROR, "no memory");
		return;
	}
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

/* A fence that stands may follow older groups than the name service has now. */
static char *
say_who(const struct rules *rules, const struct user *user, const struct question *question)
{
	const struct explain_subject subject = { question->user, question->uid, question->groups,
		question->n_groups };
	char *text = explain_who(&rules->set->who, &subject), *whole;
	uint32_t now = who_match(
	    &rules->set->who, question->user, question->uid, question->groups, question->n_groups)
			   .policy;

	if (!text || !user || user->policy == now)
		return text;
	if (asprintf(&whole,
		"the fence that stands gets no wider before the next reload; by then: %s",
		text) < 0)
		whole = NULL;
	free(text);
	return whole;
}

static void
put(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text ? text : ""));
}

/* Why nothing of the user gets out, whatever their policy says. */
static const char *
shut_by(const struct user *user)
{
	if (user->expired)
		return "max-session";
	return user->name[0] == '#' ? "unknown" : "on-logout";
}

/* The verdicts are those of a fence that is shut; the policy is the user's all the same. */
static void
put_shut(struct json_object *object, const struct policy *policy, const struct user *user)
{
	struct json_object *list, *entry;
	size_t i;

	put(object, "policy", policy->name);
	put(object, "file", policy->file);
	json_object_object_add(object, "line", json_object_new_int64(policy->line));
	put(object, "shut_by", shut_by(user));
	if (!json_object_object_get_ex(object, "answers", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		put(entry, "by", "shut");
		json_object_object_del(entry, "file");
		json_object_object_del(entry, "line");
	}
}

void
inquiry_explain(
    const struct life *life, struct connection *connection, const struct question *question)
{
	const struct rules *rules = life_rules(life);
	const struct user *user = table_find_user(life_table(life), question->uid);
	const char *name = user ? user->name : question->user;
	const struct policy *policy, *in_force = NULL;
	cleanup_free char *who = NULL;
	struct json_object *object;
	struct arena *arena;
	uint32_t index;
	bool shut = user && user->shut && user->policy != WHO_NO_POLICY;

	if (!rules) {
		connection_answer_text(connection, PROTOCOL_ERROR, "no rules are in force");
		return;
	}
	if (user && user->policy == WHO_NO_POLICY)
		user = NULL;
	who = say_who(rules, user, question);
	index = user ? user->policy
		     : who_match(&rules->set->who, question->user, question->uid, question->groups,
			   question->n_groups)
			   .policy;
	policy = index == WHO_NO_POLICY ? NULL : rules->policies[index];
	arena = arena_new();
	if (shut && question->n_packets)
		in_force = rules->policies[rules->closed];
	else if (policy && arena)
		in_force = front_one(life_grants(life), question->uid, name, policy, arena);
	object =
	    arena && who && (in_force || !policy) ? answer_json(question, in_force, who) : NULL;
	arena_free(arena);
	if (object && shut)
		put_shut(object, policy, user);
	if (object)
		json_object_object_add(object, "grants", granting_json(life, question->uid, name));
	if (object && life_is_off(life))
		put_bool(object, "off", true);
	if (object && user) {
		put_bool(object, "standing", true);
		json_object_object_add(object, "since", json_object_new_int64(user->since));
		json_object_object_add(object, "sessions", json_object_new_int64(user->n_sessions));
		put_bool(object, "shut", user->shut);
	}
	answer(connection, object);
}

void
inquiry_login(
    const struct life *life, struct connection *connection, const struct open_request *request)
{
	static const char *const results[] = {
		[LIFE_FREE] = "free",
		[LIFE_FENCED] = "fenced",
		[LIFE_REFUSED] = "refused",
	};
	struct json_object *object = json_object_new_object();
	const struct policy *policy = NULL;
	struct why why = { "" };
	enum life_answer result = life_would_answer(life, request, &policy, &why);

	if (object) {
		json_object_object_add(object, "schema", json_object_new_int(LOGIN_SCHEMA));
		json_object_object_add(object, "result", json_object_new_string(results[result]));
		json_object_object_add(
		    object, "policy", json_object_new_string(policy ? policy->name : ""));
		json_object_object_add(object, "reason", json_object_new_string(why.text));
	}
	answer(connection, object);
}
