/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <event2/event.h>
#include <stdlib.h>

#include "log.h"
#include "reload/inside.h"

/* Requests that wait, at most. */
#define WAITING_MAX 16

struct waiting {
	struct waiting *next;
	struct reload_request request;
	struct connection *connection; /* or NULL */
};

/* The files will be read once more in any case. */
static bool
is_among_them(const struct reload *reload, const struct reload_request *request)
{
	const struct waiting *waiting;

	for (waiting = reload->waiting; waiting; waiting = waiting->next)
		if (waiting->request.from == request->from && !waiting->request.dry_run)
			return true;
	return false;
}

void
waiting_add(
    struct reload *reload, const struct reload_request *request, struct connection *connection)
{
	struct waiting **link = &reload->waiting, *waiting;
	unsigned int n = 0;

	if (!connection && is_among_them(reload, request))
		return;
	for (; *link; link = &(*link)->next)
		n++;
	waiting = n < WAITING_MAX ? calloc(1, sizeof(*waiting)) : NULL;
	if (!waiting) {
		log_line(LOG_ERR, "a reload is not done: too many wait, or there is no memory");
		if (connection)
			connection_answer_text(
			    connection, PROTOCOL_ERROR, "too many reloads are under way");
		return;
	}
	waiting->request = *request;
	waiting->connection = connection;
	*link = waiting;
}

void
waiting_next(struct reload *reload)
{
	static const struct timeval at_once = { 0, 0 };

	if (reload->waiting)
		evtimer_add(reload->next, &at_once);
}

void
waiting_on_time(int fd, short what, void *data)
{
	struct reload *reload = data;
	struct waiting *waiting = reload->waiting;
	struct reload_request request;
	struct connection *connection;

	(void)fd;
	(void)what;
	if (!waiting || reload->rules)
		return;
	request = waiting->request;
	connection = waiting->connection;
	reload->waiting = waiting->next;
	free(waiting);
	reload_do(reload, &request, connection);
}

void
waiting_hung_up(struct reload *reload, const struct connection *connection)
{
	struct waiting *waiting;

	for (waiting = reload->waiting; waiting; waiting = waiting->next)
		if (waiting->connection == connection)
			waiting->connection = NULL;
}

void
waiting_free(struct reload *reload)
{
	struct waiting *waiting;

	while ((waiting = reload->waiting)) {
		reload->waiting = waiting->next;
		free(waiting);
	}
}
