/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "admin_inside.h"
#include "log.h"
#include "wire/client.h"
#include "json/put.h"

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
	/* A chain of nftables' is hooked by itself. */
	const char *place =
	    engines_engine(admin->engines) == SETTINGS_ENGINE_NFTABLES ? "table" : "jump";
	struct json_object *object = json_object_new_object(), *part;
	const char *reason;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		part = family_json(admin, (enum family)family);
		/* Looked at twice a second; nobody knows while that is amiss. */
		if (life_is_whole(admin->life) &&
		    engines_condition(admin->engines, (enum family)family, &reason) == ENGINE_READY)
			put_number(part, place, any_fence ? 1 : 0);
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

bool
admin_observes(const struct rules *rules, const struct user *user)
{
	return rules && user->policy != WHO_NO_POLICY &&
	       rules->policies[user->policy]->mode == POLICY_OBSERVE;
}

static bool
count_user(struct user *user, void *data)
{
	struct count *count = data;

	count->fenced += user->in_force != 0;
	count->observed += user->in_force && admin_observes(count->rules, user);
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

/* Members: waiting, lost (lines), since (when the first of those that wait was said). */
static struct json_object *
log_json(void)
{
	const struct log_health health = log_health();
	struct json_object *object = json_object_new_object();

	put_number(object, "waiting", health.waiting);
	if (health.waiting)
		put_number(object, "since", health.since);
	put_number(object, "lost", (int64_t)health.lost);
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
	put_bool(object, "contested", health->contested);
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
	uint32_t unfenced;
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
	unfenced = life_unfenced(admin->life, &reason);
	if (unfenced)
		add_problem(list, "unfenced", "%u %s WITHOUT A FENCE, which is tried again: %s",
		    (unsigned int)unfenced, unfenced == 1 ? "user is" : "users are", reason);
	if (life_health(admin->life)->contested)
		add_problem(list, "contested",
		    "CONTESTED: another program keeps changing our rules; new fenced logins "
		    "are refused until they hold");
	return list;
}

/* Members: since, until, left, reason, by (a claim), by_uid, loginuid (if there is one). */
static struct json_object *
off_json(const struct off_now *off)
{
	struct json_object *object = json_object_new_object();

	put_number(object, "since", off->since);
	put_number(object, "until", off->term.until);
	put_number(object, "left", term_left_ms(&off->term) / 1000);
	put_text(object, "reason", off->reason);
	put_text(object, "by", off->asker.name);
	put_number(object, "by_uid", off->asker.uid);
	if (off->asker.login_uid != ASKER_NOBODY)
		put_number(object, "loginuid", off->asker.login_uid);
	return object;
}

static const char *
engine_by(const struct admin *admin, const struct rules *rules)
{
	static const char *const settings[] = {
		[SETTINGS_ENGINE_AUTO] = "auto",
		[SETTINGS_ENGINE_IPTABLES] = "settings",
		[SETTINGS_ENGINE_NFTABLES] = "settings",
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
	put_number(object, "schema", ADMIN_SCHEMA);
	put_text(object, "version", NETFENCE_VERSION);
	put_number(object, "started", admin->started);
	put_number(object, "up", (wire_clock_boot_ms() - admin->started_boot_ms) / 1000);
	put_text(object, "engine", engines_names[engines_engine(admin->engines)]);
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
	json_object_object_add(object, "log", log_json());
	put_number(object, "sockets_cut", (int64_t)engines_cut(admin->engines));
	put_bool(object, "cannot_cut", engines_cannot_cut(admin->engines) != NULL);
	if (engines_cannot_cut(admin->engines))
		put_text(object, "cut_lacks", engines_cannot_cut(admin->engines));
	put_number(object, "commits", (int64_t)engines_commits(admin->engines));
	put_bool(object, "degraded", json_object_array_length(problems) != 0);
	json_object_object_add(object, "problems", problems);
	admin_answer(connection, object);
}
