/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ending what a fenced user runs, or what belongs to one of the user's sessions, on an
 * administrator's word: TERM, and KILL for what is left a little later. The sessions end by
 * themselves then, and the fence follows when nothing is left.
 */
#ifndef NETFENCE_TERMINATE_H
#define NETFENCE_TERMINATE_H

#include "asker.h"
#include "life/life.h"

struct event_base;
struct terminate;

/* life stays the caller's; proc: a /proc that hides nobody. NULL where there is no memory. */
struct terminate *terminate_new(struct event_base *base, struct life *life, int proc);
void terminate_free(struct terminate *terminate);

#define TERMINATE_NO_UID UINT32_MAX

/*
 * uid      whose everything, or TERMINATE_NO_UID where a session is meant
 * session  its number
 * claim    who asks, they say
 *
 * The answer is JSON, when nothing is left, or some of it after TERMINATE_MS: schema, result
 * ("terminated", "left"), user, uid, sessions (how many the user had then). "refused" and a reason
 * where nothing fences that user, or there is no such session. Logins of a user who is ended as a
 * whole are refused meanwhile.
 */
#define TERMINATE_MS 20000
void terminate_start(struct terminate *terminate, struct connection *connection, uint32_t uid,
    uint64_t session, const char *claim);

/* Whoever asked has hung up; it goes on. */
void terminate_forget(struct terminate *terminate, const struct connection *connection);

#endif
