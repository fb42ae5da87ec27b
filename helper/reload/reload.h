/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the files, or from what was kept of them, to rules in force: at the start, on SIGHUP, and
 * for netfencectl. Rules with an error change nothing.
 */
#ifndef NETFENCE_RELOAD_H
#define NETFENCE_RELOAD_H

#include "connection.h"
#include "life/life.h"

struct event_base;
struct reload;

struct reload_setup {
	struct event_base *base;
	struct life *life;
	const char *folder; /* of the rules */
	int state;          /* the state folder */
	int channel;        /* to the supervisor, who writes there */
	int proc;           /* a /proc */
};

/* All of the setup stays the caller's. NULL where there is no memory. */
struct reload *reload_new(const struct reload_setup *setup);
void reload_free(struct reload *reload);

/* The socket of a resolver's process, now ours: groups are read again at a reload, and who is
 * always fenced has to be found. */
void reload_set_resolver(struct reload *reload, int sock);

/* Has the name service asked who they are that life_damaged() knows the uids of. */
void reload_ask_damaged(struct reload *reload);

/* Has it asked who these are who log in: life_answered() gets the answer. False where another
 * question is under way, or nobody is there to ask. */
bool reload_ask_logins(struct reload *reload, const struct resolver_question *users, uint32_t n);

/*
 * The first rules: those of the files; where these have errors, the last good ones, loudly; after a
 * rollback, or where a confirmation is overdue, the ones that count then. -ENOMEM: which these are
 * could not be found out.
 */
int reload_begin(struct reload *reload);

enum reload_from {
	RELOAD_FILES,
	RELOAD_PREVIOUS, /* a rollback: what was in force before; it counts until the next reload */
	RELOAD_LAST_GOOD, /* at the start only: what was in force last */
	RELOAD_AGAIN      /* the same texts, since what they refer to has changed: resolv.conf */
};

struct reload_request {
	enum reload_from from;
	bool dry_run;             /* say what would change, and change nothing */
	uint32_t confirm_seconds; /* 0: for good. Else the former rules return unless confirmed */
};

#define RELOAD_CONFIRM_MAX 86400 /* seconds */

/* connection: who asked and gets the answer, in JSON, when it is over; NULL for nobody. */
void reload_start(
    struct reload *reload, const struct reload_request *request, struct connection *connection);

/* What life_count_cuts() has found for a dry run; -1: it could not be told. */
void reload_counted(struct reload *reload, int64_t number);

/* Whether there was something to confirm. */
bool reload_confirm(struct reload *reload);

/* Whoever asked has hung up. */
void reload_forget(struct reload *reload, const struct connection *connection);

/* Where the rules in force are from; and until when (seconds since 1970) they have to be confirmed,
 * or 0. */
enum reload_from reload_source(const struct reload *reload);
int64_t reload_confirm_until(const struct reload *reload);

/* Why the latest attempt to put rules in force has failed, or "". A dry run is no attempt. */
const char *reload_failure(const struct reload *reload);

#endif
