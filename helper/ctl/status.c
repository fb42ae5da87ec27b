/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "ctl/times.h"

#define INDENT 11

/* A line of the answer; the label is in the ink of how bad it is. */
static void say(const struct screen *screen, enum ink ink, const char *label, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

static void
say(const struct screen *screen, enum ink ink, const char *label, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	screen_line(screen, INDENT, ink, label, text ? text : "?");
	free(text);
}

static bool
is_set(struct json_object *object, const char *key)
{
	struct json_object *member;

	return json_object_object_get_ex(object, key, &member) && json_object_get_boolean(member);
}

static struct json_object *
part(struct json_object *object, const char *key)
{
	struct json_object *member = NULL;

	json_object_object_get_ex(object, key, &member);
	return member;
}

static const char *
plural(int64_t number)
{
	return number == 1 ? "" : "s";
}

static void
print_daemon(const struct screen *screen, struct json_object *object)
{
	const char *by = ctl_text(object, "engine_by");
	char up[TIMES_SIZE];

	if (!strcmp(by, "option"))
		by = "-e";
	say(screen, INK_PLAIN, "netfenced", "%s, up %s, engine %s (%s)",
	    ctl_text(object, "version"), times_length(ctl_number(object, "up"), up),
	    ctl_text(object, "engine"), by);
}

/* Where the jump is, as the daemon saw it less than a second ago. */
static const char *
jump(struct json_object *family)
{
	if (part(family, "table"))
		return ctl_number(family, "table") ? ", table inet netfence"
						   : "; nobody is fenced, so there is no table";
	if (!part(family, "jump"))
		return "; the tables are being mended";
	return ctl_number(family, "jump") ? ", jump at OUTPUT 1"
					  : "; nobody is fenced, so there is no jump";
}

static void
print_families(const struct screen *screen, struct json_object *families)
{
	struct json_object *ipv4 = part(families, "ipv4"), *ipv6 = part(families, "ipv6");
	const char *four = ctl_text(ipv4, "state"), *six = ctl_text(ipv6, "state");
	bool good = !strcmp(four, "in force");

	if (good && !strcmp(six, "in force"))
		say(screen, INK_PLAIN, "families", "IPv4 and IPv6 in force%s", jump(ipv4));
	else if (good && !strcmp(six, "absent"))
		say(screen, INK_PLAIN, "families",
		    "IPv4 in force%s; there is no IPv6 in this kernel", jump(ipv4));
	else
		say(screen, INK_BAD, "families", "IPv4 %s, IPv6 %s", four, six);
}

static void
print_rules(const struct screen *screen, struct json_object *rules)
{
	int64_t files = ctl_number(rules, "files"), policies = ctl_number(rules, "policies");
	int64_t warnings = ctl_number(rules, "warnings");
	char when[TIMES_SIZE], more[64] = "";

	if (!ctl_number(rules, "since")) {
		say(screen, INK_BAD, "rules", "%s", ctl_text(rules, "state"));
		return;
	}
	if (warnings)
		snprintf(more, sizeof(more), ", %" PRId64 " warning%s", warnings, plural(warnings));
	say(screen, INK_PLAIN, "rules",
	    "in force since %s: %" PRId64 " file%s, %" PRId64 " polic%s%s",
	    times_when(ctl_number(rules, "since"), when), files, plural(files), policies,
	    policies == 1 ? "y" : "ies", more);
	if (ctl_text(rules, "reload_failure")[0] &&
	    strcmp(ctl_text(rules, "source"), "last good") != 0)
		say(screen, INK_WARN, "", "the latest reload changed nothing: %s",
		    ctl_text(rules, "reload_failure"));
	if (!strcmp(ctl_text(rules, "source"), "rollback"))
		say(screen, INK_WARN, "",
		    "after a rollback: the files count again from the next reload");
	if (ctl_number(rules, "confirm_until"))
		say(screen, INK_WARN, "", "to be confirmed until %s (netfencectl confirm)",
		    times_when(ctl_number(rules, "confirm_until"), when));
}

static void
print_fences(const struct screen *screen, struct json_object *object)
{
	static const char *const kinds[] = { "observed", "held", "expired" };
	struct json_object *fences = part(object, "fences"), *grants = part(object, "grants");
	int64_t users = ctl_number(fences, "users"), sessions = ctl_number(fences, "sessions");
	char some[96] = "", of_grants[32] = "";
	size_t used = 0, i;
	int64_t number;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		number = ctl_number(fences, kinds[i]);
		if (number)
			used += (size_t)snprintf(some + used, sizeof(some) - used,
			    "%s%" PRId64 " %s", used ? ", " : " (", number, kinds[i]);
	}
	if (used)
		snprintf(some + used, sizeof(some) - used, ")");
	number = json_object_get_int64(grants);
	if (number)
		snprintf(
		    of_grants, sizeof(of_grants), ", %" PRId64 " grant%s", number, plural(number));
	say(screen, INK_PLAIN, "fences", "%" PRId64 " user%s%s, %" PRId64 " session%s%s", users,
	    plural(users), some, sessions, plural(sessions), of_grants);
}

static void
print_repairs(const struct screen *screen, struct json_object *repairs)
{
	int64_t count = ctl_number(repairs, "count"), took = ctl_number(repairs, "milliseconds");
	char when[TIMES_SIZE];

	if (count)
		say(screen, INK_PLAIN, "repairs",
		    "%" PRId64 ": %s %s, back in %" PRId64 ".%" PRId64 " s", count,
		    times_when(ctl_number(repairs, "last"), when), ctl_text(repairs, "missing"),
		    took / 1000, took / 100 % 10);
}

/* What the kernel denies is stopped all the same; nobody is told of it. */
static void
print_denials(const struct screen *screen, struct json_object *denials)
{
	if (!strcmp(ctl_text(denials, "state"), "away"))
		say(screen, INK_WARN, "denials", "cannot be told: %s", ctl_text(denials, "reason"));
	if (ctl_number(denials, "lost"))
		say(screen, INK_WARN, "denials",
		    "the kernel told more than could be read, %s time%s", ctl_text(denials, "lost"),
		    plural(ctl_number(denials, "lost")));
}

/* Of main's lines, since it began. */
static void
print_log(const struct screen *screen, struct json_object *log)
{
	const int64_t waiting = ctl_number(log, "waiting"), lost = ctl_number(log, "lost");
	char when[TIMES_SIZE];

	if (waiting)
		say(screen, INK_WARN, "log", "%" PRId64 " line%s wait%s to be taken, since %s",
		    waiting, plural(waiting), waiting == 1 ? "s" : "",
		    times_when(ctl_number(log, "since"), when));
	if (lost)
		say(screen, INK_WARN, "log", "%" PRId64 " line%s lost: the log did not take %s",
		    lost, lost == 1 ? " is" : "s are", lost == 1 ? "it" : "them");
}

static void
print_problems(const struct screen *screen, struct json_object *list)
{
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		say(screen, INK_BAD, "DEGRADED", "%s",
		    ctl_text(json_object_array_get_idx(list, i), "text"));
}

static void
print_status(struct json_object *object)
{
	struct screen screen = screen_of(stdout);

	print_daemon(&screen, object);
	print_families(&screen, part(object, "families"));
	print_rules(&screen, part(object, "rules"));
	print_fences(&screen, object);
	print_repairs(&screen, part(object, "repairs"));
	print_denials(&screen, part(object, "denials"));
	print_log(&screen, part(object, "log"));
	if (is_set(object, "cannot_cut"))
		say(&screen, INK_WARN, "sockets", "what was open before a login is not cut: %s",
		    ctl_text(object, "cut_lacks"));
	print_problems(&screen, part(object, "problems"));
}

enum ctl_exit
ctl_status(const struct ctl *ctl)
{
	struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "status");
	result = ctl_ask_json(ctl, PROTOCOL_STATUS, NULL, CTL_AWAY, &text, &object);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print_status(object);
	if (is_set(object, "degraded"))
		result = CTL_NO;
	json_object_put(object);
	return result;
}
