/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/doctor.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "ctl/answers.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "json/put.h"

#define SCHEMA 1
#define LABEL  6

/* For the name service; a directory may be slow, and there may be many to ask about. */
#define PEOPLE_MS 10000

/* ---------------------------------------------------------------- what is known beforehand */

static struct json_object *
ask(const struct ctl *ctl, enum protocol_operation operation, const struct wire_out *payload,
    struct why *why)
{
	cleanup_free char *text = NULL;

	if (ctl_try(ctl, operation, payload, &text, why) < 0)
		return NULL;
	return json_tokener_parse(text);
}

static void
refresh(struct doctor *doctor)
{
	struct why why = { "" };

	json_object_put(doctor->status);
	json_object_put(doctor->sessions);
	doctor->sessions = NULL;
	doctor->status = ask(doctor->data, PROTOCOL_STATUS, NULL, &doctor->away);
	if (doctor->status)
		doctor->sessions = ask(doctor->data, PROTOCOL_SESSIONS, NULL, &why);
}

static void
gather(const struct ctl *ctl, struct doctor *doctor)
{
	struct wire_out dry_run = { 0 };
	enum ctl_exit result;
	struct why why = { "" };

	refresh(doctor);
	if (doctor->status) {
		wire_put_u8(&dry_run, 1);
		wire_put_u32(&dry_run, 0);
		doctor->dry_run = ask(ctl, PROTOCOL_RELOAD, &dry_run, &why);
		wire_out_free(&dry_run);
	}
	doctor->set = answers_rules(ctl, &result, &doctor->no_set);
	if (doctor->set)
		fenced_find(doctor->set, PEOPLE_MS, &doctor->fenced, &doctor->no_fenced);
}

static void
let_go(struct doctor *doctor)
{
	json_object_put(doctor->status);
	json_object_put(doctor->sessions);
	json_object_put(doctor->dry_run);
	fenced_free(&doctor->fenced);
	ruleset_free(doctor->set);
	findings_free(&doctor->findings);
}

/* ---------------------------------------------------------------- printing */

static const struct {
	const char *label;
	const char *word;
	enum ink ink;
} grades[FINDING_GRADES] = {
	[FINDING_OK] = { "ok", "ok", INK_GOOD },
	[FINDING_UNKNOWN] = { "?", "unknown", INK_WARN },
	[FINDING_WARN] = { "warn", "warning", INK_WARN },
	[FINDING_FAIL] = { "FAIL", "fail", INK_BAD },
};

static void
print(const struct findings *findings, bool all)
{
	const struct screen screen = screen_of(stdout);
	const size_t *count = findings->count;
	size_t i;

	for (i = 0; i < findings->n; i++) {
		const struct finding *finding = findings->list[i];
		cleanup_free char *text = finding_text(finding);

		if (finding->grade == FINDING_OK && !all && !finding->first)
			continue;
		screen_line(
		    &screen, LABEL, grades[finding->grade].ink, grades[finding->grade].label, text);
		if (finding->mend)
			screen_line(&screen, LABEL, INK_PLAIN, "", finding->mend);
	}
	printf("%zu open, %zu warning%s, ", count[FINDING_FAIL], count[FINDING_WARN],
	    count[FINDING_WARN] == 1 ? "" : "s");
	if (count[FINDING_UNKNOWN])
		printf("%zu not known, ", count[FINDING_UNKNOWN]);
	printf("%zu ok%s\n", count[FINDING_OK], all ? "" : " (--all shows them)");
}

static struct json_object *
finding_json(const struct finding *finding)
{
	struct json_object *object = json_object_new_object(), *users = json_object_new_array();
	cleanup_free char *text = finding_text(finding);
	size_t i;

	put_text(object, "id", finding->id);
	put_text(object, "severity", grades[finding->grade].word);
	put_text(object, "subject", finding->subject);
	for (i = 0; i < finding->n_users; i++)
		json_object_array_add(users, json_object_new_string(finding->users[i]));
	json_object_object_add(object, "users", users);
	put_text(object, "text", text);
	put_text(object, "file", finding->file);
	json_object_object_add(object, "line", json_object_new_int64(finding->line));
	put_text(object, "mend", finding->mend);
	return object;
}

static void
print_json(const struct findings *findings)
{
	static const char *const keys[FINDING_GRADES] = {
		[FINDING_OK] = "ok",
		[FINDING_UNKNOWN] = "unknown",
		[FINDING_WARN] = "warnings",
		[FINDING_FAIL] = "open",
	};
	struct json_object *object = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	for (i = FINDING_GRADES; i-- > 0;)
		json_object_object_add(
		    object, keys[i], json_object_new_int64((int64_t)findings->count[i]));
	for (i = 0; i < findings->n; i++)
		json_object_array_add(list, finding_json(findings->list[i]));
	json_object_object_add(object, "findings", list);
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

enum ctl_exit
ctl_doctor(const struct ctl *ctl)
{
	bool all = ctl->argc == 2 && !strcmp(ctl->argv[1], "--all");
	struct doctor doctor = { .host = { "" },
		.rules = ctl->rules,
		.run = ctl->run,
		.state = ctl->state,
		.refresh = refresh,
		.data = ctl };
	enum ctl_exit result;

	if (ctl->argc > 1 && !all)
		return ctl_usage(ctl, "doctor [--all]");
	if (geteuid() != 0) {
		fputs("netfencectl: only root can see all that the doctor looks at\n", stderr);
		return CTL_NOT_PERMITTED;
	}
	gather(ctl, &doctor);
	doctor_run(&doctor);
	if (ctl->json)
		print_json(&doctor.findings);
	else
		print(&doctor.findings, all);
	if (doctor.findings.lost)
		fputs("netfencectl: no memory: not all that was found could be said\n", stderr);
	result = doctor.findings.count[FINDING_FAIL] || doctor.findings.lost ? CTL_NO : CTL_YES;
	let_go(&doctor);
	return result;
}
