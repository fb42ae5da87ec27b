/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engines/inside.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <string.h>
#include <unistd.h>

#include "fence/crossing.h"
#include "log.h"
#include "netfence/protocol.h"
#include "stream.h"

/* Two for a family and one for both. */
const char *
link_name(const struct link *link)
{
	if (link->family == FAMILY_IPV6)
		return "IPv6";
	return link->engines->engine == SETTINGS_ENGINE_NFTABLES ? "nftables" : "IPv4";
}

#define HELD_MAX (16U * 1024 * 1024) /* bytes of what the kernel holds */

/* A request that could not be sent is as good as one that was answered with that. */
static void
answer_for(struct link *link)
{
	link->asked = false;
	link->took = false;
	link->error = ENOMEM;
	why_set(&link->why, 0, "no memory to ask the engine");
	if (link->engines->phase == PHASE_REVERTING)
		link->engines->revert_failed = true;
}

/* False where there is no memory. */
bool
link_send_policies(struct link *link, const struct rules *rules)
{
	struct wire_out out = { 0 };
	bool sent;

	if (!rules || link->generation == rules->generation)
		return true;
	wire_put_u16(&out, rules->set->settings.nflog_group);
	crossing_put_policies(&out, rules->policies, rules->n_policies);
	sent = stream_send(link->stream, ENGINE_POLICIES, &out);
	if (sent)
		link->generation = rules->generation;
	wire_out_free(&out);
	return sent;
}

void
link_ask_apply(struct link *link, const struct state *state, const struct plan *cuts)
{
	struct wire_out out = { 0 };

	link->asked = true;
	link->took = false;
	link->error = 0;
	crossing_put_fences(&out, state->plan.fences, state->plan.n);
	crossing_put_fences(&out, cuts ? cuts->fences : NULL, cuts ? cuts->n : 0);
	/* Without its policies a fence would be another one. */
	if (!link_send_policies(link, state->rules) ||
	    !stream_send(link->stream, ENGINE_APPLY, &out))
		answer_for(link);
	wire_out_free(&out);
}

void
link_ask(struct link *link, enum engine_operation operation, const struct wire_out *payload)
{
	link->asked = true;
	link->error = 0;
	if (!stream_send(link->stream, (uint16_t)operation, payload))
		answer_for(link);
}

/* A request to every engine that there is; if none of them could be asked, that is the answer. */
void
links_ask_all(
    struct engines *engines, enum engine_operation operation, const struct wire_out *payload)
{
	int family;

	for (family = 0; family < FAMILIES; family++) {
		struct link *link = &engines->links[family];

		if (link->condition == ENGINE_READY)
			link_ask(link, operation, payload);
	}
	batch_answered(engines);
}

static void lose(struct link *link, const char *reason);

/* What auto comes to the IPv4 engine alone says: one kind of table for both families. */
void
link_use(struct link *link)
{
	const struct engines *engines = link->engines;
	struct wire_out out = { 0 };

	if (!link->stream || link->told || !engines->wished || !engines->loaded ||
	    (link->family == FAMILY_IPV6 && engines->engine == SETTINGS_ENGINE_AUTO))
		return;
	wire_put_u8(&out, (uint8_t)engines->engine);
	link->told = stream_send(link->stream, ENGINE_USE, &out);
	wire_out_free(&out);
	if (!link->told)
		lose(link, "no memory to tell it what to do");
}

static bool
on_using(struct link *link, struct wire_in *in)
{
	struct engines *engines = link->engines;
	enum settings_engine which = (enum settings_engine)wire_get_u8(in);
	bool other_left = wire_get_u8(in) != 0;

	if (!wire_in_done(in) || which == SETTINGS_ENGINE_AUTO || which > SETTINGS_ENGINE_NFTABLES)
		return false;
	link->other_left = other_left;
	if (engines->engine == SETTINGS_ENGINE_AUTO) {
		engines->engine = which;
		log_line(LOG_NOTICE, "engine: %s (auto)", engines_names[which]);
		link_use(&engines->links[FAMILY_IPV6]);
	}
	return engines->engine == which;
}

void
links_let_go(struct engines *engines)
{
	int family;

	for (family = 0; family < FAMILIES; family++) {
		struct link *link = &engines->links[family];

		if (link->stream)
			bufferevent_free(link->stream);
		*link = (struct link){ .engines = engines, .family = (enum family)family };
	}
}

static void
lose(struct link *link, const char *reason)
{
	struct engines *engines = link->engines;

	bufferevent_free(link->stream);
	link->stream = NULL;
	link->told = false;
	if (link->condition != ENGINE_BROKEN) {
		log_line(LOG_ERR, "engine: %s: %s", link_name(link), reason);
		link->condition = ENGINE_STARTING;
	}
	link->generation = 0;
	if (!link->asked)
		return;
	link->asked = false;
	if (engines->phase == PHASE_LOCKING) {
		why_set(&engines->why, 0, "the %s engine ended while it waited for the lock",
		    link_name(link));
		batch_end(engines, ENGINES_UNKNOWN);
		return;
	}
	batch_answered(engines);
}

/* The first RESULT of an engine's life. */
static void
opened(struct link *link, uint32_t error, const char *text)
{
	if (!error) {
		link->condition = ENGINE_READY;
	} else if (error == EAFNOSUPPORT && link->family == FAMILY_IPV6) {
		link->condition = ENGINE_ABSENT;
		log_line(LOG_NOTICE, "this kernel has no IPv6: IPv4 alone is fenced");
	} else if (error == ENOMEM) {
		/* Another time it will be good: the supervisor starts it again. */
		log_line(LOG_ERR, "engine: %s: %s", link_name(link), text);
		link->condition = ENGINE_STARTING;
		return;
	} else {
		link->condition = ENGINE_BROKEN;
		if (strcmp(
			link->reason.text, text)) /* it is started again and again; say it once */
			log_line(LOG_ERR, "engine: %s: %s", link_name(link), text);
		why_set(&link->reason, 0, "%s", text);
	}
	link->engines->calls.changed(link->engines->calls.data);
}

/* Of an answer. */
struct result {
	uint32_t error;
	bool took;
	uint32_t commits;
	uint32_t cut;
	bool logs;
	char text[ENGINE_WHY_MAX];
};

static bool
get_result(struct wire_in *in, struct result *result)
{
	const char *view;
	size_t length;

	result->error = wire_get_u32(in);
	result->took = wire_get_u8(in) != 0;
	result->commits = wire_get_u32(in);
	result->cut = wire_get_u32(in);
	result->logs = wire_get_u8(in) != 0;
	view = wire_get_view(in, sizeof(result->text) - 1, &length);
	if (!wire_in_done(in))
		return false;
	memcpy(result->text, view, length);
	result->text[length] = '\0';
	return true;
}

static void
on_result(struct link *link, const struct result *result)
{
	const uint32_t error = result->error;
	const char *text = result->text;
	struct engines *engines = link->engines;

	engines->commits += result->commits;
	if (engines->phase == PHASE_COUNTING)
		engines->counted += result->cut;
	else
		engines->cut += result->cut;
	if (link->condition == ENGINE_STARTING || link->condition == ENGINE_BROKEN) {
		opened(link, error, text);
		return;
	}
	if (!link->asked)
		return;
	link->asked = false;
	if (engines->phase == PHASE_LOCKING && error) {
		why_set(&engines->why, 0, "%s", text);
		batch_end(engines, ENGINES_NO_LOCK);
		return;
	}
	link->took = engines->phase == PHASE_APPLYING && result->took;
	link->error = (int)error;
	why_set(&link->why, 0, "%s", text);
	if (error && engines->phase == PHASE_REVERTING) {
		engines->revert_failed = true;
		log_line(LOG_ERR, "engine: %s: going back failed: %s", link_name(link), text);
	}
	batch_answered(engines);
}

/* Once, and again when it has changed. */
static void
note_logs(struct link *link, bool logs)
{
	bool nftables = link->engines->engine == SETTINGS_ENGINE_NFTABLES;

	/* This one has nothing to log. */
	if (nftables && link->family == FAMILY_IPV6)
		logs = true;
	if (link->condition == ENGINE_READY && !logs && !link->cannot_log)
		log_line(LOG_WARNING,
		    "%s: this kernel cannot log what is denied (%s, nfnetlink_log): the "
		    "fences hold, and denials are not told",
		    link_name(link), nftables ? "nft_log" : "xt_NFLOG");
	link->cannot_log = link->condition == ENGINE_READY && !logs;
}

/* Later ones only tell what we have put there ourselves. */
static bool
on_held(struct link *link, struct wire_in *in)
{
	struct engines *engines = link->engines;
	struct plan plan = { 0 };

	if (!crossing_get_fences(in, 1, &plan.fences, &plan.n) || !wire_in_done(in))
		return false;
	if (!engines->now.rules && plan.n)
		engines->calls.held(&plan, engines->calls.data);
	plan_free(&plan);
	return true;
}

static void
on_readable(struct bufferevent *stream, void *data)
{
	struct link *link = data;
	struct evbuffer *input = bufferevent_get_input(stream);
	struct result result;

	while (link->stream == stream) {
		struct protocol_header header;
		struct wire_in in;

		if (evbuffer_copyout(input, &header, sizeof(header)) < (ssize_t)sizeof(header))
			return;
		if ((header.operation != ENGINE_RESULT || header.length > 2 * ENGINE_WHY_MAX) &&
		    (header.operation != ENGINE_USING || header.length > ENGINE_WHY_MAX) &&
		    (header.operation != ENGINE_HELD || header.length > HELD_MAX)) {
			lose(link, "its answer was not understood");
			return;
		}
		if (evbuffer_get_length(input) < sizeof(header) + header.length)
			return;
		in.data = evbuffer_pullup(input, (ssize_t)(sizeof(header) + header.length));
		if (!in.data) {
			lose(link, "no memory for its answer");
			return;
		}
		in.data += sizeof(header);
		in.left = header.length;
		in.failed = in.no_memory = false;
		if (header.operation != ENGINE_RESULT) {
			if (!(header.operation == ENGINE_HELD ? on_held(link, &in)
							      : on_using(link, &in))) {
				lose(link, "its answer was damaged");
				return;
			}
			evbuffer_drain(input, sizeof(header) + header.length);
			continue;
		}
		if (!get_result(&in, &result)) {
			lose(link, "its answer was damaged");
			return;
		}
		evbuffer_drain(input, sizeof(header) + header.length);
		on_result(link, &result);
		if (link->stream == stream)
			note_logs(link, result.logs);
	}
}

static void
on_event(struct bufferevent *stream, short what, void *data)
{
	struct link *link = data;

	(void)stream;
	(void)what;
	lose(link, "the process has ended");
}

void
engines_adopt(struct engines *engines, enum family family, int sock)
{
	struct link *link = &engines->links[family];

	if (link->stream)
		lose(link, "replaced by the supervisor");
	link->stream = stream_new(engines->base, sock);
	if (!link->stream) {
		log_line(LOG_ERR, "engine: no memory for its socket");
		return;
	}
	bufferevent_setcb(link->stream, on_readable, NULL, on_event, link);
	link_use(link);
}
