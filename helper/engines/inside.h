/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_ENGINES_INSIDE_H
#define NETFENCE_ENGINES_INSIDE_H

#include "engine_process.h"
#include "engines/engines.h"
#include "wire/buffer.h"

struct bufferevent;
struct event;

/* What both families ought to hold. */
struct state {
	struct rules *rules;
	struct plan plan;
};

struct link {
	struct engines *engines;
	enum family family;
	struct bufferevent *stream; /* or NULL while there is no engine */
	enum engine_condition condition;
	struct why reason;       /* for ENGINE_BROKEN */
	bool cannot_log;         /* this kernel */
	uint64_t generation;     /* of the policies it has */
	bool told;               /* which engine to use */
	bool other_left;         /* the other engine may have left something … */
	struct why cannot_clear; /* … and why that could not be removed lately */
	bool asked;              /* an answer is due */
	bool took;               /* the commit under way: it is in force here */
	int error;               /* of the last answer */
	struct why why;
};

enum phase {
	PHASE_IDLE,
	PHASE_LOCKING,
	PHASE_APPLYING,
	PHASE_REVERTING,
	PHASE_CLEARING,
	PHASE_CUTTING,
	PHASE_VERIFYING,
	PHASE_COUNTING
};

struct engines {
	struct event_base *base;
	int lock;
	const char *lock_path;
	int channel;
	struct channel_batch *batch;
	struct engines_calls calls;
	struct link links[FAMILIES];
	bool chosen;                 /* with -e */
	bool wished;                 /* it is known which one is to be */
	enum settings_engine wish;   /* that, or auto */
	enum settings_engine engine; /* that it came to, or auto: not known yet */
	bool loaded;
	bool locked;    /* the batch under way */
	bool cut_along; /* … has the last engine cut by itself, once it is in force */
	enum phase phase;
	struct state now;  /* what the last commit that was done has brought */
	struct state next; /* what the one under way is to bring */
	struct event *deadline;
	struct event *again;    /* what the other engine has left could not be removed */
	struct event *conclude; /* an outcome is told from the loop, never from engines_commit() */
	bool revert_failed;
	enum engines_outcome outcome;
	struct why why;
	struct plan cuts;
	uint64_t commits;
	int64_t begun_us; /* the batch under way */
	struct engines_tally tally;
	uint64_t cut;
	uint32_t counted;
	struct why cut_lacks; /* why sockets cannot be cut, or "" */
};

/* links.c: what an engine is for, for the log. */
const char *link_name(const struct link *link);

/* What is known of the engine that is to be; to one that has just come up. */
void link_use(struct link *link);
void links_let_go(struct engines *engines); /* of both: others will come */

/* What is sent to an engine; each makes an answer due. cuts: whose sockets to cut then, or NULL. */
void link_ask_apply(struct link *link, const struct state *state, const struct plan *cuts);
bool link_send_policies(struct link *link, const struct rules *rules); /* false: no memory */
void links_ask_all(
    struct engines *engines, enum engine_operation operation, const struct wire_out *payload);
void link_ask(struct link *link, enum engine_operation operation, const struct wire_out *payload);

/* batch.c: an answer has come, or will not: an engine that was asked has gone. */
void batch_answered(struct engines *engines);
void batch_end(struct engines *engines, enum engines_outcome outcome);
void batch_on_deadline(int fd, short what, void *engines);
void batch_on_conclude(int fd, short what, void *engines);
void batch_on_again(int fd, short what, void *engines);

/* engines.c */
void engines_clear_state(struct state *state);

#endif
