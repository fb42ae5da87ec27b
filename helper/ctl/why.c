/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For whoever is fenced, without root: what holds for them.
 */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/packets.h"
#include "ctl/screen.h"
#include "ctl/times.h"
#include "explain/question.h"
#include "netfence/paths.h"
#include "wire/client.h"

#define INDENT 9

/* A netfenced that is being started again, or has many who ask: how long, and how often. */
#define PATIENCE_MS 3000
#define PAUSE_US    200000

static bool
is_worth_another_try(int error)
{
	return error == -EBUSY || error == -ECONNRESET || error == -ECONNREFUSED ||
	       error == -EPIPE || error == -ENOENT;
}

static enum ctl_exit
ask(const struct ctl *ctl, const struct question *question, char **text)
{
	const int64_t until_ms = wire_clock_ms() + PATIENCE_MS;
	struct wire_out payload = { 0 };
	struct why why = { "" };
	int result;

	question_put(&payload, question);
	for (;;) {
		result = ctl_try_at(ctl, NETFENCE_WHY_NAME, PROTOCOL_WHY, &payload, text, &why);
		if (!is_worth_another_try(result) || wire_clock_ms() >= until_ms)
			break;
		usleep(PAUSE_US);
	}
	wire_out_free(&payload);
	if (result == 0)
		return CTL_YES;
	if (result == -EREMOTEIO || result == -EACCES || result == -EPERM) {
		fprintf(stderr, "netfencectl: %s\n", why.text);
		return CTL_NOT_PERMITTED;
	}
	fprintf(stderr, "netfencectl: netfenced does not %s: %s\n",
	    result == -ENOENT || result == -ECONNREFUSED ? "run" : "answer", why.text);
	return CTL_AWAY;
}

__attribute__((format(printf, 4, 5))) static void
put_line(const struct screen *screen, enum ink ink, const char *label, const char *format, ...)
{
	cleanup_free char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	screen_line(screen, INDENT, ink, label, text ? text : "");
}

static bool
is_set(struct json_object *object, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) && json_object_get_boolean(member);
}

static void
print_stay(const struct screen *screen, struct json_object *answer)
{
	const char *state = ctl_text(answer, "state");
	struct json_object *left;
	char buffer[TIMES_SIZE];

	put_line(screen, INK_TITLE, "fenced", "by %s, since %s%s", ctl_text(answer, "policy"),
	    times_when(ctl_number(answer, "since"), buffer),
	    strcmp(ctl_text(answer, "mode"), "observe") ? "" : "; it only observes");
	if (ctl_text(answer, "message")[0])
		put_line(screen, INK_PLAIN, "message", "%s", ctl_text(answer, "message"));
	if (!strcmp(state, "expired"))
		put_line(screen, INK_BAD, "left", "nothing: your time is over");
	else if (json_object_object_get_ex(answer, "left", &left))
		put_line(screen, INK_PLAIN, "left", "%s",
		    times_length(json_object_get_int64(left), buffer));
}

static void
print_grants(const struct screen *screen, struct json_object *answer)
{
	struct json_object *list, *entry;
	char buffer[TIMES_SIZE];
	size_t i;

	if (!json_object_object_get_ex(answer, "grants", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		put_line(screen, INK_GOOD, "granted", "%s to %s, for another %s",
		    ctl_text(entry, "what"), ctl_text(entry, "where"),
		    times_length(ctl_number(entry, "left"), buffer));
	}
}

static void
print_denials(const struct screen *screen, struct json_object *answer)
{
	struct json_object *list, *entry;
	char buffer[TIMES_SIZE];
	size_t i;

	if (!json_object_object_get_ex(answer, "denials", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		put_line(screen, is_set(entry, "observed") ? INK_WARN : INK_BAD,
		    is_set(entry, "observed") ? "observed" : "denied",
		    "%s, %" PRId64 " packet%s%s, last at %s", ctl_text(entry, "packet"),
		    ctl_number(entry, "count"), ctl_number(entry, "count") == 1 ? "" : "s",
		    is_set(entry, "at_least") ? " or more" : "",
		    times_when(ctl_number(entry, "last"), buffer));
	}
}

static void
print_packets(const struct screen *screen, struct json_object *answer)
{
	struct json_object *list, *entry;
	const char *verdict;
	size_t i;

	if (!json_object_object_get_ex(answer, "answers", &list))
		return;
	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		verdict = ctl_text(entry, "verdict");
		put_line(screen, strcmp(verdict, "allowed") ? INK_BAD : INK_GOOD, verdict, "%s",
		    ctl_text(entry, "packet"));
		if (ctl_text(entry, "sees")[0])
			put_line(screen, INK_PLAIN, "sees", "\"%s\"%s", ctl_text(entry, "sees"),
			    is_set(entry, "late") ? ", after two minutes or so" : "");
	}
}

static void
print_all(const struct screen *screen, struct json_object *answer)
{
	print_stay(screen, answer);
	print_grants(screen, answer);
	print_denials(screen, answer);
}

static enum ctl_exit
print(const struct ctl *ctl, const char *text, bool of_packets)
{
	struct json_object *answer = NULL;
	struct screen screen = screen_of(stdout);
	enum ctl_exit result = ctl_parse(text, &answer);

	if (result != CTL_YES)
		return result;
	result = strcmp(ctl_text(answer, "verdict"), "denied") ? CTL_YES : CTL_NO;
	/* Who is not fenced gets one answer, whatever the question. */
	if (of_packets && !is_set(answer, "fenced") && !ctl_text(answer, "verdict")[0])
		json_object_object_add(answer, "verdict", json_object_new_string("allowed"));
	if (ctl->json)
		puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY));
	else if (!is_set(answer, "fenced"))
		put_line(&screen, INK_TITLE, of_packets ? "allowed" : "free",
		    "netfence does not limit you now");
	else if (of_packets)
		print_packets(&screen, answer);
	else
		print_all(&screen, answer);
	json_object_put(answer);
	return result;
}

static enum ctl_exit
why(const struct ctl *ctl, struct arena *arena)
{
	struct question question = { .user = NULL };
	cleanup_free char *text = NULL;
	enum ctl_exit result = CTL_YES;

	if (ctl->argc == 3)
		result = packets_parse(
		    arena, ctl->argv[1], ctl->argv[2], &question.packets, &question.n_packets);
	if (result == CTL_YES)
		result = ask(ctl, &question, &text);
	if (result == CTL_YES)
		result = print(ctl, text, ctl->argc == 3);
	return result;
}

enum ctl_exit
ctl_why(const struct ctl *ctl)
{
	struct arena *arena;
	enum ctl_exit result;

	if (ctl->argc != 1 && ctl->argc != 3)
		return ctl_usage(ctl, "why [WHAT WHERE]");
	if (geteuid() == 0) {
		fputs("netfencectl: root is never fenced; of users tells netfencectl explain USER "
		      "WHAT WHERE\n",
		    stderr);
		return CTL_USAGE;
	}
	arena = arena_new();
	if (!arena) {
		fputs("netfencectl: no memory\n", stderr);
		return CTL_AWAY;
	}
	result = why(ctl, arena);
	arena_free(arena);
	return result;
}
