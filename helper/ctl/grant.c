/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/grid.h"
#include "ctl/person.h"
#include "ctl/times.h"
#include "explain/grant_request.h"
#include "policy/names.h"

#define USAGE     "grant USER WHAT WHERE --for TIME [--reason TEXT]"
#define DAYS_MOST 30
#define LABEL     10

/* ------------------------------------------------------------------------------ asking */

static bool
came_to(struct json_object *object, const char *result)
{
	return !strcmp(ctl_text(object, "result"), result);
}

/* ------------------------------------------------------------------------------ words */

/* What the state of a grant means for its user, or NULL: it is in force. malloc'd. */
static char *
say_state(struct json_object *grant)
{
	static const struct {
		const char *state;
		const char *before; /* the user's name */
		const char *behind;
	} words[] = {
		{ "waiting", "", " has no session: it counts from the next login on" },
		{ "free", "nothing fences ", " now: it counts when something does" },
		{ "off", "netfence is off: for ", " it counts when that is over" },
		{ "shut", "the fence of ", " is shut: it opens nothing before that has gone" },
	};
	char *text = NULL;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(ctl_text(grant, "state"), words[i].state) &&
		    asprintf(&text, "%s%s%s", words[i].before, ctl_text(grant, "user"),
			words[i].behind) < 0)
			text = NULL;
	return text;
}

static void
print_grant(struct json_object *object)
{
	const struct screen screen = screen_of(stdout);
	struct json_object *grant;
	cleanup_free char *label = NULL, *text = NULL, *state = NULL;
	char when[TIMES_SIZE], left[TIMES_SIZE];

	if (!json_object_object_get_ex(object, "grant", &grant))
		return;
	if (asprintf(&label, "grant %s", ctl_text(grant, "id")) < 0)
		label = NULL;
	if (asprintf(&text, "%s%s for %s until %s (%s)",
		came_to(object, "extended") ? "extended: " : "", ctl_text(grant, "rule"),
		ctl_text(grant, "user"), times_when(ctl_number(grant, "until"), when),
		times_length(ctl_number(grant, "left"), left)) < 0)
		text = NULL;
	screen_line(&screen, LABEL, INK_TITLE, label ? label : "grant", text ? text : "");
	state = say_state(grant);
	if (state)
		screen_line(&screen, LABEL, INK_TITLE, "note", state);
}

static enum ctl_exit
say_longer(struct json_object *object)
{
	struct json_object *grant;
	char when[TIMES_SIZE];

	if (json_object_object_get_ex(object, "grant", &grant))
		fprintf(stderr,
		    "netfencectl: grant %s is the same and lasts longer, until %s: to make it "
		    "shorter, netfencectl revoke %s first\n",
		    ctl_text(grant, "id"), times_when(ctl_number(grant, "until"), when),
		    ctl_text(grant, "id"));
	return CTL_NO;
}

/* The answer to GRANT and REVOKE where it is not what was wanted. */
static enum ctl_exit
say_refusal(struct json_object *object)
{
	if (came_to(object, "longer"))
		return say_longer(object);
	fprintf(stderr, "netfencectl: %s\n", ctl_text(object, "reason"));
	return came_to(object, "invalid") ? CTL_USAGE : CTL_NO;
}

/* ------------------------------------------------------------------------------ grant */

struct wish {
	const char *words[3]; /* USER WHAT WHERE */
	unsigned int n;
	const char *length;
	const char *reason;
};

/* Where the option `name` stands at argv[*i], its value, behind which *i is then. */
static const char *
option(const struct ctl *ctl, int *i, const char *name)
{
	if (strcmp(ctl->argv[*i], name) != 0 || *i + 1 >= ctl->argc)
		return NULL;
	return ctl->argv[++*i];
}

static bool
read_wish(const struct ctl *ctl, struct wish *wish)
{
	const char *value;
	int i;

	*wish = (struct wish){ .reason = "" };
	for (i = 1; i < ctl->argc; i++) {
		if ((value = option(ctl, &i, "--for")))
			wish->length = value;
		else if ((value = option(ctl, &i, "--reason")))
			wish->reason = value;
		else if (ctl->argv[i][0] == '-' || wish->n == 3)
			return false;
		else
			wish->words[wish->n++] = ctl->argv[i];
	}
	return wish->n == 3;
}

static enum ctl_exit
ask_grant(const struct ctl *ctl, const struct grant_request *request)
{
	struct wire_out out = { 0 };
	struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	enum ctl_exit result;
	bool granted;

	grant_request_put(&out, request);
	result = ctl_ask_json(ctl, PROTOCOL_GRANT, &out, CTL_NO, &text, &object);
	wire_out_free(&out);
	if (result != CTL_YES)
		return result;
	granted = came_to(object, "granted") || came_to(object, "extended");
	if (ctl->json)
		puts(text);
	if (!granted)
		result = say_refusal(object);
	else if (!ctl->json)
		print_grant(object);
	json_object_put(object);
	return result;
}

enum ctl_exit
ctl_grant(const struct ctl *ctl)
{
	struct grant_request request = { .reason = "" };
	cleanup_free char *me = NULL;
	struct identity identity;
	struct wish wish;
	enum ctl_exit result;

	if (!read_wish(ctl, &wish))
		return ctl_usage(ctl, USAGE);
	if (!wish.length) {
		fputs("netfencectl: for how long? --for 2h\n", stderr);
		return ctl_usage(ctl, USAGE);
	}
	request.seconds = times_parse(wish.length, DAYS_MOST * 86400);
	if (!request.seconds) {
		fprintf(stderr,
		    "netfencectl: \"%s\" is no time for a grant: 90s, 30m, 2h or 1d, at most %dd\n",
		    wish.length, DAYS_MOST);
		return CTL_USAGE;
	}
	result = person_find(wish.words[0], NULL, &identity);
	if (result != CTL_YES)
		return result;
	me = ctl_claim();
	request.subject.user = identity.name;
	request.subject.uid = identity.uid;
	request.subject.n_groups = identity.n_groups;
	request.subject.groups = (const char *const *)identity.groups;
	request.what = wish.words[1];
	request.where = wish.words[2];
	request.reason = wish.reason;
	request.claim = me;
	result = ask_grant(ctl, &request);
	identity_clear(&identity);
	return result;
}

/* ------------------------------------------------------------------------------ grants */

static enum ctl_exit
print_grants(struct json_object *list)
{
	static const struct grid_column columns[] = {
		{ "ID", GRID_RIGHT },
		{ "USER", GRID_CUT },
		{ "WHAT", GRID_CUT },
		{ "WHERE", GRID_CUT },
		{ "UNTIL", GRID_LEFT },
		{ "LEFT", GRID_LEFT },
		{ "BY", GRID_CUT },
		{ "REASON", GRID_CUT },
	};
	const struct screen screen = screen_of(stdout);
	struct grid *grid = grid_new(columns, sizeof(columns) / sizeof(columns[0]));
	char when[TIMES_SIZE], left[TIMES_SIZE];
	size_t i;
	int result;

	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *grant = json_object_array_get_idx(list, i);
		bool now = !strcmp(ctl_text(grant, "state"), "in force");

		grid_number(grid, ctl_number(grant, "id"));
		grid_text(grid, INK_PLAIN, ctl_text(grant, "user"));
		grid_text(grid, INK_PLAIN, ctl_text(grant, "what"));
		grid_text(grid, INK_PLAIN, ctl_text(grant, "where"));
		grid_text(grid, INK_PLAIN, times_when(ctl_number(grant, "until"), when));
		grid_text(grid, now ? INK_PLAIN : INK_FAINT,
		    times_length(ctl_number(grant, "left"), left));
		grid_text(grid, INK_PLAIN, ctl_text(grant, "by"));
		grid_text(grid, INK_PLAIN, ctl_text(grant, "reason"));
	}
	result = grid_print(grid, &screen);
	grid_free(grid);
	if (result < 0)
		fputs("netfencectl: no memory\n", stderr);
	return result < 0 ? CTL_AWAY : CTL_YES;
}

/* What does not count now, and why. */
static void
print_states(struct json_object *list)
{
	const struct screen screen = screen_of(stdout);
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *grant = json_object_array_get_idx(list, i);
		cleanup_free char *state = say_state(grant), *text = NULL;

		if (state && asprintf(&text, "%s: %s", ctl_text(grant, "id"), state) >= 0)
			screen_line(&screen, 2, INK_PLAIN, "*", text);
	}
}

enum ctl_exit
ctl_grants(const struct ctl *ctl)
{
	const char *user = ctl->argc == 2 ? ctl->argv[1] : "";
	struct json_object *object = NULL, *list = NULL;
	cleanup_free char *text = NULL;
	struct wire_out out = { 0 };
	struct identity identity;
	enum ctl_exit result;

	if (ctl->argc > 2 || user[0] == '-')
		return ctl_usage(ctl, "grants [USER]");
	wire_put_string(&out, user);
	result = ctl_ask_json(ctl, PROTOCOL_GRANTS, &out, CTL_NO, &text, &object);
	wire_out_free(&out);
	if (result != CTL_YES)
		return result;
	/* One whose account has gone may have grants left; another one is unknown. */
	json_object_object_get_ex(object, "grants", &list);
	if (user[0] && list && !json_object_array_length(list)) {
		result = person_find(user, NULL, &identity);
		if (result == CTL_YES)
			identity_clear(&identity);
	}
	if (result == CTL_YES && ctl->json) {
		puts(text);
	} else if (result == CTL_YES && list && json_object_array_length(list)) {
		result = print_grants(list);
		print_states(list);
	} else if (result == CTL_YES) {
		puts("no grants");
	}
	json_object_put(object);
	return result;
}

/* ------------------------------------------------------------------------------ revoke */

static void
print_revoked(struct json_object *object)
{
	struct json_object *grant;

	if (json_object_object_get_ex(object, "grant", &grant))
		printf("grant %s of %s is revoked: %s\n", ctl_text(grant, "id"),
		    ctl_text(grant, "user"), ctl_text(grant, "rule"));
}

enum ctl_exit
ctl_revoke(const struct ctl *ctl)
{
	cleanup_free char *text = NULL, *me = NULL;
	struct json_object *object = NULL;
	struct wire_out out = { 0 };
	enum ctl_exit result;
	unsigned long id;
	char *end;

	if (ctl->argc != 2)
		return ctl_usage(ctl, "revoke ID");
	id = strtoul(ctl->argv[1], &end, 10);
	if (ctl->argv[1][0] < '0' || ctl->argv[1][0] > '9' || *end || id > UINT32_MAX) {
		fprintf(stderr,
		    "netfencectl: \"%s\" is no number of a grant; netfencectl grants lists them\n",
		    ctl->argv[1]);
		return CTL_USAGE;
	}
	me = ctl_claim();
	wire_put_u32(&out, (uint32_t)id);
	wire_put_string(&out, me);
	result = ctl_ask_json(ctl, PROTOCOL_REVOKE, &out, CTL_NO, &text, &object);
	wire_out_free(&out);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	if (came_to(object, "unknown")) {
		fprintf(stderr, "netfencectl: no grant %lu; netfencectl grants lists them\n", id);
		result = CTL_NO;
	} else if (!came_to(object, "revoked")) {
		result = say_refusal(object);
	} else if (!ctl->json) {
		print_revoked(object);
	}
	json_object_put(object);
	return result;
}
