/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/grid.h"
#include "ctl/person.h"
#include "ctl/screen.h"
#include "ctl/times.h"

static const char usage[] = "denials [USER] [--since TIME] [--follow]";

/* How often a follower asks; milliseconds. */
#define FOLLOW_MS 500

#define SINCE_MOST (366U * 86400) /* seconds */

/* after: the sequence number up to which all has been seen. */
struct question {
	const char *user; /* "" for everybody */
	uint64_t since;   /* seconds since 1970 */
	uint64_t after;
	bool follow;
};

/* ---------------------------------------------------------------- what is asked */

/* "09:20", "11-21 03:12" and "2026-11-21 03:12": those that the table has, the latest that is past;
 * or a length, "2h", back from now. */
static bool
parse_since(const char *text, uint64_t *since)
{
	static const struct {
		const char *format;
		bool year, day;
	} forms[] = { { "%Y-%m-%d %H:%M", true, true }, { "%Y-%m-%d", true, true },
		{ "%m-%d %H:%M", false, true }, { "%H:%M", false, false } };
	uint32_t seconds = times_parse(text, SINCE_MOST);
	time_t now = time(NULL), then;
	struct tm today, parts;
	const char *end;
	size_t i;

	if (seconds) {
		*since = (uint64_t)now - seconds;
		return true;
	}
	if (!localtime_r(&now, &today))
		return false;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		parts = (struct tm){
			.tm_year = today.tm_year, .tm_mon = today.tm_mon, .tm_mday = today.tm_mday
		};
		end = strptime(text, forms[i].format, &parts);
		if (!end || *end)
			continue;
		parts.tm_isdst = -1;
		then = mktime(&parts);
		if (then > now && !forms[i].year) {
			parts.tm_mday -= !forms[i].day;
			parts.tm_year -= forms[i].day;
			parts.tm_isdst = -1;
			then = mktime(&parts);
		}
		*since = then > 0 ? (uint64_t)then : 0;
		return then >= 0;
	}
	return false;
}

static bool
read_arguments(const struct ctl *ctl, struct question *question)
{
	int i;

	for (i = 1; i < ctl->argc; i++) {
		if (!strcmp(ctl->argv[i], "--follow")) {
			question->follow = true;
		} else if (!strcmp(ctl->argv[i], "--since") && i + 1 < ctl->argc) {
			if (!parse_since(ctl->argv[++i], &question->since)) {
				fprintf(stderr,
				    "netfencectl: --since %s: write 2h, 09:20, \"11-21 03:12\" or "
				    "\"2026-11-21 03:12\"\n",
				    ctl->argv[i]);
				return false;
			}
		} else if (ctl->argv[i][0] != '-' && !question->user[0]) {
			question->user = ctl->argv[i];
		} else {
			ctl_usage(ctl, usage);
			return false;
		}
	}
	return true;
}

static void
put_question(struct wire_out *out, const struct question *question)
{
	wire_put_string(out, question->user);
	wire_put_u64(out, question->after);
	wire_put_u64(out, question->since);
}

static struct json_object *
ask_again(const struct ctl *ctl, const struct question *question)
{
	struct wire_out out = { 0 };
	cleanup_free char *text = NULL;
	int result;

	put_question(&out, question);
	result = ctl_try(ctl, PROTOCOL_DENIALS, &out, &text, NULL);
	wire_out_free(&out);
	return result == 0 ? json_tokener_parse(text) : NULL;
}

static enum ctl_exit
ask(const struct ctl *ctl, const struct question *question, struct json_object **answer)
{
	struct wire_out out = { 0 };
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	put_question(&out, question);
	result = ctl_ask_json(ctl, PROTOCOL_DENIALS, &out, CTL_AWAY, &text, answer);
	wire_out_free(&out);
	return result;
}

/* ---------------------------------------------------------------- what is shown */

static bool
has(struct json_object *object, const char *key)
{
	return json_object_object_get_ex(object, key, NULL);
}

static bool
is_set(struct json_object *object, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) && json_object_get_boolean(member);
}

#define TARGET_SIZE 128

static const char *
say_target(struct json_object *denial, char target[TARGET_SIZE])
{
	const char *number = has(denial, "port")        ? ctl_text(denial, "port")
			     : has(denial, "icmp_type") ? ctl_text(denial, "icmp_type")
							: "";

	snprintf(target, TARGET_SIZE, "%s%s%s %s", ctl_text(denial, "protocol"),
	    number[0] ? "/" : "", number, ctl_text(denial, "address"));
	return target;
}

/* The file as a person at this host names it, "groups/supporters.yaml:14", and what it is there
 * that denies, where that is no rule. malloc'd. */
static char *
say_rule(const struct ctl *ctl, struct json_object *denial)
{
	const char *file = ctl_text(denial, "file"), *by = ctl_text(denial, "by");
	size_t length = strlen(ctl->rules);
	char *text;

	if (!file[0])
		return strdup(ctl_text(denial, "policy"));
	if (!strncmp(file, ctl->rules, length) && file[length] == '/')
		file += length + 1;
	if (asprintf(&text, "%s:%s%s%s", file, ctl_text(denial, "line"),
		strcmp(by, "rule") ? " " : "", strcmp(by, "rule") ? by : "") < 0)
		return NULL;
	return text;
}

static const char *
say_times(struct json_object *denial, char words[TIMES_SIZE])
{
	snprintf(words, TIMES_SIZE, "%" PRId64 "%s", ctl_number(denial, "count"),
	    is_set(denial, "at_least") ? "+" : "");
	return words;
}

static enum ink
ink_of(const char *verdict)
{
	return !strcmp(verdict, "denied")     ? INK_BAD
	       : !strcmp(verdict, "observed") ? INK_WARN
					      : INK_GOOD;
}

static void
add_row(const struct ctl *ctl, struct grid *grid, struct json_object *denial)
{
	char when[TIMES_SIZE], target[TARGET_SIZE], times[TIMES_SIZE];
	cleanup_free char *rule = say_rule(ctl, denial);

	grid_text(grid, INK_PLAIN, times_when(ctl_number(denial, "last"), when));
	grid_text(grid, INK_PLAIN, ctl_text(denial, "user"));
	grid_text(grid, INK_PLAIN, say_target(denial, target));
	grid_text(grid, INK_PLAIN, say_times(denial, times));
	grid_text(grid, ink_of(ctl_text(denial, "verdict")), ctl_text(denial, "verdict"));
	grid_text(grid, INK_PLAIN, rule);
}

static enum ctl_exit
print_table(const struct ctl *ctl, struct json_object *list)
{
	static const struct grid_column columns[] = {
		{ "WHEN", GRID_LEFT },
		{ "USER", GRID_CUT },
		{ "TARGET", GRID_LEFT },
		{ "TIMES", GRID_RIGHT },
		{ "ACTION", GRID_LEFT },
		{ "RULE", GRID_CUT_HEAD },
	};
	struct screen screen = screen_of(stdout);
	struct grid *grid = grid_new(columns, sizeof(columns) / sizeof(columns[0]));
	int result;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++)
		add_row(ctl, grid, json_object_array_get_idx(list, i));
	result = grid_print(grid, &screen);
	grid_free(grid);
	if (result == 0)
		return CTL_YES;
	fputs("netfencectl: no memory\n", stderr);
	return CTL_AWAY;
}

/* What a reader of the list has to know of what is not in it. */
static void
print_notes(struct json_object *answer)
{
	if (ctl_text(answer, "away")[0])
		fprintf(stderr, "netfencectl: the kernel cannot tell us just now: %s\n",
		    ctl_text(answer, "away"));
	if (ctl_number(answer, "lost"))
		fputs(
		    "netfencectl: the kernel has told more than could be read; not all are here\n",
		    stderr);
}

/* A line for each that has happened, as it happens. */
static void
print_news(const struct ctl *ctl, struct json_object *list)
{
	char when[TIMES_SIZE], target[TARGET_SIZE], times[TIMES_SIZE];
	struct json_object *denial;
	struct screen screen = screen_of(stdout);
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		cleanup_free char *rule = NULL, *user = NULL;

		denial = json_object_array_get_idx(list, i);
		if (ctl->json) {
			puts(json_object_to_json_string_ext(denial, JSON_C_TO_STRING_PLAIN));
			continue;
		}
		rule = say_rule(ctl, denial);
		user = screen_clean(ctl_text(denial, "user"));
		printf("%s  %s  %s  ×%s  ", times_when(ctl_number(denial, "last"), when),
		    user ? user : "", say_target(denial, target), say_times(denial, times));
		screen_put(
		    &screen, ink_of(ctl_text(denial, "verdict")), ctl_text(denial, "verdict"));
		fputs("  ", stdout);
		screen_put(&screen, INK_PLAIN, rule ? rule : "");
		putchar('\n');
	}
	fflush(stdout);
}

static enum ctl_exit
print_list(const struct ctl *ctl, const struct question *question, struct json_object *answer,
    struct json_object *list)
{
	struct identity identity;
	enum ctl_exit result;

	if (json_object_array_length(list) == 0 && question->user[0]) {
		result = person_find(question->user, NULL, &identity);
		if (result != CTL_YES)
			return result;
		identity_clear(&identity);
	}
	if (question->follow) {
		print_news(ctl, list);
		return CTL_YES;
	}
	if (ctl->json) {
		puts(json_object_to_json_string_ext(answer, JSON_C_TO_STRING_PRETTY));
		return CTL_YES;
	}
	print_notes(answer);
	if (json_object_array_length(list) == 0) {
		puts("no denials");
		return CTL_YES;
	}
	return print_table(ctl, list);
}

/* Until somebody ends us. netfenced may be started again meanwhile: it keeps what it has been
 * told, and numbers it on. */
static enum ctl_exit
follow(const struct ctl *ctl, struct question *question)
{
	const struct timespec pause = { 0, FOLLOW_MS * 1000000L };
	struct json_object *answer, *list;

	while (!ferror(stdout)) {
		nanosleep(&pause, NULL);
		answer = ask_again(ctl, question);
		if (!answer)
			continue;
		if (json_object_object_get_ex(answer, "denials", &list))
			print_news(ctl, list);
		question->after = (uint64_t)ctl_number(answer, "sequence");
		json_object_put(answer);
	}
	return CTL_AWAY;
}

enum ctl_exit
ctl_denials(const struct ctl *ctl)
{
	struct question question = { .user = "" };
	struct json_object *answer = NULL, *list;
	enum ctl_exit result;

	if (!read_arguments(ctl, &question))
		return CTL_USAGE;
	result = ask(ctl, &question, &answer);
	if (result != CTL_YES)
		return result;
	if (json_object_object_get_ex(answer, "denials", &list))
		result = print_list(ctl, &question, answer, list);
	question.after = (uint64_t)ctl_number(answer, "sequence");
	json_object_put(answer);
	return question.follow && result == CTL_YES ? follow(ctl, &question) : result;
}
