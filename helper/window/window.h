/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why.sock: where users ask about themselves, anybody may connect, and everything that comes in is
 * held to be hostile. A process of its own, with no privilege, stands there, so that whoever
 * hammers it takes nothing of main's time: main hears only what may be asked now (budget.h).
 */
#ifndef NETFENCE_WINDOW_H
#define NETFENCE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "netfence/protocol.h"
#include "wire/buffer.h"
#include "wire/message.h"

/* Bytes of a question and of an answer, both payloads. */
#define WINDOW_QUESTION_MAX 2048
#define WINDOW_ANSWER_MAX   (64 * 1024)

/* Bytes that a message between main and the window takes at most. */
#define WINDOW_MESSAGE_MAX (WINDOW_ANSWER_MAX + 32)

/* Questions that main has not answered yet, at most. */
#define WINDOW_WAITING_MAX 16

/* Window to main, a message of a SOCK_SEQPACKET socket: the question as it came. */
struct window_question {
	uint32_t token;
	uint32_t uid;
	struct wire_in payload; /* in the message's buffer */
};

/* Main to window. Every question gets one. */
struct window_answer {
	uint32_t token;
	uint32_t owner;         /* the uid of the user whose uids `range` are, or 0: not fenced */
	struct uid_range range; /* all these uids have the same owner */
	uint16_t operation;     /* PROTOCOL_TEXT or PROTOCOL_ERROR */
	const char *text;       /* get: inside the buffer, not NUL-terminated */
	size_t length;          /* of text, bytes */
};

/* The reverse of each other. get: false where the bytes are none. */
void window_question_put(struct wire_out *out, const struct window_question *question);
bool window_question_get(const void *bytes, size_t length, struct window_question *question);
void window_answer_put(struct wire_out *out, const struct window_answer *answer);
bool window_answer_get(const void *bytes, size_t length, struct window_answer *answer);

/* The process: serves the listening, non-blocking socket until main hangs up. sock: to main,
 * non-blocking. */
void window_process(int sock, int listening);

#endif
