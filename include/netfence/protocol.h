/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said over netfenced.sock and why.sock. A message is a header and `length` bytes of
 * payload, in the machine's own byte order, since both ends are on one machine. A number stands as
 * it is, a string as a u32 length and its bytes (without a NUL, and none inside), a list as a u32
 * count and its members.
 *
 * A connection carries one request and its answer; OPEN alone has a third message, TAKEN.
 */
#ifndef NETFENCE_PROTOCOL_H
#define NETFENCE_PROTOCOL_H

#include <stdint.h>

/* Grows with any change of a payload. netfenced answers every version since 1, in that version. */
#define PROTOCOL_VERSION 1

struct protocol_header {
	uint32_t length; /* of the payload, bytes */
	uint16_t version;
	uint16_t operation;
};

enum protocol_operation {
	/* From the module. */
	PROTOCOL_OPEN = 1,  /* struct open_request → FENCED, FREE or REFUSED */
	PROTOCOL_TAKEN = 2, /* empty; after FENCED, and after FREE where that names a session: the
			     * answer has arrived. No reply. A session whose connection ends
			     * without it has never begun. */
	PROTOCOL_CLOSE = 3, /* struct session_name → DONE, or ERROR */

	/* From netfencectl. */
	PROTOCOL_STATUS = 16,   /* empty → TEXT, JSON */
	PROTOCOL_SESSIONS = 17, /* empty, or u8 free ones too → TEXT, JSON */
	PROTOCOL_RULES = 18,    /* string user, "" for everybody → TEXT, iptables-save's syntax */
	PROTOCOL_RELOAD = 19,   /* u8 dry run, u32 seconds to confirm in or 0 → TEXT, JSON */
	PROTOCOL_ROLLBACK = 20, /* empty → TEXT, JSON */
	PROTOCOL_CONFIRM = 21,  /* empty → TEXT */
	PROTOCOL_EXPLAIN = 22, /* struct question → TEXT, JSON: what is in force says of packets */
	PROTOCOL_LOGIN_TEST = 23, /* struct open_request → TEXT, JSON: what OPEN would answer */
	PROTOCOL_GRANT = 25,      /* struct grant_request → TEXT, JSON */
	PROTOCOL_GRANTS = 26,     /* string user, "" for everybody → TEXT, JSON */
	PROTOCOL_REVOKE = 27,     /* u32 id, string who asks → TEXT, JSON */
	PROTOCOL_TERMINATE = 28, /* u32 uid or UINT32_MAX, u64 session, string who asks, they say →
				  * TEXT, JSON */
	PROTOCOL_OFF = 29, /* u32 seconds, string reason, string who asks, they say → TEXT, JSON */
	PROTOCOL_ON = 30,  /* string who asks, they say → TEXT, JSON */
	PROTOCOL_DENIALS = 31, /* string user or "", u64 sequence number after which, u64 seconds
				* since 1970 since when → TEXT, JSON */
	PROTOCOL_METRICS = 32, /* empty → TEXT, JSON */

	/* From users, over why.sock, about themselves. */
	PROTOCOL_WHY = 33, /* struct question, of which only the packets count → TEXT, JSON */

	/* Answers. */
	PROTOCOL_FENCED = 64,  /* struct fenced_answer: both families are in force */
	PROTOCOL_FREE = 65,    /* struct free_answer: no fence applies */
	PROTOCOL_REFUSED = 66, /* string: why the session must not be */
	PROTOCOL_DONE = 67,    /* empty */
	PROTOCOL_TEXT = 68,    /* string */
	PROTOCOL_ERROR = 69,   /* string: what was wrong with the request */
	PROTOCOL_BUSY = 70,    /* empty; from why.sock: too many questions, ask again later */
};

/* Bounds, in bytes or members; a message beyond one is refused unread. */
#define PROTOCOL_REQUEST_MAX (1024 * 1024)      /* payload of a request */
#define PROTOCOL_ANSWER_MAX  (64 * 1024 * 1024) /* payload of an answer */
#define PROTOCOL_NAME_MAX    255 /* a user's, a group's, a service's, a terminal's name */
#define PROTOCOL_REASON_MAX  4096
#define PROTOCOL_GROUPS_MAX  65536 /* NGROUPS_MAX */
#define PROTOCOL_RANGES_MAX  64    /* subordinate uid ranges of one user */

#endif
