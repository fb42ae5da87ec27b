/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happens to a session and its user, from login to the last trace: stay(), in life.c, is the
 * one function to read. Everything else here feeds it.
 */
#ifndef NETFENCE_LIFE_H
#define NETFENCE_LIFE_H

#include <stdint.h>

#include "base/why.h"
#include "connection.h"
#include "engines/engines.h"
#include "grants/grants.h"
#include "reaper.h"
#include "resolver.h"
#include "rules.h"
#include "session/session.h"

struct life;

struct life_setup {
	struct event_base *base;
	int records;                /* the folder of records */
	int channel;                /* to the supervisor, who makes that folder anew */
	int proc;                   /* a /proc that hides nobody */
	int state;                  /* the state folder, to read */
	struct netns_name netns[2]; /* the daemon's own, as in struct resources */
	/* Asks the name service; life_answered() follows. False where that cannot be just now. */
	bool (*ask)(const struct resolver_question *users, uint32_t n, void *data);
	void *ask_data;
	const struct grants *grants; /* which come before the rules; or NULL */
};

struct life *life_new(const struct life_setup *setup); /* NULL where there is no memory */
void life_free(struct life *life);

/* The engines, once, before anything else; and what they report, to be passed on. */
void life_set_engines(struct life *life, struct engines *engines);
void life_set_records(struct life *life, int records); /* a new folder, ours from then on */
void life_set_reaper(struct life *life, int reaper);   /* a socket, ours from then on */
void life_commit_over(struct life *life, enum engines_outcome outcome, const struct why *why);
void life_engines_changed(struct life *life);

/* Before the first commit: whom the kernel fences already. Who of them has no record, has lost it,
 * and is treated as one whose record is damaged. */
void life_held(struct life *life, const struct plan *plan);

/* The uids whose records could not be read: nothing is changed in the kernel before life_recover()
 * has been told who they are, or some seconds have gone by. They are held until nothing of them is
 * left; one who is not among the list is shut. */
const uint32_t *life_damaged(const struct life *life, uint32_t *n);
void life_recover(struct life *life, struct resolved *list, uint32_t n);

/* What was asked for, in that order; n 0 where there is no answer. Takes what it needs. */
void life_answered(struct life *life, struct resolved *list, uint32_t n);

/* Users as the name service knows them now: their groups and ranges count from the next rules on.
 * To be called before life_use_rules(). */
void life_renew(struct life *life, struct resolved *list, uint32_t n);

/* After the rules are in force: whoever of these has a policy with `always` is fenced from now on,
 * session or not. complete: who is not among them is so no more. Takes what it needs out of the
 * list. False where somebody is left out whom it was not possible to ask of, or for want of memory:
 * to be tried again. */
bool life_always(struct life *life, struct resolved *list, uint32_t n, bool complete);

/* What engines_verify() found: NULL where all is as it ought to be. */
void life_drifted(struct life *life, const struct why *why);

/* Repairs in a minute that make it contested. */
#define LIFE_REPAIRS_MAX 5

/* Of what other programs do to our rules. */
struct life_health {
	uint64_t repairs;
	uint64_t repairs_of[FAMILIES]; /* one repair may mend both */
	time_t last_repair;            /* 0: none so far */
	struct why missing;            /* at the last repair */
	int64_t mended_ms;             /* how long that took from when it was found */
	bool contested; /* somebody insists; new fenced logins are refused until it holds */
};

const struct life_health *life_health(const struct life *life);

/* Why logins were refused, and how often. */
enum life_refusal {
	LIFE_NO_RULES,  /* none that can be used */
	LIFE_CONTESTED, /* another program keeps changing ours */
	LIFE_EXPIRED,   /* max-session is over */
	LIFE_IDENTITY,  /* subordinate uids that cannot be fenced, and the like */
	LIFE_NETWORK,   /* a login from another network namespace */
	LIFE_TABLES,    /* the kernel's tables could not be written */
	LIFE_OTHER,     /* no memory, no record, no opener */
	LIFE_REFUSALS
};

uint64_t life_refused(const struct life *life, enum life_refusal refusal);

/* Whether the kernel held all that it ought to when it was last looked at. */
bool life_is_whole(const struct life *life);

/* How many users are in without the fence that they ought to have, since commits fail; *reason: why
 * the last one did. Ours, until the next commit. */
uint32_t life_unfenced(const struct life *life, const char **reason);

/* Seconds until the user's max-session is over, 0 where it is; -1 where nothing ends it. */
int64_t life_left(const struct life *life, const struct user *user);

/* Takes up the sessions that the records tell of, before the first rules are set. */
int life_adopt(struct life *life, struct why *why);

/* New rules, of which life takes a reference of its own; live sessions follow in one commit. `done`
 * is called when that is over: why is NULL where they are in force, else they are not, and the
 * former ones stay. One at a time: -EBUSY. */
int life_use_rules(struct life *life, struct rules *rules,
    void (*done)(const struct why *why, void *data), void *data, struct why *why);

/* Counts the sockets of live users that other rules would cut: 1 where reload_counted() will be
 * told, 0 where there is nothing to count, -EAGAIN while the engines are busy. */
int life_count_cuts(struct life *life, struct rules *rules);

/* What is granted to that uid has changed: a live fence follows in the next commit. And whether the
 * kernel holds it as it ought to be; where no fence stands, whether it holds nothing else. */
void life_refence(struct life *life, uint32_t uid);
bool life_holds(const struct life *life, uint32_t uid);
const struct grants *life_grants(const struct life *life); /* or NULL */

/*
 * No fence from now on, or all of them again, in one commit, with whoever has logged in meanwhile.
 * `done` is called when that is over: why is NULL where the kernel is so, else it could not be made
 * so, and is tried again, but nobody is told a second time. One at a time: another call takes the
 * former one's place.
 */
void life_switch(
    struct life *life, bool off, void (*done)(const struct why *why, void *data), void *data);
bool life_is_off(const struct life *life);

/* Whether the kernel is so, as far as there are rules. */
bool life_is_switched(const struct life *life);

/* No login of that uid is let in meanwhile: everything of theirs is being ended. */
void life_keep_out(struct life *life, uint32_t uid, bool out);

/* Has processes with these uids end, as reaper_ask() does. */
#define LIFE_KILL_MAX REAPER_ONLY_MAX
int life_kill(const struct life *life, int signal, const struct uid_range *ranges, uint32_t n,
    const struct kin_process *only, uint32_t n_only, struct why *why);

/* From the server. login takes what it needs out of the request, which stays the caller's. */
void life_login(struct life *life, struct connection *connection, struct open_request *request);
void life_taken(struct life *life, struct connection *connection);
int life_close(struct life *life, const struct session_name *name, struct why *why);
void life_hung_up(struct life *life, struct connection *connection);

/* The login's time is over, or nearly: refuses it, with what it was waiting for. False where none
 * waits there for its fence. */
bool life_late(struct life *life, struct connection *connection);

/* What life_login() would come to now. policy: the one that would fence, or NULL. why: why free,
 * or why refused. Changes nothing. */
enum life_answer { LIFE_FREE, LIFE_FENCED, LIFE_REFUSED };
enum life_answer life_would_answer(const struct life *life, const struct open_request *request,
    const struct policy **policy, struct why *why);

/* For status. NULL: no rules could be used so far. */
const struct rules *life_rules(const struct life *life);
struct rules *life_hold_rules(struct life *life); /* the caller's to rules_release() */
const struct table *life_table(const struct life *life);

/* The desired state now, sorted; the caller frees it with plan_free(). uid: 0 for all, or only
 * that user's. *rules: whose policies it names, the caller's to rules_release(); NULL where there
 * are none. */
int life_plan(const struct life *life, uint32_t uid, struct plan *plan, struct rules **rules);

#endif
