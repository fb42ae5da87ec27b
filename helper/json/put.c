/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json/put.h"

#include <json-c/json.h>

#include "base/cleanup.h"
#include "base/utf8.h"

void
put_text(struct json_object *object, const char *key, const char *text)
{
	cleanup_free char *clean = utf8_escape(text ? text : "");

	json_object_object_add(object, key, json_object_new_string(clean ? clean : ""));
}

void
put_number(struct json_object *object, const char *key, int64_t number)
{
	json_object_object_add(object, key, json_object_new_int64(number));
}

void
put_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}
