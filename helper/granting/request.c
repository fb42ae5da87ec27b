/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "granting/check.h"
#include "granting/inside.h"

/* In the place of the same one that ends sooner. -ENOMEM. */
static int
prolong(
    struct granting *granting, const struct grant *same, struct grant *grant, struct grant **former)
{
	if (!grant->reason[0])
		grant->reason = arena_string(grant->arena, same->reason, strlen(same->reason));
	if (!grant->reason)
		return -ENOMEM;
	grant->id = same->id;
	grant->since = same->since;
	*former = grants_replace(granting->setup.grants, grant);
	return 0;
}

/* Into the list. Takes the grant over. */
static void
enter(struct granting *granting, struct grant *grant, struct connection *connection)
{
	const struct grant *same = grants_find_same(granting->setup.grants, grant);
	const enum change_kind kind = same ? CHANGE_EXTEND : CHANGE_GRANT;
	struct grant *former = NULL;
	struct why why = { "no memory" };
	int result;

	if (same && term_left_ms(&same->term) > term_left_ms(&grant->term)) {
		answer_one(granting, connection, "longer", same, NULL);
		grant_free(grant);
		return;
	}
	result = same ? prolong(granting, same, grant, &former)
		      : grants_add(granting->setup.grants, grant, &why);
	if (result < 0) {
		answer_one(granting, connection, "refused", NULL, why.text);
		grant_free(grant);
		return;
	}
	if (keep_list(granting) == 0 &&
	    change_begin(granting, kind, grant, steal_pointer(&former), connection, &grant->by))
		return;
	/* One that was made longer has gone now, as its former self may have. */
	change_take_back(granting, grant->id, grant->uid, former);
	answer_one(granting, connection, "refused", NULL, why.text);
}

void
granting_grant(struct granting *granting, struct connection *connection, struct wire_in *in)
{
	struct grant *grant = grant_new();
	struct grant_request request;
	struct why why = { "no memory" };
	int result = -ENOMEM;

	if (grant && !grant_request_get(in, grant->arena, &request)) {
		grant_free(grant);
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
		return;
	}
	if (grant)
		result = check_grant(granting->setup.life, &request, grant, &why);
	if (result == 0) {
		grant->by = asker_of(connection, granting->setup.proc, request.claim);
		enter(granting, grant, connection);
		return;
	}
	grant_free(grant);
	answer_one(granting, connection, result == -EINVAL ? "invalid" : "refused", NULL, why.text);
}

void
granting_list(struct granting *granting, struct connection *connection, struct wire_in *in)
{
	cleanup_free char *user = wire_get_string(in, PROTOCOL_NAME_MAX);
	struct json_object *object, *list;
	uint32_t n, i;
	struct grant *const *all = grants_all(granting->setup.grants, &n);

	if (!wire_in_done(in)) {
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
		return;
	}
	object = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; i < n; i++)
		if (!user[0] || !strcmp(user, all[i]->user))
			json_object_array_add(list, answer_grant(granting->setup.life, all[i]));
	json_object_object_add(object, "grants", list);
	answer_object(connection, object);
}

void
granting_revoke(struct granting *granting, struct connection *connection, struct wire_in *in)
{
	uint32_t id = wire_get_u32(in);
	cleanup_free char *claim = wire_get_string(in, PROTOCOL_NAME_MAX);
	struct asker by;
	struct grant *grant;

	if (!wire_in_done(in)) {
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
		return;
	}
	by = asker_of(connection, granting->setup.proc, claim);
	grant = grants_remove(granting->setup.grants, id);
	if (!grant) {
		answer_one(granting, connection, "unknown", NULL, NULL);
		return;
	}
	if (keep_list(granting) < 0)
		keep_complain(granting, "no memory to keep them");
	if (!change_begin(granting, CHANGE_REVOKE, grant, grant, connection, &by))
		answer_one(granting, connection, "refused", NULL, "no memory");
}
