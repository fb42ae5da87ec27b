/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Explanations as JSON, for whoever reads them: the same from the rules in force and from files.
 */
#ifndef NETFENCE_EXPLAIN_ANSWER_H
#define NETFENCE_EXPLAIN_ANSWER_H

#include "explain/question.h"
#include "policy/ruleset.h"

struct json_object;

#define ANSWER_SCHEMA 1

/*
 * policy  what is in force for the user, or would be; NULL where nothing is
 * who     why it is that one, in words
 *
 * The caller's to json_object_put(); NULL where there is no memory. Members: schema, user, uid,
 * policy ("" for none), file, line, mode, who; rules, in YAML, if they were asked for; verdict
 * ("allowed", if all the packets are, or "denied"; there with packets only); answers, one for each
 * packet: packet, address, protocol, local, interface, verdict, action, by ("rule", "default",
 * "loopback",
 * "grant", "none"), rule, file, line, grant (its number), sees, late, limit (count, seconds,
 * beyond), near (rule, file, line, misses).
 */
struct json_object *answer_json(
    const struct question *question, const struct policy *policy, const char *who);

#endif
