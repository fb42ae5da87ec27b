/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "policy/people.h"

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
	if (result == CTL_YES && ctl->json)
		ctl_print_json("rules", text);
	else if (result == CTL_YES)
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
	int i, result, people;

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
	/* Else this would be an error of the rules' own. */
	if ((as || !path) && access(ctl->rules, R_OK | X_OK) < 0 && errno == EACCES) {
		fprintf(
		    stderr, "netfencectl: %s: only root and netfenced may read it\n", ctl->rules);
		return CTL_NOT_PERMITTED;
	}
	if (as)
		result = ruleset_check_as(ctl->rules, as, path, &set, &why);
	else if (path)
		result = ruleset_check_file(path, &set, &why);
	else
		result = ruleset_load(ctl->rules, &set, &why);
	/* One file alone may be meant for another host: who is there, is asked of this one's rules.
	 */
	if (set && (as || !path)) {
		people = people_check(set, &people_of_host, &why);
		result = result ? result : people;
	}
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
