/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "inquiry.h"
#include "log.h"

#define CALLERS_MAX 4096
#define BREATHER_MS 100 /* accept pauses when descriptors run out */

/* How long before its module gives up a login is refused, that the reason comes to be known there,
 * and here: a tenth of its patience, but not more than this; milliseconds. */
#define EARLIER_MS 500

/* The longest patience, which the module's options allow; milliseconds. */
#define PATIENCE_MAX 3600000U

#define AS_TEXT(number) #number
#define TEXT_OF(number) AS_TEXT(number)
#define VERSIONS        "versions 1 to " TEXT_OF(PROTOCOL_VERSION)

struct server {
	struct event_base *base;
	int listening;
	struct event *accept;
	struct event *resume;
	unsigned int callers;
	struct life *life;
	struct admin *admin;
	struct reload *reload;
	struct granting *granting;
	struct off *off;
	struct terminate *terminate;
};

/* What could not be read. ERROR, and not REFUSED, since nothing is said of the user. */
static void
answer_unread(struct connection *connection, const struct wire_in *in)
{
	const char *reason =
	    in->no_memory ? "no memory to read the request" : "the request is damaged";

	if (in->no_memory)
		log_event(LOG_WARNING, "refused", LOG_TEXT("reason", reason));
	connection_answer_text(connection, PROTOCOL_ERROR, reason);
}

static unsigned int
login_wait(uint32_t patience_ms)
{
	const uint32_t wait_ms = patience_ms < PATIENCE_MAX ? patience_ms : PATIENCE_MAX;

	return wait_ms - (wait_ms / 10 < EARLIER_MS ? wait_ms / 10 : EARLIER_MS);
}

static void
do_open(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct open_request request;

	if (!open_request_get(in, &request)) {
		answer_unread(connection, in);
		return;
	}
	connection_wait(connection, login_wait(request.patience_ms));
	life_login(server->life, connection, &request);
	open_request_clear(&request);
}

/* Whatever the caller has asked for, nobody is to answer it any more. */
static void
forget(struct server *server, struct connection *connection)
{
	life_hung_up(server->life, connection);
	reload_forget(server->reload, connection);
	granting_forget(server->granting, connection);
	off_forget(server->off, connection);
	terminate_forget(server->terminate, connection);
}

static void
do_taken(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct session *session = connection_session(connection);

	if (!wire_in_done(in) || !session || session->stage != SESSION_ANSWERED) {
		forget(server, connection);
		connection_answer_text(connection, PROTOCOL_ERROR, "there was nothing to take");
		return;
	}
	life_taken(server->life, connection);
}

static void
do_close(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct session_name name;
	struct why why;

	if (!session_name_get(in, &name))
		answer_unread(connection, in);
	else if (life_close(server->life, &name, &why) < 0)
		connection_answer_text(connection, PROTOCOL_ERROR, why.text);
	else
		connection_answer_text(connection, PROTOCOL_DONE, NULL);
}

static void
do_status(struct server *server, struct connection *connection, struct wire_in *in)
{
	(void)in;
	admin_status(server->admin, connection);
}

static void
do_sessions(struct server *server, struct connection *connection, struct wire_in *in)
{
	/* Nothing: those who are fenced. */
	admin_sessions(server->admin, connection, in->left && wire_get_u8(in));
}

static void
do_metrics(struct server *server, struct connection *connection, struct wire_in *in)
{
	(void)in;
	admin_metrics(server->admin, connection);
}

static void
do_rules(struct server *server, struct connection *connection, struct wire_in *in)
{
	char *user = wire_get_string(in, PROTOCOL_NAME_MAX);

	if (wire_in_done(in))
		admin_rules(server->admin, connection, user);
	else
		answer_unread(connection, in);
	free(user);
}

static void
do_explain(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct arena *arena = arena_new();
	struct question question;

	if (arena && question_get(in, arena, &question))
		inquiry_explain(server->life, connection, &question);
	else
		answer_unread(connection, in);
	arena_free(arena);
}

static void
do_login_test(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct open_request request;

	if (!open_request_get(in, &request)) {
		answer_unread(connection, in);
		return;
	}
	inquiry_login(server->life, connection, &request);
	open_request_clear(&request);
}

static void
do_reload(struct server *server, struct connection *connection, struct wire_in *in)
{
	struct reload_request request = { .from = RELOAD_FILES };

	request.dry_run = wire_get_u8(in) != 0;
	request.confirm_seconds = wire_get_u32(in);
	if (wire_in_done(in) && request.confirm_seconds <= RELOAD_CONFIRM_MAX)
		reload_start(server->reload, &request, connection);
	else
		answer_unread(connection, in);
}

static void
do_rollback(struct server *server, struct connection *connection, struct wire_in *in)
{
	static const struct reload_request request = { .from = RELOAD_PREVIOUS };

	(void)in;
	reload_start(server->reload, &request, connection);
}

static void
do_confirm(struct server *server, struct connection *connection, struct wire_in *in)
{
	(void)in;
	if (reload_confirm(server->reload))
		connection_answer_text(connection, PROTOCOL_TEXT, "confirmed");
	else
		connection_answer_text(connection, PROTOCOL_ERROR, "there is nothing to confirm");
}

static void
do_grant(struct server *server, struct connection *connection, struct wire_in *in)
{
	granting_grant(server->granting, connection, in);
}

static void
do_grants(struct server *server, struct connection *connection, struct wire_in *in)
{
	granting_list(server->granting, connection, in);
}

static void
do_revoke(struct server *server, struct connection *connection, struct wire_in *in)
{
	granting_revoke(server->granting, connection, in);
}

static void
do_denials(struct server *server, struct connection *connection, struct wire_in *in)
{
	char *user = wire_get_string(in, PROTOCOL_NAME_MAX);
	uint64_t after = wire_get_u64(in), since = wire_get_u64(in);

	if (wire_in_done(in))
		admin_denials(server->admin, connection, user, after, since);
	else
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
	free(user);
}

static void
do_terminate(struct server *server, struct connection *connection, struct wire_in *in)
{
	uint32_t uid = wire_get_u32(in);
	uint64_t session = wire_get_u64(in);
	char *claim = wire_get_string(in, PROTOCOL_NAME_MAX);

	if (wire_in_done(in))
		terminate_start(server->terminate, connection, uid, session, claim);
	else
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
	free(claim);
}

static void
do_off(struct server *server, struct connection *connection, struct wire_in *in)
{
	uint32_t seconds = wire_get_u32(in);
	char *reason = wire_get_string(in, OFF_REASON_MAX);
	char *claim = wire_get_string(in, PROTOCOL_NAME_MAX);

	if (wire_in_done(in) && seconds && seconds <= OFF_SECONDS_MAX && reason[0])
		off_start(server->off, connection, seconds, reason, claim);
	else
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
	free(reason);
	free(claim);
}

static void
do_on(struct server *server, struct connection *connection, struct wire_in *in)
{
	char *claim = wire_get_string(in, PROTOCOL_NAME_MAX);

	if (wire_in_done(in))
		off_end(server->off, connection, claim);
	else
		connection_answer_text(connection, PROTOCOL_ERROR, "the request is damaged");
	free(claim);
}

/*
 * Everything that can be asked. Who: the socket is root's alone (0600), and nobody but uid 0 is
 * listened to; a second socket for users would be a second column here.
 */
static const struct operation {
	enum protocol_operation number;
	uint32_t most; /* bytes of payload */
	void (*handle)(struct server *server, struct connection *connection, struct wire_in *in);
} operations[] = {
	{ PROTOCOL_OPEN, PROTOCOL_REQUEST_MAX, do_open },
	{ PROTOCOL_TAKEN, 0, do_taken },
	{ PROTOCOL_CLOSE, sizeof(struct session_name), do_close },
	{ PROTOCOL_STATUS, 0, do_status },
	{ PROTOCOL_SESSIONS, sizeof(uint8_t), do_sessions },
	{ PROTOCOL_METRICS, 0, do_metrics },
	{ PROTOCOL_RULES, sizeof(uint32_t) + PROTOCOL_NAME_MAX, do_rules },
	{ PROTOCOL_RELOAD, sizeof(uint8_t) + sizeof(uint32_t), do_reload },
	{ PROTOCOL_ROLLBACK, 0, do_rollback },
	{ PROTOCOL_CONFIRM, 0, do_confirm },
	{ PROTOCOL_TERMINATE, 2 * sizeof(uint32_t) + sizeof(uint64_t) + PROTOCOL_NAME_MAX,
	    do_terminate },
	{ PROTOCOL_OFF, 3 * sizeof(uint32_t) + OFF_REASON_MAX + PROTOCOL_NAME_MAX, do_off },
	{ PROTOCOL_ON, sizeof(uint32_t) + PROTOCOL_NAME_MAX, do_on },
	{ PROTOCOL_EXPLAIN, QUESTION_MAX, do_explain },
	{ PROTOCOL_LOGIN_TEST, PROTOCOL_REQUEST_MAX, do_login_test },
	{ PROTOCOL_GRANT, PROTOCOL_REQUEST_MAX, do_grant },
	{ PROTOCOL_GRANTS, sizeof(uint32_t) + PROTOCOL_NAME_MAX, do_grants },
	{ PROTOCOL_REVOKE, 2 * sizeof(uint32_t) + PROTOCOL_NAME_MAX, do_revoke },
	{ PROTOCOL_DENIALS, sizeof(uint32_t) + PROTOCOL_NAME_MAX + 2 * sizeof(uint64_t),
	    do_denials },
};

static const struct operation *
find(uint16_t number)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (operations[i].number == number)
			return &operations[i];
	return NULL;
}

static bool
allows(const struct protocol_header *header, bool first, const char **refusal)
{
	const struct operation *operation = find(header->operation);

	if (header->version < 1 || header->version > PROTOCOL_VERSION) {
		*refusal = header->version
			       ? "this netfenced is older than its caller, and speaks the "
				 "protocol in " VERSIONS ": restart it"
			       : "there is no version 0: this netfenced speaks the "
				 "protocol in " VERSIONS;
		return false;
	}
	if (!operation) {
		*refusal = "unknown operation";
		return false;
	}
	if (header->length > operation->most) {
		*refusal = "the request is too long";
		return false;
	}
	/* Else an answer would hang up on somebody who waits for another. */
	if (!first && header->operation != PROTOCOL_TAKEN) {
		*refusal = "one request to a connection";
		return false;
	}
	return true;
}

static void
on_message(struct connection *connection, const struct protocol_header *header,
    struct wire_in *payload, void *data)
{
	const struct operation *operation = find(header->operation);

	if (operation)
		operation->handle(data, connection, payload);
}

static bool
on_late(struct connection *connection, void *data)
{
	struct server *server = data;

	return life_late(server->life, connection);
}

static void
on_over(struct connection *connection, void *data)
{
	forget(data, connection);
}

static void
on_gone(void *data)
{
	struct server *server = data;

	server->callers--;
}

static void
pause_accepting(struct server *server)
{
	const struct timeval breather = { 0, BREATHER_MS * 1000 };

	event_del(server->accept);
	evtimer_add(server->resume, &breather);
}

static void
on_resume(int fd, short what, void *data)
{
	struct server *server = data;

	(void)fd;
	(void)what;
	event_add(server->accept, NULL);
}

static void
on_acceptable(int fd, short what, void *data)
{
	struct server *server = data;
	const struct connection_calls calls = {
		.allows = allows,
		.message = on_message,
		.late = on_late,
		.over = on_over,
		.gone = on_gone,
		.data = server,
	};
	struct connection *connection;
	int sock;

	(void)what;
	if (server->callers >= CALLERS_MAX) {
		pause_accepting(server);
		return;
	}
	sock = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (sock < 0) {
		/* Whoever waits in the backlog is served when descriptors or memory are back. */
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			log_line(LOG_ERR, "accept: %s", strerrordesc_np(errno));
			pause_accepting(server);
		}
		return;
	}
	connection = connection_new(server->base, sock, &calls);
	if (!connection) {
		log_line(LOG_ERR, "no memory for another caller");
		return;
	}
	server->callers++;
	if (connection_uid(connection) != 0) {
		log_line(LOG_WARNING, "uid %u is not root and was not listened to",
		    (unsigned int)connection_uid(connection));
		connection_free(connection);
	}
}

struct server *
server_new(struct event_base *base, int listening, struct life *life, struct admin *admin,
    struct reload *reload, struct granting *granting)
{
	struct server *server = calloc(1, sizeof(*server));

	if (!server)
		return NULL;
	server->base = base;
	server->listening = listening;
	server->life = life;
	server->admin = admin;
	server->reload = reload;
	server->granting = granting;
	server->accept = event_new(base, listening, EV_READ | EV_PERSIST, on_acceptable, server);
	server->resume = evtimer_new(base, on_resume, server);
	if (!server->accept || !server->resume || event_add(server->accept, NULL) < 0) {
		server_free(server);
		return NULL;
	}
	return server;
}

void
server_set_orders(struct server *server, struct off *off, struct terminate *terminate)
{
	server->off = off;
	server->terminate = terminate;
}

void
server_free(struct server *server)
{
	if (!server)
		return;
	if (server->accept)
		event_free(server->accept);
	if (server->resume)
		event_free(server->resume);
	free(server);
}
