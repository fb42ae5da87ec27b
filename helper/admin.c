/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "admin_inside.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fence/plan.h"
#include "iptables/text.h"
#include "wire/client.h"

#define SCHEMA 1

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

static struct json_object *
families_json(const struct admin *admin, bool any_fence)
{
	static const char *const keys[FAMILIES] = { "ipv4", "ipv6" };
	struct json_object *object = json_object_new_object(), *part;
	const char *reason;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		part = family_json(admin, (enum family)family);
		/* Looked at twice a second; nobody knows while that is amiss. */
		if (life_is_whole(admin->life) &&
		    engines_condition(admin->engines, (enum family)family, &reason) == ENGINE_READY)
			put_number(part, "jump", any_fence ? 1 : 0);
		json_object_object_add(object, keys[family], part);
	}
	return object;
}

static struct json_object *
rules_json(const struct admin *admin, const struct rules *rules)
{
	static const char *const sources[] = {
		[RELOAD_FILES] = "files",
		[RELOAD_PREVIOUS] = "rollback",
		[RELOAD_LAST_GOOD] = "last good",
	};
	struct json_object *object = json_object_new_object();

	put_text(object, "state", rules ? "in force" : "unusable");
	if (!rules)
		return object;
	if (reload_failure(admin->reload)[0])
		put_text(object, "reload_failure", reload_failure(admin->reload));
	put_text(object, "source", sources[reload_source(admin->reload)]);
	put_number(object, "confirm_until", reload_confirm_until(admin->reload));
	put_number(object, "since", rules->since);
	put_number(object, "files", rules->set->n_files);
	put_number(object, "policies", rules->set->n_policies);
	put_number(object, "warnings", rules->set->report.n_warnings);
	return object;
}

struct count {
	const struct rules *rules;
	unsigned int fenced;
	unsigned int observed;
	unsigned int held;
	unsigned int expired;
	unsigned int free_sessions;
};

static bool
observes(const struct rules *rules, const struct user *user)
{
	return rules && user->policy != WHO_NO_POLICY &&
	       rules->policies[user->policy]->mode == POLICY_OBSERVE;
}

static bool
count_user(struct user *user, void *data)
{
	struct count *count = data;

	count->fenced += user->in_force != 0;
	count->observed += user->in_force && observes(count->rules, user);
	count->held += user->stage == USER_LEAVING && !user->is_free;
	count->expired += user->expired;
	count->free_sessions += user->is_free ? user->n_sessions : 0;
	return true;
}

static struct json_object *
fences_json(const struct admin *admin, const struct count *count)
{
	struct json_object *object = json_object_new_object();

	put_number(object, "users", count->fenced);
	put_number(object, "observed", count->observed);
	put_number(object, "held", count->held);
	put_number(object, "expired", count->expired);
	put_number(object, "sessions",
	    (int64_t)table_sessions(life_table(admin->life)) - count->free_sessions);
	put_number(object, "free_sessions", count->free_sessions);
	return object;
}

static struct json_object *
denials_health_json(const struct denials_health *health)
{
	struct json_object *object = json_object_new_object();

	put_text(object, "state", health->away[0] ? "away" : "listening");
	if (health->away[0])
		put_text(object, "reason", health->away);
	put_number(object, "group", health->group);
	put_number(object, "lost", (int64_t)health->lost);
	return object;
}

static struct json_object *
repairs_json(const struct life_health *health)
{
	struct json_object *object = json_object_new_object();

	put_number(object, "count", (int64_t)health->repairs);
	if (health->last_repair) {
		put_number(object, "last", health->last_repair);
		put_text(object, "missing", health->missing.text);
		put_number(object, "milliseconds", health->mended_ms);
	}
	json_object_object_add(object, "contested", json_object_new_boolean(health->contested));
	return object;
}

static void add_problem(struct json_object *list, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What keeps status from saying that all is in force: id is stable, the words are for people. */
static void
add_problem(struct json_object *list, const char *id, const char *format, ...)
{
	struct json_object *object = json_object_new_object();
	struct why words = { "" };
	va_list args;

	va_start(args, format);
	vsnprintf(words.text, sizeof(words.text), format, args);
	va_end(args);
	put_text(object, "id", id);
	put_text(object, "text", words.text);
	json_object_array_add(list, object);
}

static struct json_object *
problems_json(const struct admin *admin, const struct rules *rules)
{
	static const char *const names[FAMILIES] = { "IPv4", "IPv6" };
	struct json_object *list = json_object_new_array();
	const struct off_now *off = off_is(admin->off);
	const char *reason;
	char until[8];
	struct tm parts;
	int family;

	for (family = 0; family < FAMILIES; family++)
		switch (engines_condition(admin->engines, (enum family)family, &reason)) {
		case ENGINE_BROKEN:
			add_problem(
			    list, family ? "ipv6" : "ipv4", "%s: %s", names[family], reason);
			break;
		case ENGINE_STARTING:
			add_problem(list, family ? "ipv6" : "ipv4", "%s: its engine is starting",
			    names[family]);
			break;
		case ENGINE_ABSENT:
			/* Without IPv6 in the kernel there is nothing to fence. */
			if (family == FAMILY_IPV4)
				add_problem(list, "ipv4", "IPv4: this kernel has none of it");
			break;
		case ENGINE_READY:
			break;
		}
	if (!rules)
		add_problem(list, "rules-unusable",
		    "the rules are UNUSABLE: every session but root's is refused "
		    "(netfencectl check)");
	else if (reload_source(admin->reload) == RELOAD_LAST_GOOD)
		add_problem(list, "rules-last-good",
		    "THE FILES HAVE ERRORS: the last good rules are in force instead "
		    "(netfencectl check)");
	if (off) {
		localtime_r(&(const time_t){ off->term.until }, &parts);
		strftime(until, sizeof(until), "%H:%M", &parts);
		add_problem(list, "off", "OFF until %s by %s: nothing is fenced: %s", until,
		    off->asker.name, off->reason);
	}
	if (life_health(admin->life)->contested)
		add_problem(list, "contested",
		    "CONTESTED: another program keeps changing our rules; new fenced logins "
		    "are refused until they hold");
	return list;
}

/* Members: since, until, left, reason, by (a claim), uid, login_uid (if there is one). */
static struct json_object *
off_json(const struct off_now *off)
{
	struct json_object *object = json_object_new_object();

	put_number(object, "since", off->since);
	put_number(object, "until", off->term.until);
	put_number(object, "left", term_left_ms(&off->term) / 1000);
	put_text(object, "reason", off->reason);
	put_text(object, "by", off->asker.name);
	put_number(object, "uid", off->asker.uid);
	if (off->asker.login_uid != ASKER_NOBODY)
		put_number(object, "login_uid", off->asker.login_uid);
	return object;
}

static const char *
engine_by(const struct admin *admin, const struct rules *rules)
{
	static const char *const settings[] = {
		[SETTINGS_ENGINE_AUTO] = "auto",
		[SETTINGS_ENGINE_IPTABLES] = "settings",
		[SETTINGS_ENGINE_NFTABLES] = "fallback",
	};

	if (admin->chosen)
		return "option";
	return settings[rules ? rules->set->settings.engine : SETTINGS_ENGINE_AUTO];
}

void
admin_status(struct admin *admin, struct connection *connection)
{
	uint32_t n_grants = 0;
	struct json_object *object = json_object_new_object(), *problems;
	const struct rules *rules = life_rules(admin->life);
	const struct denials_health told = denials_health(admin->denials);
	struct count count = { .rules = rules };

	table_each(life_table(admin->life), count_user, &count);
	problems = problems_json(admin, rules);
	put_number(object, "schema", SCHEMA);
	put_text(object, "version", NETFENCE_VERSION);
	put_number(object, "started", admin->started);
	put_number(object, "up", (wire_clock_boot_ms() - admin->started_boot_ms) / 1000);
	put_text(object, "engine", admin->engine);
	put_text(object, "engine_by", engine_by(admin, rules));
	json_object_object_add(object, "families", families_json(admin, count.fenced != 0));
	json_object_object_add(object, "rules", rules_json(admin, rules));
	json_object_object_add(object, "fences", fences_json(admin, &count));
	grants_all(life_grants(admin->life), &n_grants);
	put_number(object, "grants", n_grants);
	if (off_is(admin->off))
		json_object_object_add(object, "off", off_json(off_is(admin->off)));
	json_object_object_add(object, "repairs", repairs_json(life_health(admin->life)));
	json_object_object_add(object, "denials", denials_health_json(&told));
	put_number(object, "sockets_cut", (int64_t)engines_cut(admin->engines));
	json_object_object_add(
	    object, "cannot_cut", json_object_new_boolean(engines_cannot_cut(admin->engines)));
	put_number(object, "commits", (int64_t)engines_commits(admin->engines));
	json_object_object_add(
	    object, "degraded", json_object_new_boolean(json_object_array_length(problems) != 0));
	json_object_object_add(object, "problems", problems);
	answer_json(connection, object);
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
	json_object_object_add(object, "at_least", json_object_new_boolean(count.at_least));
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
		put_text(object, "mode", observes(rules, user) ? "observe" : "enforce");
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

	if (!user->is_free && !strcmp(user->name, search->name))
		search->uid = user->uid;
	return !search->uid;
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
	result = stream ? life_plan(admin->life, search.uid, &plan, &fitted) : -1;
	if (fitted) {
		whole.n_policies = fitted->n_policies;
		whole.policies = fitted->policies;
	}
	whole.n_fences = plan.n;
	whole.fences = plan.fences;
	whole.log = fitted && !engines_cannot_log(admin->engines);
	whole.log_group = fitted ? fitted->set->settings.nflog_group : 0;
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
admin_set_engine(struct admin *admin, const char *engine, bool chosen)
{
	admin->engine = engine;
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
