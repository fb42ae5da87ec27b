/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "granting/inside.h"

#include <json-c/json.h>

#include "grants/tell.h"

#define SCHEMA 1

static const char *
state_of(const struct life *life, const struct grant *grant)
{
	const struct user *user = table_find_user(life_table(life), grant->uid);

	if (!user || !grant_is_for(grant, user->uid, user->name))
		return "waiting";
	if (user->policy == WHO_NO_POLICY)
		return "free";
	if (life_is_off(life))
		return "off";
	return user->shut ? "shut" : "in force";
}

struct json_object *
answer_grant(const struct life *life, const struct grant *grant)
{
	struct json_object *object = tell_json(grant);

	json_object_object_add(object, "state", json_object_new_string(state_of(life, grant)));
	return object;
}

void
answer_object(struct connection *connection, struct json_object *object)
{
	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	connection_answer_text(connection, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
}

/* grant, reason: or NULL. */
void
answer_one(const struct granting *granting, struct connection *connection, const char *result,
    const struct grant *grant, const char *reason)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "result", json_object_new_string(result));
	if (grant)
		json_object_object_add(object, "grant", answer_grant(granting->setup.life, grant));
	if (reason)
		json_object_object_add(object, "reason", json_object_new_string(reason));
	answer_object(connection, object);
}

struct json_object *
granting_json(const struct life *life, uint32_t uid, const char *user)
{
	const struct grants *grants = life_grants(life);
	struct json_object *list = json_object_new_array();
	uint32_t n = 0, i;
	struct grant *const *all = grants ? grants_of(grants, uid, &n) : NULL;

	for (i = 0; i < n; i++)
		if (grant_is_for(all[i], uid, user))
			json_object_array_add(list, answer_grant(life, all[i]));
	return list;
}
