/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the engines: which of them it is, and one commit at a time, in both families or in
 * neither, with a deadline, and under the xtables lock where iptables' tables are written.
 */
#ifndef NETFENCE_ENGINES_H
#define NETFENCE_ENGINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/histogram.h"
#include "base/why.h"
#include "fence/plan.h"
#include "netfence/rule.h"
#include "rules.h"

struct channel_batch;
struct event_base;
struct engines;

/* How long a commit waits for the lock, and for the engines after that; milliseconds. Together
 * less than a module's default patience of 5 s. */
#define ENGINES_LOCK_MS   2000
#define ENGINES_COMMIT_MS 2000

enum engines_outcome {
	ENGINES_DONE,    /* both families are as the plan says */
	ENGINES_FAILED,  /* both are as they were before */
	ENGINES_NO_LOCK, /* the same: another program has the lock */
	ENGINES_UNKNOWN  /* an engine died or did not answer: apply again to know */
};

struct engines_calls {
	/* Before the first commit: whom the kernel fences already; the plan is the engines'. */
	void (*held)(const struct plan *plan, void *data);
	/* The kernel no longer holds what the last commit brought: what is missing. */
	void (*drifted)(const struct why *why, void *data);
	/* How many sockets engines_count_cuts() has found; -1 where that could not be told. */
	void (*counted)(int64_t number, void *data);
	/* A commit is over. why: what went wrong, for the last two outcomes. */
	void (*over)(enum engines_outcome outcome, const struct why *why, void *data);
	/* An engine has (again) come up, or said that it cannot. */
	void (*changed)(void *data);
	void *data;
};

enum engine_condition { ENGINE_STARTING, ENGINE_READY, ENGINE_ABSENT, ENGINE_BROKEN };

/* lock: the lock's open file description, that the engines share; lock_path: where it must be;
 * channel and batch: to the supervisor. All stay the caller's. NULL where there is no memory. */
struct engines *engines_new(struct event_base *base, int lock, const char *lock_path, int channel,
    struct channel_batch *batch, const struct engines_calls *calls);
void engines_free(struct engines *engines);

/* The engine that was asked for with -e, whatever rules say. Before everything else. */
void engines_choose(struct engines *engines, enum settings_engine engine);

/* Rules, or NULL for none, that are to be in force by the engine that they ask for. Where others
 * are in force these come first, and then the other engine: engines start again, both fence until
 * the next commit is done, and then the former goes. */
void engines_follow(struct engines *engines, const struct rules *rules);

/* The kernel modules for it are loaded. */
void engines_loaded(struct engines *engines);

/* Which one it is; auto as long as that is not known. And how each is called. */
enum settings_engine engines_engine(const struct engines *engines);
extern const char *const engines_names[];

/* A new engine's socket, now ours, in the place of one that died. */
void engines_adopt(struct engines *engines, enum family family, int sock);

enum engine_condition engines_condition(
    const struct engines *engines, enum family family, const char **reason);

/* Both families are ready, or IPv4 is and the kernel has no IPv6. */
bool engines_serving(const struct engines *engines);

/* … and no commit is under way. */
bool engines_free_for_commit(const struct engines *engines);
bool engines_busy(const struct engines *engines);

/* Why it is not so just now. */
void engines_explain(const struct engines *engines, struct why *why);

/* Begins a commit; calls->over follows, never before this returns. The rules are held, the plans
 * are taken over. Once both families are in force, and before it is over, the sockets of the uids
 * in `cuts` that the policies there do not allow are destroyed. Only when
 * engines_free_for_commit(). */
void engines_commit(
    struct engines *engines, struct rules *rules, struct plan *plan, struct plan *cuts);

/* Counts the sockets that these rules would cut of the uids in `cuts`, which is taken over; only
 * when engines_free_for_commit(). calls->counted follows. The rules' generation must be nobody
 * else's. */
void engines_count_cuts(struct engines *engines, const struct rules *rules, struct plan *cuts);

/* Asks both engines whether the kernel still holds the last commit; only when
 * engines_free_for_commit(). calls->drifted follows, or nothing. */
void engines_verify(struct engines *engines);

/* Sockets cut so far; and why this kernel cannot do that, or NULL. */
uint64_t engines_cut(const struct engines *engines);
const char *engines_cannot_cut(const struct engines *engines);

/* Whether the kernel cannot log what is denied, in some family. */
bool engines_cannot_log(const struct engines *engines);

uint64_t engines_commits(const struct engines *engines); /* made in the kernel so far */

/*
 * What has become of the batches so far.
 * outcomes  how many came to each
 * done      how long those took that were done, from engines_commit() until both families held them
 *           and sockets were cut
 * drifted   whether the family differed when the kernel was last looked at
 */
struct engines_tally {
	uint64_t outcomes[ENGINES_UNKNOWN + 1];
	struct histogram done;
	bool drifted[FAMILIES];
};

const struct engines_tally *engines_tally(const struct engines *engines);

#endif
