/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/changes.h"

#include <string.h>

#include "log.h"

struct comparison {
	const struct rules *from;
	const struct rules *to;
	struct json_object *list;
	bool log;
};

static const struct policy *
policy_under(const struct rules *rules, const struct user *user)
{
	struct who_answer answer = who_match(&rules->set->who, user->name, user->uid,
	    (const char *const *)user->groups, user->n_groups);

	return answer.policy == WHO_NO_POLICY ? NULL : rules->policies[answer.policy];
}

static void
put(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static bool
compare(struct user *user, void *data)
{
	const struct comparison *comparison = data;
	const struct policy *from = policy_under(comparison->from, user);
	const struct policy *to = policy_under(comparison->to, user);
	const char *from_name = from ? from->name : "", *to_name = to ? to->name : "";
	bool renamed = strcmp(from_name, to_name) != 0;
	struct json_object *change;

	if (!renamed && (!from || !to || rules_same_policy(from, to)))
		return true;
	change = json_object_new_object();
	put(change, "user", user->name);
	put(change, "from", from_name);
	put(change, "to", to_name);
	put(change, "differs", renamed ? "policy" : "rules");
	json_object_array_add(comparison->list, change);
	if (comparison->log)
		log_event(LOG_NOTICE, "reload", LOG_TEXT("user", user->name),
		    LOG_NUMBER("uid", user->uid), LOG_TEXT("policy", to_name),
		    LOG_TEXT("reason", !to       ? "no rule applies any more: free"
				       : renamed ? "another policy applies"
						 : "the policy's rules have changed"));
	return true;
}

struct json_object *
changes_between(const struct life *life, const struct rules *from, const struct rules *to, bool log)
{
	struct comparison comparison = { from, to, json_object_new_array(), log };

	if (from)
		table_each(life_table(life), compare, &comparison);
	return comparison.list;
}

struct json_object *
changes_report(const struct report *report)
{
	struct json_object *list = json_object_new_array(), *entry;
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		const struct diagnostic *diagnostic = &report->diagnostics[i];

		entry = json_object_new_object();
		put(entry, "severity",
		    diagnostic->severity == SEVERITY_ERROR ? "error" : "warning");
		put(entry, "file", diagnostic->file);
		json_object_object_add(entry, "line", json_object_new_int64(diagnostic->line));
		json_object_object_add(entry, "column", json_object_new_int64(diagnostic->column));
		put(entry, "text", diagnostic->text);
		json_object_array_add(list, entry);
	}
	return list;
}

void
changes_log_report(const struct report *report)
{
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		const struct diagnostic *diagnostic = &report->diagnostics[i];
		bool error = diagnostic->severity == SEVERITY_ERROR;

		log_line(error ? LOG_ERR : LOG_WARNING, "%s:%u:%u: %s: %s", diagnostic->file,
		    diagnostic->line, diagnostic->column, error ? "error" : "warning",
		    diagnostic->text);
	}
}
