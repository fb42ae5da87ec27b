/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What EXPLAIN asks: a user as the name service knows them, and packets of theirs.
 */
#ifndef NETFENCE_EXPLAIN_QUESTION_H
#define NETFENCE_EXPLAIN_QUESTION_H

#include "explain/target.h"
#include "netfence/protocol.h"
#include "wire/buffer.h"

/*
 * groups    names; none is NULL
 * rules     the answer is to hold the policy's rules, too
 * packets   at most TARGET_PACKETS_MAX; their interfaces "" or NULL where unknown
 */
struct question {
	const char *user;
	uint32_t uid;
	uint32_t n_groups;
	const char *const *groups;
	bool rules;
	uint32_t n_packets;
	struct packet *packets;
};

/* Payload at most; bytes. A group's name takes four more than its length. */
#define QUESTION_MAX PROTOCOL_REQUEST_MAX

/* The reverse of each other. get: false where the payload is not one; what it gives is the
 * arena's. */
void question_put(struct wire_out *out, const struct question *question);
bool question_get(struct wire_in *in, struct arena *arena, struct question *question);

#endif
