/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel tells of denied packets: whose they were, by which rule; in the log, in the ring
 * (ring.h), and for whoever asks.
 */
#ifndef NETFENCE_DENIALS_H
#define NETFENCE_DENIALS_H

#include "connection.h"
#include "denials/ring.h"
#include "life/life.h"

struct denials;

struct denials_setup {
	struct event_base *base;
	struct life *life;
	int channel; /* to the supervisor, who has the kernel's end */
	int folder;  /* to keep them in; ours from then on */
};

/* Takes up what was kept of the former ones. The setup's parts stay the caller's. NULL where there
 * is no memory. */
struct denials *denials_new(const struct denials_setup *setup);
void denials_free(struct denials *denials);

/* A new folder, ours from then on: somebody has removed the former. */
void denials_set_folder(struct denials *denials, int folder);

/* Rules may have come into force, with another group of netlink's log. */
void denials_follow_rules(struct denials *denials);

/* Whether the kernel can log at all, as the engines have found. */
void denials_set_kernel(struct denials *denials, bool logs);

/* The kernel's end, a netlink socket that is bound to the group, ours from then on. -1: there is
 * none; `why` is what the supervisor has logged. */
void denials_set_socket(struct denials *denials, int sock, uint32_t error);

/* All that is known, for `why` and the like: of a user (uid), or of everybody (0). */
void denials_each(const struct denials *denials, uint32_t uid,
    bool (*visit)(const struct denial *denial, void *data), void *data);

/* Packets that the kernel told of since the user's fence came up, by what became of them. */
struct ring_count denials_count_of(const struct denials *denials, const struct user *user);

/* The same of each policy, since the run folder was made. */
void denials_by_policy(const struct denials *denials,
    bool (*visit)(const char *policy, const struct ring_count *count, void *data), void *data);

/*
 * Whether the kernel can tell us.
 * group  that we listen to
 * away   why we cannot: "" where we can
 * lost   how often it told more than we could read
 */
struct denials_health {
	uint16_t group;
	const char *away;
	uint64_t lost;
};

struct denials_health denials_health(const struct denials *denials);

/* Answers the connection, with JSON: what has happened after the sequence number `after`, and not
 * before `since` (seconds since 1970), to the user of that name or, "", to everybody. */
void denials_answer(const struct denials *denials, struct connection *connection, const char *user,
    uint64_t after, uint64_t since);

/* One of them as an object, the caller's; for other answers. */
struct json_object;
struct json_object *denial_json(const struct denial *denial);

#endif
