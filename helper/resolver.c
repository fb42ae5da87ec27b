/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "resolver.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#include "channel.h"
#include "log.h"
#include "resolver_wire.h"
#include "stream.h"

struct resolver {
	struct event_base *base;
	int channel;
	struct resolver_calls calls;
	struct bufferevent *stream; /* or NULL */
	struct event *deadline;
	bool asked;
};

static void
conclude(struct resolver *resolver, struct resolved *list, uint32_t n, bool complete)
{
	uint32_t i;

	resolver->asked = false;
	evtimer_del(resolver->deadline);
	resolver->calls.answered(list, n, complete, resolver->calls.data);
	for (i = 0; i < n; i++)
		open_request_clear(&list[i].request);
	free(list);
}

/* A process that does not answer waits for a directory: it is of no use any more. */
static void
give_up(struct resolver *resolver, const char *reason)
{
	log_line(LOG_ERR, "resolver: %s; what was last known of users stands", reason);
	bufferevent_free(resolver->stream);
	resolver->stream = NULL;
	channel_send(resolver->channel, CHANNEL_KILL_RESOLVER, 0, -1);
	if (resolver->asked)
		conclude(resolver, NULL, 0, false);
}

static void
on_deadline(int fd, short what, void *data)
{
	(void)fd;
	(void)what;
	give_up(data, "the name service does not answer");
}

static void
on_event(struct bufferevent *stream, short what, void *data)
{
	(void)stream;
	(void)what;
	give_up(data, "the process has ended");
}

/* How many of the members were read; less than there are is an error. */
static uint32_t
get_list(struct wire_in *in, struct resolved **list, uint32_t *expected)
{
	uint32_t i;

	*expected = wire_get_count(in, RESOLVER_NAMES_MAX, 1);
	*list = calloc(*expected + 1, sizeof(**list));
	for (i = 0; *list && i < *expected; i++) {
		uint8_t result = wire_get_u8(in);
		struct wire_in part;

		wire_get_part(in, &part);
		if (result > RESOLVER_FAILED || !open_request_get(&part, &(*list)[i].request))
			break;
		(*list)[i].result = (enum resolver_result)result;
	}
	return i;
}

static void
on_readable(struct bufferevent *stream, void *data)
{
	struct resolver *resolver = data;
	struct evbuffer *input = bufferevent_get_input(stream);
	struct resolved *list = NULL;
	struct protocol_header header;
	struct wire_in in = { 0 };
	uint32_t n, expected, i;
	bool complete;
	size_t whole;

	if (evbuffer_copyout(input, &header, sizeof(header)) < (ssize_t)sizeof(header))
		return;
	whole = sizeof(header) + header.length;
	if (evbuffer_get_length(input) < whole)
		return;
	in.data = evbuffer_pullup(input, (ssize_t)whole);
	if (in.data) {
		in.data += sizeof(header);
		in.left = header.length;
	}
	complete = wire_get_u8(&in) != 0;
	n = get_list(&in, &list, &expected);
	if (n == expected && wire_in_done(&in) && header.operation == RESOLVER_LIST &&
	    resolver->asked) {
		evbuffer_drain(input, whole);
		conclude(resolver, list, n, complete);
		return;
	}
	for (i = 0; i < n; i++)
		open_request_clear(&list[i].request);
	free(list);
	give_up(resolver, "the answer was not understood");
}

struct resolver *
resolver_new(struct event_base *base, int channel, const struct resolver_calls *calls)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));

	if (!resolver)
		return NULL;
	resolver->base = base;
	resolver->channel = channel;
	resolver->calls = *calls;
	resolver->deadline = evtimer_new(base, on_deadline, resolver);
	if (!resolver->deadline) {
		free(resolver);
		return NULL;
	}
	return resolver;
}

void
resolver_free(struct resolver *resolver)
{
	if (!resolver)
		return;
	if (resolver->stream)
		bufferevent_free(resolver->stream);
	event_free(resolver->deadline);
	free(resolver);
}

void
resolver_adopt(struct resolver *resolver, int sock)
{
	if (resolver->stream)
		bufferevent_free(resolver->stream);
	resolver->stream = stream_new(resolver->base, sock);
	if (resolver->stream)
		bufferevent_setcb(resolver->stream, on_readable, NULL, on_event, resolver);
	/* The process that was asked has ended, though we had not heard of that. */
	if (resolver->asked)
		conclude(resolver, NULL, 0, false);
}

static void
put_names(struct wire_out *out, const char *const *names, uint32_t n)
{
	uint32_t i;

	wire_put_u32(out, n);
	for (i = 0; i < n; i++)
		wire_put_string(out, names[i]);
}

bool
resolver_ask(struct resolver *resolver, const struct resolver_question *users, uint32_t n_users,
    const char *const *groups, uint32_t n_groups)
{
	const struct timeval patience = { RESOLVER_MS / 1000, (RESOLVER_MS % 1000) * 1000 };
	struct wire_out out = { 0 };
	uint32_t i;

	if (resolver->asked || !resolver->stream)
		return false;
	wire_put_u32(&out, n_users);
	for (i = 0; i < n_users; i++) {
		wire_put_string(&out, users[i].name);
		put_names(&out, (const char *const *)users[i].groups, users[i].n_groups);
	}
	put_names(&out, groups, n_groups);
	resolver->asked = stream_send(resolver->stream, (uint16_t)RESOLVER_ASK, &out);
	wire_out_free(&out);
	if (!resolver->asked)
		return false;
	evtimer_add(resolver->deadline, &patience);
	return true;
}
