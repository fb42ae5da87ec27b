/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_inside.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/utf8.h"
#include "fence/plan.h"
#include "iptables/text.h"
#include "nftables/text.h"
#include "wire/client.h"
#include "json/put.h"

void
admin_answer(struct connection *connection, struct json_object *object)
{
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

static struct json_object *
ranges_json(const struct user *user)
{
	struct json_object *list = json_object_new_array(), *range;
	uint32_t i;

	for (i = 0; i < user->n_ranges; i++) {
		range = json_object_new_object();
		put_number(range, "first", user->ranges[i].first);
		put_number(range, "last", user->ranges[i].last);
		json_object_array_add(list, range);
	}
	return list;
}

/* Packets of the user's, since the fence came up. */
static void
put_denied(struct json_object *object, const struct admin *admin, const struct user *user)
{
	const struct ring_count count = denials_count_of(admin->denials, user);

	put_number(object, "denied", (int64_t)count.packets[MARK_DENIED]);
	put_number(object, "would_deny", (int64_t)count.packets[MARK_OBSERVED]);
	put_bool(object, "at_least", count.at_least);
}

static struct json_object *
session_json(const struct admin *admin, const struct user *user, const struct session *session)
{
	struct json_object *object = json_object_new_object();
	const struct rules *rules = life_rules(admin->life);
	bool free_now = user->policy == WHO_NO_POLICY || !rules;
	int64_t left = life_left(admin->life, user);

	if (session)
		put_number(object, "id", (int64_t)session->name.id);
	put_text(object, "user", user->name);
	put_number(object, "uid", user->uid);
	put_text(object, "policy", free_now ? "" : rules->policies[user->policy]->name);
	if (!free_now)
		put_text(object, "mode", admin_observes(rules, user) ? "observe" : "enforce");
	put_number(object, "since", session ? session->since : user->since);
	if (left >= 0)
		put_number(object, "left", left);
	put_denied(object, admin, user);
	if (session) {
		put_text(object, "service", session->service);
		put_text(object, "from", session->from);
		put_text(object, "tty", session->tty);
		put_text(object, "by", session->by);
		put_number(object, "opener", session->opener.pid);
		put_text(object, "state",
		    session->stage == SESSION_FENCING ? "starting"
		    : life_is_off(admin->life)        ? "off"
		    : user->expired                   ? "expired"
		    : free_now                        ? "free"
						      : "active");
	} else {
		put_text(object, "state",
		    life_is_off(admin->life)      ? "off"
		    : user->expired               ? "expired"
		    : free_now                    ? "free"
		    : user->stage == USER_STAYING ? "always"
						  : "held");
		json_object_object_add(object, "ranges", ranges_json(user));
	}
	return object;
}

struct listing {
	const struct admin *admin;
	bool all;
	struct json_object *list;
};

static bool
list_user(struct user *user, void *data)
{
	const struct listing *listing = data;
	const struct session *session;

	if (user->is_free && !listing->all)
		return true;
	for (session = user->sessions; session; session = session->next)
		json_object_array_add(listing->list, session_json(listing->admin, user, session));
	if (!user->sessions)
		json_object_array_add(listing->list, session_json(listing->admin, user, NULL));
	return true;
}

void
admin_sessions(struct admin *admin, struct connection *connection, bool all)
{
	struct json_object *object = json_object_new_object();
	struct listing listing = { admin, all, json_object_new_array() };

	put_number(object, "schema", ADMIN_SCHEMA);
	table_each(life_table(admin->life), list_user, &listing);
	json_object_object_add(object, "sessions", listing.list);
	admin_answer(connection, object);
}

struct search {
	const char *name;
	uint32_t uid; /* 0: not found */
};

static bool
is_named(struct user *user, void *data)
{
	struct search *search = data;

	if (!user->is_free && !strcmp(user->name, search->name))
		search->uid = user->uid;
	return !search->uid;
}

static int
print_rules(const struct admin *admin, const struct fence_plan *plan, FILE *stream)
{
	int family, result = 0;

	if (engines_engine(admin->engines) == SETTINGS_ENGINE_NFTABLES)
		return nftables_rules_text(plan, FAMILY_IPV4, stream);
	for (family = 0; family < FAMILIES && result == 0; family++) {
		fprintf(stream, "%s# %s\n", family ? "\n" : "", family ? "IPv6" : "IPv4");
		result = iptables_rules_text(plan, (enum family)family, stream);
	}
	return result;
}

void
admin_rules(struct admin *admin, struct connection *connection, const char *user)
{
	struct search search = { user, 0 };
	struct plan plan = { 0 };
	struct fence_plan whole = { 0 };
	struct rules *fitted = NULL;
	char *text = NULL;
	size_t size = 0;
	FILE *stream;
	int result;

	if (user[0]) {
		table_each(life_table(admin->life), is_named, &search);
		if (!search.uid) {
			connection_answer_text(
			    connection, PROTOCOL_ERROR, "no fence stands for that user");
			return;
		}
	}
	stream = open_memstream(&text, &size);
	result = stream ? life_plan(admin->life, search.uid, &plan, &fitted) : -1;
	if (fitted) {
		whole.n_policies = fitted->n_policies;
		whole.policies = fitted->policies;
	}
	whole.n_fences = plan.n;
	whole.fences = plan.fences;
	whole.log = fitted && !engines_cannot_log(admin->engines);
	whole.log_group = fitted ? fitted->set->settings.nflog_group : 0;
	if (result == 0)
		result = print_rules(admin, &whole, stream);
	if (stream && fclose(stream) != 0)
		result = -1;
	if (result < 0)
		connection_answer_text(connection, PROTOCOL_ERROR, "no memory");
	else
		connection_answer_text(connection, PROTOCOL_TEXT, text);
	free(text);
	plan_free(&plan);
	rules_release(fitted);
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
	admin->started_boot_ms = wire_clock_boot_ms();
	return admin;
}

void
admin_set_chosen(struct admin *admin, bool chosen)
{
	admin->chosen = chosen;
}

void
admin_set_off(struct admin *admin, const struct off *off)
{
	admin->off = off;
}

void
admin_free(struct admin *admin)
{
	free(admin);
}
