/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "stream.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <sys/socket.h>

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
	for (i = 0; i < 2; i++) {
		size_t gone = sent < 0 ? 0 : (size_t)sent;

		if (gone > parts[i].iov_len)
			gone = parts[i].iov_len;
		sent -= (ssize_t)gone;
		if (gone < parts[i].iov_len &&
		    bufferevent_write(
			stream, (char *)parts[i].iov_base + gone, parts[i].iov_len - gone) < 0)
			return false;
	}
	return true;
}
