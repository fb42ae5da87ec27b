/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/times.h"

#define SECONDS_MAX 86400
#define REASON_MAX  255

static void
print(struct json_object *object)
{
	const char *result = ctl_text(object, "result");
	char when[TIMES_SIZE];

	if (!strcmp(result, "off"))
		printf("off until %s: nothing is fenced, and everybody gets in\n",
		    times_when(ctl_number(object, "until"), when));
	else if (!strcmp(result, "on"))
		puts("on: the fences are back");
	else if (!strcmp(result, "was on"))
		puts("netfence was not off");
	else
		printf("%s: %s; it is tried again\n", result, ctl_text(object, "reason"));
}

static enum ctl_exit
ask(const struct ctl *ctl, enum protocol_operation operation, const struct wire_out *payload)
{
	cleanup_free char *text = NULL;
	struct json_object *object = NULL;
	enum ctl_exit result = ctl_ask_json(ctl, operation, payload, CTL_NO, &text, &object);

	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print(object);
	if (!strcmp(ctl_text(object, "result"), "failed"))
		result = CTL_NO;
	json_object_put(object);
	return result;
}

enum ctl_exit
ctl_off(const struct ctl *ctl)
{
	static const char usage[] = "off --for TIME --reason TEXT";
	cleanup_free char *me = ctl_claim();
	struct wire_out out = { 0 };
	const char *reason = NULL;
	uint32_t seconds = 0;
	enum ctl_exit result;
	int i;

	for (i = 1; i + 1 < ctl->argc; i += 2) {
		if (!strcmp(ctl->argv[i], "--reason")) {
			reason = ctl->argv[i + 1];
		} else if (!strcmp(ctl->argv[i], "--for")) {
			seconds = times_parse(ctl->argv[i + 1], SECONDS_MAX);
			if (!seconds) {
				fprintf(stderr,
				    "netfencectl: '%s' is no time of 1s to 24h, such as 15m\n",
				    ctl->argv[i + 1]);
				return CTL_USAGE;
			}
		} else {
			return ctl_usage(ctl, usage);
		}
	}
	if (i != ctl->argc || !reason || !reason[0] || !seconds)
		return ctl_usage(ctl, usage);
	if (strlen(reason) > REASON_MAX) {
		fprintf(stderr, "netfencectl: a reason has at most %d bytes\n", REASON_MAX);
		return CTL_USAGE;
	}
	wire_put_u32(&out, seconds);
	wire_put_string(&out, reason);
	wire_put_string(&out, me);
	result = ask(ctl, PROTOCOL_OFF, &out);
	wire_out_free(&out);
	return result;
}

enum ctl_exit
ctl_on(const struct ctl *ctl)
{
	cleanup_free char *me = ctl_claim();
	struct wire_out out = { 0 };
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "on");
	wire_put_string(&out, me);
	result = ask(ctl, PROTOCOL_ON, &out);
	wire_out_free(&out);
	return result;
}
