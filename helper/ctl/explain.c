/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ctl/answers.h"
#include "ctl/ctl.h"
#include "ctl/packets.h"
#include "ctl/person.h"

/* The grant of that number, or NULL. */
static struct json_object *
find_grant(struct json_object *whole, int64_t id)
{
	struct json_object *list, *grant;
	size_t i;

	if (!json_object_object_get_ex(whole, "grants", &list))
		return NULL;
	for (i = 0; i < json_object_array_length(list); i++) {
		grant = json_object_array_get_idx(list, i);
		if (ctl_number(grant, "id") == id)
			return grant;
	}
	return NULL;
}

/* What decided, in words. malloc'd; NULL where there is no memory. */
static char *
decided_by(struct json_object *object, struct json_object *whole)
{
	const char *by = ctl_text(object, "by"), *policy = ctl_text(whole, "policy");
	struct json_object *grant = find_grant(whole, ctl_number(object, "grant"));
	char *text;
	int result;

	if (!strcmp(by, "rule"))
		return strdup(ctl_text(object, "rule"));
	if (!strcmp(by, "grant"))
		return grant ? answers_say_grant(grant) : strdup(ctl_text(object, "rule"));
	if (!strcmp(by, "default"))
		result = asprintf(
		    &text, "default %s of %s: no rule matches", ctl_text(object, "action"), policy);
	else if (!strcmp(by, "shut"))
		result = asprintf(&text, "the fence is shut: nothing passes");
	else if (!strcmp(by, "loopback"))
		result = asprintf(&text, "loopback of %s: an address of this host", policy);
	else
		result = asprintf(&text, "no fence");
	return result < 0 ? NULL : text;
}

static void
print_sees(struct json_object *answer)
{
	cleanup_free char *text = NULL;
	struct json_object *late;

	if (!ctl_text(answer, "sees")[0])
		return;
	if (asprintf(&text, "\"%s\"%s", ctl_text(answer, "sees"),
		json_object_object_get_ex(answer, "late", &late) && json_object_get_boolean(late)
		    ? ", after two minutes or so"
		    : "") < 0)
		text = NULL;
	answers_print_text("sees", text ? text : ctl_text(answer, "sees"));
}

static void
print_limit(struct json_object *answer, struct json_object *whole)
{
	struct json_object *limit, *beyond;
	cleanup_free char *text = NULL, *line = NULL;

	if (!json_object_object_get_ex(answer, "limit", &limit) ||
	    !json_object_object_get_ex(limit, "beyond", &beyond))
		return;
	text = decided_by(beyond, whole);
	if (asprintf(&line, "above that %s: %s", ctl_text(beyond, "verdict"), text ? text : "") < 0)
		line = NULL;
	if (line)
		answers_print_line("limit", line, beyond, NULL);
}

static void
print_near(struct json_object *answer)
{
	static const struct {
		const char *miss;
		const char *words;
	} misses[] = {
		{ "port", "  (another port)" },
		{ "protocol", "  (another protocol)" },
		{ "destination", "  (another destination)" },
		{ "interface", "  (another interface)" },
	};
	struct json_object *list, *entry;
	const char *words;
	size_t i, j;

	if (!json_object_object_get_ex(answer, "near", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		words = NULL;
		for (j = 0; j < sizeof(misses) / sizeof(*misses); j++) {
			if (!strcmp(ctl_text(entry, "misses"), misses[j].miss))
				words = misses[j].words;
		}
		answers_print_line(i ? "" : "nearly", ctl_text(entry, "rule"), entry, words);
	}
}

static void
print_answer(struct json_object *answer, struct json_object *whole, bool only)
{
	const char *policy = ctl_text(whole, "policy"), *verdict = ctl_text(answer, "verdict");
	cleanup_free char *text = decided_by(answer, whole), *observes = NULL;

	if (!only)
		answers_print_text("asked", ctl_text(answer, "packet"));
	if (!strcmp(ctl_text(whole, "mode"), "observe") &&
	    strcmp(ctl_text(answer, "action"), "allow") != 0) {
		if (asprintf(&observes, "as %s only observes; else it would be denied:", policy) <
		    0)
			observes = NULL;
		answers_print_text(verdict, observes ? observes : "observed");
		verdict = "";
	}
	answers_print_line(verdict, text ? text : "", answer, NULL);
	print_sees(answer);
	print_limit(answer, whole);
	print_near(answer);
}

/* What the files say where that is something else. */
static void
print_files(const struct answers *answers)
{
	struct json_object *list, *answer;
	size_t i;

	if (!answers->differ || !json_object_object_get_ex(answers->files, "answers", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		cleanup_free char *text = NULL, *line = NULL;

		answer = json_object_array_get_idx(list, i);
		text = decided_by(answer, answers->files);
		if (asprintf(&line, "%s: %s", ctl_text(answer, "verdict"), text ? text : "") < 0)
			line = NULL;
		if (line)
			answers_print_line(i ? "" : "then", line, answer, NULL);
	}
}

/* What to type to let them. Nothing is granted to who has had their time. */
static void
print_offer(const struct ctl *ctl, const struct answers *answers)
{
	struct json_object *first = answers_first(answers), *shut;
	cleanup_free char *text = NULL;

	if (!answers->force || strcmp(ctl_text(first, "verdict"), "denied") != 0 ||
	    (json_object_object_get_ex(first, "shut", &shut) && json_object_get_boolean(shut)))
		return;
	if (asprintf(&text, "netfencectl grant %s %s %s --for 2h --reason TEXT",
		ctl_text(first, "user"), ctl->argv[2], ctl->argv[3]) < 0)
		text = NULL;
	if (text)
		answers_print_text("allow", text);
}

static void
print(const struct ctl *ctl, const struct answers *answers)
{
	struct json_object *first = answers_first(answers), *list;
	size_t i, n;

	if (!json_object_object_get_ex(first, "answers", &list))
		return;
	n = json_object_array_length(list);
	for (i = 0; i < n; i++)
		print_answer(json_object_array_get_idx(list, i), first, n == 1);
	answers_print_text("who", ctl_text(first, "who"));
	answers_print_state(answers);
	print_files(answers);
	print_offer(ctl, answers);
}

static enum ctl_exit
answer(const struct ctl *ctl, const struct question *question, const struct ruleset *set,
    enum ctl_exit unusable, const struct why *why)
{
	struct json_object *first;
	struct answers answers;
	enum ctl_exit result = unusable;

	answers_get(ctl, question, set, &answers);
	if (!set)
		answers.no_files = *why;
	first = answers_first(&answers);
	if (!first) {
		fprintf(stderr, "netfencectl: %s\nnetfencectl: %s\n", answers.no_force.text,
		    answers.no_files.text);
	} else {
		result = strcmp(ctl_text(first, "verdict"), "allowed") ? CTL_NO : CTL_YES;
		if (ctl->json)
			answers_print_json(&answers);
		else
			print(ctl, &answers);
	}
	answers_clear(&answers);
	return result;
}

enum ctl_exit
ctl_explain(const struct ctl *ctl)
{
	struct arena *arena = arena_new();
	struct question question = { .user = NULL };
	struct identity identity;
	struct ruleset *set;
	struct why why = { "" };
	enum ctl_exit result, unusable = CTL_YES;

	if (ctl->argc != 4) {
		arena_free(arena);
		return ctl_usage(ctl, "explain USER WHAT WHERE");
	}
	if (!arena) {
		fputs("netfencectl: no memory\n", stderr);
		return CTL_USAGE;
	}
	set = answers_rules(ctl, &unusable, &why);
	result = packets_parse(
	    arena, ctl->argv[2], ctl->argv[3], &question.packets, &question.n_packets);
	if (result == CTL_YES)
		result = person_find(ctl->argv[1], set, &identity);
	if (result == CTL_YES) {
		question.user = identity.name;
		question.uid = identity.uid;
		question.n_groups = identity.n_groups;
		question.groups = (const char *const *)identity.groups;
		result = answer(ctl, &question, set, unusable, &why);
		identity_clear(&identity);
	}
	ruleset_free(set);
	arena_free(arena);
	return result;
}
