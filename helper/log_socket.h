/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A socket to somebody who takes lines, syslog's daemon or systemd's journal. Never waits for them.
 */
#ifndef NETFENCE_LOG_SOCKET_H
#define NETFENCE_LOG_SOCKET_H

#include <stdbool.h>
#include <sys/uio.h>

/* At most so many parts to one datagram. */
#define LOG_SOCKET_PARTS 2

struct log_socket {
	const char *path;
	int fd;      /* or -1: not connected, nobody is there as far as is known */
	bool stream; /* what the listener is, as some syslog daemons are; else datagrams */
};

#define LOG_SOCKET(path_)                  \
	{                                  \
		.path = (path_), .fd = -1, \
	}

/* One datagram; connects, and connects again where the listener is another one by now. 0, or
 * -errno: nothing was sent. -EAGAIN with fd >= 0: the listener is there but has no room; the fd
 * becomes writable when it has. fd < 0: nobody listens. */
int log_socket_send(struct log_socket *log, const struct iovec *parts, unsigned int n);

void log_socket_close(struct log_socket *log);

#endif
