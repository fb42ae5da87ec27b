/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engines.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "channel.h"
#include "engine_process.h"
#include "fence/crossing.h"
#include "log.h"
#include "netfence/protocol.h"
#include "wire/buffer.h"

static const char *const family_names[FAMILIES] = { "IPv4", "IPv6" };

/* What both families ought to hold. */
struct state {
	struct rules *rules;
	struct plan plan;
};

struct link {
	struct engines *engines;
	enum family family;
	struct bufferevent *stream; /* or NULL while there is no engine */
	enum engine_condition condition;
	struct why reason;   /* for ENGINE_BROKEN */
	uint64_t generation; /* of the policies it has */
	bool asked;          /* an answer is due */
	bool took;           /* the commit under way: it is in force here */
	int error;           /* of the last answer to APPLY */
	struct why why;
};

enum phase {
	PHASE_IDLE,
	PHASE_LOCKING,
	PHASE_APPLYING,
	PHASE_REVERTING,
	PHASE_CUTTING,
	PHASE_VERIFYING,
	PHASE_COUNTING
};

struct engines {
	struct event_base *base;
	int lock;
	const char *lock_path;
	int channel;
	struct engines_calls calls;
	struct link links[FAMILIES];
	enum phase phase;
	struct state now;  /* what the last commit that was done has brought */
	struct state next; /* what the one under way is to bring */
	struct event *deadline;
	struct event *conclude; /* an outcome is told from the loop, never from engines_commit() */
	bool revert_failed;
	enum engines_outcome outcome;
	struct why why;
	struct plan cuts;
	uint64_t commits;
	uint64_t cut;
	uint32_t counted;
	bool cannot_cut;
};

static void
state_clear(struct state *state)
{
	rules_release(state->rules);
	plan_free(&state->plan);
	memset(state, 0, sizeof(*state));
}

static void
send_message(struct link *link, enum engine_operation operation, const struct wire_out *payload)
{
	const struct protocol_header header = {
		.length = (uint32_t)payload->used,
		.version = PROTOCOL_VERSION,
		.operation = (uint16_t)operation,
	};

	/* A failure to queue shows as an answer that never comes, and the deadline ends that. */
	bufferevent_write(link->stream, &header, sizeof(header));
	bufferevent_write(link->stream, payload->data, payload->used);
}

/* False where there is no memory. */
static bool
send_policies(struct link *link, const struct rules *rules)
{
	struct wire_out out = { 0 };
	bool sent;

	if (!rules || link->generation == rules->generation)
		return true;
	crossing_put_policies(&out, rules->policies, rules->n_policies);
	sent = !out.failed;
	if (sent) {
		send_message(link, ENGINE_POLICIES, &out);
		link->generation = rules->generation;
	}
	wire_out_free(&out);
	return sent;
}

static void
ask_apply(struct link *link, const struct state *state)
{
	struct wire_out out = { 0 };

	link->asked = true;
	link->took = false;
	link->error = 0;
	/* Without its policies a fence would be another one: then nothing is asked, and the
	 * deadline ends that. */
	if (!send_policies(link, state->rules))
		return;
	crossing_put_fences(&out, state->plan.fences, state->plan.n);
	if (!out.failed)
		send_message(link, ENGINE_APPLY, &out);
	wire_out_free(&out);
}

/* A request to every engine that there is. */
static void
ask_all(struct engines *engines, enum engine_operation operation, const struct wire_out *payload)
{
	int family;

	for (family = 0; family < FAMILIES; family++) {
		struct link *link = &engines->links[family];

		if (link->condition != ENGINE_READY || payload->failed)
			continue;
		send_message(link, operation, payload);
		link->asked = true;
		link->error = 0;
	}
}

static bool
waiting(const struct engines *engines)
{
	return engines->links[FAMILY_IPV4].asked || engines->links[FAMILY_IPV6].asked;
}

static void
finish(struct engines *engines, enum engines_outcome outcome)
{
	evtimer_del(engines->deadline);
	flock(engines->lock, LOCK_UN);
	channel_send(engines->channel, CHANNEL_BATCH_OVER, 0, -1);
	engines->outcome = outcome;
	event_active(engines->conclude, EV_TIMEOUT, 0);
}

static void
set_deadline(struct engines *engines, unsigned int milliseconds)
{
	const struct timeval after = { milliseconds / 1000, (milliseconds % 1000) * 1000 };

	evtimer_add(engines->deadline, &after);
}

static void
begin_apply(struct engines *engines)
{
	int family;

	engines->phase = PHASE_APPLYING;
	set_deadline(engines, ENGINES_COMMIT_MS);
	for (family = 0; family < FAMILIES; family++) {
		engines->links[family].took = false;
		if (engines->links[family].condition == ENGINE_READY)
			ask_apply(&engines->links[family], &engines->next);
	}
}

/* The rules are in force; the lock need not wait for this. */
static void
begin_cutting(struct engines *engines)
{
	struct wire_out out = { 0 };

	if (!engines->cuts.n) {
		finish(engines, ENGINES_DONE);
		return;
	}
	flock(engines->lock, LOCK_UN);
	engines->phase = PHASE_CUTTING;
	set_deadline(engines, ENGINES_COMMIT_MS);
	wire_put_u8(&out, false);
	crossing_put_fences(&out, engines->cuts.fences, engines->cuts.n);
	ask_all(engines, ENGINE_CUT, &out);
	wire_out_free(&out);
}

static void
cut(struct engines *engines)
{
	enum engines_outcome outcome = ENGINES_DONE;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition == ENGINE_ABSENT)
			continue;
		if (link->condition == ENGINE_READY && link->error == EOPNOTSUPP) {
			if (!engines->cannot_cut)
				log_line(LOG_WARNING, "this kernel cannot destroy sockets: what "
						      "was open before a login stays open");
			engines->cannot_cut = true;
		} else if (link->condition != ENGINE_READY || link->error) {
			outcome = ENGINES_UNKNOWN;
			why_set(&engines->why, 0, "%s: open sockets could not be cut: %s",
			    family_names[family], link->why.text);
		}
	}
	finish(engines, outcome);
}

/* Back to waiting, from what neither took the lock nor changed anything. */
static void
end_asking(struct engines *engines)
{
	evtimer_del(engines->deadline);
	channel_send(engines->channel, CHANNEL_BATCH_OVER, 0, -1);
	engines->phase = PHASE_IDLE;
	plan_free(&engines->cuts);
}

static void
counted(struct engines *engines)
{
	int64_t number = engines->counted;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition != ENGINE_ABSENT &&
		    (link->condition != ENGINE_READY || link->error))
			number = -1;
	}
	end_asking(engines);
	engines->calls.counted(number, engines->calls.data);
}

static void
verified(struct engines *engines)
{
	int family;

	end_asking(engines);
	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition != ENGINE_READY || !link->error)
			continue;
		why_set(&engines->why, 0, "%s: %s", family_names[family], link->why.text);
		engines->calls.drifted(&engines->why, engines->calls.data);
		return;
	}
	engines->calls.drifted(NULL, engines->calls.data);
}

/* Both have answered, or one of them has died. */
static void
applied(struct engines *engines)
{
	bool lost = false, failed = false;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition == ENGINE_ABSENT)
			continue;
		if (link->condition == ENGINE_READY && link->error) {
			if (!failed)
				why_set(&engines->why, 0, "%s: %s", family_names[family],
				    link->why.text);
			failed = true;
		} else if (link->condition != ENGINE_READY || !link->took) {
			/* One that has come back meanwhile was not asked. */
			lost = true;
			why_set(&engines->why, 0, "the %s engine ended in the middle of a commit",
			    family_names[family]);
		}
	}
	if (!failed && !lost) {
		begin_cutting(engines);
		return;
	}
	/* Both or neither: the family that took the new state goes back to the old one. Before the
	 * first commit was done that is not known: to go back to nothing would lift fences. */
	engines->phase = PHASE_REVERTING;
	for (family = 0; family < FAMILIES && !lost && engines->now.rules; family++) {
		struct link *link = &engines->links[family];

		if (link->condition == ENGINE_READY && !link->error)
			ask_apply(link, &engines->now);
	}
	if (!waiting(engines))
		finish(engines, lost ? ENGINES_UNKNOWN : ENGINES_FAILED);
}

static void
reverted(struct engines *engines)
{
	bool apart = engines->revert_failed;
	int family;

	for (family = 0; family < FAMILIES; family++)
		if (engines->links[family].condition == ENGINE_STARTING)
			apart = true;
	finish(engines, apart ? ENGINES_UNKNOWN : ENGINES_FAILED);
}

static void
answered(struct engines *engines)
{
	if (waiting(engines))
		return;
	switch (engines->phase) {
	case PHASE_IDLE:
		break;
	case PHASE_LOCKING:
		begin_apply(engines);
		break;
	case PHASE_APPLYING:
		applied(engines);
		break;
	case PHASE_REVERTING:
		reverted(engines);
		break;
	case PHASE_CUTTING:
		cut(engines);
		break;
	case PHASE_VERIFYING:
		verified(engines);
		break;
	case PHASE_COUNTING:
		counted(engines);
		break;
	}
}

static void
lose(struct link *link, const char *reason)
{
	struct engines *engines = link->engines;

	bufferevent_free(link->stream);
	link->stream = NULL;
	if (link->condition != ENGINE_BROKEN) {
		log_line(LOG_ERR, "engine: %s: %s", family_names[link->family], reason);
		link->condition = ENGINE_STARTING;
	}
	link->generation = 0;
	if (!link->asked)
		return;
	link->asked = false;
	if (engines->phase == PHASE_LOCKING) {
		why_set(&engines->why, 0, "the %s engine ended while it waited for the lock",
		    family_names[link->family]);
		finish(engines, ENGINES_UNKNOWN);
		return;
	}
	answered(engines);
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
	} else {
		link->condition = ENGINE_BROKEN;
		if (strcmp(
			link->reason.text, text)) /* it is started again and again; say it once */
			log_line(LOG_ERR, "engine: %s: %s", family_names[link->family], text);
		why_set(&link->reason, 0, "%s", text);
	}
	link->engines->calls.changed(link->engines->calls.data);
}

static void
on_result(struct link *link, uint32_t error, uint32_t commits, const char *text)
{
	struct engines *engines = link->engines;

	if (engines->phase == PHASE_CUTTING)
		engines->cut += commits;
	else if (engines->phase == PHASE_COUNTING)
		engines->counted += commits;
	else
		engines->commits += commits;
	if (link->condition == ENGINE_STARTING || link->condition == ENGINE_BROKEN) {
		opened(link, error, text);
		return;
	}
	if (!link->asked)
		return;
	link->asked = false;
	if (engines->phase == PHASE_LOCKING && error) {
		why_set(&engines->why, 0, "%s", text);
		finish(engines, ENGINES_NO_LOCK);
		return;
	}
	link->took = engines->phase == PHASE_APPLYING && !error;
	link->error = (int)error;
	why_set(&link->why, 0, "%s", text);
	if (error && engines->phase == PHASE_REVERTING) {
		engines->revert_failed = true;
		log_line(
		    LOG_ERR, "engine: %s: going back failed: %s", family_names[link->family], text);
	}
	answered(engines);
}

static void
on_readable(struct bufferevent *stream, void *data)
{
	struct link *link = data;
	struct evbuffer *input = bufferevent_get_input(stream);
	char text[ENGINE_WHY_MAX];

	while (link->stream == stream) {
		struct protocol_header header;
		struct wire_in in;
		uint32_t error, commits;
		const char *view;
		size_t length;

		if (evbuffer_copyout(input, &header, sizeof(header)) < (ssize_t)sizeof(header))
			return;
		if (header.operation != ENGINE_RESULT || header.length > 2 * ENGINE_WHY_MAX) {
			lose(link, "its answer was not understood");
			return;
		}
		if (evbuffer_get_length(input) < sizeof(header) + header.length)
			return;
		in.data = evbuffer_pullup(input, (ssize_t)(sizeof(header) + header.length));
		in.data += sizeof(header);
		in.left = header.length;
		in.failed = false;
		error = wire_get_u32(&in);
		commits = wire_get_u32(&in);
		view = wire_get_view(&in, sizeof(text) - 1, &length);
		if (!wire_in_done(&in)) {
			lose(link, "its answer was damaged");
			return;
		}
		memcpy(text, view, length);
		text[length] = '\0';
		evbuffer_drain(input, sizeof(header) + header.length);
		on_result(link, error, commits, text);
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

/* Past the deadline: one that sleeps, or was stopped, under the lock would stop every iptables on
 * the host. The kernel's replace is atomic, so ending it is safe; its socket's end tells us. */
static void
on_deadline(int fd, short what, void *data)
{
	struct engines *engines = data;

	(void)fd;
	(void)what;
	log_line(LOG_ERR, "engine: no answer within the deadline; starting the engines again");
	channel_send(engines->channel, CHANNEL_KILL_ENGINES, 0, -1);
}

static void
on_conclude(int fd, short what, void *data)
{
	struct engines *engines = data;

	(void)fd;
	(void)what;
	engines->phase = PHASE_IDLE;
	plan_free(&engines->cuts);
	if (engines->outcome == ENGINES_DONE) {
		state_clear(&engines->now);
		engines->now = engines->next;
		memset(&engines->next, 0, sizeof(engines->next));
	} else {
		state_clear(&engines->next);
	}
	engines->calls.over(engines->outcome, &engines->why, engines->calls.data);
}

struct engines *
engines_new(struct event_base *base, int lock, const char *lock_path, int channel,
    const struct engines_calls *calls)
{
	struct engines *engines = calloc(1, sizeof(*engines));
	int family;

	if (!engines)
		return NULL;
	engines->base = base;
	engines->lock = lock;
	engines->lock_path = lock_path;
	engines->channel = channel;
	engines->calls = *calls;
	for (family = 0; family < FAMILIES; family++) {
		engines->links[family].engines = engines;
		engines->links[family].family = (enum family)family;
	}
	engines->deadline = evtimer_new(base, on_deadline, engines);
	engines->conclude = event_new(base, -1, 0, on_conclude, engines);
	if (!engines->deadline || !engines->conclude) {
		engines_free(engines);
		return NULL;
	}
	return engines;
}

void
engines_free(struct engines *engines)
{
	int family;

	if (!engines)
		return;
	for (family = 0; family < FAMILIES; family++)
		if (engines->links[family].stream)
			bufferevent_free(engines->links[family].stream);
	if (engines->deadline)
		event_free(engines->deadline);
	if (engines->conclude)
		event_free(engines->conclude);
	state_clear(&engines->now);
	state_clear(&engines->next);
	plan_free(&engines->cuts);
	free(engines);
}

void
engines_adopt(struct engines *engines, enum family family, int sock)
{
	struct link *link = &engines->links[family];

	if (link->stream)
		lose(link, "replaced by the supervisor");
	link->stream = bufferevent_socket_new(engines->base, sock, BEV_OPT_CLOSE_ON_FREE);
	if (!link->stream) {
		close(sock);
		log_line(LOG_ERR, "engine: no memory for its socket");
		return;
	}
	bufferevent_setcb(link->stream, on_readable, NULL, on_event, link);
	bufferevent_enable(link->stream, EV_READ | EV_WRITE);
}

enum engine_condition
engines_condition(const struct engines *engines, enum family family, const char **reason)
{
	*reason = engines->links[family].reason.text;
	return engines->links[family].condition;
}

bool
engines_busy(const struct engines *engines)
{
	return engines->phase != PHASE_IDLE;
}

bool
engines_serving(const struct engines *engines)
{
	const struct link *links = engines->links;

	return links[FAMILY_IPV4].condition == ENGINE_READY &&
	       (links[FAMILY_IPV6].condition == ENGINE_READY ||
		   links[FAMILY_IPV6].condition == ENGINE_ABSENT);
}

bool
engines_free_for_commit(const struct engines *engines)
{
	return !engines_busy(engines) && engines_serving(engines);
}

/* Whether the path still names the file that we lock. iptables would lock the one at the path. */
static bool
lock_is_the_one(const struct engines *engines)
{
	struct stat ours, theirs;

	return fstat(engines->lock, &ours) == 0 && stat(engines->lock_path, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

void
engines_commit(struct engines *engines, struct rules *rules, struct plan *plan, struct plan *cuts)
{
	struct wire_out out = { 0 };

	engines->next.rules = rules_hold(rules);
	engines->next.plan = *plan;
	memset(plan, 0, sizeof(*plan));
	engines->cuts = *cuts;
	memset(cuts, 0, sizeof(*cuts));
	engines->why.text[0] = '\0';
	engines->revert_failed = false;
	channel_send(engines->channel, CHANNEL_BATCH, 0, -1);
	if (!lock_is_the_one(engines)) {
		why_set(&engines->why, 0, "%s has been replaced; starting again with the new one",
		    engines->lock_path);
		channel_send(engines->channel, CHANNEL_NEW_LOCK, 0, -1);
		engines->phase = PHASE_LOCKING;
		finish(engines, ENGINES_UNKNOWN);
		return;
	}
	if (flock(engines->lock, LOCK_EX | LOCK_NB) == 0) {
		begin_apply(engines);
		return;
	}
	engines->phase = PHASE_LOCKING;
	set_deadline(engines, ENGINES_LOCK_MS + ENGINES_COMMIT_MS);
	wire_put_u32(&out, ENGINES_LOCK_MS);
	engines->links[FAMILY_IPV4].asked = true;
	send_message(&engines->links[FAMILY_IPV4], ENGINE_LOCK, &out);
	wire_out_free(&out);
}

uint64_t
engines_commits(const struct engines *engines)
{
	return engines->commits;
}

void
engines_verify(struct engines *engines)
{
	const struct wire_out nothing = { 0 };

	engines->phase = PHASE_VERIFYING;
	channel_send(engines->channel, CHANNEL_BATCH, 0, -1);
	set_deadline(engines, ENGINES_COMMIT_MS);
	ask_all(engines, ENGINE_VERIFY, &nothing);
}

void
engines_count_cuts(struct engines *engines, const struct rules *rules, struct plan *cuts)
{
	struct wire_out out = { 0 };
	int family;

	engines->cuts = *cuts;
	memset(cuts, 0, sizeof(*cuts));
	engines->counted = 0;
	engines->phase = PHASE_COUNTING;
	channel_send(engines->channel, CHANNEL_BATCH, 0, -1);
	set_deadline(engines, ENGINES_COMMIT_MS);
	for (family = 0; family < FAMILIES; family++)
		if (engines->links[family].condition == ENGINE_READY)
			out.failed |= !send_policies(&engines->links[family], rules);
	wire_put_u8(&out, true);
	crossing_put_fences(&out, engines->cuts.fences, engines->cuts.n);
	ask_all(engines, ENGINE_CUT, &out);
	wire_out_free(&out);
}

uint64_t
engines_cut(const struct engines *engines)
{
	return engines->cut;
}

bool
engines_cannot_cut(const struct engines *engines)
{
	return engines->cannot_cut;
}
