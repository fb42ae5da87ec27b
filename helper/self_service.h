/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users ask about themselves, over why.sock (helper/window): main's end of it. A user is told
 * of themselves only, and not what is the administrator's: files, rules, comments.
 */
#ifndef NETFENCE_SELF_SERVICE_H
#define NETFENCE_SELF_SERVICE_H

#include "denials/denials.h"
#include "life/life.h"

struct event_base;
struct self_service;

#define SELF_SERVICE_SCHEMA 1

/* life and denials stay the caller's. NULL where there is no memory. */
struct self_service *self_service_new(
    struct event_base *base, const struct life *life, const struct denials *denials);
void self_service_free(struct self_service *service);

/* The window's socket, ours from then on. */
void self_service_set_window(struct self_service *service, int window);

/*
 * An answer is JSON: schema, fenced; and of who is fenced: user, policy, mode ("enforce" or
 * "observe"), state ("active", "held", "always", "expired"), since, sessions, left (seconds; not
 * there without max-session), message. About packets: verdict ("allowed", if all of them are, or
 * "denied") and answers, one for each: packet, verdict, sees, late. Else grants: what,
 * where, left (seconds); and denials, the latest of their own, oldest first: packet, observed,
 * count, at_least, first, last.
 */

#endif
