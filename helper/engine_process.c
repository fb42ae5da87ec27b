/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine_process.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
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
	int tables;
	struct arena *arena; /* of the policies */
	const struct policy *const *policies;
	uint32_t n_policies;
	uint64_t generation; /* of the policies, from 1 */
	struct cutter cutter;
	uint16_t log_group;
};

static int
answer(const struct running *running, int error, unsigned int commits, const struct why *why)
{
	struct wire_out out = { 0 };
	int result;

	wire_put_u32(&out, (uint32_t)-error);
	wire_put_u32(&out, commits);
	wire_put_u8(
	    &out, running->state && running->engine->logs && running->engine->logs(running->state));
	wire_put_string(&out, error ? why->text : "");
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

static int
apply(struct running *running, struct wire_in *in)
{
	cleanup_free struct fence *fences = NULL;
	struct fence_plan plan = { .n_policies = running->n_policies,
		.policies = running->policies,
		.generation = running->generation,
		.log = true,
		.log_group = running->log_group };
	struct why why = { "" };
	unsigned int commits = 0;
	int error;

	if (!crossing_get_fences(in, running->n_policies, &fences, &plan.n_fences) ||
	    !wire_in_done(in)) {
		error = unread(in, &why);
	} else {
		plan.fences = fences;
		error = running->engine->apply(running->state, &plan, &commits, &why);
	}
	return answer(running, error, commits, &why);
}

static int
verify(struct running *running)
{
	struct why why = { "" };

	return answer(running, running->engine->verify(running->state, &why), 0, &why);
}

static int
cut(struct running *running, struct wire_in *in)
{
	cleanup_free struct fence *fences = NULL;
	struct fence_plan plan = { .n_policies = running->n_policies,
		.policies = running->policies };
	struct why why = { "" };
	unsigned int number = 0;
	bool count_only = wire_get_u8(in) != 0;
	int error;

	if (!crossing_get_fences(in, running->n_policies, &fences, &plan.n_fences) ||
	    !wire_in_done(in)) {
		error = unread(in, &why);
	} else {
		plan.fences = fences;
		error = cutter_cut(&running->cutter, &plan, count_only, &number, &why);
	}
	return answer(running, error, number, &why);
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
	struct why why = { "" };
	int error = 0;

	if (!wait_ms)
		timer.it_value.tv_usec = 1;
	setitimer(ITIMER_REAL, &timer, NULL);
	if (flock(running->lock, LOCK_EX) < 0)
		error = errno == EINTR
			    ? why_set(&why, EBUSY,
				  "another program has held the xtables lock for %u ms", wait_ms)
			    : why_errno(&why, errno, "the xtables lock");
	setitimer(ITIMER_REAL, &none, NULL);
	return answer(running, error, 0, &why);
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
	struct why why = { "" };
	int error, result;

	if (running->engine || !wire_in_done(in) || which > SETTINGS_ENGINE_NFTABLES)
		return -EPROTO;
	error = open_engines(running, which, &why);
	close(running->tables);
	running->tables = -1;
	result = answer(running, error, 0, &why);
	return error && error != -EAFNOSUPPORT ? -ECONNRESET : result;
}

/* Whom it fenced the engine in use has in its own rules by now: main asks behind a commit. */
static int
clear(struct running *running)
{
	const struct fence_plan nothing = { 0 };
	struct why why = { "" };
	unsigned int commits = 0;
	int error = 0;

	if (running->left)
		error = running->other->apply(running->left, &nothing, &commits, &why);
	if (!error && running->left) {
		running->other->close(running->left);
		running->left = NULL;
	}
	return answer(running, error, commits, &why);
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
engine_process(enum family family, int sock, int lock_fd, int tables)
{
	struct running running = {
		.family = family, .sock = sock, .lock = lock_fd, .tables = tables
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
