/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One grant for others: as JSON, and as a line of the log.
 */
#ifndef NETFENCE_GRANTS_TELL_H
#define NETFENCE_GRANTS_TELL_H

#include "grants/grants.h"

struct json_object;

/* Members: id, user, uid, what and where as they were typed, rule in words, to: all the addresses,
 * since and until (seconds since 1970), left (seconds), by, by_uid, loginuid (-1: nobody's),
 * reason. The caller's. */
struct json_object *tell_json(const struct grant *grant);

/* event=grant: it is in force from now on. */
void tell_begin(const struct grant *grant);

/* event=grant: it is so no more. reason: "expired", "revoked"; by: who asked for that, or NULL. */
void tell_end(const struct grant *grant, const char *reason, const struct asker *by);

#endif
