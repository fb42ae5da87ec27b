/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No fence for a while, by an administrator's word: `netfencectl off`. It ends by itself, survives
 * a restart in the state folder, and a clock that is set back does not prolong it.
 */
#ifndef NETFENCE_OFF_H
#define NETFENCE_OFF_H

#include <stdbool.h>

#include "asker.h"
#include "life/life.h"
#include "term.h"

#define OFF_SECONDS_MAX 86400
#define OFF_REASON_MAX  255 /* bytes */

struct off;

struct off_setup {
	struct event_base *base;
	struct life *life;
	int state;   /* the state folder, to read */
	int channel; /* to the supervisor, who writes there */
	int proc;    /* a /proc that hides nobody */
};

/* All of the setup stays the caller's. NULL where there is no memory. */
struct off *off_new(const struct off_setup *setup);
void off_free(struct off *off);

/* At the start, before the first rules: what was kept, if it is not over. */
void off_begin(struct off *off);

/* Each answers the connection in JSON when the kernel is so: schema, result ("off", "on", "was on"
 * or "failed": it is tried again), reason, until. claim: who asks, they say. A second `off` takes
 * the place of the first. */
void off_start(struct off *off, struct connection *connection, uint32_t seconds, const char *reason,
    const char *claim);
void off_end(struct off *off, struct connection *connection, const char *claim);

/* Whoever asked has hung up. */
void off_forget(struct off *off, const struct connection *connection);

/* since: seconds since 1970. */
struct off_now {
	struct term term;
	int64_t since;
	struct asker asker;
	char reason[OFF_REASON_MAX + 1];
};

/* What is in force, or NULL: netfence is on. */
const struct off_now *off_is(const struct off *off);

#endif
