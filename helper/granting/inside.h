/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_GRANTING_INSIDE_H
#define NETFENCE_GRANTING_INSIDE_H

#include "granting/granting.h"

enum change_kind { CHANGE_GRANT, CHANGE_EXTEND, CHANGE_REVOKE, CHANGE_EXPIRE };

/*
 * What is on its way into force.
 * id      of the grant, which may have gone meanwhile
 * former  the grant that was revoked or expired, or the one that it replaced; ours
 * by      who revoked it
 * asker   who wants to know, or NULL
 * late    that it takes too long has been said
 */
struct change {
	struct change *next;
	enum change_kind kind;
	uint32_t id;
	uint32_t uid;
	struct grant *former;
	struct asker by;
	struct connection *asker;
	int64_t deadline_ms;
	bool late;
};

struct granting {
	struct granting_setup setup;
	struct event *timer;
	struct term_boot boot;
	struct change *changes;
	struct why failure; /* of the last commit, or "" */
	uint8_t *bytes;     /* that the file ought to hold, until it does; or NULL */
	size_t length;
	int64_t asked_ms; /* when we asked for that last */
	bool complained;
};

/* granting.c: what is under way is looked after, at the latest in so many milliseconds. */
void granting_look_in(struct granting *granting, int64_t ms);

/*
 * change.c. Something about a user's grants has changed in the list, and is to come into the
 * kernel. False where there is no memory to see to the rest; `former`, which is taken over, has
 * been let go of then.
 */
bool change_begin(struct granting *granting, enum change_kind kind, const struct grant *grant,
    struct grant *former, struct connection *connection, const struct asker *by);
void change_end(struct granting *granting, struct change *change);

/* Nobody is to have what could not be answered for: the grant goes, or the former one returns. */
void change_take_back(struct granting *granting, uint32_t id, uint32_t uid, struct grant *former);
void changes_settle(struct granting *granting); /* those that have come into force, or will not */

/* keep.c: the list as it is into the state folder. -ENOMEM where that cannot be asked for. */
#define KEEP_AGAIN_MS 2000 /* how soon it is asked for again */
int keep_list(struct granting *granting);
void keep_ask(struct granting *granting);
bool keep_is_done(struct granting *granting);
void keep_complain(struct granting *granting, const char *text); /* once, until it is done */

/* answer.c. grant, reason: or NULL. The object is taken over. */
struct json_object;
struct json_object *answer_grant(const struct life *life, const struct grant *grant);
void answer_one(const struct granting *granting, struct connection *connection, const char *result,
    const struct grant *grant, const char *reason);
void answer_object(struct connection *connection, struct json_object *object);

#endif
