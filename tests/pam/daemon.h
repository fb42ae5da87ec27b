/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A netfenced that does what the test says: a thread behind a real socket that speaks the
 * protocol, connection by connection, and writes down what it was asked.
 */
#ifndef NETFENCE_TESTS_PAM_DAEMON_H
#define NETFENCE_TESTS_PAM_DAEMON_H

#include <poll.h>
#include <sys/eventfd.h>

#include "wire/message.h"
#include "world.h"

/* What becomes of a connection. Without a plan: OPEN is FENCED, CLOSE is DONE. */
enum act {
	ACT_FENCED,
	ACT_FREE,
	ACT_FREE_NAMED, /* FREE, with a session's name */
	ACT_REFUSED,
	ACT_ERROR,
	ACT_DONE,
	ACT_HANG_UP,     /* before the request was read */
	ACT_READ_ONLY,   /* hang up when it was */
	ACT_HALF,        /* hang up within the answer */
	ACT_SILENT,      /* read it and wait until the module leaves */
	ACT_DEAF,        /* FENCED, but TAKEN cannot be sent any more */
	ACT_GARBAGE,     /* an answer that answers nothing */
	ACT_NOT_HEADER,  /* bytes that are no message */
	ACT_VERSION,     /* FENCED in another version */
	ACT_LONG,        /* FENCED with a byte too many */
	ACT_FREE_LONG,   /* FREE with a byte too many */
	ACT_FREE_UNREAD, /* FREE before the request was read, and hang up */
};

struct plan {
	enum act act;
	const char *text; /* a message or a reason */
};

struct event {
	uint16_t operation; /* 0: hung up before it was read */
	struct open_request open;
	struct session_name close;
	struct session_name given;
	bool taken;
};

#define PLANS_MAX  64
#define EVENTS_MAX 256

struct daemon {
	int listener;
	int stop;
	pthread_t thread;
	struct plan plans[PLANS_MAX];
	size_t n_plans, at;
	struct event events[EVENTS_MAX];
	size_t n;
	size_t leaks; /* descriptors without FD_CLOEXEC, seen while the module waited */
};

static struct daemon daemon_;

static inline void
daemon_will(enum act act, const char *text)
{
	must(daemon_.n_plans < PLANS_MAX);
	daemon_.plans[daemon_.n_plans++] = (struct plan){ act, text };
}

static inline bool
daemon_read(int fd, void *bytes, size_t length)
{
	return length == 0 || recv(fd, bytes, length, MSG_WAITALL) == (ssize_t)length;
}

static inline void
daemon_send(int fd, const struct protocol_header *header, const struct wire_out *out)
{
	/* The module may have left, for good reasons or bad ones: that is the test's to judge. */
	if (send(fd, header, sizeof(*header), MSG_NOSIGNAL) == sizeof(*header) && out->used)
		send(fd, out->data, out->used, MSG_NOSIGNAL);
}

static inline void
daemon_answer(int fd, struct event *event, const struct plan *plan)
{
	static uint64_t number = 100;
	struct protocol_header header = { .version = PROTOCOL_VERSION };
	struct fenced_answer answer = { .policy = (char[]){ "groups/supporters" } };
	struct wire_out out = { 0 };
	char *text = strdup(plan->text ? plan->text : "");

	switch (plan->act) {
	case ACT_FREE_NAMED:
		number++;
		event->given = (struct session_name){ number, number * 7919 };
		__attribute__((fallthrough));
	case ACT_FREE:
	case ACT_FREE_LONG:
	case ACT_FREE_UNREAD:
		header.operation = PROTOCOL_FREE;
		free_answer_put(&out, &(struct free_answer){ event->given, text });
		break;
	case ACT_REFUSED:
		header.operation = PROTOCOL_REFUSED;
		wire_put_string(&out, text);
		break;
	case ACT_ERROR:
		header.operation = PROTOCOL_ERROR;
		wire_put_string(&out, text);
		break;
	case ACT_GARBAGE:
		header.operation = PROTOCOL_TEXT;
		wire_put_string(&out, text);
		break;
	case ACT_DONE:
		header.operation = PROTOCOL_DONE;
		break;
	default:
		header.operation = PROTOCOL_FENCED;
		number++;
		event->given = (struct session_name){ number, number * 7919 };
		answer.session = event->given;
		answer.message = text;
		fenced_answer_put(&out, &answer);
		break;
	}
	if (plan->act == ACT_LONG || plan->act == ACT_FREE_LONG)
		wire_put_u8(&out, 0);
	header.length = (uint32_t)out.used;
	if (plan->act == ACT_VERSION)
		header.version = PROTOCOL_VERSION + 1;
	if (plan->act == ACT_NOT_HEADER)
		memset(&header, 0xff, sizeof(header));
	if (plan->act == ACT_HALF)
		out.used /= 2;
	/* The module's next send fails from here on, as if we had gone. */
	if (plan->act == ACT_DEAF)
		must(shutdown(fd, SHUT_RD) == 0);
	daemon_send(fd, &header, &out);
	wire_out_free(&out);
	free(text);
}

/* All that this process has open is to be closed where a child executes something. */
static inline size_t
daemon_count_leaks(void)
{
	size_t leaks = 0;
	int fd, flags;

	for (fd = 3; fd < 256; fd++) {
		flags = fcntl(fd, F_GETFD);
		leaks += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	return leaks;
}

static inline bool
daemon_take_request(int fd, struct event *event)
{
	struct protocol_header header;
	struct wire_in in;
	uint8_t *payload;

	if (!daemon_read(fd, &header, sizeof(header)))
		return false;
	must(header.version == PROTOCOL_VERSION && header.length <= PROTOCOL_REQUEST_MAX);
	payload = malloc(header.length + 1);
	must(payload && daemon_read(fd, payload, header.length));
	in = (struct wire_in){ .data = payload, .left = header.length };
	event->operation = header.operation;
	if (header.operation == PROTOCOL_OPEN)
		must(open_request_get(&in, &event->open));
	else if (header.operation == PROTOCOL_CLOSE)
		must(session_name_get(&in, &event->close));
	else
		must(!"a request that there is");
	free(payload);
	return true;
}

static inline void
daemon_serve(int fd)
{
	struct event *event = &daemon_.events[daemon_.n];
	struct protocol_header header;
	struct plan plan = { ACT_FENCED, NULL };
	bool planned = daemon_.at < daemon_.n_plans;

	must(daemon_.n < EVENTS_MAX);
	daemon_.n++;
	memset(event, 0, sizeof(*event));
	if (planned)
		plan = daemon_.plans[daemon_.at++];
	if (plan.act == ACT_HANG_UP)
		return;
	if (plan.act == ACT_FREE_UNREAD) {
		daemon_answer(fd, event, &plan);
		return;
	}
	if (!daemon_take_request(fd, event))
		return;
	if (!planned && event->operation == PROTOCOL_CLOSE)
		plan.act = ACT_DONE;
	if (plan.act == ACT_READ_ONLY)
		return;
	if (plan.act == ACT_SILENT)
		daemon_.leaks += daemon_count_leaks();
	else
		daemon_answer(fd, event, &plan);
	if (plan.act == ACT_HALF)
		return;
	while (daemon_read(fd, &header, sizeof(header))) {
		must(header.operation == PROTOCOL_TAKEN && header.length == 0 && !event->taken);
		event->taken = true;
	}
}

static inline void *
daemon_run(void *unused)
{
	struct pollfd fds[2] = {
		{ .fd = daemon_.listener, .events = POLLIN },
		{ .fd = daemon_.stop, .events = POLLIN },
	};
	int fd;

	(void)unused;
	for (;;) {
		must(poll(fds, 2, -1) > 0);
		/* Whoever connected before the stop is served. */
		if (fds[0].revents) {
			fd = accept4(daemon_.listener, NULL, NULL, SOCK_CLOEXEC);
			must(fd >= 0);
			daemon_serve(fd);
			close(fd);
		} else {
			return NULL;
		}
	}
}

/* Where nobody listens yet. */
static inline void
daemon_bind(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, world.socket);
	unlink(world.socket);
	daemon_.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(daemon_.listener >= 0);
	must(bind(daemon_.listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
}

static inline void
daemon_listen(void)
{
	daemon_.stop = eventfd(0, EFD_CLOEXEC);
	must(daemon_.stop >= 0);
	must(listen(daemon_.listener, 16) == 0);
	must(pthread_create(&daemon_.thread, NULL, daemon_run, NULL) == 0);
}

static inline void
daemon_start(void)
{
	daemon_bind();
	daemon_listen();
}

/* After it the events can be looked at, and the plans are forgotten. */
static inline void
daemon_end(void)
{
	const uint64_t one = 1;

	if (!daemon_.thread)
		return;
	must(write(daemon_.stop, &one, sizeof(one)) == sizeof(one));
	must(pthread_join(daemon_.thread, NULL) == 0);
	daemon_.thread = 0;
	close(daemon_.listener);
	close(daemon_.stop);
	unlink(world.socket);
	daemon_.n_plans = daemon_.at = 0;
}

static inline void
daemon_forget(void)
{
	size_t i;

	daemon_end();
	for (i = 0; i < daemon_.n; i++)
		open_request_clear(&daemon_.events[i].open);
	daemon_.n = 0;
	daemon_.leaks = 0;
}

#endif
