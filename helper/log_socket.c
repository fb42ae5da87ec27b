/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
log_socket_close(struct log_socket *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

static int
try_connect(struct log_socket *log)
{
	const int type = log->stream ? SOCK_STREAM : SOCK_DGRAM;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int error;

	strncpy(address.sun_path, log->path, sizeof(address.sun_path) - 1);
	log->fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (log->fd < 0)
		return -errno;
	if (connect(log->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	error = -errno;
	log_socket_close(log);
	return error;
}

/* What the listener is shows only when it is tried. */
static int
connect_to(struct log_socket *log)
{
	int error = try_connect(log);

	if (error != -EPROTOTYPE)
		return error;
	log->stream = !log->stream;
	return try_connect(log);
}

/* In a stream a line ends with a NUL. So short a message goes in whole there, or not at all: the
 * kernel splits what is longer than half of a socket's buffer. */
static int
try_send(const struct log_socket *log, const struct iovec *parts, unsigned int n)
{
	struct iovec all[LOG_SOCKET_PARTS + 1];
	struct msghdr message = { .msg_iov = all, .msg_iovlen = n + log->stream };
	char end[1] = "";

	memcpy(all, parts, n * sizeof(*parts));
	all[n] = (struct iovec){ end, sizeof(end) };
	return sendmsg(log->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

int
log_socket_send(struct log_socket *log, const struct iovec *parts, unsigned int n)
{
	int error = 0;

	if (log->fd >= 0) {
		error = try_send(log, parts, n);
		/* ECONNREFUSED, ENOTCONN, EPIPE: that listener has gone. */
		if (error == 0 || error == -EAGAIN)
			return error;
		log_socket_close(log);
	}
	error = connect_to(log);
	if (error == 0)
		error = try_send(log, parts, n);
	if (error < 0 && error != -EAGAIN)
		log_socket_close(log);
	return error;
}
