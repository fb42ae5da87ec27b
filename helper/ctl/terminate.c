/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/person.h"

static void
print(struct json_object *object, bool whole)
{
	const char *user = ctl_text(object, "user");
	int64_t sessions = ctl_number(object, "sessions");

	if (!strcmp(ctl_text(object, "result"), "refused"))
		fprintf(stderr, "netfencectl: %s\n", ctl_text(object, "reason"));
	else if (!strcmp(ctl_text(object, "result"), "left"))
		printf("%s: not all processes could be ended\n", user);
	else if (whole)
		printf("%s: terminated, %" PRId64
		       " session%s; the fence goes when nothing is left\n",
		    user, sessions, sessions == 1 ? "" : "s");
	else
		printf("%s: the session is terminated\n", user);
}

static enum ctl_exit
ask(const struct ctl *ctl, uint32_t uid, uint64_t session)
{
	struct json_object *object = NULL;
	cleanup_free char *text = NULL, *me = ctl_claim();
	struct wire_out out = { 0 };
	enum ctl_exit result;

	wire_put_u32(&out, uid);
	wire_put_u64(&out, session);
	wire_put_string(&out, me);
	result = ctl_ask_json(ctl, PROTOCOL_TERMINATE, &out, CTL_NO, &text, &object);
	wire_out_free(&out);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else
		print(object, !session);
	if (strcmp(ctl_text(object, "result"), "terminated") != 0)
		result = CTL_NO;
	json_object_put(object);
	return result;
}

/* 0 where it is none. */
static uint64_t
parse_id(const char *text)
{
	uint64_t id;
	char *end;

	errno = 0;
	id = strtoull(text, &end, 10);
	return text[0] < '0' || text[0] > '9' || *end || errno ? 0 : id;
}

enum ctl_exit
ctl_terminate(const struct ctl *ctl)
{
	struct identity identity;
	enum ctl_exit result;
	uint64_t session;

	if (ctl->argc == 3 && !strcmp(ctl->argv[1], "--session")) {
		session = parse_id(ctl->argv[2]);
		if (session)
			return ask(ctl, UINT32_MAX, session);
		fprintf(stderr, "netfencectl: '%s' is no session's number\n", ctl->argv[2]);
		return CTL_USAGE;
	}
	if (ctl->argc != 2 || ctl->argv[1][0] == '-')
		return ctl_usage(ctl, "terminate USER | --session ID");
	result = person_find(ctl->argv[1], NULL, &identity);
	if (result != CTL_YES)
		return result;
	result = ask(ctl, identity.uid, 0);
	identity_clear(&identity);
	return result;
}
