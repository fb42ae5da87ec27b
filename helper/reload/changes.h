/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other rules mean, or would mean, for the users who are fenced now.
 */
#ifndef NETFENCE_RELOAD_CHANGES_H
#define NETFENCE_RELOAD_CHANGES_H

#include <json-c/json.h>

#include "life/life.h"

/* What live users have now, by the rules in force, which must be held as long as this is. */
struct changes_before;
struct changes_before *changes_remember(
    const struct life *life);                       /* the caller's; NULL: no memory */
void changes_forget(struct changes_before *before); /* NULL is allowed */

/* The array has an object for each of them, live still, for whom `to` makes a difference: user,
 * from, to
 * ("" for none), and differs: "policy", or "rules" where the policy has kept its name. The
 * caller's. log: each in the log too. before: NULL for nobody. */
struct json_object *changes_since(
    const struct life *life, const struct changes_before *before, const struct rules *to, bool log);

/* A report as an array of objects, the caller's; and in the log. */
struct json_object *changes_report(const struct report *report);
void changes_log_report(const struct report *report);

#endif
