/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/identity.h"
#include "wire/client.h"

#define PAUSE_FIRST_MS 20
#define PAUSE_MOST_MS  200

/* Would it be worth while to try again? */
static bool
is_passing(int result)
{
	return result == -ENOENT || result == -ECONNREFUSED || result == -ECONNRESET ||
	       result == -EPIPE;
}

/* False where the deadline came before it was time to try again. */
static bool
pause_before(int64_t deadline_ms, int *pause_ms)
{
	int64_t left = deadline_ms - wire_clock_ms();

	if (left > 0)
		poll(NULL, 0, left < *pause_ms ? (int)left : *pause_ms);
	*pause_ms = *pause_ms * 2 < PAUSE_MOST_MS ? *pause_ms * 2 : PAUSE_MOST_MS;
	return wire_clock_ms() < deadline_ms;
}

static int
exchange(int fd, enum protocol_operation operation, const struct wire_out *request,
    struct protocol_header *header, uint8_t **payload, int64_t deadline_ms, struct why *why)
{
	int sent, result;

	sent = wire_send(fd, operation, request, deadline_ms, why);
	/* Whoever hung up while we were sending may have said why before. */
	if (sent < 0 && sent != -EPIPE && sent != -ECONNRESET)
		return sent;
	result = wire_receive(fd, header, payload, deadline_ms, why);
	return result;
}

/* The one string that a payload is; NULL where it is not one. */
static char *
text_of(const uint8_t *payload, uint32_t length)
{
	struct wire_in in = { .data = payload, .left = length };
	char *text = wire_get_string(&in, length);

	if (wire_in_done(&in))
		return text;
	free(text);
	return NULL;
}

static int
understand(const struct protocol_header *header, const uint8_t *payload, struct ask_answer *answer,
    struct why *why)
{
	struct wire_in in = { .data = payload, .left = header->length };
	struct free_answer given;

	switch (header->operation) {
	case PROTOCOL_FENCED:
		answer->verdict = ASK_FENCED;
		if (fenced_answer_get(&in, &answer->fenced))
			return 0;
		break;
	case PROTOCOL_FREE:
		answer->verdict = ASK_FREE;
		if (free_answer_get(&in, &given)) {
			answer->session = given.session;
			answer->reason = given.reason;
			return 0;
		}
		break;
	case PROTOCOL_REFUSED:
		answer->verdict = ASK_REFUSED;
		answer->reason = text_of(payload, header->length);
		if (answer->reason)
			return 0;
		break;
	case PROTOCOL_ERROR:
		/* It has not understood us, an older one for example, and so says nothing of the
		 * user: as good as away. */
		answer->reason = text_of(payload, header->length);
		return why_set(why, EREMOTEIO, "netfenced says: %s",
		    answer->reason ? answer->reason : "nothing that is understood");
	default:
		break;
	}
	return why_set(
	    why, EPROTO, "the answer (%u) is not one to this question", header->operation);
}

static int
open_once(const char *socket, const struct open_request *known, int64_t deadline_ms,
    struct ask_answer *answer, struct why *why)
{
	struct open_request request = *known;
	cleanup_free uint8_t *payload = NULL;
	cleanup_fd int fd = -1;
	struct protocol_header header;
	struct wire_out out = { 0 };
	struct why flaw;
	int64_t left;
	int result;

	result = wire_connect(socket, deadline_ms, &fd, why);
	if (result < 0)
		return result;
	if (identity_network(fd, &request.netns, &flaw) < 0 && !request.flaw[0])
		request.flaw = flaw.text;
	left = deadline_ms - wire_clock_ms();
	request.patience_ms = left > 1 ? (uint32_t)left : 1;
	open_request_put(&out, &request);
	if (!out.failed && out.used > PROTOCOL_REQUEST_MAX)
		result = why_set(why, E2BIG, "the names of all groups take more than %d bytes",
		    PROTOCOL_REQUEST_MAX);
	else
		result = exchange(fd, PROTOCOL_OPEN, &out, &header, &payload, deadline_ms, why);
	wire_out_free(&out);
	if (result < 0)
		return result;
	result = understand(&header, payload, answer, why);
	if (result < 0 || answer->verdict == ASK_REFUSED)
		return result;
	if (answer->verdict == ASK_FREE && !answer->session.id)
		return 0;
	/* Without this there is no session: it would have nobody who could close it. */
	return wire_send(fd, PROTOCOL_TAKEN, NULL, deadline_ms, why);
}

int
ask_open(const char *socket, const struct open_request *request, int64_t deadline_ms,
    struct ask_answer *answer, struct why *why)
{
	int pause_ms = PAUSE_FIRST_MS, result;

	do {
		memset(answer, 0, sizeof(*answer));
		result = open_once(socket, request, deadline_ms, answer, why);
		if (!result)
			return 0;
		ask_answer_clear(answer);
	} while (is_passing(result) && pause_before(deadline_ms, &pause_ms));
	return result;
}

void
ask_answer_clear(struct ask_answer *answer)
{
	fenced_answer_clear(&answer->fenced);
	free(answer->reason);
	answer->reason = NULL;
}

static int
close_once(
    const char *socket, const struct session_name *session, int64_t deadline_ms, struct why *why)
{
	cleanup_free uint8_t *payload = NULL;
	cleanup_free char *reason = NULL;
	cleanup_fd int fd = -1;
	struct protocol_header header;
	struct wire_out out = { 0 };
	int result;

	result = wire_connect(socket, deadline_ms, &fd, why);
	if (result < 0)
		return result;
	session_name_put(&out, session);
	result = exchange(fd, PROTOCOL_CLOSE, &out, &header, &payload, deadline_ms, why);
	wire_out_free(&out);
	if (result < 0)
		return result;
	if (header.operation == PROTOCOL_DONE && !header.length)
		return 0;
	if (header.operation == PROTOCOL_ERROR)
		reason = text_of(payload, header.length);
	if (reason)
		return why_set(why, EREMOTEIO, "%s", reason);
	return why_set(
	    why, EPROTO, "the answer (%u) is not one to this question", header.operation);
}

int
ask_close(
    const char *socket, const struct session_name *session, int64_t deadline_ms, struct why *why)
{
	int pause_ms = PAUSE_FIRST_MS, result;

	do
		result = close_once(socket, session, deadline_ms, why);
	while (is_passing(result) && pause_before(deadline_ms, &pause_ms));
	return result;
}
