/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending a message at once. A bufferevent alone would do so in the event loop's next turn, and
 * take four system calls for it, while somebody waits.
 */
#ifndef NETFENCE_STREAM_H
#define NETFENCE_STREAM_H

#include <stdbool.h>

#include "netfence/protocol.h"
#include "wire/buffer.h"

struct bufferevent;

/* Sends what the socket takes, and has the event loop send the rest; only where everything went at
 * once, the bufferevent's callback for what was written is not called. payload: NULL is none. False
 * where there is no memory, or where the payload has failed: nothing, or not all, will be sent. */
bool stream_send(struct bufferevent *stream, uint16_t operation, const struct wire_out *payload);

#endif
