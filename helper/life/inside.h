/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_LIFE_INSIDE_H
#define NETFENCE_LIFE_INSIDE_H

#include <stdbool.h>

#include "fence/claims.h"
#include "grants/front.h"
#include "life/life.h"
#include "session/known.h"
#include "session/leftover.h"

/* A point in time at which to do something; the earliest wish counts. */
struct alarm {
	struct event *timer;
	int64_t due_ms;
};

/*
 * Whose fence, or whose sessions, a commit has to look at: a login among ten thousand is two users.
 * uids       of those who were noted, each once but for who has gone and come again meanwhile
 * n_batched  the first so many, sorted, are in the commit under way
 * all        whoever is there
 * all_batched  the commit under way is about all
 */
struct noted {
	uint32_t *uids;
	uint32_t n;
	uint32_t room;
	uint32_t n_batched;
	bool all;
	bool all_batched;
};

struct life {
	struct life_setup setup;
	struct table *table;
	struct engines *engines;
	struct rules *rules;  /* in force, or NULL */
	struct rules *next;   /* in the commit under way, or waiting for it */
	struct rules *fitted; /* those of the last commit, with what was granted; or NULL */
	struct front front;   /* what makes the difference */
	struct noted noted;   /* since the last commit was put together */
	struct claims claims; /* of everybody, as it was then */
	uint64_t fittings;    /* so far */
	bool next_in_batch;   /* the former */
	bool unsure;          /* what the kernel holds is not known before a commit is done */
	struct why failure;   /* what kept the last commit from being done, or "" */
	void (*done)(const struct why *why, void *data);
	void *done_data;
	uint32_t
	    *damaged; /* uids whose records could not be read; no commit before they are known */
	uint32_t n_damaged;
	bool ended;              /* memory was short where it must not be: main starts anew */
	struct uid_range shared; /* that two users have, at the last commit; 0-0: none */
	struct plan lost; /* ranges that the kernel fences, and no record tells whose they are */
	struct alarm recover; /* at the latest */
	uint64_t last_id;
	struct known *known;  /* groups of users */
	struct alarm keep;    /* them */
	struct doubt *doubts; /* logins that wait for the name service */
	struct alarm doubt;
	int reaper;          /* its socket, or -1 */
	struct alarm commit; /* a commit is wanted: soon, so that it takes all that come at once */
	struct alarm look;
	struct alarm expiry; /* of the first user whose time will be over */
	int64_t looked_ms;
	int64_t commit_ms;  /* when the last commit began */
	int64_t took_ms;    /* the last that is over */
	int64_t crowded_ms; /* when a login last came while another waited */
	uint32_t n_coming;  /* logins that wait for the next commit, and for the one under way */
	uint32_t n_in_batch;
	bool commit_missed; /* one was wanted while the engines were busy */
	struct alarm verify;
	struct life_health health;
	bool drifted[FAMILIES]; /* which of them the next repair mends */
	uint64_t refused[LIFE_REFUSALS];
	int64_t drifted_ms;                    /* when the kernel last differed; 0: never */
	int64_t repaired_ms[LIFE_REPAIRS_MAX]; /* the latest, as a ring */
	bool repairing;                        /* the next commit is one */
	bool off;                              /* no fence, whatever the rules say */
	bool switch_due;                       /* the kernel is not so yet */
	bool switch_in_batch;
	void (*switched)(const struct why *why, void *data);
	void *switched_data;
	bool one_by_one; /* after a failure: each new fence in a commit of its own */
};

/* What can happen. */
enum happening {
	LOGIN,
	COMMITTED,    /* the kernel is as the last commit wanted it */
	FAILED,       /* it is not */
	FREED,        /* a reload has left no policy for the user */
	TAKEN,        /* the module has our answer */
	CLOSED,       /* the module says that the session is over */
	HUNG_UP,      /* the module gave up before it had our answer */
	OPENER_ENDED, /* the process that opened the session is gone */
	EXPIRED,      /* the user's time is over: max-session */
	LOOKED        /* we have looked for what a leaving user has left */
};

struct moment {
	enum happening what;
	struct user *user;
	struct session *session;       /* whose moment it is, or NULL: the user's */
	struct connection *connection; /* LOGIN */
	struct open_request *request;  /* LOGIN */
	const struct leftover *left;   /* LOOKED */
	const struct why *why;         /* FAILED */
};

/* alarm.c */
void alarm_in(struct alarm *alarm, int64_t milliseconds);
bool alarm_is_set(const struct alarm *alarm);

/* stay.c: the one function to read. */
void stay(struct life *life, struct moment now);
void stay_on_opener_ended(int fd, short what, void *session);

/* What the policy says of a user without sessions: hold, close or kill. */
void stay_leave(struct life *life, struct user *user);

/* The policy of a fenced user, or NULL. */
const struct policy *stay_policy(const struct life *life, const struct user *user);

void stay_remember(const struct life *life, const struct user *user); /* the record */

/* Nothing has fenced the user until now: a fence, and its clock, begin; and the reverse. */
void stay_begin_fence(struct user *user);
void stay_free(struct user *user);

/* The kernel holds a fence for the user from before, but perhaps not as we would have it. */
void stay_take_up(struct user *user);

bool stay_somebody_waits(const struct user *user); /* for a fence */

/* tell.c: what the module, and the log, are told. A session's connection may be NULL where it is
 * refused. */
const char *tell_policy_name(const struct life *life, const struct user *user); /* "": none */
void tell_fenced(const struct life *life, struct session *session);
void tell_free(const struct session *session, const char *reason);
void tell_refused(struct life *life, struct connection *connection, const struct user *user,
    const struct session *session, enum life_refusal refusal, const char *reason);

/* One line at the begin and one at the end, for each session that was fenced at some time. The
 * second one: a fence has come up around sessions that had none. */
void tell_begun(const struct life *life, struct session *session, const char *reason);
void tell_fenced_since(const struct life *life, struct user *user);
void tell_ended(const struct life *life, const struct session *session, const char *reason);

/* Somebody gets in whom the policy would fence, or without rules anybody. */
void tell_off(const struct life *life, const struct open_request *request, uint32_t policy);

/* What had held the fence behind the last session has gone, and the fence with it. */
void tell_gone(const struct life *life, const struct user *user);

/* The same of a request that never comes as far as a session. */
void tell_request_free(struct connection *connection, const char *reason);
void tell_request_refused(struct life *life, struct connection *connection,
    const struct open_request *request, enum life_refusal refusal, const char *reason);

/* decide.c: may they, and under which policy? Changes nothing. *why says why not, or why free;
 * *refusal is for VERDICT_REFUSE alone. */
enum verdict {
	VERDICT_FREE,
	VERDICT_OFF, /* netfence is: in, and to be fenced when it is on again */
	VERDICT_FENCE,
	VERDICT_REFUSE
};

enum verdict decide(const struct life *life, const struct open_request *request, uint32_t *policy,
    enum life_refusal *refusal, struct why *why);

/* The index of the user's policy under the rules, by name and groups, or WHO_NO_POLICY. */
uint32_t decide_policy(const struct rules *rules, const struct user *user);

/* Whether the login is in our network namespace. */
bool decide_is_here(const struct life *life, const struct open_request *request);

/* expiry.c: looks again at whose time is over next; a wish to end the processes of a user. */
void expiry_set(struct life *life);
void expiry_set_for(struct life *life, struct user *user); /* one whose stay begins */
void expiry_on_time(int fd, short what, void *life);
bool expiry_is_over(const struct life *life, const struct user *user);

/* commits.c: a commit soon, that takes all that come at once; the same for a login, who others
 * may come with; one that nobody waits for; and whether the kernel holds the user's fence as it
 * ought to be. */
void commits_want(struct life *life);
void commits_want_for_login(struct life *life);
void commits_want_sometime(struct life *life);
bool commits_hold(const struct life *life, const struct user *user);
void commits_on_wanted(int fd, short what, void *life);

/* noted.c. Whatever changes what gather.c makes of a user, or makes one wait for a commit, has the
 * user noted: stay() does so for whom the moment is about. What is about the rules, about users
 * unknown, or goes wrong, notes all. */
void noted_add(struct life *life, struct user *user);
void noted_add_all(struct life *life);
void noted_begin(struct life *life, bool all); /* a commit of these; begins with none but them */
void noted_each(struct life *life, void (*visit)(struct life *life, struct user *user));
void noted_end(struct life *life); /* it is done: who was noted meanwhile stays */
void noted_free(struct life *life);

/* gather.c: the commit that begins: all fences there are to be, those of them whose sockets are to
 * be cut, and the rules that they name, which life holds. Remembers in each user what the plan has
 * of them. -ENOMEM: nothing is to be freed, and all are to be noted. */
int gather_commit(struct life *life, struct rules *rules, struct plan *plan, struct plan *cuts,
    struct rules **fitted);

/* switch.c: the commit under way has it, or has had it. */
void switch_is_over(struct life *life, const struct why *why);

/* drift.c: whether the kernel still holds what it ought to, every second. */
void drift_begin(struct life *life);
void drift_on_time(int fd, short what, void *life);
void drift_mended(struct life *life); /* after each commit */

/* recover.c: a record that could not be read. Without memory to remember that, main ends. */
void recover_note(struct life *life, uint32_t uid);
void recover_on_time(int fd, short what, void *life);

/* doubts.c: a login with fewer of the groups that rules name than were known, so that it would get
 * another policy. The name service is asked again, whether they are lost or a directory does not
 * answer. True: the request and the answer are doubts.c's now. */
bool doubts_raise(struct life *life, struct connection *connection, struct open_request *request);
void doubts_hung_up(struct life *life, const struct connection *connection);
void doubts_on_time(int fd, short what, void *life);

/* What is known, from one start to the next: groups that the name service has given, or has taken
 * away while others know of them. */
void doubts_begin(struct life *life);
void doubts_learn(struct life *life, const char *user, char *const *groups, uint32_t n);
void doubts_forget(struct life *life, const struct user *user, const struct open_request *now);
void doubts_on_keep(int fd, short what, void *life);
void doubts_free(struct life *life);

/* A login of whose groups nobody doubts. Takes what it needs out of the request. */
void life_decide(struct life *life, struct connection *connection, struct open_request *request);

/* looks.c: a look soon at what leaving users have left; a living process of one of them, whose end
 * is the next moment to look. */
void looks_want(struct life *life);
void looks_wait_for(struct life *life, struct user *user, pid_t pid);
void looks_on_time(int fd, short what, void *life);

/* What is known would be lost, for want of memory: main ends, and the next one begins with the
 * records and what the kernel holds. Nothing is committed any more. */
void life_end(struct life *life, const char *reason);

/* record_write(), and a new folder is asked for where there is none any more. */
int life_write_record(const struct life *life, const struct user *user, struct why *why);

/* Gives every user the policy that the rules in force have for them. */
void life_follow_rules(struct life *life);

#endif
