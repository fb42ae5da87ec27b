/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/times.h"

static void
print_report(struct json_object *list)
{
	struct json_object *entry;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		printf("%s:%s:%s: %s: %s\n", ctl_text(entry, "file"), ctl_text(entry, "line"),
		    ctl_text(entry, "column"), ctl_text(entry, "severity"),
		    ctl_text(entry, "text"));
	}
}

static void
print_changes(struct json_object *list)
{
	struct json_object *entry;
	const char *from, *to;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		entry = json_object_array_get_idx(list, i);
		from = ctl_text(entry, "from");
		to = ctl_text(entry, "to");
		if (!strcmp(ctl_text(entry, "differs"), "rules"))
			printf("%s: the rules of %s differ\n", ctl_text(entry, "user"), to);
		else
			printf("%s: %s, was %s\n", ctl_text(entry, "user"), to[0] ? to : "FREE",
			    from[0] ? from : "free");
	}
}

static void
print_answer(struct json_object *object)
{
	struct json_object *list;
	int64_t until = ctl_number(object, "confirm_until"), cuts;
	char when[TIMES_SIZE];

	if (json_object_object_get_ex(object, "report", &list))
		print_report(list);
	if (json_object_object_get_ex(object, "changed", &list))
		print_changes(list);
	cuts = ctl_number(object, "would_cut");
	if (!strncmp(ctl_text(object, "result"), "would", 5) &&
	    !json_object_object_get_ex(object, "would_cut", NULL))
		puts("open connections could not be counted just now");
	if (cuts)
		printf("%" PRId64 " open connection%s would be cut\n", cuts, cuts == 1 ? "" : "s");
	printf("%s", ctl_text(object, "result"));
	if (ctl_text(object, "reason")[0])
		printf(": %s", ctl_text(object, "reason"));
	if (until)
		printf("; without netfencectl confirm until %s the previous rules return",
		    times_when(until, when));
	putchar('\n');
}

static enum ctl_exit
ask(const struct ctl *ctl, enum protocol_operation operation, const struct wire_out *payload)
{
	struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	const char *word;
	enum ctl_exit result = ctl_ask_json(ctl, operation, payload, CTL_NO, &text, &object);

	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print_answer(object);
	word = ctl_text(object, "result");
	if (!strcmp(word, "refused"))
		result = CTL_RULES_UNUSABLE;
	else if (!strcmp(word, "failed"))
		result = CTL_NO;
	json_object_put(object);
	return result;
}

#define CONFIRM_MAX 86400 /* seconds */

enum ctl_exit
ctl_reload(const struct ctl *ctl)
{
	static const char usage[] = "reload [--dry-run] [--confirm TIME]";
	struct wire_out out = { 0 };
	bool dry_run = false;
	uint32_t confirm = 0;
	enum ctl_exit result;
	int i;

	for (i = 1; i < ctl->argc; i++) {
		if (!strcmp(ctl->argv[i], "--dry-run")) {
			dry_run = true;
		} else if (!strcmp(ctl->argv[i], "--confirm") && i + 1 < ctl->argc) {
			confirm = times_parse(ctl->argv[++i], CONFIRM_MAX);
			if (!confirm) {
				fprintf(stderr,
				    "netfencectl: '%s' is no time of 1s to 24h, such as 5m\n",
				    ctl->argv[i]);
				return CTL_USAGE;
			}
		} else {
			return ctl_usage(ctl, usage);
		}
	}
	if (dry_run && confirm)
		return ctl_usage(ctl, usage);
	wire_put_u8(&out, dry_run);
	wire_put_u32(&out, confirm);
	result = ask(ctl, PROTOCOL_RELOAD, &out);
	wire_out_free(&out);
	return result;
}

enum ctl_exit
ctl_rollback(const struct ctl *ctl)
{
	return ctl->argc == 1 ? ask(ctl, PROTOCOL_ROLLBACK, NULL) : ctl_usage(ctl, "rollback");
}

enum ctl_exit
ctl_confirm(const struct ctl *ctl)
{
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "confirm");
	result = ctl_ask(ctl, PROTOCOL_CONFIRM, NULL, CTL_NO, &text);
	if (result == CTL_YES && ctl->json)
		ctl_print_json("result", text);
	else if (result == CTL_YES)
		puts(text);
	return result;
}
