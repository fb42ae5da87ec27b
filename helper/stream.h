/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages over main's buffered sockets: to callers, engines and the resolver. A bufferevent alone
 * would send in the event loop's next turn, and take four system calls for it, while somebody
 * waits.
 */
#ifndef NETFENCE_STREAM_H
#define NETFENCE_STREAM_H

#include <stdbool.h>

#include "netfence/protocol.h"
#include "wire/buffer.h"

struct bufferevent;
struct event_base;

/* Takes the socket over and begins to listen. NULL where there is no memory: it is closed then. */
struct bufferevent *stream_new(struct event_base *base, int sock);

/* Sends what the socket takes, and has the event loop send the rest; only where everything went at
 * once, the bufferevent's callback for what was written is not called. payload: NULL is none. False
 * where there is no memory, or where the payload has failed: nothing has been sent then, or the
 * connection is shut down, since half a message would be worse than none. */
bool stream_send(struct bufferevent *stream, uint16_t operation, const struct wire_out *payload);

#endif
