/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "channel.h"
#include "log.h"
#include "resolver.h"

#define SCHEMA 1

/* What a live user had before, to say what has changed. */
struct before {
	uint32_t uid;
	char *policy; /* its name, or "" */
};

/* What the answer of the resolver is waited for. */
enum asked { ASKED_NOTHING, ASKED_GROUPS, ASKED_ALWAYS };

struct reload {
	struct resolver *resolver;
	enum asked asked;
	bool groups_next;   /* once the resolver has answered, the groups are asked for */
	bool always_missed; /* who is always fenced has not been found out yet */
	struct life *life;
	const char *folder;
	int channel;
	uint64_t generation;
	struct connection *asker;
	struct rules *rules; /* being put in force */
	bool same;           /* they say what the former ones said */
	struct before *before;
	uint32_t n_before;
};

static void
forget_before(struct reload *reload)
{
	uint32_t i;

	for (i = 0; i < reload->n_before; i++)
		free(reload->before[i].policy);
	free(reload->before);
	reload->before = NULL;
	reload->n_before = 0;
}

static const char *
policy_of(const struct life *life, const struct user *user)
{
	const struct rules *rules = life_rules(life);

	return rules && user->policy != WHO_NO_POLICY ? rules->policies[user->policy]->name : "";
}

static bool
remember(struct user *user, void *data)
{
	struct reload *reload = data;
	struct before *before = &reload->before[reload->n_before];

	before->uid = user->uid;
	before->policy = strdup(policy_of(reload->life, user));
	if (!before->policy)
		return false;
	reload->n_before++;
	return true;
}

static void
remember_all(struct reload *reload)
{
	forget_before(reload);
	reload->before = calloc(table_users(life_table(reload->life)) + 1, sizeof(*reload->before));
	if (reload->before)
		table_each(life_table(reload->life), remember, reload);
}

/* Who has another policy now, or none: in the log, and in the answer. */
static struct json_object *
changes(const struct reload *reload)
{
	struct json_object *list = json_object_new_array(), *change;
	uint32_t i;

	for (i = 0; i < reload->n_before; i++) {
		const struct before *before = &reload->before[i];
		const struct user *user = table_find_user(life_table(reload->life), before->uid);
		const char *now = user ? policy_of(reload->life, user) : before->policy;

		if (!strcmp(now, before->policy))
			continue;
		log_event(LOG_NOTICE, "reload", LOG_TEXT("user", user->name),
		    LOG_NUMBER("uid", user->uid), LOG_TEXT("policy", now),
		    LOG_TEXT(
			"reason", now[0] ? "another policy applies" : "no rule applies: free"));
		change = json_object_new_object();
		json_object_object_add(change, "user", json_object_new_string(user->name));
		json_object_object_add(change, "from", json_object_new_string(before->policy));
		json_object_object_add(change, "to", json_object_new_string(now));
		json_object_array_add(list, change);
	}
	return list;
}

static struct json_object *
report_json(const struct report *report)
{
	struct json_object *list = json_object_new_array(), *entry;
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		const struct diagnostic *diagnostic = &report->diagnostics[i];

		entry = json_object_new_object();
		json_object_object_add(entry, "severity",
		    json_object_new_string(
			diagnostic->severity == SEVERITY_ERROR ? "error" : "warning"));
		json_object_object_add(entry, "file", json_object_new_string(diagnostic->file));
		json_object_object_add(entry, "line", json_object_new_int64(diagnostic->line));
		json_object_object_add(entry, "column", json_object_new_int64(diagnostic->column));
		json_object_object_add(entry, "text", json_object_new_string(diagnostic->text));
		json_object_array_add(list, entry);
	}
	return list;
}

static void
answer(struct reload *reload, const char *result, const char *reason, struct json_object *report,
    struct json_object *changed)
{
	struct json_object *object;

	if (!reload->asker) {
		json_object_put(report);
		json_object_put(changed);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, "result", json_object_new_string(result));
	if (reason)
		json_object_object_add(object, "reason", json_object_new_string(reason));
	json_object_object_add(object, "report", report);
	if (changed)
		json_object_object_add(object, "changed", changed);
	connection_answer_text(reload->asker, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
	reload->asker = NULL;
}

/* The supervisor writes the file, so that it is root's; all it gets is a memory file. */
static void
publish_who(const struct reload *reload, const struct who *who)
{
	cleanup_free char *text = who_print(who);
	cleanup_fd int fd = memfd_create("who", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t length = text ? strlen(text) : 0;

	if (!text || fd < 0 || write(fd, text, length) != (ssize_t)length ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0 ||
	    channel_send(reload->channel, CHANNEL_WHO, 0, fd) < 0)
		log_line(LOG_ERR, "the names of who is fenced could not be kept");
}

/* The names of those whose policy has `always`, in an array that is malloc'd, the caller's. */
static const char **
names_of_always(
    const struct rules *rules, const struct who_entry *entries, uint32_t n_entries, uint32_t *n)
{
	const char **names = calloc(n_entries + 1, sizeof(*names));
	uint32_t i;

	*n = 0;
	for (i = 0; names && i < n_entries; i++)
		if (rules->policies[entries[i].policy]->always)
			names[(*n)++] = entries[i].name;
	return names;
}

/* Whom a reload may have made so, or a start has to find. */
static void
ask_always(struct reload *reload)
{
	const struct rules *rules = life_rules(reload->life);
	const struct who *who = rules ? &rules->set->who : NULL;
	const char **users, **groups;
	uint32_t n_users, n_groups;

	if (!rules || reload->asked != ASKED_NOTHING)
		return;
	users = names_of_always(rules, who->users, who->n_users, &n_users);
	groups = names_of_always(rules, who->groups, who->n_groups, &n_groups);
	reload->always_missed = true;
	if (!n_users && !n_groups) {
		life_always(reload->life, NULL, 0, true);
		reload->always_missed = false;
	} else if (resolver_ask(reload->resolver, users, n_users, groups, n_groups)) {
		reload->asked = ASKED_ALWAYS;
	}
	free(users);
	free(groups);
}

static void
on_done(const struct why *why, void *data)
{
	struct reload *reload = data;
	const struct report *report = &reload->rules->set->report;
	struct json_object *changed;

	if (why) {
		log_event(LOG_ERR, "reload", LOG_TEXT("reason", why->text));
		answer(reload, "failed", why->text, report_json(report), NULL);
	} else {
		log_event(LOG_NOTICE, "reload", LOG_NUMBER("count", reload->rules->set->n_policies),
		    LOG_TEXT("reason", "rules in force"));
		publish_who(reload, &reload->rules->set->who);
		changed = changes(reload);
		answer(reload,
		    reload->same && !json_object_array_length(changed) ? "unchanged" : "in force",
		    NULL, report_json(report), changed);
	}
	forget_before(reload);
	rules_release(reload->rules);
	reload->rules = NULL;
	ask_always(reload);
}

static void
log_report(const struct report *report)
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

static void
refuse(struct reload *reload, const char *reason, const struct report *report)
{
	log_event(LOG_ERR, "reload", LOG_TEXT("reason", reason));
	answer(reload, "refused", reason, report ? report_json(report) : json_object_new_array(),
	    NULL);
}

static void
use(struct reload *reload)
{
	struct why why;

	if (life_rules(reload->life))
		remember_all(reload);
	if (life_use_rules(reload->life, reload->rules, on_done, reload, &why) < 0)
		on_done(&why, reload);
}

struct names {
	const char **list;
	uint32_t n;
};

static bool
add_name(struct user *user, void *data)
{
	struct names *names = data;

	names->list[names->n++] = user->name;
	return true;
}

/* The groups of live users may have changed; where the name service does not say, what was last
 * known stands. */
static void
ask_groups(struct reload *reload)
{
	const struct table *table = life_table(reload->life);
	struct names names = { .list = calloc(table_users(table) + 1, sizeof(*names.list)) };

	reload->groups_next = false;
	if (names.list)
		table_each(table, add_name, &names);
	if (names.n && resolver_ask(reload->resolver, names.list, names.n, NULL, 0))
		reload->asked = ASKED_GROUPS;
	else
		use(reload);
	free(names.list);
}

static void
on_answered(struct resolved *list, uint32_t n, bool complete, void *data)
{
	struct reload *reload = data;
	enum asked asked = reload->asked;

	reload->asked = ASKED_NOTHING;
	if (asked == ASKED_GROUPS) {
		if (list)
			life_renew(reload->life, list, n);
		use(reload);
		return;
	}
	if (list) {
		life_always(reload->life, list, n, complete);
		reload->always_missed = false;
	}
	if (reload->groups_next)
		ask_groups(reload);
}

void
reload_set_resolver(struct reload *reload, int sock)
{
	resolver_adopt(reload->resolver, sock);
	if (reload->always_missed)
		ask_always(reload);
}

void
reload_start(struct reload *reload, struct connection *connection)
{
	const struct rules *now = life_rules(reload->life);
	struct ruleset *set = NULL;
	struct why why = { "" };
	int result;

	if (reload->rules) {
		if (connection)
			connection_answer_text(
			    connection, PROTOCOL_ERROR, "another reload is under way");
		return;
	}
	reload->asker = connection;
	result = ruleset_load(reload->folder, &set, &why);
	if (result < 0) {
		if (set)
			log_report(&set->report);
		refuse(reload, set ? "the rules have errors; the former ones stay" : why.text,
		    set ? &set->report : NULL);
		ruleset_free(set);
		return;
	}
	log_report(&set->report);
	reload->same = now && rules_equal(now->set, set);
	reload->rules = rules_new(set, ++reload->generation);
	if (!reload->rules) {
		refuse(reload, "no memory", NULL);
		return;
	}
	/* The first rules wait for nobody. */
	if (!now)
		use(reload);
	else if (reload->asked != ASKED_NOTHING)
		reload->groups_next = true;
	else
		ask_groups(reload);
}

void
reload_forget(struct reload *reload, const struct connection *connection)
{
	if (reload->asker == connection)
		reload->asker = NULL;
}

struct reload *
reload_new(struct event_base *base, struct life *life, const char *folder, int channel)
{
	struct reload *reload = calloc(1, sizeof(*reload));
	const struct resolver_calls calls = { on_answered, reload };

	if (!reload)
		return NULL;
	reload->life = life;
	reload->folder = folder;
	reload->channel = channel;
	reload->resolver = resolver_new(base, channel, &calls);
	if (!reload->resolver) {
		free(reload);
		return NULL;
	}
	return reload;
}

void
reload_free(struct reload *reload)
{
	if (!reload)
		return;
	resolver_free(reload->resolver);
	forget_before(reload);
	rules_release(reload->rules);
	free(reload);
}
