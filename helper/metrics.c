/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdlib.h>

#include "admin_inside.h"
#include "log.h"
#include "json/put.h"

/* ---------------------------------------------------------------- fences, by policy and state */

enum state { STATE_ACTIVE, STATE_OBSERVED, STATE_HELD, STATE_EXPIRED, STATE_ALWAYS, STATES };

static const char *const state_names[STATES] = { "active", "observed", "held", "expired",
	"always" };

struct count {
	const struct rules *rules;
	uint64_t (*fences)[STATES]; /* of each policy */
	uint64_t sessions;
	uint64_t free_sessions;
};

static enum state
state_of(const struct count *count, const struct user *user)
{
	if (user->expired)
		return STATE_EXPIRED;
	if (user->stage == USER_LEAVING || user->stage == USER_LIFTING)
		return STATE_HELD;
	if (!user->n_sessions)
		return STATE_ALWAYS;
	return count->rules->policies[user->policy]->mode == POLICY_OBSERVE ? STATE_OBSERVED
									    : STATE_ACTIVE;
}

static bool
count_user(struct user *user, void *data)
{
	struct count *count = data;

	if (user->is_free)
		count->free_sessions += user->n_sessions;
	else
		count->sessions += user->n_sessions;
	if (!user->is_free && count->fences && user->in_force && user->policy != WHO_NO_POLICY)
		count->fences[user->policy][state_of(count, user)]++;
	return true;
}

static void
put_fences(struct json_object *object, const struct admin *admin)
{
	struct json_object *list = json_object_new_array(), *entry;
	struct count count = { .rules = life_rules(admin->life) };
	uint32_t i, j;

	if (count.rules)
		count.fences = calloc(count.rules->n_policies, sizeof(*count.fences));
	table_each(life_table(admin->life), count_user, &count);
	for (i = 0; count.fences && i < count.rules->n_policies; i++)
		for (j = 0; j < STATES; j++) {
			if (!count.fences[i][j])
				continue;
			entry = json_object_new_object();
			put_text(entry, "policy", count.rules->policies[i]->name);
			put_text(entry, "state", state_names[j]);
			put_number(entry, "users", count.fences[i][j]);
			json_object_array_add(list, entry);
		}
	free(count.fences);
	json_object_object_add(object, "fences", list);
	put_number(object, "sessions", count.sessions);
	put_number(object, "free_sessions", count.free_sessions);
}

/* ---------------------------------------------------------------- what has happened so far */

static struct json_object *
commits_json(const struct admin *admin)
{
	const struct engines_tally *tally = engines_tally(admin->engines);
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	struct json_object *bucket;
	uint64_t sum = 0;
	int i;

	for (i = 0; i <= HISTOGRAM_BOUNDS; i++) {
		sum += tally->done.counts[i];
		bucket = json_object_new_object();
		/* The last has no upper end. */
		if (i < HISTOGRAM_BOUNDS)
			put_number(bucket, "microseconds", histogram_bounds_us[i]);
		put_number(bucket, "count", sum);
		json_object_array_add(list, bucket);
	}
	json_object_object_add(object, "buckets", list);
	put_number(object, "microseconds", tally->done.sum_us);
	put_number(object, "done", sum);
	put_number(object, "failed", tally->outcomes[ENGINES_FAILED]);
	put_number(object, "no_lock", tally->outcomes[ENGINES_NO_LOCK]);
	put_number(object, "unknown", tally->outcomes[ENGINES_UNKNOWN]);
	put_number(object, "tables", engines_commits(admin->engines));
	return object;
}

static struct json_object *
refused_json(const struct admin *admin)
{
	static const char *const names[LIFE_REFUSALS] = {
		[LIFE_NO_RULES] = "no-rules",
		[LIFE_CONTESTED] = "contested",
		[LIFE_EXPIRED] = "expired",
		[LIFE_IDENTITY] = "identity",
		[LIFE_NETWORK] = "network-namespace",
		[LIFE_TABLES] = "tables",
		[LIFE_OTHER] = "other",
	};
	struct json_object *object = json_object_new_object();
	int i;

	for (i = 0; i < LIFE_REFUSALS; i++)
		put_number(object, names[i], life_refused(admin->life, (enum life_refusal)i));
	return object;
}

static bool
add_denials(const char *policy, const struct ring_count *count, void *data)
{
	struct json_object *entry = json_object_new_object();

	put_text(entry, "policy", policy);
	put_number(entry, "denied", count->packets[MARK_DENIED]);
	put_number(entry, "would_deny", count->packets[MARK_OBSERVED]);
	json_object_array_add(data, entry);
	return true;
}

static struct json_object *
denials_json(const struct admin *admin)
{
	struct json_object *list = json_object_new_array();

	denials_by_policy(admin->denials, add_denials, list);
	return list;
}

static struct json_object *
families_json(const struct admin *admin)
{
	static const char *const names[FAMILIES] = { "ipv4", "ipv6" };
	const struct life_health *health = life_health(admin->life);
	struct json_object *object = json_object_new_object(), *part;
	enum engine_condition condition;
	const char *reason;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		condition = engines_condition(admin->engines, (enum family)family, &reason);
		/* One that the kernel does not have is neither up nor down. */
		if (condition == ENGINE_ABSENT)
			continue;
		part = json_object_new_object();
		put_bool(part, "up", condition == ENGINE_READY);
		put_number(part, "repairs", health->repairs_of[family]);
		json_object_object_add(object, names[family], part);
	}
	return object;
}

void
admin_metrics(struct admin *admin, struct connection *connection)
{
	struct json_object *object = json_object_new_object();
	const struct rules *rules = life_rules(admin->life);
	const struct denials_health told = denials_health(admin->denials);
	uint32_t n_grants = 0;

	put_number(object, "schema", ADMIN_SCHEMA);
	put_text(object, "version", NETFENCE_VERSION);
	put_number(object, "started", (uint64_t)admin->started);
	put_fences(object, admin);
	json_object_object_add(object, "families", families_json(admin));
	json_object_object_add(object, "commits", commits_json(admin));
	put_bool(object, "contested", life_health(admin->life)->contested);
	json_object_object_add(object, "refused", refused_json(admin));
	json_object_object_add(object, "denials", denials_json(admin));
	put_bool(object, "listening", !told.away[0]);
	put_number(object, "lost", told.lost);
	put_number(object, "log_waiting", log_health().waiting);
	put_number(object, "log_lost", log_health().lost);
	put_number(object, "sockets_cut", engines_cut(admin->engines));
	grants_all(life_grants(admin->life), &n_grants);
	put_number(object, "grants", n_grants);
	put_bool(object, "off", off_is(admin->off) != NULL);
	put_number(object, "rules_since", rules ? (uint64_t)rules->since : 0);
	put_bool(object, "reload_failed", reload_failure(admin->reload)[0] != '\0');
	admin_answer(connection, object);
}
