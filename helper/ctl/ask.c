/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "netfence/paths.h"
#include "wire/client.h"

/* A reload reads the rules and makes a commit; nothing else takes long. */
#define ASK_MS 30000

static enum ctl_exit
cannot_ask(int error, const struct why *why)
{
	if (error == -EACCES || error == -EPERM) {
		fprintf(stderr,
		    "netfencectl: %s (only root may ask netfenced; "
		    "netfencectl why tells of yourself)\n",
		    why->text);
		return CTL_NOT_PERMITTED;
	}
	if (error == -ENOENT || error == -ECONNREFUSED)
		fprintf(stderr, "netfencectl: netfenced does not run: %s\n", why->text);
	else
		fprintf(stderr, "netfencectl: netfenced does not answer: %s\n", why->text);
	return CTL_AWAY;
}

int
ctl_try(const struct ctl *ctl, enum protocol_operation operation, const struct wire_out *payload,
    char **text, struct why *why)
{
	return ctl_try_at(ctl, NETFENCE_SOCKET_NAME, operation, payload, text, why);
}

int
ctl_try_at(const struct ctl *ctl, const char *name, enum protocol_operation operation,
    const struct wire_out *payload, char **text, struct why *why)
{
	cleanup_free char *path = NULL, *said = NULL;
	cleanup_free uint8_t *answer = NULL;
	cleanup_fd int sock = -1;
	struct protocol_header header;
	struct wire_in in;
	int64_t deadline_ms = wire_clock_ms() + ASK_MS;
	int result;

	*text = NULL;
	if (asprintf(&path, "%s/%s", ctl->run, name) < 0) {
		path = NULL;
		return why_set(why, ENOMEM, "no memory");
	}
	result = wire_connect(path, deadline_ms, &sock, why);
	if (result == 0)
		result = wire_send(sock, operation, payload, deadline_ms, why);
	if (result == 0)
		result = wire_receive(sock, &header, &answer, deadline_ms, why);
	if (result < 0)
		return result;
	if (header.operation == PROTOCOL_BUSY)
		return why_set(why, EBUSY, "it has too many questions to answer just now");
	in = (struct wire_in){ .data = answer, .left = header.length };
	said = wire_get_string(&in, PROTOCOL_ANSWER_MAX);
	if (!said)
		return why_set(why, EPROTO, "the answer was not understood");
	if (header.operation != PROTOCOL_TEXT)
		return why_set(why, EREMOTEIO, "%s", said);
	*text = steal_pointer(&said);
	return 0;
}

enum ctl_exit
ctl_ask(const struct ctl *ctl, enum protocol_operation operation, const struct wire_out *payload,
    enum ctl_exit refused, char **text)
{
	struct why why = { "" };
	int result = ctl_try(ctl, operation, payload, text, &why);

	if (result == -EREMOTEIO) {
		fprintf(stderr, "netfencectl: %s\n", why.text);
		return refused;
	}
	return result < 0 ? cannot_ask(result, &why) : CTL_YES;
}

enum ctl_exit
ctl_parse(const char *text, struct json_object **object)
{
	*object = json_tokener_parse(text);
	if (*object)
		return CTL_YES;
	fputs("netfencectl: the answer of netfenced was not understood\n", stderr);
	return CTL_AWAY;
}

enum ctl_exit
ctl_ask_json(const struct ctl *ctl, enum protocol_operation operation,
    const struct wire_out *payload, enum ctl_exit refused, char **text, struct json_object **object)
{
	enum ctl_exit result = ctl_ask(ctl, operation, payload, refused, text);

	return result == CTL_YES ? ctl_parse(*text, object) : result;
}

void
ctl_print_json(const char *key, const char *text)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "schema", json_object_new_int(1));
	json_object_object_add(object, key, json_object_new_string(text));
	puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

const char *
ctl_text(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, key, &member))
		return "";
	return json_object_get_string(member);
}

int64_t
ctl_number(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, key, &member))
		return 0;
	return json_object_get_int64(member);
}
