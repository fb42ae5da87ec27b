/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "policy/ruleset.h"

/* The rules that the kernel ought to hold, as netfenced sees it now. */
enum ctl_exit
ctl_rules(const struct ctl *ctl)
{
	cleanup_free char *text = NULL;
	struct wire_out out = { 0 };
	enum ctl_exit result;

	if (ctl->argc > 2)
		return ctl_usage(ctl, "rules [USER]");
	wire_put_string(&out, ctl->argc == 2 ? ctl->argv[1] : "");
	result = ctl_ask(ctl, PROTOCOL_RULES, &out, CTL_USAGE, &text);
	wire_out_free(&out);
	if (result == CTL_YES)
		fputs(text, stdout);
	return result;
}

static void
print_report_json(const struct report *report)
{
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		const struct diagnostic *diagnostic = &report->diagnostics[i];
		struct json_object *entry = json_object_new_object();

		json_object_object_add(entry, "severity",
		    json_object_new_string(
			diagnostic->severity == SEVERITY_ERROR ? "error" : "warning"));
		json_object_object_add(entry, "file", json_object_new_string(diagnostic->file));
		json_object_object_add(entry, "line", json_object_new_int64(diagnostic->line));
		json_object_object_add(entry, "column", json_object_new_int64(diagnostic->column));
		json_object_object_add(entry, "text", json_object_new_string(diagnostic->text));
		json_object_array_add(list, entry);
	}
	json_object_object_add(object, "schema", json_object_new_int(1));
	json_object_object_add(object, "errors", json_object_new_int64(report->n_errors));
	json_object_object_add(object, "warnings", json_object_new_int64(report->n_warnings));
	json_object_object_add(object, "report", list);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

enum ctl_exit
ctl_check(const struct ctl *ctl)
{
	static const char usage[] = "check [--as NAME] [PATH]";
	const char *as = NULL, *path = NULL;
	struct ruleset *set = NULL;
	struct why why = { "" };
	int i, result;

	for (i = 1; i < ctl->argc; i++) {
		if (!strcmp(ctl->argv[i], "--as") && !as && i + 1 < ctl->argc)
			as = ctl->argv[++i];
		else if (!path && ctl->argv[i][0] != '-')
			path = ctl->argv[i];
		else
			return ctl_usage(ctl, usage);
	}
	if (as && !path)
		return ctl_usage(ctl, usage);
	if (as)
		result = ruleset_check_as(ctl->rules, as, path, &set, &why);
	else if (path)
		result = ruleset_check_file(path, &set, &why);
	else
		result = ruleset_load(ctl->rules, &set, &why);
	if (!set) {
		fprintf(stderr, "netfencectl: %s\n", why.text);
		return result == -EACCES || result == -EPERM ? CTL_NOT_PERMITTED : CTL_NO;
	}
	if (ctl->json)
		print_report_json(&set->report);
	else
		report_print(&set->report, stdout);
	if (!ctl->json && isatty(STDOUT_FILENO) && result == 0)
		printf("no errors in %u file%s\n", set->n_files, set->n_files == 1 ? "" : "s");
	ruleset_free(set);
	return result < 0 ? CTL_NO : CTL_YES;
}

static void
print_reload(struct json_object *object)
{
	struct json_object *list, *entry;
	size_t i;

	if (json_object_object_get_ex(object, "report", &list))
		for (i = 0; i < json_object_array_length(list); i++) {
			entry = json_object_array_get_idx(list, i);
			printf("%s:%s:%s: %s: %s\n", ctl_text(entry, "file"),
			    ctl_text(entry, "line"), ctl_text(entry, "column"),
			    ctl_text(entry, "severity"), ctl_text(entry, "text"));
		}
	if (json_object_object_get_ex(object, "changed", &list))
		for (i = 0; i < json_object_array_length(list); i++) {
			entry = json_object_array_get_idx(list, i);
			if (ctl_text(entry, "to")[0])
				printf("%s: %s, was %s\n", ctl_text(entry, "user"),
				    ctl_text(entry, "to"), ctl_text(entry, "from"));
			else
				printf("%s: FREE, was %s\n", ctl_text(entry, "user"),
				    ctl_text(entry, "from"));
		}
	if (ctl_text(object, "reason")[0])
		printf("%s: %s\n", ctl_text(object, "result"), ctl_text(object, "reason"));
	else
		puts(ctl_text(object, "result"));
}

enum ctl_exit
ctl_reload(const struct ctl *ctl)
{
	struct json_object *object = NULL;
	cleanup_free char *text = NULL;
	const char *result_word;
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "reload");
	result = ctl_ask_json(ctl, PROTOCOL_RELOAD, &text, &object);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print_reload(object);
	result_word = ctl_text(object, "result");
	if (!strcmp(result_word, "refused"))
		result = CTL_RULES_UNUSABLE;
	else if (!strcmp(result_word, "failed"))
		result = CTL_NO;
	json_object_put(object);
	return result;
}
