/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that asks the name service, which may block for as long as a directory pleases, and
 * main's side of it.
 */
#ifndef NETFENCE_RESOLVER_H
#define NETFENCE_RESOLVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "wire/message.h"

struct event_base;
struct resolver;

/* How long an answer may take; milliseconds. */
#define RESOLVER_MS 10000

enum resolver_result {
	RESOLVER_FOUND,
	RESOLVER_UNKNOWN, /* there is no such user */
	RESOLVER_FAILED   /* the name service did not say */
};

/* One user: what the module would send of them, the login itself aside. `user` is set always. */
struct resolved {
	enum resolver_result result;
	struct open_request request;
};

struct resolver_calls {
	/* The answer: the users asked for, in that order, and the members of the groups behind
	 * them, perhaps twice; complete: every group was there. NULL: none came in time, or memory
	 * ran out. The list is the resolver's. */
	void (*answered)(struct resolved *list, uint32_t n, bool complete, void *data);
	void *data;
};

/* channel: to the supervisor, and the caller's. NULL where there is no memory. */
struct resolver *resolver_new(
    struct event_base *base, int channel, const struct resolver_calls *calls);
void resolver_free(struct resolver *resolver); /* NULL is allowed */

/* A new process's socket, now ours. */
void resolver_adopt(struct resolver *resolver, int sock);

/* A user to ask of. groups: what is known of them; one of these that the name service does not know
 * at all just now stands: with its backend away, it says no more than that. */
struct resolver_question {
	const char *name; /* "#1001": whoever has that uid */
	char *const *groups;
	uint32_t n_groups;
};

/* Asks of n users, and of the members of n groups; one question at
 * a time. False where that cannot be: one is under way, there is no process, no memory. Else
 * calls->answered follows. */
bool resolver_ask(struct resolver *resolver, const struct resolver_question *users,
    uint32_t n_users, const char *const *groups, uint32_t n_groups);

/* The process itself: serves until main hangs up. */
void resolver_process(int sock);

#endif
