/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/answers.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/screen.h"
#include "ctl/times.h"
#include "explain/answer.h"
#include "explain/explain.h"

#define LABEL  9
#define SCHEMA 1

/* The rules are not for everybody's eyes; to somebody who may not read them they are not wrong. */
static bool
may_read(const char *folder)
{
	cleanup_free char *path = NULL;

	if (asprintf(&path, "%s/netfence.yaml", folder) < 0) {
		path = NULL;
		return true;
	}
	if (access(folder, R_OK | X_OK) < 0 && errno == EACCES)
		return false;
	return access(path, R_OK) == 0 || errno != EACCES;
}

struct ruleset *
answers_rules(const struct ctl *ctl, enum ctl_exit *result, struct why *why)
{
	struct ruleset *set = NULL;

	*result = CTL_NOT_PERMITTED;
	if (!may_read(ctl->rules)) {
		why_set(why, EACCES, "%s: you may not read the rules", ctl->rules);
		return NULL;
	}
	*result = CTL_YES;
	if (ruleset_load(ctl->rules, &set, why) == 0)
		return set;
	*result = CTL_RULES_UNUSABLE;
	if (set)
		why_set(why, EINVAL, "the rules have %u error%s: netfencectl check",
		    set->report.n_errors, set->report.n_errors == 1 ? "" : "s");
	ruleset_free(set);
	return NULL;
}

static void
get_force(const struct ctl *ctl, const struct question *question, struct answers *answers)
{
	cleanup_free char *text = NULL;
	struct wire_out out = { 0 };
	int result;

	question_put(&out, question);
	result = ctl_try(ctl, PROTOCOL_EXPLAIN, &out, &text, &answers->no_force);
	wire_out_free(&out);
	answers->away = result < 0 && result != -EREMOTEIO;
	if (result == -EACCES || result == -EPERM)
		why_set(&answers->no_force, 0, "only root may ask netfenced");
	else if (result == -ENOENT || result == -ECONNREFUSED)
		why_set(&answers->no_force, 0, "netfenced does not run");
	answers->force = text ? json_tokener_parse(text) : NULL;
}

static void
get_files(const struct question *question, const struct ruleset *set, struct answers *answers)
{
	const struct explain_subject subject = { question->user, question->uid, question->groups,
		question->n_groups };
	const struct who_answer answer = who_match(
	    &set->who, question->user, question->uid, question->groups, question->n_groups);
	cleanup_free char *who = explain_who(&set->who, &subject);

	if (who)
		answers->files = answer_json(question,
		    answer.policy == WHO_NO_POLICY ? NULL : &set->policies[answer.policy], who);
	if (!answers->files)
		why_set(&answers->no_files, ENOMEM, "no memory");
}

/* ---------------------------------------------------------------- the same or not */

/* To the end of the line, or of what of it says something: not where it was written, " # line 3" or
 * " # FILE:3". What else has a '#' is quoted, and so ends in no digit. */
static size_t
significant(const char *line, size_t length)
{
	size_t end = length;

	while (end > 0 && isdigit((unsigned char)line[end - 1]))
		end--;
	if (end == length || end == 0 || !strchr(": ", line[end - 1]))
		return length;
	while (end >= 3 && memcmp(line + end - 3, " # ", 3) != 0)
		end--;
	return end >= 3 ? end - 3 : length;
}

static bool
same_rules(const char *one, const char *other)
{
	size_t n, m;

	while (*one && *other) {
		n = strcspn(one, "\n");
		m = strcspn(other, "\n");
		if (significant(one, n) != significant(other, m) ||
		    memcmp(one, other, significant(one, n)) != 0)
			return false;
		one += n + (one[n] == '\n');
		other += m + (other[m] == '\n');
	}
	return *one == *other;
}

static bool
same_texts(struct json_object *one, struct json_object *other, const char *const *keys)
{
	for (; *keys; keys++) {
		if (strcmp(ctl_text(one, *keys), ctl_text(other, *keys)) != 0)
			return false;
	}
	return true;
}

static bool
same(struct json_object *one, struct json_object *other)
{
	static const char *const keys[] = { "policy", "mode", NULL };
	static const char *const answer_keys[] = { "verdict", "action", "by", "rule", NULL };
	struct json_object *a = NULL, *b = NULL;
	size_t i;

	if (!same_texts(one, other, keys) ||
	    !same_rules(ctl_text(one, "rules"), ctl_text(other, "rules")))
		return false;
	json_object_object_get_ex(one, "answers", &a);
	json_object_object_get_ex(other, "answers", &b);
	if (!a || !b)
		return !a && !b;
	if (json_object_array_length(a) != json_object_array_length(b))
		return false;
	for (i = 0; i < json_object_array_length(a); i++) {
		struct json_object *answer = json_object_array_get_idx(a, i);

		/* What is granted stands in no file, and is not what these differ in. */
		if (strcmp(ctl_text(answer, "by"), "grant") != 0 &&
		    !same_texts(answer, json_object_array_get_idx(b, i), answer_keys))
			return false;
	}
	return true;
}

static bool
is_set(struct json_object *object, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) && json_object_get_boolean(member);
}

/* ---------------------------------------------------------------- for callers */

void
answers_get(const struct ctl *ctl, const struct question *question, const struct ruleset *set,
    struct answers *answers)
{
	*answers = (struct answers){ .force = NULL };
	get_force(ctl, question, answers);
	if (set)
		get_files(question, set, answers);
	/* What a shut fence lets out says nothing of the rules. */
	answers->differ =
	    answers->force && answers->files &&
	    (!is_set(answers->force, "shut") || !ctl_text(answers->force, "verdict")[0]) &&
	    !same(answers->force, answers->files);
}

void
answers_clear(struct answers *answers)
{
	json_object_put(answers->force);
	json_object_put(answers->files);
}

struct json_object *
answers_first(const struct answers *answers)
{
	return answers->force ? answers->force : answers->files;
}

void
answers_print_json(const struct answers *answers)
{
	struct json_object *object = json_object_new_object();
	struct json_object *first = answers_first(answers);

	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, "user", json_object_new_string(ctl_text(first, "user")));
	if (ctl_text(first, "verdict")[0])
		json_object_object_add(
		    object, "verdict", json_object_new_string(ctl_text(first, "verdict")));
	json_object_object_add(
	    object, "source", json_object_new_string(answers->force ? "force" : "files"));
	json_object_object_add(object, "differ", json_object_new_boolean(answers->differ));
	json_object_object_add(object, "force", json_object_get(answers->force));
	json_object_object_add(object, "files", json_object_get(answers->files));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

static enum ink
ink_of(const char *label)
{
	if (!strcmp(label, "denied"))
		return INK_BAD;
	return strcmp(label, "allowed") ? INK_PLAIN : INK_GOOD;
}

void
answers_print_text(const char *label, const char *text)
{
	struct screen screen = screen_of(stdout);

	screen_line(&screen, LABEL, ink_of(label), label, text);
}

void
answers_print_line(
    const char *label, const char *text, struct json_object *object, const char *behind)
{
	cleanup_free char *place = NULL, *line = NULL;
	struct screen screen = screen_of(stdout);
	bool placed = ctl_text(object, "file")[0];

	if (!behind)
		behind = "";
	if (asprintf(
		&place, "%s:%s%s", ctl_text(object, "file"), ctl_text(object, "line"), behind) < 0)
		place = NULL;
	if (asprintf(&line, "%s%s%s", text, placed && place ? "    " : "",
		placed && place ? place : behind) < 0)
		line = NULL;
	if (!line || !placed || LABEL + screen_width(line) <= screen.columns) {
		answers_print_text(label, line ? line : text);
		return;
	}
	answers_print_text(label, text);
	answers_print_text("", place);
}

void
answers_print_who(const struct answers *answers)
{
	struct json_object *first = answers_first(answers);

	if (ctl_text(first, "policy")[0])
		answers_print_line("policy", ctl_text(first, "policy"), first, NULL);
	answers_print_text("who", ctl_text(first, "who"));
}

static const char *
shut_words(struct json_object *force)
{
	const char *by = ctl_text(force, "shut_by");

	if (!is_set(force, "shut"))
		return "";
	if (!strcmp(by, "max-session"))
		return ", and shut: the time is over (max-session)";
	if (!strcmp(by, "on-logout"))
		return ", and shut until the next login (on-logout: close)";
	return ", and shut: nothing passes any more";
}

static void
print_standing(struct json_object *force)
{
	int64_t sessions = ctl_number(force, "sessions");
	cleanup_free char *text = NULL;
	char when[TIMES_SIZE];

	if (is_set(force, "off")) {
		answers_print_text(
		    "now", "netfence is OFF: nothing is fenced (netfencectl status)");
		return;
	}
	if (!is_set(force, "standing")) {
		if (ctl_text(force, "policy")[0])
			answers_print_text("now", "no session; this is what the next one gets");
		return;
	}
	if (asprintf(&text, "fenced since %s, %" PRId64 " session%s%s",
		times_when(ctl_number(force, "since"), when), sessions, sessions == 1 ? "" : "s",
		shut_words(force)) < 0)
		text = NULL;
	answers_print_text("now", text ? text : "fenced");
}

void
answers_print_state(const struct answers *answers)
{
	cleanup_free char *note = NULL;

	if (answers->force) {
		print_standing(answers->force);
	} else {
		if (asprintf(&note, "%s: this is what the files say; grants are not known",
			answers->no_force.text) < 0)
			note = NULL;
		answers_print_text("note", note ? note : "this is what the files say");
	}
	if (answers->force && !answers->files)
		answers_print_text("files", answers->no_files.text);
	else if (answers->differ)
		answers_print_text(
		    "files", "differ from what is in force, until netfencectl reload");
}

char *
answers_say_grant(struct json_object *grant)
{
	const char *reason = ctl_text(grant, "reason");
	char when[TIMES_SIZE], *text;

	if (asprintf(&text, "grant %s until %s, granted by %s%s%s", ctl_text(grant, "id"),
		times_when(ctl_number(grant, "until"), when), ctl_text(grant, "by"),
		reason[0] ? ": " : "", reason) < 0)
		return NULL;
	return text;
}
