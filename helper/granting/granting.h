/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a request to a grant in force, and from there to its end: what happens to grants when.
 */
#ifndef NETFENCE_GRANTING_H
#define NETFENCE_GRANTING_H

#include "connection.h"
#include "grants/grants.h"
#include "life/life.h"

struct event_base;
struct granting;
struct json_object;

struct granting_setup {
	struct event_base *base;
	struct life *life;
	struct grants *grants; /* that life goes by */
	int state;             /* the state folder, to read */
	int channel;           /* to the supervisor, who writes there */
	int proc;              /* a /proc that hides nobody */
};

/* All of the setup stays the caller's. NULL where there is no memory. */
struct granting *granting_new(const struct granting_setup *setup);
void granting_free(struct granting *granting);

/* Takes up what was kept, before the first commit. Where that is damaged nobody has more than the
 * rules give them, and the log says so. */
void granting_begin(struct granting *granting);

/*
 * The payloads of GRANT, GRANTS and REVOKE. The answer is JSON: `result`, and `grant` or `grants`,
 * as tell_json() has them with a `state` each:
 *
 *	granted, extended, revoked   it is in force, and kept
 *	longer                       the same grant lasts longer than that
 *	refused, invalid             with a `reason`
 *	unknown                      there is no such grant
 */
void granting_grant(struct granting *granting, struct connection *connection, struct wire_in *in);
void granting_list(struct granting *granting, struct connection *connection, struct wire_in *in);
void granting_revoke(struct granting *granting, struct connection *connection, struct wire_in *in);

/* Those of a user as an array, the caller's. */
struct json_object *granting_json(const struct life *life, uint32_t uid, const char *user);

/* A commit is over. why: what went wrong, or NULL. */
void granting_commit_over(struct granting *granting, const struct why *why);

/* Whoever asked has hung up. */
void granting_forget(struct granting *granting, const struct connection *connection);

#endif
