/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/grid.h"
#include "ctl/holders.h"
#include "ctl/screen.h"
#include "ctl/times.h"

static bool
has(struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

/* As they came, and who has no session any more behind them. */
static int
by_number(const void *one, const void *other)
{
	struct json_object *a = *(struct json_object *const *)one;
	struct json_object *b = *(struct json_object *const *)other;
	int64_t first = has(a, "id") ? ctl_number(a, "id") : INT64_MAX;
	int64_t second = has(b, "id") ? ctl_number(b, "id") : INT64_MAX;

	if (first == second)
		return strcmp(ctl_text(a, "user"), ctl_text(b, "user"));
	return first < second ? -1 : 1;
}

static const char *
state(struct json_object *session)
{
	const char *word = ctl_text(session, "state");

	if (!strcmp(word, "active") && !strcmp(ctl_text(session, "mode"), "observe"))
		return "observed";
	return word;
}

static enum ink
state_ink(const char *word)
{
	if (!strcmp(word, "active") || !strcmp(word, "always"))
		return INK_GOOD;
	return strcmp(word, "expired") ? INK_WARN : INK_BAD;
}

/* What keeps a fence without sessions, or "". */
static void
say_holder(struct json_object *session, char *words, size_t size)
{
	int64_t processes = ctl_number(session, "processes");
	struct json_object *sockets;

	words[0] = '\0';
	/* One who is always fenced needs nothing to be held by. */
	if (!strcmp(ctl_text(session, "state"), "always"))
		return;
	if (processes)
		snprintf(words, size, "held by %" PRId64 " process%s", processes,
		    processes == 1 ? "" : "es");
	else if (json_object_object_get_ex(session, "sockets", &sockets))
		snprintf(words, size, "%s",
		    json_object_get_boolean(sockets) ? "held by sockets whose process has ended"
						     : "nothing is left; about to go");
}

/* How many packets were denied, or would have been, where the policy only observes. */
static const char *
say_denied(struct json_object *session, char words[TIMES_SIZE])
{
	struct json_object *at_least;
	int64_t number = ctl_number(session, "denied") + ctl_number(session, "would_deny");

	snprintf(words, TIMES_SIZE, "%" PRId64 "%s", number,
	    json_object_object_get_ex(session, "at_least", &at_least) &&
		    json_object_get_boolean(at_least)
		? "+"
		: "");
	return words;
}

/* ---------------------------------------------------------------- the table */

static void
add_row(struct grid *grid, struct json_object *session, bool denied)
{
	char when[TIMES_SIZE];
	const char *word = state(session);

	grid_text(grid, INK_PLAIN, ctl_text(session, "id"));
	grid_text(grid, INK_PLAIN, ctl_text(session, "user"));
	grid_text(grid, INK_PLAIN, ctl_text(session, "policy"));
	grid_text(grid, INK_PLAIN, ctl_text(session, "service"));
	grid_text(grid, INK_PLAIN, ctl_text(session, "from"));
	grid_text(grid, INK_PLAIN, times_when(ctl_number(session, "since"), when));
	grid_text(grid, INK_PLAIN,
	    has(session, "left") ? times_length(ctl_number(session, "left"), when) : "-");
	grid_text(grid, state_ink(word), word);
	if (denied) {
		say_denied(session, when);
		grid_text(grid, INK_PLAIN, when);
	}
}

/* "* per user. carol: held by 3 processes." */
static void
say_notes(FILE *stream, struct json_object *list, bool denied, bool observed)
{
	struct json_object *session;
	char words[64];
	size_t i;

	if (denied)
		fprintf(stream, " per user%s.",
		    observed ? "; of those who are observed, what would have been denied" : "");
	for (i = 0; i < json_object_array_length(list); i++) {
		session = json_object_array_get_idx(list, i);
		say_holder(session, words, sizeof(words));
		if (!has(session, "id") && words[0])
			fprintf(stream, " %s: %s.", ctl_text(session, "user"), words);
	}
}

static void
print_notes(const struct screen *screen, struct json_object *list, bool denied)
{
	cleanup_free char *text = NULL;
	size_t size, i;
	FILE *stream = open_memstream(&text, &size);
	bool observed = false;

	if (!stream)
		return;
	for (i = 0; i < json_object_array_length(list); i++)
		observed |= !strcmp(state(json_object_array_get_idx(list, i)), "observed");
	say_notes(stream, list, denied, observed);
	if (fclose(stream) == 0 && text[0])
		screen_line(screen, 2, INK_PLAIN, "*", text + 1);
}

static enum ctl_exit
print_table(struct json_object *list)
{
	static const struct grid_column columns[] = {
		{ "ID", GRID_RIGHT },
		{ "USER", GRID_CUT },
		{ "POLICY", GRID_CUT_HEAD }, /* "groups/" says least */
		{ "SERVICE", GRID_CUT },
		{ "FROM", GRID_CUT },
		{ "SINCE", GRID_LEFT },
		{ "LEFT", GRID_LEFT },
		{ "STATE", GRID_LEFT },
		{ "*DENIED", GRID_RIGHT },
	};
	size_t n = json_object_array_length(list), i;
	bool denied = has(json_object_array_get_idx(list, 0), "denied");
	struct screen screen = screen_of(stdout);
	struct grid *grid = grid_new(columns, denied ? 9 : 8);
	int result;

	for (i = 0; i < n; i++)
		add_row(grid, json_object_array_get_idx(list, i), denied);
	result = grid_print(grid, &screen);
	grid_free(grid);
	if (result < 0) {
		fputs("netfencectl: no memory\n", stderr);
		return CTL_USAGE;
	}
	print_notes(&screen, list, denied);
	return CTL_YES;
}

/* ---------------------------------------------------------------- all that is known */

static void
add(FILE *stream, const char *before, const char *text)
{
	if (text[0])
		fprintf(stream, "%s%s", before, text);
}

/* "sshd from 203.0.113.9 on pts/3, opened by root, process 4711" */
static void
say_way(FILE *stream, struct json_object *session)
{
	fprintf(stream, "%s", ctl_text(session, "service"));
	add(stream, " from ", ctl_text(session, "from"));
	add(stream, " on ", ctl_text(session, "tty"));
	add(stream, ", by ", ctl_text(session, "by"));
	add(stream, ", opener's process ", ctl_text(session, "opener"));
}

static void
say_state(FILE *stream, struct json_object *session)
{
	char when[TIMES_SIZE], words[64];

	fprintf(
	    stream, "%s since %s", state(session), times_when(ctl_number(session, "since"), when));
	if (has(session, "left"))
		fprintf(stream, ", %s left", times_length(ctl_number(session, "left"), when));
	say_holder(session, words, sizeof(words));
	add(stream, ", ", words);
	if (has(session, "denied"))
		fprintf(stream, ", %s packets of %s %sdenied", say_denied(session, when),
		    ctl_text(session, "user"),
		    strcmp(state(session), "observed") ? "" : "would have been ");
}

static void
print_part(const struct screen *screen, const char *label, struct json_object *session,
    void (*say)(FILE *stream, struct json_object *session))
{
	cleanup_free char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return;
	say(stream, session);
	if (fclose(stream) == 0 && text[0])
		screen_line(screen, 7, INK_TITLE, label, text);
}

static void
say_user(FILE *stream, struct json_object *session)
{
	fprintf(stream, "%s (uid %s)", ctl_text(session, "user"), ctl_text(session, "uid"));
	add(stream, ", ", ctl_text(session, "policy"));
}

static void
print_long(struct json_object *list)
{
	struct screen screen = screen_of(stdout);
	struct json_object *session;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		session = json_object_array_get_idx(list, i);
		print_part(
		    &screen, has(session, "id") ? ctl_text(session, "id") : "-", session, say_user);
		print_part(&screen, "", session, say_way);
		print_part(&screen, "", session, say_state);
	}
}

enum ctl_exit
ctl_sessions(const struct ctl *ctl)
{
	struct json_object *object = NULL, *list = NULL;
	cleanup_free char *text = NULL;
	bool all = ctl->argc == 2 && !strcmp(ctl->argv[1], "-l");
	struct wire_out out = { 0 };
	enum ctl_exit result;

	if (ctl->argc != 1 && !all)
		return ctl_usage(ctl, "sessions [-l]");
	wire_put_u8(&out, all);
	result = ctl_ask_json(ctl, PROTOCOL_SESSIONS, &out, CTL_AWAY, &text, &object);
	wire_out_free(&out);
	if (result != CTL_YES)
		return result;
	json_object_object_get_ex(object, "sessions", &list);
	if (list) {
		holders_find(list);
		json_object_array_sort(list, by_number);
	}
	if (ctl->json)
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	else if (!list || !json_object_array_length(list))
		puts("no fenced sessions");
	else if (all)
		print_long(list);
	else
		result = print_table(list);
	json_object_put(object);
	return result;
}
