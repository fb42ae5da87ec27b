/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/socket.h>
#include <unistd.h>

struct bufferevent *
stream_new(struct event_base *base, int sock)
{
	struct bufferevent *stream = bufferevent_socket_new(base, sock, BEV_OPT_CLOSE_ON_FREE);

	if (!stream) {
		close(sock);
		return NULL;
	}
	/* Without this it would be there, and hear nothing. For writing it is enabled already; to
	 * say so again would have it look at once. */
	if (bufferevent_enable(stream, EV_READ) < 0) {
		bufferevent_free(stream);
		return NULL;
	}
	return stream;
}

/* libevent begins to write by itself, unless it had no memory, when the stream was made, for what
 * does that: of which bufferevent_socket_new() says nothing. */
static bool
queue(struct bufferevent *stream, const struct iovec *rest)
{
	return bufferevent_write(stream, rest->iov_base, rest->iov_len) == 0 &&
	       bufferevent_enable(stream, EV_WRITE) == 0;
}

bool
stream_send(struct bufferevent *stream, uint16_t operation, const struct wire_out *payload)
{
	struct protocol_header header = {
		.length = payload ? (uint32_t)payload->used : 0,
		.version = PROTOCOL_VERSION,
		.operation = operation,
	};
	struct iovec parts[2] = { { &header, sizeof(header) } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	bool begun = false;
	ssize_t sent = 0;
	int i;

	if (payload && payload->failed)
		return false;
	if (payload && payload->used)
		parts[1] = (struct iovec){ payload->data, payload->used };
	/* Not past what waits already. An error comes again when the loop tries, and is told there.
	 */
	if (!evbuffer_get_length(bufferevent_get_output(stream)))
		sent = sendmsg(bufferevent_getfd(stream), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	begun = sent > 0;
	for (i = 0; i < 2; i++) {
		size_t gone = sent < 0 ? 0 : (size_t)sent;

		if (gone > parts[i].iov_len)
			gone = parts[i].iov_len;
		sent -= (ssize_t)gone;
		parts[i].iov_base = (char *)parts[i].iov_base + gone;
		parts[i].iov_len -= gone;
		if (!parts[i].iov_len)
			continue;
		if (!queue(stream, &parts[i])) {
			if (begun)
				shutdown(bufferevent_getfd(stream), SHUT_RDWR);
			return false;
		}
		begun = true;
	}
	return true;
}
