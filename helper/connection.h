/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One caller on netfenced.sock: whole messages in, answers out, and the news that it hung up.
 */
#ifndef NETFENCE_CONNECTION_H
#define NETFENCE_CONNECTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "netfence/protocol.h"
#include "wire/buffer.h"

struct connection;
struct event_base;

struct connection_calls {
	/* Whether such a message may be; if not, why not. Asked before the payload is read. first:
	 * nothing was asked on this connection before. */
	bool (*allows)(const struct protocol_header *header, bool first, const char **refusal);
	/* A whole message. It may answer, but must not free the connection. */
	void (*message)(struct connection *connection, const struct protocol_header *header,
	    struct wire_in *payload, void *data);
	/* The time is over that connection_wait() gave. True where that has been answered for good;
	 * else, or where this is NULL, it is over. */
	bool (*late)(struct connection *connection, void *data);
	/* The caller has hung up, or was silent for too long; the connection is freed after it. */
	void (*over)(struct connection *connection, void *data);
	/* It has been freed, for whatever reason. */
	void (*gone)(void *data);
	void *data;
};

/* Takes the socket over. NULL where there is no memory: the socket is closed. */
struct connection *connection_new(
    struct event_base *base, int sock, const struct connection_calls *calls);

/* How long the caller may be silent, or we may take, before it is over; milliseconds. */
void connection_wait(struct connection *connection, unsigned int milliseconds);

/* Sends an answer. last: hang up once it is sent (the connection must not be touched again by
 * whoever calls this, and `over` is not called any more). */
void connection_answer(struct connection *connection, enum protocol_operation operation,
    const struct wire_out *payload, bool last);

/* The same with a string, or none (NULL), as the payload; always the last answer. */
void connection_answer_text(
    struct connection *connection, enum protocol_operation operation, const char *text);

int connection_socket(const struct connection *connection);
uid_t connection_uid(const struct connection *connection); /* at connect(): SO_PEERCRED */
pid_t connection_pid(const struct connection *connection);

/* What its owner hangs on it; NULL at first. */
void connection_set_session(struct connection *connection, void *session);
void *connection_session(const struct connection *connection);

void connection_free(struct connection *connection); /* at once, without a call */

#endif
