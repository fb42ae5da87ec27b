/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/doctor.h"

#include <json-c/json.h>

static void (*const checks[])(struct doctor *) = {
	doctor_daemon,
	doctor_rules,
	doctor_places,
	doctor_people,
	doctor_sshd,
	doctor_pam,
	doctor_module,
	doctor_tables,
	doctor_firewalls,
	doctor_processes,
	doctor_jobs,
	doctor_sudo,
	doctor_groups,
	doctor_programs,
	doctor_listeners,
	doctor_protocols,
};

void
doctor_run(struct doctor *doctor)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](doctor);
	findings_join(&doctor->findings);
}

void
doctor_refresh(struct doctor *doctor)
{
	if (doctor->refresh)
		doctor->refresh(doctor);
}

/* true, or an object with more about it. */
struct json_object *
doctor_off(const struct doctor *doctor)
{
	struct json_object *off = NULL;

	if (!doctor->status || !json_object_object_get_ex(doctor->status, "off", &off) || !off)
		return NULL;
	if (json_object_is_type(off, json_type_object))
		return json_object_object_length(off) > 0 ? off : NULL;
	return json_object_get_boolean(off) ? off : NULL;
}

const char *
doctor_text(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!object || !json_object_object_get_ex(object, key, &member) || !member)
		return "";
	return json_object_get_string(member);
}

int64_t
doctor_number(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!object || !json_object_object_get_ex(object, key, &member))
		return 0;
	return json_object_get_int64(member);
}

bool
doctor_flag(struct json_object *object, const char *key)
{
	struct json_object *member;

	return object && json_object_object_get_ex(object, key, &member) &&
	       json_object_get_boolean(member);
}
