/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/times.h"

static void
print_up(int64_t seconds)
{
	if (seconds >= 86400)
		printf("up %" PRId64 "d", seconds / 86400);
	else if (seconds >= 3600)
		printf("up %" PRId64 "h%02" PRId64 "m", seconds / 3600, seconds / 60 % 60);
	else
		printf("up %" PRId64 "m", seconds / 60);
}

static void
print_families(struct json_object *families)
{
	static const struct {
		const char *key;
		const char *name;
	} names[] = { { "ipv4", "IPv4" }, { "ipv6", "IPv6" } };
	struct json_object *family;
	size_t i;

	printf("families   ");
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!json_object_object_get_ex(families, names[i].key, &family))
			continue;
		printf("%s%s %s", i ? ", " : "", names[i].name, ctl_text(family, "state"));
		if (ctl_text(family, "reason")[0])
			printf(" (%s)", ctl_text(family, "reason"));
	}
	putchar('\n');
}

static const char *
plural(int64_t number)
{
	return number == 1 ? "" : "s";
}

static void
print_repairs(struct json_object *repairs)
{
	int64_t count = ctl_number(repairs, "count"), took = ctl_number(repairs, "milliseconds");
	struct json_object *contested;
	char when[TIMES_SIZE];

	if (!count)
		return;
	printf("repairs    %" PRId64 ": %s %s, back in %" PRId64 ".%" PRId64 " s\n", count,
	    times_when(ctl_number(repairs, "last"), when), ctl_text(repairs, "missing"),
	    took / 1000, took / 100 % 10);
	if (json_object_object_get_ex(repairs, "contested", &contested) &&
	    json_object_get_boolean(contested))
		puts("           CONTESTED: another program keeps changing our rules; new fenced "
		     "logins\n           are refused until they hold");
}

static void
print_status(struct json_object *object)
{
	struct json_object *part;
	char when[TIMES_SIZE];
	int64_t users, held, sessions;

	printf("netfenced  %s, ", ctl_text(object, "version"));
	print_up(time(NULL) - ctl_number(object, "started"));
	printf(", engine %s\n", ctl_text(object, "engine"));
	if (json_object_object_get_ex(object, "families", &part))
		print_families(part);
	if (json_object_object_get_ex(object, "rules", &part)) {
		if (ctl_number(part, "since"))
			printf("rules      in force since %s: %" PRId64 " file%s, %" PRId64
			       " polic%s\n",
			    times_when(ctl_number(part, "since"), when), ctl_number(part, "files"),
			    plural(ctl_number(part, "files")), ctl_number(part, "policies"),
			    ctl_number(part, "policies") == 1 ? "y" : "ies");
		if (!strcmp(ctl_text(part, "source"), "last good"))
			puts("           THE FILES HAVE ERRORS: these are the last good rules "
			     "(netfencectl check)");
		if (!strcmp(ctl_text(part, "source"), "rollback"))
			puts("           after a rollback: the files count again from the next "
			     "reload");
		if (ctl_number(part, "confirm_until"))
			printf("           to be confirmed until %s (netfencectl confirm)\n",
			    times_when(ctl_number(part, "confirm_until"), when));
		if (!ctl_number(part, "since"))
			puts("rules      UNUSABLE: every session but root's is refused "
			     "(netfencectl check)");
	}
	if (json_object_object_get_ex(object, "fences", &part)) {
		users = ctl_number(part, "users");
		held = ctl_number(part, "held");
		sessions = ctl_number(part, "sessions");
		printf("fences     %" PRId64 " user%s", users, plural(users));
		if (held)
			printf(" (%" PRId64 " held)", held);
		printf(", %" PRId64 " session%s\n", sessions, plural(sessions));
	}
	if (json_object_object_get_ex(object, "repairs", &part))
		print_repairs(part);
	if (json_object_object_get_ex(object, "cannot_cut", &part) && json_object_get_boolean(part))
		puts("sockets    this kernel cannot cut what was open before a login");
}

enum ctl_exit
ctl_status(const struct ctl *ctl)
{
	struct json_object *object = NULL, *degraded;
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "status");
	result = ctl_ask_json(ctl, PROTOCOL_STATUS, &text, &object);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print_status(object);
	if (json_object_object_get_ex(object, "degraded", &degraded) &&
	    json_object_get_boolean(degraded))
		result = CTL_NO;
	json_object_put(object);
	return result;
}
