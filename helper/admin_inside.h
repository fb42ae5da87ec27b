/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the answers to netfencectl are told from: admin.c's, status.c's and metrics.c's, and nobody
 * else's.
 */
#ifndef NETFENCE_ADMIN_INSIDE_H
#define NETFENCE_ADMIN_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "admin.h"

/* All but the last four are the daemon's. */
struct admin {
	const struct life *life;
	const struct engines *engines;
	const struct reload *reload;
	const struct off *off;
	const struct denials *denials;
	bool chosen;
	time_t started;
	int64_t started_boot_ms;
};

#define ADMIN_SCHEMA 1

struct json_object;

/* Answers with the object, which is let go of. */
void admin_answer(struct connection *connection, struct json_object *object);

/* Whether the user's policy only observes. */
bool admin_observes(const struct rules *rules, const struct user *user);

#endif
