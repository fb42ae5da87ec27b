/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this room share, and nobody else sees.
 */
#ifndef NETFENCE_DENIALS_INSIDE_H
#define NETFENCE_DENIALS_INSIDE_H

#include "denials/denials.h"
#include "denials/nflog.h"

struct event;

/*
 * sock      netlink's log, or -1; `group` of it, where `asked` for
 * away      why there is none, or ""; silent: the kernel cannot log
 * read      packets in the second that began at read_ms
 * former    rules that were in force until a moment ago: packets that they denied may be on their
 *           way still
 * kept_ms   when the ring was written last; dirty: it has changed since
 */
struct denials {
	struct denials_setup setup;
	struct ring *ring;
	struct lines *lines;
	int sock;
	struct event *readable;
	struct event *again; /* when to ask for the group, or to read, again */
	bool asked;
	uint16_t group;
	uint64_t lost;
	struct why away;
	bool silent;
	uint32_t read;
	int64_t read_ms;
	struct rules *rules;
	struct rules *former;
	struct event *forget;
	struct event *keep;
	int64_t kept_ms;
	bool dirty;
	bool cannot_keep;
	uint8_t *buffer; /* of NFLOG_SIZE */
};

/* origin.c: whose packet it was, and by which rule. What it gives refers to the rules and to the
 * user. NULL: nobody's whom we fence, or no mark of ours. */
const struct user *origin_find(
    const struct denials *denials, const struct nflog_packet *packet, struct denial *seen);

/* lines.c: what the log says of the ring's entries, now or in a while. */
struct lines *lines_new(struct event_base *base, struct ring *ring, const struct life *life);
void lines_free(struct lines *lines);
void lines_met(struct lines *lines, struct denial *denial, time_t now);

/* keep.c: the ring's file. */
void keep_read(struct denials *denials);
void keep_soon(struct denials *denials);
void keep_on_time(int fd, short what, void *denials);

#endif
