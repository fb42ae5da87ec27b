/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ring is made of, for ring.c and for ring_bytes.c, which reads and writes it as bytes.
 */
#ifndef NETFENCE_RING_INSIDE_H
#define NETFENCE_RING_INSIDE_H

#include "denials/ring.h"

/* Packets of a user since `stay`, or of a policy. */
struct tally {
	uint32_t uid; /* 0: of the policy */
	char *policy;
	time_t stay;
	uint64_t sequence; /* at the last packet */
	struct ring_count count;
	time_t second; /* of the last packet, of a policy; `in_second`: how many so far */
	uint32_t in_second;
};

/* n entries, in no order; the strings of each are in one block that its `user` begins.
 * hashes  of all, side by side: each packet goes through them */
struct ring {
	uint64_t sequence;
	uint32_t n;
	struct denial *denials;
	uint32_t hashes[RING_DENIALS_MAX];
	uint32_t n_tallies;
	uint32_t tallies_room;
	struct tally *tallies;
};

void ring_empty(struct ring *ring);

uint32_t ring_hash(const struct denial *denial);

/* The entry that tells of the same, `hash` included; NULL: none. */
struct denial *ring_find(struct ring *ring, const struct denial *seen);

/* How many entries the user has. */
uint32_t ring_of_user(const struct ring *ring, uint32_t uid);

/* A place for it, with strings of its own; the oldest goes where there is none. NULL where there
 * is no memory. */
struct denial *ring_put_in(struct ring *ring, const struct denial *seen);

/* The user's, or with 0 the policy's. NULL: none. */
struct tally *ring_find_tally(const struct ring *ring, uint32_t uid, const char *policy);

/* In the place of whoever was quiet the longest, where there are too many. NULL where there is no
 * memory. */
struct tally *ring_new_tally(struct ring *ring, uint32_t uid, const char *policy);

#endif
