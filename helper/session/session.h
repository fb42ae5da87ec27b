/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Users who have sessions or a fence: the table that netfenced keeps. It holds data only; what
 * happens when is life.c's.
 */
#ifndef NETFENCE_SESSION_H
#define NETFENCE_SESSION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "session/opener.h"
#include "wire/message.h"

struct connection;

enum session_stage {
	SESSION_FENCING,  /* waits for the commit that fences the user */
	SESSION_ANSWERED, /* told so; that the answer has arrived is not known yet */
	SESSION_OPEN
};

struct session {
	struct session_name name;
	struct user *user;
	struct session *next; /* of the same user, latest first */
	enum session_stage stage;
	bool told; /* the log has its begin, and is to have its end */
	struct opener opener;
	void *keeper;                  /* whoever keeps the table; for callbacks */
	struct connection *connection; /* that waits for an answer or brought it, or NULL */
	char *service;
	char *tty;
	char *from;
	char *by;
	time_t since;
};

enum user_stage {
	USER_STAYING, /* has sessions */
	USER_LEAVING, /* has none; something of the user may be left */
	USER_LIFTING, /* nothing is left: the next commit lifts the fence */
};

/*
 * policy     index into the ruleset in force, or WHO_NO_POLICY where a reload freed the user
 * ranges     the uids to fence: the user's own first, then the subordinate ones
 * revision   from 1; grows when the ranges do
 * batched    the revision that the commit under way, or the last one, has; 0: none
 * in_force   the revision that the kernel holds as far as we know; 0: none
 * n_batched  how many of the ranges, from the first, the batch has
 * n_held     how many of them the kernel holds
 * clean_ms   since when all looks have found nothing left of a leaving user; 0: not
 * untold     sessions that nothing fenced have a fence now, and the log is to say so
 * is_free    nothing fences them; known for the sake of the rules that come next
 * on_trial   a login alone, and not the rules, has ended that, and the fence has not been in force
 *            yet
 * noted      the next commit is to look at this user
 * planned    the policy that the commit under way, or the last one, has for them
 * outlived   something was left of the user behind the last session, and held the fence
 * always     fenced without a session too; keep_always: what the last answer of the resolver said
 * begun_ms   when the stay began, on wire_clock_boot_ms(): max-session's clock
 * expired    it has lasted for max-session
 * shut       the fence lets nothing out, whatever the policy says
 * kept_out   no login is let in: an administrator has everything of the user ended
 * ending     the user's processes are being ended; term_ms: since when they have been asked to
 * waits_for  while leaving: a living process of the user, whose end is worth a look; until_ms: when
 *            to look all the same
 */
struct user {
	struct table *table; /* that the user is in */
	struct user *next;   /* in no particular order */
	struct user *previous;
	uint32_t uid;
	uint32_t gid;
	char *name;
	uint32_t n_groups;
	char **groups;
	uint32_t n_ranges;
	struct uid_range *ranges;
	uint32_t policy;
	enum user_stage stage;
	struct session *sessions;
	uint32_t n_sessions;
	uint32_t revision;
	uint32_t batched;
	uint32_t in_force;
	uint32_t n_batched;
	uint32_t n_held;
	int64_t clean_ms;
	bool untold;
	bool is_free;
	bool on_trial;
	bool noted;
	uint32_t planned;
	bool outlived;
	bool always;
	bool keep_always;
	int64_t begun_ms;
	bool expired;
	bool shut;
	bool kept_out;
	bool ending;
	int64_t term_ms;
	struct opener waits_for;
	int64_t until_ms;
	void *keeper; /* as in a session */
	time_t since;
};

struct table; /* all of them */

struct table *table_new(void); /* the caller's; NULL where there is no memory */
void table_free(struct table *table);

struct user *table_find_user(const struct table *table, uint32_t uid);      /* or NULL */
struct session *table_find_session(const struct table *table, uint64_t id); /* or NULL */

/* The first of all users, or NULL; the others follow by their `next`. Of those, only the one that
 * was come to may be removed before the next is read. */
struct user *table_first(const struct table *table);

/* Calls visit for each user in the order of their uids until it returns false. It must not add
 * or remove users. */
void table_each(
    const struct table *table, bool (*visit)(struct user *user, void *data), void *data);

/* A user whose uids overlap one of the n ranges, other than the user `but`, or NULL. Of those who
 * are free only their own uids count. */
const struct user *table_overlap(
    const struct table *table, const struct uid_range *ranges, uint32_t n, uint32_t but);

/* Free users let go of subordinate ranges that overlap one of the n. */
void table_yield(const struct table *table, const struct uid_range *ranges, uint32_t n);

/* The user who has the uid, as their own or as a subordinate one, or NULL; *range: it and the uids
 * around it of which the same is true. */
const struct user *table_owner(const struct table *table, uint32_t uid, struct uid_range *range);

uint32_t table_users(const struct table *table);
uint32_t table_sessions(const struct table *table);

/* A user as the request describes, taking over its strings and ranges (they are gone from the
 * request, on success only). NULL where there is no memory, or that uid is there already. */
struct user *table_add_user(struct table *table, struct open_request *request);
void table_remove_user(struct table *table, struct user *user); /* with all sessions; frees them */

/* Takes over from a later request of a known user what may have changed: the groups, which count at
 * the next reload, and further ranges, which make a new revision. False where there is no memory,
 * or more ranges than a user may have. */
bool table_renew_user(struct user *user, struct open_request *request);

/* Adds to a later request the groups that are known of the user and not in it: a directory that
 * does not answer makes groups vanish, and only a reload, which asks whether they exist, takes them
 * away. False where there is no memory. */
bool table_keep_groups(const struct user *user, struct open_request *request);

/* A session of the user under `name`, taking over service, tty, from and by. NULL where there is
 * no memory, or a session has that id already. */
struct session *table_add_session(struct table *table, struct user *user,
    const struct session_name *name, struct open_request *request);
void table_remove_session(struct table *table, struct session *session); /* frees it */

#endif
