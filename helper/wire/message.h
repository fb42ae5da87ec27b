/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The payloads that the module and the daemon exchange.
 */
#ifndef NETFENCE_WIRE_MESSAGE_H
#define NETFENCE_WIRE_MESSAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/why.h"
#include "netfence/protocol.h"
#include "wire/buffer.h"

/* Uids from `first` to `last`, both included. */
struct uid_range {
	uint32_t first;
	uint32_t last;
};

/* Which network namespace: what stat() says of /proc/self/ns/net; or, with a device of 0, which no
 * file has, its cookie (SO_NETNS_COOKIE). */
struct netns_name {
	uint64_t device;
	uint64_t inode;
};

#define OPEN_FLAW_MAX (WHY_MAX - 1) /* bytes of a flaw */

/*
 * OPEN: who wants a session, as the login's own process sees it. Strings are never NULL once
 * encoded; an absent one is "".
 * patience_ms  how long the module will still wait: it is answered a little earlier, if only to be
 *              refused
 * groups       names of every group, primary and supplementary, in any order
 * flaw         "", or why this user cannot be fenced as things are: see below
 *
 * A flaw (a subordinate range that touches somebody else, a network namespace that cannot be
 * told) refuses the login of a user whom a policy would fence; to anybody else it does not
 * matter. With one, `ranges` and `netns` may be incomplete.
 */
struct open_request {
	uint32_t patience_ms;
	uint32_t uid;
	uint32_t gid;
	char *user;
	uint32_t n_groups;
	char **groups;
	uint32_t n_ranges;
	struct uid_range *ranges;
	struct netns_name netns;
	char *service;
	char *tty;
	char *from; /* PAM_RHOST */
	char *by;   /* PAM_RUSER */
	char *flaw;
};

/* A session's name, given by the daemon. `key` is random: a number alone could be met again. */
struct session_name {
	uint64_t id;
	uint64_t key;
};

/* FENCED. */
struct fenced_answer {
	struct session_name session;
	char *policy;
	char *message; /* for the user; "" for none */
};

/* FREE. A session that is not fenced has a name too, so that new rules can find it. */
struct free_answer {
	struct session_name session; /* id 0: nobody remembers it; no TAKEN, no CLOSE */
	char *reason;                /* why no fence applies */
};

/* The reverse of each other. get: false where the payload is not one, with nothing left to free;
 * true gives the caller what it must let go of with the clear function. */
void open_request_put(struct wire_out *out, const struct open_request *request);
bool open_request_get(struct wire_in *in, struct open_request *request);
void open_request_clear(struct open_request *request);

void fenced_answer_put(struct wire_out *out, const struct fenced_answer *answer);
bool fenced_answer_get(struct wire_in *in, struct fenced_answer *answer);
void fenced_answer_clear(struct fenced_answer *answer);

void free_answer_put(struct wire_out *out, const struct free_answer *answer);
bool free_answer_get(struct wire_in *in, struct free_answer *answer);
void free_answer_clear(struct free_answer *answer);

void session_name_put(struct wire_out *out, const struct session_name *name);
bool session_name_get(struct wire_in *in, struct session_name *name);

#endif
