/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "window/window.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connection.h"
#include "log.h"
#include "window/budget.h"
#include "wire/client.h"

/* Callers at once, in all and of one uid. */
#define CALLERS_MAX  128
#define CALLERS_EACH 8

#define QUESTION_MS 2000 /* a caller has to have asked by then */
#define ANSWER_MS   5000 /* and main to have answered */

/* Somebody who hammers is served behind everybody who works on this host. */
#define NICE 10

#define BREATHER_MS 100 /* accept pauses when descriptors run out */

struct caller {
	TAILQ_ENTRY(caller) entry;
	struct window *window;
	struct connection *connection;
	uint32_t uid;
	uint32_t token; /* of the question that main has, or 0 */
	bool asked;
};

struct window {
	struct event_base *base;
	int sock; /* to main */
	struct event *listening;
	struct event *resume;
	struct event *answers;
	struct budget *budget;
	TAILQ_HEAD(callers, caller) callers; /* the longest here first */
	unsigned int n_callers;
	uint32_t last_token;
	unsigned int waiting; /* questions that main has */
	uint16_t nobody;      /* what main answers to all who are not fenced: operation and text */
	char *nobody_text;
	char message[WINDOW_MESSAGE_MAX];
};

/* ---------------------------------------------------------------- questions and answers */

/* All that can be asked here, and by whom: anybody, about themselves. */
static const struct operation {
	enum protocol_operation number;
	uint32_t most; /* bytes of payload */
} operations[] = {
	{ PROTOCOL_WHY, WINDOW_QUESTION_MAX },
};

static bool
allows(const struct protocol_header *header, bool first, const char **refusal)
{
	size_t i;

	if (header->version < 1 || header->version > PROTOCOL_VERSION) {
		*refusal = "this netfenced is older than its caller";
		return false;
	}
	if (!first) {
		*refusal = "one request to a connection";
		return false;
	}
	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (operations[i].number != header->operation)
			continue;
		*refusal = "the request is too long";
		return header->length <= operations[i].most;
	}
	*refusal = "not to be asked here";
	return false;
}

static bool
ask_main(struct window *window, struct caller *caller, const struct wire_in *payload)
{
	const struct window_question question = { window->last_token + 1, caller->uid, *payload };
	struct wire_out out = { 0 };
	ssize_t sent = -1;

	if (window->waiting >= WINDOW_WAITING_MAX)
		return false;
	window_question_put(&out, &question);
	if (!out.failed)
		sent = send(window->sock, out.data, out.used, MSG_NOSIGNAL | MSG_DONTWAIT);
	wire_out_free(&out);
	if (sent < 0)
		return false;
	/* 0 means none. */
	window->last_token = question.token == UINT32_MAX ? 0 : question.token;
	caller->token = question.token;
	window->waiting++;
	return true;
}

static void
on_message(struct connection *connection, const struct protocol_header *header,
    struct wire_in *payload, void *data)
{
	struct caller *caller = data;
	struct window *window = caller->window;
	enum budget_verdict verdict = budget_ask(window->budget, caller->uid, wire_clock_ms());

	(void)header;
	caller->asked = true;
	if (caller->uid == 0)
		connection_answer_text(connection, PROTOCOL_ERROR,
		    "root is never fenced; of users `netfencectl explain` tells");
	else if (verdict == BUDGET_FREE && window->nobody_text)
		connection_answer_text(
		    connection, (enum protocol_operation)window->nobody, window->nobody_text);
	else if (verdict == BUDGET_ASK && ask_main(window, caller, payload))
		connection_wait(connection, ANSWER_MS);
	else
		connection_answer(connection, PROTOCOL_BUSY, NULL, true);
}

static struct caller *
find_caller(const struct window *window, uint32_t token)
{
	struct caller *caller = TAILQ_FIRST(&window->callers);

	while (caller && caller->token != token)
		caller = TAILQ_NEXT(caller, entry);
	return caller;
}

static void
pass_on(struct window *window, const struct window_answer *answer, char *text)
{
	struct caller *caller = find_caller(window, answer->token);

	if (caller) {
		caller->token = 0;
		connection_answer_text(
		    caller->connection, (enum protocol_operation)answer->operation, text);
	}
	if (answer->owner == BUDGET_NOBODY) {
		free(window->nobody_text);
		window->nobody = answer->operation;
		window->nobody_text = text;
	} else {
		free(text);
	}
}

static void
on_answer(int fd, short what, void *data)
{
	struct window *window = data;
	struct window_answer answer;
	ssize_t got = recv(fd, window->message, sizeof(window->message), MSG_DONTWAIT);
	char *text;

	(void)what;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Main has gone, and this process was its. */
	if (got <= 0 || !window_answer_get(window->message, (size_t)got, &answer)) {
		event_base_loopbreak(window->base);
		return;
	}
	if (window->waiting)
		window->waiting--;
	budget_learn(window->budget, &answer.range, answer.owner, wire_clock_ms());
	text = strndup(answer.text, answer.length);
	if (text)
		pass_on(window, &answer, text);
}

/* ---------------------------------------------------------------- who comes and goes */

/* Whatever main says to the question, nobody waits for it any more. */
static void
on_over(struct connection *connection, void *data)
{
	struct caller *caller = data;

	(void)connection;
	caller->token = 0;
}

static void
on_gone(void *data)
{
	struct caller *caller = data;
	struct window *window = caller->window;

	TAILQ_REMOVE(&window->callers, caller, entry);
	window->n_callers--;
	free(caller);
}

static bool
has_enough(const struct window *window, uint32_t uid)
{
	const struct caller *caller;
	unsigned int n = 0;

	for (caller = TAILQ_FIRST(&window->callers); caller; caller = TAILQ_NEXT(caller, entry))
		n += caller->uid == uid;
	return n >= CALLERS_EACH;
}

/* Who asks, asks at once: in a crowd the one who has been silent for longest has to go. False
 * where all have asked. */
static bool
make_room(struct window *window)
{
	struct caller *caller = TAILQ_FIRST(&window->callers);

	if (window->n_callers < CALLERS_MAX)
		return true;
	while (caller && caller->asked)
		caller = TAILQ_NEXT(caller, entry);
	if (!caller)
		return false;
	connection_free(caller->connection);
	return true;
}

static void
take_caller(struct window *window, int sock)
{
	struct caller *caller;
	struct connection_calls calls = {
		.allows = allows,
		.message = on_message,
		.over = on_over,
		.gone = on_gone,
	};
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 ||
	    has_enough(window, peer.uid) || !make_room(window)) {
		close(sock);
		return;
	}
	caller = calloc(1, sizeof(*caller));
	if (!caller) {
		close(sock);
		return;
	}
	caller->window = window;
	caller->uid = peer.uid;
	calls.data = caller;
	caller->connection = connection_new(window->base, sock, &calls);
	if (!caller->connection) {
		free(caller);
		return;
	}
	TAILQ_INSERT_TAIL(&window->callers, caller, entry);
	window->n_callers++;
	connection_wait(caller->connection, QUESTION_MS);
}

static void
on_acceptable(int fd, short what, void *data)
{
	const struct timeval breather = { 0, BREATHER_MS * 1000 };
	struct window *window = data;
	int sock = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (sock >= 0) {
		take_caller(window, sock);
	} else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
		event_del(window->listening);
		evtimer_add(window->resume, &breather);
	}
}

static void
on_resume(int fd, short what, void *data)
{
	struct window *window = data;

	(void)fd;
	(void)what;
	event_add(window->listening, NULL);
}

/* ---------------------------------------------------------------- the process */

void
window_process(int sock, int listening)
{
	struct window *window = calloc(1, sizeof(*window));

	setpriority(PRIO_PROCESS, 0, NICE);
	if (!window)
		return;
	TAILQ_INIT(&window->callers);
	window->sock = sock;
	window->budget = budget_new();
	window->base = event_base_new();
	if (!window->budget || !window->base)
		return;
	window->listening =
	    event_new(window->base, listening, EV_READ | EV_PERSIST, on_acceptable, window);
	window->resume = evtimer_new(window->base, on_resume, window);
	window->answers = event_new(window->base, sock, EV_READ | EV_PERSIST, on_answer, window);
	if (!window->listening || !window->resume || !window->answers ||
	    event_add(window->listening, NULL) < 0 || event_add(window->answers, NULL) < 0) {
		log_line(LOG_ERR, "window: no memory");
		return;
	}
	event_base_dispatch(window->base);
}
