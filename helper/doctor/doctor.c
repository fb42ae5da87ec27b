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
