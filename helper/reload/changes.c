/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/changes.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"

struct had {
	uint32_t uid;
	const struct policy *policy; /* or NULL */
};

struct changes_before {
	const struct life *life;
	uint32_t n;
	struct had list[];
};

static bool
remember(struct user *user, void *data)
{
	struct changes_before *before = data;
	const struct rules *rules = life_rules(before->life);

	before->list[before->n++] = (struct had){ user->uid,
		rules && user->policy != WHO_NO_POLICY ? rules->policies[user->policy] : NULL };
	return true;
}

struct changes_before *
changes_remember(const struct life *life)
{
	struct changes_before *before =
	    calloc(1, sizeof(*before) + table_users(life_table(life)) * sizeof(struct had));

	if (!before)
		return NULL;
	before->life = life;
	table_each(life_table(life), remember, before);
	return before;
}

void
changes_forget(struct changes_before *before)
{
	free(before);
}

static void
put(struct json_object *object, const char *key, const char *text)
{
	json_object_object_add(object, key, json_object_new_string(text));
}

static void
compare(const struct user *user, const struct policy *from, const struct policy *to,
    struct json_object *list, bool log)
{
	const char *from_name = from ? from->name : "", *to_name = to ? to->name : "";
	bool renamed = strcmp(from_name, to_name) != 0;
	struct json_object *change;

	if (!renamed && (!from || !to || rules_same_policy(from, to)))
		return;
	change = json_object_new_object();
	put(change, "user", user->name);
	put(change, "from", from_name);
	put(change, "to", to_name);
	put(change, "differs", renamed ? "policy" : "rules");
	json_object_array_add(list, change);
	if (log)
		log_event(LOG_NOTICE, "reload", LOG_TEXT("user", user->name),
		    LOG_NUMBER("uid", user->uid), LOG_TEXT("policy", to_name),
		    LOG_TEXT("reason", !to       ? "no rule applies any more: free"
				       : renamed ? "another policy applies"
						 : "the policy's rules have changed"));
}

struct json_object *
changes_since(
    const struct life *life, const struct changes_before *before, const struct rules *to, bool log)
{
	struct json_object *list = json_object_new_array();
	struct who_answer answer;
	const struct user *user;
	uint32_t i;

	for (i = 0; before && i < before->n; i++) {
		user = table_find_user(life_table(life), before->list[i].uid);
		if (!user)
			continue;
		answer = who_match(&to->set->who, user->name, user->uid,
		    (const char *const *)user->groups, user->n_groups);
		compare(user, before->list[i].policy,
		    answer.policy == WHO_NO_POLICY ? NULL : to->policies[answer.policy], list, log);
	}
	return list;
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
