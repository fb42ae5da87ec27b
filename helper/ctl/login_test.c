/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/person.h"
#include "ctl/screen.h"
#include "identity/subuid.h"
#include "netfence/paths.h"
#include "policy/who.h"

#define SCHEMA 1
#define INDENT 9

static void
print(
    const char *result, const char *user, const char *policy, const char *reason, const char *note)
{
	struct screen screen = screen_of(stdout);
	cleanup_free char *who = NULL;

	if (asprintf(&who, "%s%s%s", user, policy[0] ? ", by " : "", policy) < 0)
		who = NULL;
	screen_line(&screen, INDENT, strcmp(result, "refused") ? INK_PLAIN : INK_BAD, result,
	    who ? who : user);
	if (reason[0])
		screen_line(&screen, INDENT, INK_PLAIN, "why", reason);
	if (note[0])
		screen_line(&screen, INDENT, INK_PLAIN, "note", note);
}

/* What would become of a session: result as netfenced has it. */
static enum ctl_exit
tell(const struct ctl *ctl, const char *user, const char *result, const char *policy,
    const char *reason, const char *note)
{
	struct json_object *object;

	if (ctl->json) {
		object = json_object_new_object();
		json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
		json_object_object_add(object, "user", json_object_new_string(user));
		json_object_object_add(object, "result", json_object_new_string(result));
		json_object_object_add(object, "policy", json_object_new_string(policy));
		json_object_object_add(object, "reason", json_object_new_string(reason));
		json_object_object_add(object, "note", json_object_new_string(note));
		puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
		json_object_put(object);
	} else {
		print(result, user, policy, reason, note);
	}
	return strcmp(result, "refused") ? CTL_YES : CTL_NO;
}

/* As the module decides when netfenced does not answer. */
static enum ctl_exit
decide_alone(const struct ctl *ctl, const struct identity *identity, const struct why *away)
{
	cleanup_free char *path = NULL;
	struct who *who = NULL;
	struct who_answer answer;
	struct why why = { "" }, note = { "" };
	int result;

	if (asprintf(&path, "%s/%s", ctl->state, NETFENCE_WHO_NAME) < 0) {
		path = NULL;
		return CTL_AWAY;
	}
	why_set(&note, 0, "netfenced does not answer: %.400s", away->text);
	result = who_read(path, &who, &why);
	if (result == -EACCES) {
		fprintf(stderr, "netfencectl: %s\nnetfencectl: %s\n", note.text, why.text);
		return CTL_NOT_PERMITTED;
	}
	if (result < 0)
		return tell(ctl, identity->name, "refused", "",
		    "who is fenced is not known, so everybody is refused", note.text);
	answer = who_match(who, identity->name, identity->uid,
	    (const char *const *)identity->groups, identity->n_groups);
	who_free(who);
	if (answer.fenced)
		return tell(ctl, identity->name, "refused", "",
		    "the last good rules fence this user", note.text);
	return tell(ctl, identity->name, "free", "", "the last good rules do not fence this user",
	    note.text);
}

static enum ctl_exit
print_answer(const struct ctl *ctl, const struct identity *identity, const char *text)
{
	struct json_object *object = NULL;
	enum ctl_exit result = ctl_parse(text, &object);

	if (result != CTL_YES)
		return result;
	result = tell(ctl, identity->name, ctl_text(object, "result"), ctl_text(object, "policy"),
	    ctl_text(object, "reason"), "");
	json_object_put(object);
	return result;
}

static enum ctl_exit
ask(const struct ctl *ctl, const struct identity *identity)
{
	struct open_request request = {
		.uid = identity->uid,
		.gid = identity->gid,
		.user = identity->name,
		.n_groups = identity->n_groups,
		.groups = identity->groups,
	};
	cleanup_free char *text = NULL;
	struct subuids subuids = { .n = 0 };
	struct why flaw = { "" }, why = { "" };
	struct wire_out out = { 0 };
	int result;

	/* What the module sends of a login; service and terminal play no part. */
	result = subuid_find(identity->name, identity->uid, &subuids, &flaw);
	if (result == 0)
		result = identity_network(-1, &request.netns, &flaw);
	if (result < 0)
		subuids.n = 0;
	else
		flaw.text[0] = '\0';
	request.flaw = flaw.text;
	request.n_ranges = subuids.n;
	request.ranges = subuids.ranges;
	open_request_put(&out, &request);
	result = ctl_try(ctl, PROTOCOL_LOGIN_TEST, &out, &text, &why);
	wire_out_free(&out);
	if (result == -EACCES || result == -EPERM) {
		fprintf(stderr, "netfencectl: %s (only root may ask netfenced)\n", why.text);
		return CTL_NOT_PERMITTED;
	}
	return result < 0 ? decide_alone(ctl, identity, &why) : print_answer(ctl, identity, text);
}

enum ctl_exit
ctl_login_test(const struct ctl *ctl)
{
	struct identity identity;
	enum ctl_exit result;

	if (ctl->argc != 2)
		return ctl_usage(ctl, "login-test USER");
	result = person_find(ctl->argv[1], NULL, &identity);
	if (result != CTL_YES)
		return result;
	/* The module does not ask of root. */
	if (identity.uid == 0)
		result = tell(ctl, identity.name, "free", "", "root is never fenced", "");
	else
		result = ask(ctl, &identity);
	identity_clear(&identity);
	return result;
}
