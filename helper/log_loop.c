/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log_loop.h"

#include <event2/event.h>
#include <stdlib.h>

#include "log.h"

struct log_loop {
	struct event_base *base;
	struct event *event;
	_Atomic uint64_t *unsaid;
};

static void on_turn(int fd, short what, void *data);

/* Once, and not EV_PERSIST: log_send() may close the descriptor, which must not be polled then. A
 * connected datagram socket is writable, for poll(2) and epoll(7), as soon as the queue of its peer
 * has room: unix_dgram_poll() waits for the peer as well since Linux 4.4. */
static void
on_wait(void *data)
{
	static const struct timeval again = { LOG_AGAIN_MS / 1000, LOG_AGAIN_MS % 1000 * 1000 };
	struct log_loop *loop = data;
	int fd;

	*loop->unsaid = log_health().unsaid;
	if (event_pending(loop->event, EV_WRITE | EV_TIMEOUT, NULL) || !log_waits(&fd))
		return;
	event_assign(loop->event, loop->base, fd, fd < 0 ? 0 : EV_WRITE, on_turn, loop);
	event_add(loop->event, &again);
}

static void
on_turn(int fd, short what, void *data)
{
	(void)fd;
	(void)what;
	log_send();
	on_wait(data);
}

struct log_loop *
log_loop_new(struct event_base *base, _Atomic uint64_t *unsaid)
{
	struct log_loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	loop->base = base;
	loop->unsaid = unsaid;
	loop->event = evtimer_new(base, on_turn, loop);
	if (!loop->event) {
		free(loop);
		return NULL;
	}
	log_follow(on_wait, loop);
	on_wait(loop);
	return loop;
}

void
log_loop_free(struct log_loop *loop)
{
	if (!loop)
		return;
	log_follow(NULL, NULL);
	event_free(loop->event);
	free(loop);
}
