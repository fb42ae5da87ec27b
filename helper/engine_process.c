/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine_process.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "channel.h"
#include "choice.h"
#include "cut/cut.h"
#include "fence/crossing.h"
#include "log.h"
#include "wire/client.h"

struct running {
	enum family family;
	const struct engine *engine; /* NULL: before USE */
	struct engine_state *state;
	const struct engine *other; /* and what it may have left; or NULL */
	struct engine_state *left;
	int sock;
	int lock;
	struct channel_batch *batch;
	int tables;
	struct arena *arena; /* of the policies */
	const struct policy *const *policies;
	uint32_t n_policies;
	uint64_t generation; /* of the policies, from 1 */
	struct cutter cutter;
	uint16_t log_group;
};

/* What has become of a request. */
struct done {
	int error;
	bool took; /* what was to be applied is in force */
	unsigned int commits;
	unsigned int cut;
	struct why why;
};

static int
answer(const struct running *running, const struct done *done)
{
	struct wire_out out = { 0 };
	int result;

	wire_put_u32(&out, (uint32_t)-done->error);
	wire_put_u8(&out, done->took);
	wire_put_u32(&out, done->commits);
	wire_put_u32(&out, done->cut);
	wire_put_u8(
	    &out, running->state && running->engine->logs && running->engine->logs(running->state));
	wire_put_string(&out, done->error ? done->why.text : "");
	result =
	    wire_send(running->sock, (enum protocol_operation)ENGINE_RESULT, &out, INT64_MAX, NULL);
	wire_out_free(&out);
	return result;
}

static int
take_policies(struct running *running, struct wire_in *in)
{
	struct arena *arena = arena_new();

	if (!arena)
		return -ENOMEM;
	arena_free(running->arena);
	running->arena = arena;
	running->n_policies = 0;
	running->generation++;
	running->log_group = wire_get_u16(in);
	return crossing_get_policies(in, arena, &running->policies, &running->n_policies) &&
		       wire_in_done(in)
		   ? 0
		   : -EPROTO;
}

static int
unread(const struct wire_in *in, struct why *why)
{
	if (in->no_memory)
		return why_set(why, ENOMEM, "no memory to read the fences");
	return why_set(why, EPROTO, "fences arrived damaged");
}

/* Now it is in force by all engines; the lock need not wait for what is done then. */
static bool
is_last(const struct running *running)
{
	if (atomic_fetch_sub(&running->batch->missing, 1) != 1)
		return false;
	flock(running->lock, LOCK_UN);
	return true;
}

static int
apply(struct running *running, struct wire_in *in)
{
	cleanup_free struct fence *fences = NULL, *to_cut = NULL;
	struct fence_plan plan = { .n_policies = running->n_policies,
		.policies = running->policies,
		.generation = running->generation,
		.log = true,
		.log_group = running->log_group };
	struct fence_plan cuts = plan;
	struct done done = { 0 };

	if (!crossing_get_fences(in, running->n_policies, &fences, &plan.n_fences) ||
	    !crossing_get_fences(in, running->n_policies, &to_cut, &cuts.n_fences) ||
	    !wire_in_done(in)) {
		done.error = unread(in, &done.why);
	} else {
		plan.fences = fences;
		cuts.fences = to_cut;
		done.error =
		    running->engine->apply(running->state, &plan, &done.commits, &done.why);
		done.took = !done.error;
		if (done.took && cuts.n_fences && is_last(running))
			done.error =
			    cutter_cut(&running->cutter, &cuts, false, &done.cut, &done.why);
	}
	return answer(running, &done);
}

static int
verify(struct running *running)
{
	struct done done = { 0 };

	done.error = running->engine->verify(running->state, &done.why);
	return answer(running, &done);
}

static int
cut(struct running *running, struct wire_in *in)
{
	cleanup_free struct fence *fences = NULL;
	struct fence_plan plan = { .n_policies = running->n_policies,
		.policies = running->policies };
	struct done done = { 0 };
	bool count_only = wire_get_u8(in) != 0;

	if (!crossing_get_fences(in, running->n_policies, &fences, &plan.n_fences) ||
	    !wire_in_done(in)) {
		done.error = unread(in, &done.why);
	} else {
		plan.fences = fences;
		done.error = cutter_cut(&running->cutter, &plan, count_only, &done.cut, &done.why);
	}
	return answer(running, &done);
}

/* Main may have lost its records; the kernel has not. Unless main is told, it must not commit. */
static int
tell_held(const struct running *running, struct why *why)
{
	struct plan plan = { 0 };
	struct wire_out out = { 0 };
	int result = running->engine->held(running->state, &plan, why);

	if (result == 0 && running->left)
		result = running->other->held(running->left, &plan, why);
	if (result == 0) {
		result = plan_finish(&plan);
		why_set(why, 0, "no memory to tell who is fenced already");
	}
	if (result == 0) {
		crossing_put_fences(&out, plan.fences, plan.n);
		result = wire_send(
		    running->sock, (enum protocol_operation)ENGINE_HELD, &out, INT64_MAX, why);
		wire_out_free(&out);
	}
	plan_free(&plan);
	return result;
}

static void
on_alarm(int number)
{
	(void)number;
}

/* Waits in line like everybody else: whoever only tried now and then would starve behind callers
 * that block. The timer goes on ringing, should it ring once before flock() sleeps. */
static int
lock(struct running *running, struct wire_in *in)
{
	uint32_t wait_ms = wire_get_u32(in);
	struct itimerval timer = {
		.it_value = { wait_ms / 1000, (wait_ms % 1000) * 1000 },
		.it_interval = { 0, 10000 },
	};
	const struct itimerval none = { 0 };
	struct done done = { 0 };

	if (!wait_ms)
		timer.it_value.tv_usec = 1;
	setitimer(ITIMER_REAL, &timer, NULL);
	if (flock(running->lock, LOCK_EX) < 0)
		done.error =
		    errno == EINTR
			? why_set(&done.why, EBUSY,
			      "another program has held the xtables lock for %u ms", wait_ms)
			: why_errno(&done.why, errno, "the xtables lock");
	setitimer(ITIMER_REAL, &none, NULL);
	return answer(running, &done);
}

static int
tell_using(const struct running *running, enum settings_engine which)
{
	struct wire_out out = { 0 };
	int result;

	wire_put_u8(&out, (uint8_t)which);
	wire_put_u8(&out, running->left != NULL);
	result =
	    wire_send(running->sock, (enum protocol_operation)ENGINE_USING, &out, INT64_MAX, NULL);
	wire_out_free(&out);
	return result;
}

static int
open_engines(struct running *running, enum settings_engine which, struct why *why)
{
	enum settings_engine other;
	int error = 0;

	if (which == SETTINGS_ENGINE_AUTO)
		error = choice_auto(&which, why);
	if (error)
		return error;
	other = choice_other(which);
	running->engine = choice_engine(which);
	running->other = choice_engine(other);
	error = choice_open_left(other, running->family, running->tables, &running->left, why);
	if (!error && tell_using(running, which) < 0)
		return why_set(why, EPIPE, "main has gone");
	if (!error)
		error = running->engine->open(running->family, &running->state, why);
	if (!error)
		error = tell_held(running, why);
	return error;
}

/* What could not be opened may be there when the supervisor tries again; a family that the kernel
 * does not have will not. */
static int
use(struct running *running, struct wire_in *in)
{
	const enum settings_engine which = (enum settings_engine)wire_get_u8(in);
	struct done done = { 0 };
	int result;

	if (running->engine || !wire_in_done(in) || which > SETTINGS_ENGINE_NFTABLES)
		return -EPROTO;
	done.error = open_engines(running, which, &done.why);
	close(running->tables);
	running->tables = -1;
	result = answer(running, &done);
	return done.error && done.error != -EAFNOSUPPORT ? -ECONNRESET : result;
}

/* Whom it fenced the engine in use has in its own rules by now: main asks behind a commit. */
static int
clear(struct running *running)
{
	const struct fence_plan nothing = { 0 };
	struct done done = { 0 };

	if (running->left)
		done.error =
		    running->other->apply(running->left, &nothing, &done.commits, &done.why);
	if (!done.error && running->left) {
		running->other->close(running->left);
		running->left = NULL;
	}
	return answer(running, &done);
}

static int
handle(struct running *running, uint16_t operation, struct wire_in *in)
{
	if (operation == ENGINE_USE)
		return use(running, in);
	if (!running->state)
		return -EPROTO;
	switch (operation) {
	case ENGINE_POLICIES:
		return take_policies(running, in);
	case ENGINE_APPLY:
		return apply(running, in);
	case ENGINE_VERIFY:
		return verify(running);
	case ENGINE_CUT:
		return cut(running, in);
	case ENGINE_LOCK:
		return lock(running, in);
	case ENGINE_CLEAR:
		return clear(running);
	default:
		return -EPROTO;
	}
}

void
engine_process(enum family family, int sock, int lock_fd, struct channel_batch *batch, int tables)
{
	struct running running = {
		.family = family, .sock = sock, .lock = lock_fd, .batch = batch, .tables = tables
	};
	const struct sigaction alarmed = { .sa_handler = on_alarm };
	struct why why = { "" };
	int result = 0;

	sigaction(SIGALRM, &alarmed, NULL); /* without SA_RESTART */
	while (result == 0) {
		cleanup_free uint8_t *payload = NULL;
		struct protocol_header header;
		struct wire_in in;

		result = wire_receive(sock, &header, &payload, INT64_MAX, &why);
		if (result < 0)
			break;
		in = (struct wire_in){ .data = payload, .left = header.length };
		result = handle(&running, header.operation, &in);
	}
	if (result != -ECONNRESET)
		log_line(LOG_ERR, "engine: what main said could not be read: %s",
		    strerrordesc_np(-result));
	if (running.engine) {
		running.engine->close(running.state);
		running.other->close(running.left);
	}
	cutter_clear(&running.cutter);
	arena_free(running.arena);
}
