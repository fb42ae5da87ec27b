/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other rules mean, or would mean, for the users who are fenced now.
 */
#ifndef NETFENCE_RELOAD_CHANGES_H
#define NETFENCE_RELOAD_CHANGES_H

#include <json-c/json.h>

#include "life/life.h"

/* The array has an object for each live user for whom something differs: user, from, to ("" for
 * none), and differs: "policy", or "rules" where the policy has kept its name. The caller's. log:
 * each in the log too. */
struct json_object *changes_between(
    const struct life *life, const struct rules *from, const struct rules *to, bool log);

/* A report as an array of objects, the caller's; and in the log. */
struct json_object *changes_report(const struct report *report);
void changes_log_report(const struct report *report);

#endif
