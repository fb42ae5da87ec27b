/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"

/* A request has to be here in this time, an answer to be taken; milliseconds. */
#define PATIENCE_MS 10000

struct connection {
	struct bufferevent *stream;
	struct event *timeout;
	struct connection_calls calls;
	struct ucred peer;
	void *session;
	bool asked;   /* a message has come */
	bool closing; /* the last answer is on its way */
};

static void
end(struct connection *connection)
{
	if (!connection->closing)
		connection->calls.over(connection, connection->calls.data);
	connection_free(connection);
}

/* One message from the input; false where there is none to be had for now. */
static bool
read_message(struct connection *connection, struct evbuffer *input)
{
	struct protocol_header header;
	const char *refusal;
	struct wire_in in;
	size_t whole;

	if (evbuffer_copyout(input, &header, sizeof(header)) < (ssize_t)sizeof(header))
		return false;
	if (!connection->calls.allows(&header, !connection->asked, &refusal)) {
		connection->calls.over(connection, connection->calls.data);
		connection_answer_text(connection, PROTOCOL_ERROR, refusal);
		return false;
	}
	whole = sizeof(header) + header.length;
	if (evbuffer_get_length(input) < whole)
		return false;
	in.data = evbuffer_pullup(input, (ssize_t)whole);
	if (!in.data) {
		shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
		return false;
	}
	in.data += sizeof(header);
	in.left = header.length;
	in.failed = in.no_memory = false;
	connection->asked = true;
	connection->calls.message(connection, &header, &in, connection->calls.data);
	evbuffer_drain(input, whole);
	return true;
}

static void
on_readable(struct bufferevent *stream, void *data)
{
	struct connection *connection = data;
	struct evbuffer *input = bufferevent_get_input(stream);

	while (!connection->closing && read_message(connection, input))
		;
	if (connection->closing)
		evbuffer_drain(input, evbuffer_get_length(input));
}

static void
on_written(struct bufferevent *stream, void *data)
{
	struct connection *connection = data;

	if (connection->closing && !evbuffer_get_length(bufferevent_get_output(stream)))
		connection_free(connection);
}

static void
on_event(struct bufferevent *stream, short what, void *data)
{
	(void)stream;
	(void)what;
	end(data);
}

static void
on_timeout(int fd, short what, void *data)
{
	struct connection *connection = data;

	(void)fd;
	(void)what;
	if (connection->closing || !connection->calls.late ||
	    !connection->calls.late(connection, connection->calls.data))
		end(connection);
}

struct connection *
connection_new(struct event_base *base, int sock, const struct connection_calls *calls)
{
	struct connection *connection = calloc(1, sizeof(*connection));
	socklen_t size = sizeof(connection->peer);

	if (!connection) {
		close(sock);
		return NULL;
	}
	connection->calls = *calls;
	connection->stream = stream_new(base, sock);
	connection->timeout = evtimer_new(base, on_timeout, connection);
	if (!connection->stream || !connection->timeout ||
	    getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &connection->peer, &size) < 0) {
		if (connection->stream)
			bufferevent_free(connection->stream);
		if (connection->timeout)
			event_free(connection->timeout);
		free(connection);
		return NULL;
	}
	bufferevent_setcb(connection->stream, on_readable, on_written, on_event, connection);
	connection_wait(connection, PATIENCE_MS);
	return connection;
}

void
connection_wait(struct connection *connection, unsigned int milliseconds)
{
	const struct timeval after = { milliseconds / 1000, (milliseconds % 1000) * 1000 };

	evtimer_add(connection->timeout, &after);
}

void
connection_answer(struct connection *connection, enum protocol_operation operation,
    const struct wire_out *payload, bool last)
{
	if (last)
		connection->closing = true;
	connection_wait(connection, PATIENCE_MS);
	/* Whoever is hung up on asks again. */
	if (!stream_send(connection->stream, (uint16_t)operation, payload)) {
		shutdown(bufferevent_getfd(connection->stream), SHUT_RDWR);
		return;
	}
	/* Whoever calls us still needs the connection, and nobody will tell us of what has gone out
	 * already. */
	if (last && !evbuffer_get_length(bufferevent_get_output(connection->stream)))
		bufferevent_trigger(connection->stream, EV_WRITE, BEV_TRIG_DEFER_CALLBACKS);
}

void
connection_answer_text(
    struct connection *connection, enum protocol_operation operation, const char *text)
{
	struct wire_out out = { 0 };

	if (text)
		wire_put_string(&out, text);
	connection_answer(connection, operation, &out, true);
	wire_out_free(&out);
}

int
connection_socket(const struct connection *connection)
{
	return bufferevent_getfd(connection->stream);
}

uid_t
connection_uid(const struct connection *connection)
{
	return connection->peer.uid;
}

pid_t
connection_pid(const struct connection *connection)
{
	return connection->peer.pid;
}

void
connection_set_session(struct connection *connection, void *session)
{
	connection->session = session;
}

void *
connection_session(const struct connection *connection)
{
	return connection->session;
}

void
connection_free(struct connection *connection)
{
	event_free(connection->timeout);
	bufferevent_free(connection->stream);
	connection->calls.gone(connection->calls.data);
	free(connection);
}
