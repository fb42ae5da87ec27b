/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client of netfenced.sock that never waits past a deadline. It raises no signal, changes none,
 * and leaves nothing open that the caller does not hold: it runs in other people's processes.
 */
#ifndef NETFENCE_WIRE_CLIENT_H
#define NETFENCE_WIRE_CLIENT_H

#include <stdint.h>

#include "base/why.h"
#include "netfence/protocol.h"
#include "wire/buffer.h"

/* Milliseconds of CLOCK_MONOTONIC; a deadline is a point on it. */
int64_t wire_clock_ms(void);

/* The same of CLOCK_BOOTTIME, which goes on while the machine is suspended. */
int64_t wire_clock_boot_ms(void);

/* *fd is the caller's to close. -ENOENT, -ECONNREFUSED: nobody is there (now); -ETIMEDOUT;
 * -EACCES; -ENAMETOOLONG; others as connect(2) has them. */
int wire_connect(const char *path, int64_t deadline_ms, int *fd, struct why *why);

/* Sends one message. -EPIPE, -ECONNRESET: the peer is gone; -ETIMEDOUT. */
int wire_send(int fd, enum protocol_operation operation, const struct wire_out *payload,
    int64_t deadline_ms, struct why *why);

/* Receives one message, with up to PROTOCOL_ANSWER_MAX bytes of payload. On success *payload is
 * malloc'd, the caller's to free, and *header says how long it is (payload may be empty, but is
 * not NULL). -ECONNRESET: the peer went away before it was whole; -ETIMEDOUT; -EPROTO: not a
 * message, or one of another version than PROTOCOL_VERSION. */
int wire_receive(int fd, struct protocol_header *header, uint8_t **payload, int64_t deadline_ms,
    struct why *why);

#endif
