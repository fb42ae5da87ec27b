/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fence/plan.h"
#include "iptables/text.h"

#define SCHEMA 1

struct admin {
	const struct life *life;
	const struct engines *engines;
	const struct reload *reload;
	const struct denials *denials;
	time_t started;
};

static void
put_text(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text ? text : ""));
}

static void
put_number(struct json_object *object, const char *key, int64_t number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

static void
answer_json(struct connection *connection, struct json_object *object)
{
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

static struct json_object *
family_json(const struct admin *admin, enum family family)
{
	static const char *const words[] = {
		[ENGINE_STARTING] = "starting",
		[ENGINE_READY] = "in force",
		[ENGINE_ABSENT] = "absent",
		[ENGINE_BROKEN] = "broken",
	};
	struct json_object *object = json_object_new_object();
	const char *reason;
	enum engine_condition condition = engines_condition(admin->engines, family, &reason);

	put_text(object, "state", words[condition]);
	if (condition == ENGINE_BROKEN)
		put_text(object, "reason", reason);
	return object;
}

struct count {
	unsigned int fenced;
	unsigned int held;
};

static bool
count_user(struct user *user, void *data)
{
	struct count *count = data;

	count->fenced += user->in_force != 0;
	count->held += user->stage == USER_LEAVING;
	return true;
}

void
admin_status(struct admin *admin, struct connection *connection)
{
	static const char *const sources[] = {
		[RELOAD_FILES] = "files",
		[RELOAD_PREVIOUS] = "rollback",
		[RELOAD_LAST_GOOD] = "last good",
	};
	struct json_object *object = json_object_new_object(), *part;
	const struct rules *rules = life_rules(admin->life);
	const struct life_health *health = life_health(admin->life);
	struct count count = { 0, 0 };

	put_number(object, "schema", SCHEMA);
	put_text(object, "version", NETFENCE_VERSION);
	put_number(object, "started", admin->started);
	put_text(object, "engine", "iptables");
	part = json_object_new_object();
	json_object_object_add(part, "ipv4", family_json(admin, FAMILY_IPV4));
	json_object_object_add(part, "ipv6", family_json(admin, FAMILY_IPV6));
	json_object_object_add(object, "families", part);
	part = json_object_new_object();
	put_text(part, "state", rules ? "in force" : "unusable");
	if (rules) {
		put_text(part, "source", sources[reload_source(admin->reload)]);
		put_number(part, "confirm_until", reload_confirm_until(admin->reload));
		put_number(part, "since", rules->since);
		put_number(part, "files", rules->set->n_files);
		put_number(part, "policies", rules->set->n_policies);
		put_number(part, "warnings", rules->set->report.n_warnings);
	}
	json_object_object_add(object, "rules", part);
	table_each(life_table(admin->life), count_user, &count);
	part = json_object_new_object();
	put_number(part, "users", count.fenced);
	put_number(part, "held", count.held);
	put_number(part, "sessions", table_sessions(life_table(admin->life)));
	json_object_object_add(object, "fences", part);
	part = json_object_new_object();
	put_number(part, "count", (int64_t)health->repairs);
	if (health->last_repair) {
		put_number(part, "last", health->last_repair);
		put_text(part, "missing", health->missing.text);
		put_number(part, "milliseconds", health->mended_ms);
	}
	json_object_object_add(part, "contested", json_object_new_boolean(health->contested));
	json_object_object_add(object, "repairs", part);
	put_number(object, "sockets_cut", (int64_t)engines_cut(admin->engines));
	json_object_object_add(
	    object, "cannot_cut", json_object_new_boolean(engines_cannot_cut(admin->engines)));
	put_number(object, "commits", (int64_t)engines_commits(admin->engines));
	json_object_object_add(object, "degraded",
	    json_object_new_boolean(!rules || reload_source(admin->reload) == RELOAD_LAST_GOOD ||
				    health->contested || !engines_serving(admin->engines)));
	answer_json(connection, object);
}

static struct json_object *
session_json(const struct admin *admin, const struct user *user, const struct session *session)
{
	struct json_object *object = json_object_new_object();
	const struct rules *rules = life_rules(admin->life);
	bool free_now = user->policy == WHO_NO_POLICY || !rules;

	if (session)
		put_number(object, "id", (int64_t)session->name.id);
	put_text(object, "user", user->name);
	put_number(object, "uid", user->uid);
	put_text(object, "policy", free_now ? "" : rules->policies[user->policy]->name);
	put_number(object, "since", session ? session->since : user->since);
	if (session) {
		put_text(object, "service", session->service);
		put_text(object, "from", session->from);
		put_text(object, "tty", session->tty);
		put_text(object, "by", session->by);
		put_number(object, "opener", session->opener.pid);
		put_text(object, "state",
		    session->stage == SESSION_FENCING ? "starting"
		    : user->expired                   ? "expired"
		    : free_now                        ? "free"
						      : "active");
	} else {
		put_text(object, "state",
		    user->expired                 ? "expired"
		    : user->stage == USER_STAYING ? "always"
						  : "held");
	}
	return object;
}

struct listing {
	const struct admin *admin;
	struct json_object *list;
};

static bool
list_user(struct user *user, void *data)
{
	const struct listing *listing = data;
	const struct session *session;

	for (session = user->sessions; session; session = session->next)
		json_object_array_add(listing->list, session_json(listing->admin, user, session));
	if (!user->sessions)
		json_object_array_add(listing->list, session_json(listing->admin, user, NULL));
	return true;
}

void
admin_sessions(struct admin *admin, struct connection *connection)
{
	struct json_object *object = json_object_new_object();
	struct listing listing = { admin, json_object_new_array() };

	put_number(object, "schema", SCHEMA);
	table_each(life_table(admin->life), list_user, &listing);
	json_object_object_add(object, "sessions", listing.list);
	answer_json(connection, object);
}

struct search {
	const char *name;
	uint32_t uid; /* 0: not found */
};

static bool
is_named(struct user *user, void *data)
{
	struct search *search = data;

	if (!strcmp(user->name, search->name))
		search->uid = user->uid;
	return !search->uid;
}

void
admin_rules(struct admin *admin, struct connection *connection, const char *user)
{
	const struct rules *rules = life_rules(admin->life);
	struct search search = { user, 0 };
	struct plan plan = { 0 };
	struct fence_plan whole = { 0 };
	char *text = NULL;
	size_t size = 0;
	FILE *stream;
	int family, result;

	if (user[0]) {
		table_each(life_table(admin->life), is_named, &search);
		if (!search.uid) {
			connection_answer_text(
			    connection, PROTOCOL_ERROR, "no fence stands for that user");
			return;
		}
	}
	stream = open_memstream(&text, &size);
	result = stream ? life_plan(admin->life, search.uid, &plan) : -1;
	if (rules) {
		whole.n_policies = rules->n_policies;
		whole.policies = rules->policies;
	}
	whole.n_fences = plan.n;
	whole.fences = plan.fences;
	for (family = 0; family < FAMILIES && result == 0; family++) {
		fprintf(stream, "%s# %s\n", family ? "\n" : "", family ? "IPv6" : "IPv4");
		result = iptables_rules_text(&whole, (enum family)family, stream);
	}
	if (stream && fclose(stream) != 0)
		result = -1;
	if (result < 0)
		connection_answer_text(connection, PROTOCOL_ERROR, "no memory");
	else
		connection_answer_text(connection, PROTOCOL_TEXT, text);
	free(text);
	plan_free(&plan);
}

void
admin_denials(struct admin *admin, struct connection *connection, const char *user, uint64_t after,
    uint64_t since)
{
	denials_answer(admin->denials, connection, user, after, since);
}

struct admin *
admin_new(const struct life *life, const struct engines *engines, const struct reload *reload,
    const struct denials *denials)
{
	struct admin *admin = calloc(1, sizeof(*admin));

	if (!admin)
		return NULL;
	admin->life = life;
	admin->engines = engines;
	admin->reload = reload;
	admin->denials = denials;
	admin->started = time(NULL);
	return admin;
}

void
admin_free(struct admin *admin)
{
	free(admin);
}
