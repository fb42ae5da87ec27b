/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel has denied, or would have, or has let pass where that is logged: the latest of
 * it, gathered by who, what, where and by which rule. Bounded, whatever users do; and as bytes, to
 * be kept over a restart. Pure.
 */
#ifndef NETFENCE_DENIALS_RING_H
#define NETFENCE_DENIALS_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "fence/mark.h"
#include "netfence/rule.h"
#include "wire/buffer.h"

/* Where there are more, the one goes that was met last longest ago. */
#define RING_DENIALS_MAX 2048
#define RING_OF_USER_MAX 512

/* Users and policies that packets are counted of. */
#define RING_TALLIES_MAX 8192

/*
 * One thing that was met, however often.
 * id        never another's; sequence: grows with whatever happens to any of them
 * first, last  seconds since 1970
 * count     packets that the kernel told of; at_least: it may have met more (fence/rate.h)
 * uid       the user's own, also of what a subordinate uid sent
 * policy    that applied; "" where that cannot be told any more
 * file, line  of the rule, or of the policy where `by` is something else; "" and 0 where that
 *           cannot be told any more
 * port      the destination's; 0 for protocols without ports
 * icmp_type, icmp_code  or -1
 */
struct denial {
	uint64_t id;
	uint64_t sequence;
	time_t first;
	time_t last;
	uint64_t count;
	bool at_least;
	enum mark_verdict verdict;
	enum mark_by by;
	uint32_t uid;
	const char *user;
	const char *policy;
	const char *file;
	uint32_t line;
	enum family family;
	uint8_t protocol;
	uint8_t to[16];
	uint16_t port;
	int16_t icmp_type;
	int16_t icmp_code;
	/* For the log. */
	time_t said;     /* when a line told of it; 0: never */
	uint32_t unsaid; /* packets since */
	/* The ring's own. */
	uint32_t hash;
	time_t leaked;  /* until when `level` has leaked */
	uint32_t level; /* of the kernel's bucket, in packets (fence/rate.h) */
};

struct ring;

struct ring *ring_new(void); /* the caller's; NULL where there is no memory */
void ring_free(struct ring *ring);

/* One packet. Of `seen` what was met counts, from verdict on, and its strings are copied. stay:
 * when the user's fence came up; another one begins the user's counts anew. Gives the ring's own,
 * good until the next call, or NULL where there is no memory: counted all the same. */
struct denial *ring_add(struct ring *ring, const struct denial *seen, time_t stay, time_t now);

/* What follows is how things are now, oldest first (by `last` and what happened in it), until
 * `visit` returns false. uid: 0 for everybody's. */
void ring_each(const struct ring *ring, uint32_t uid,
    bool (*visit)(const struct denial *denial, void *data), void *data);

/* The ring's own, to mark them as said. */
void ring_each_unsaid(
    struct ring *ring, bool (*visit)(struct denial *denial, void *data), void *data);

/* Grows with every packet; survives as the ring does. Whoever has seen all up to a number has to
 * be shown what comes after it, also where the ring is not as new as they: it goes on from another
 * one, if that is higher. */
uint64_t ring_sequence(const struct ring *ring);
void ring_go_on(struct ring *ring, uint64_t sequence);

/* Packets of the user since `stay`, by what became of them. False, and zeros, where there were
 * none. */
struct ring_count {
	uint64_t packets[MARK_VERDICTS];
	bool at_least;
};
bool ring_count_of(const struct ring *ring, uint32_t uid, time_t stay, struct ring_count *count);

/* The same by policy, since the ring began; in the order in which they came. */
void ring_each_policy(const struct ring *ring,
    bool (*visit)(const char *policy, const struct ring_count *count, void *data), void *data);

/* The reverse of each other. get: false where the bytes are no ring, and the ring is as new. */
void ring_put(struct wire_out *out, const struct ring *ring);
bool ring_get(struct wire_in *in, struct ring *ring);

#endif
