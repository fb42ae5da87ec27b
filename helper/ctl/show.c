/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/answers.h"
#include "ctl/ctl.h"
#include "ctl/person.h"
#include "explain/answer.h"
#include "policy/names.h"

static enum ctl_exit
no_rules(enum ctl_exit unusable, const struct why *why)
{
	fprintf(stderr, "netfencectl: %s\n", why->text);
	return unusable;
}

static void
print_grants(struct json_object *first)
{
	struct json_object *list, *grant;
	size_t i;

	if (!json_object_object_get_ex(first, "grants", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		cleanup_free char *text = NULL, *whole = NULL;

		grant = json_object_array_get_idx(list, i);
		text = answers_say_grant(grant);
		if (text && asprintf(&whole, "%s, by %s", ctl_text(grant, "rule"), text) >= 0)
			answers_print_text(i ? "" : "also", whole);
	}
}

static void
print(const struct answers *answers)
{
	struct json_object *first = answers_first(answers);
	cleanup_free char *user = NULL;

	if (asprintf(&user, "%s (uid %s)", ctl_text(first, "user"), ctl_text(first, "uid")) < 0)
		user = NULL;
	answers_print_text("user", user ? user : ctl_text(first, "user"));
	if (!ctl_text(first, "policy")[0])
		answers_print_text("policy", "none: free");
	answers_print_who(answers);
	answers_print_state(answers);
	print_grants(first);
	if (ctl_text(first, "rules")[0])
		printf("\n%s", ctl_text(first, "rules"));
}

static enum ctl_exit
show_user(const struct ctl *ctl, const char *name)
{
	struct why why = { "" };
	enum ctl_exit unusable = CTL_YES, result;
	struct ruleset *set = answers_rules(ctl, &unusable, &why);
	struct question question = { .rules = true };
	struct identity identity;
	struct answers answers;

	result = person_find(name, set, &identity);
	if (result != CTL_YES) {
		ruleset_free(set);
		return result;
	}
	question.user = identity.name;
	question.uid = identity.uid;
	question.n_groups = identity.n_groups;
	question.groups = (const char *const *)identity.groups;
	answers_get(ctl, &question, set, &answers);
	if (!set)
		answers.no_files = why;
	if (!answers_first(&answers)) {
		fprintf(stderr, "netfencectl: %s\n", answers.no_force.text);
		result = no_rules(unusable, &answers.no_files);
	} else if (ctl->json) {
		answers_print_json(&answers);
	} else {
		print(&answers);
	}
	answers_clear(&answers);
	identity_clear(&identity);
	ruleset_free(set);
	return result;
}

/* ---------------------------------------------------------------- groups */

static enum ctl_exit
unknown_group(const struct ruleset *set, const char *name)
{
	struct nearest nearest = { .wanted = name };
	uint32_t i;

	for (i = 0; i < set->who.n_groups; i++)
		nearest_offer(&nearest, set->who.groups[i].name);
	for (i = 0; i < set->who.n_exempt_groups; i++)
		nearest_offer(&nearest, set->who.exempt_groups[i]);
	return person_unknown("group in the rules", name, nearest.best);
}

/* Who of its members has this policy. malloc'd; NULL where there is no memory. */
static char *
say_members(const struct ruleset *set, uint32_t index)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	uint32_t i;

	if (!stream)
		return NULL;
	fputs("members without an entry of their own, not exempt", stream);
	for (i = 0; i < index; i++)
		fprintf(stream, "%s%s", i ? ", " : ", and not in ", set->who.groups[i].name);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

static enum ctl_exit
print_group(const struct ctl *ctl, const struct ruleset *set, uint32_t index)
{
	const struct question question = { .user = set->who.groups[index].name, .rules = true };
	const struct policy *policy = &set->policies[set->who.groups[index].policy];
	cleanup_free char *who = say_members(set, index);
	struct json_object *object = who ? answer_json(&question, policy, who) : NULL;

	if (!object) {
		fputs("netfencectl: no memory\n", stderr);
		return CTL_USAGE;
	}
	json_object_object_del(object, "user");
	json_object_object_del(object, "uid");
	json_object_object_add(object, "group", json_object_new_string(question.user));
	if (ctl->json) {
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	} else {
		answers_print_text("group", question.user);
		answers_print_line("policy", policy->name, object, NULL);
		answers_print_text("who", who);
		printf("\n%s", ctl_text(object, "rules"));
	}
	json_object_put(object);
	return CTL_YES;
}

static void
print_exempt(const struct ctl *ctl, const char *name)
{
	static const char who[] = "exempt: its members are free";
	struct json_object *object;

	if (!ctl->json) {
		answers_print_text("group", name);
		answers_print_text("policy", "none: free");
		answers_print_text("who", who);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "schema", json_object_new_int(ANSWER_SCHEMA));
	json_object_object_add(object, "group", json_object_new_string(name));
	json_object_object_add(object, "policy", json_object_new_string(""));
	json_object_object_add(object, "who", json_object_new_string(who));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

static enum ctl_exit
show_group(const struct ctl *ctl, const char *name)
{
	struct why why = { "" };
	enum ctl_exit result = CTL_YES;
	struct ruleset *set = answers_rules(ctl, &result, &why);
	uint32_t i;
	bool exempt = false;

	if (!set)
		return no_rules(result, &why);
	for (i = 0; i < set->who.n_exempt_groups; i++)
		exempt = exempt || !strcmp(set->who.exempt_groups[i], name);
	for (i = 0; i < set->who.n_groups; i++) {
		if (!strcmp(set->who.groups[i].name, name))
			break;
	}
	if (i < set->who.n_groups)
		result = print_group(ctl, set, i);
	else if (exempt)
		print_exempt(ctl, name);
	else
		result = unknown_group(set, name);
	ruleset_free(set);
	return result;
}

enum ctl_exit
ctl_show(const struct ctl *ctl)
{
	if (ctl->argc == 2 && ctl->argv[1][0] != '-')
		return show_user(ctl, ctl->argv[1]);
	if (ctl->argc == 3 && !strcmp(ctl->argv[1], "--group"))
		return show_group(ctl, ctl->argv[2]);
	return ctl_usage(ctl, "show USER | --group GROUP");
}
