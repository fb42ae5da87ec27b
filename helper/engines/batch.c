/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engines/inside.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "channel.h"
#include "fence/crossing.h"
#include "log.h"
#include "wire/client.h"

static bool
waiting(const struct engines *engines)
{
	return engines->links[FAMILY_IPV4].asked || engines->links[FAMILY_IPV6].asked;
}

void
batch_end(struct engines *engines, enum engines_outcome outcome)
{
	evtimer_del(engines->deadline);
	flock(engines->lock, LOCK_UN);
	engines->locked = false;
	engines->batch->since_ms = 0;
	engines->outcome = outcome;
	event_active(engines->conclude, EV_TIMEOUT, 0);
}

/* Whoever writes iptables' tables waits for the lock. */
static bool
needs_lock(const struct engines *engines)
{
	return engines->engine != SETTINGS_ENGINE_NFTABLES;
}

static bool
other_left(const struct engines *engines)
{
	return engines->links[FAMILY_IPV4].other_left || engines->links[FAMILY_IPV6].other_left;
}

/* Before anything is cut what the other one has left goes, where the lock for that is ours. */
static bool
is_to_clear(const struct engines *engines)
{
	return other_left(engines) && engines->locked;
}

static void
set_deadline(struct engines *engines, unsigned int milliseconds)
{
	const struct timeval after = { milliseconds / 1000, (milliseconds % 1000) * 1000 };

	evtimer_add(engines->deadline, &after);
}

/* Whether the path still names the file that we lock. */
static bool
lock_is_the_one(const struct engines *engines)
{
	struct stat ours, theirs;

	return fstat(engines->lock, &ours) == 0 && stat(engines->lock_path, &theirs) == 0 &&
	       ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

/* iptables locks the file that is at the path. False where that is not ours (any more): then the
 * batch is over, and the supervisor opens the other one and starts us anew. */
static bool
lock_counts(struct engines *engines)
{
	if (lock_is_the_one(engines))
		return true;
	why_set(&engines->why, 0, "%s has been replaced; starting again with the new one",
	    engines->lock_path);
	channel_send(engines->channel, CHANNEL_NEW_LOCK, 0, -1);
	batch_end(engines, ENGINES_UNKNOWN);
	return false;
}

/* With nftables the IPv4 engine's table is that of both families. One that has just ended counts:
 * it may not hold what the other does. */
static uint32_t
how_many_apply(const struct engines *engines)
{
	return engines->engine == SETTINGS_ENGINE_NFTABLES ||
		       engines->links[FAMILY_IPV6].condition == ENGINE_ABSENT
		   ? 1
		   : 2;
}

/* With the lock, be it at once or after a wait, in which the file may have been replaced. */
static void
begin_apply(struct engines *engines)
{
	int family;

	if (needs_lock(engines) && !lock_counts(engines))
		return;
	engines->phase = PHASE_APPLYING;
	engines->cut_along = engines->cuts.n && !is_to_clear(engines);
	engines->batch->missing = how_many_apply(engines);
	set_deadline(engines, ENGINES_COMMIT_MS);
	for (family = 0; family < FAMILIES; family++) {
		struct link *link = &engines->links[family];

		link->took = false;
		if (link->condition != ENGINE_READY)
			continue;
		if (family == FAMILY_IPV6 && engines->engine == SETTINGS_ENGINE_NFTABLES) {
			/* The IPv4 engine's table is that of both. */
			link->took = true;
			link->error = 0;
		} else {
			link_ask_apply(
			    link, &engines->next, engines->cut_along ? &engines->cuts : NULL);
		}
	}
	batch_answered(engines); /* if nobody could be asked */
}

/* Both families are in force by this engine: what the other has left may go, and not before. */
static void
begin_clearing(struct engines *engines)
{
	const struct wire_out nothing = { 0 };
	int family;

	engines->phase = PHASE_CLEARING;
	set_deadline(engines, ENGINES_COMMIT_MS);
	for (family = 0; family < FAMILIES; family++)
		if (engines->links[family].other_left)
			link_ask(&engines->links[family], ENGINE_CLEAR, &nothing);
	batch_answered(engines);
}

/* Of both families: whoever looks for sockets has to go through all of the kernel's, and one
 * process does not do that any slower for both. Without IPv6 there is IPv4 alone. */
static void
ask_cut(struct engines *engines, bool count_only)
{
	struct wire_out out = { 0 };

	wire_put_u8(&out, count_only);
	crossing_put_fences(&out, engines->cuts.fences, engines->cuts.n);
	if (engines->links[FAMILY_IPV4].condition == ENGINE_READY)
		link_ask(&engines->links[FAMILY_IPV4], ENGINE_CUT, &out);
	wire_out_free(&out);
	batch_answered(engines); /* if it could not be asked */
}

/* The rules are in force; the lock need not wait for this. */
static void
begin_cutting(struct engines *engines)
{
	if (!engines->cuts.n) {
		batch_end(engines, ENGINES_DONE);
		return;
	}
	flock(engines->lock, LOCK_UN);
	engines->locked = false;
	engines->phase = PHASE_CUTTING;
	set_deadline(engines, ENGINES_COMMIT_MS);
	ask_cut(engines, false);
}

static void
cleared(struct engines *engines)
{
	bool lost = false;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		struct link *link = &engines->links[family];

		if (link->condition == ENGINE_STARTING || link->condition == ENGINE_BROKEN)
			lost = true;
		if (!link->other_left)
			continue;
		if (!link->error) {
			link->other_left = false;
			continue;
		}
		if (strcmp(link->cannot_clear.text, link->why.text) != 0) /* once */
			log_line(LOG_WARNING, "engine: %s: what another engine has left: %s",
			    link_name(link), link->why.text);
		link->cannot_clear = link->why;
	}
	if (lost) {
		why_set(
		    &engines->why, 0, "an engine ended while it removed what another one had left");
		batch_end(engines, ENGINES_UNKNOWN);
	} else {
		begin_cutting(engines);
	}
}

static void
cut(struct engines *engines)
{
	const struct link *link = &engines->links[FAMILY_IPV4];
	enum engines_outcome outcome = ENGINES_DONE;

	/* It was the other who was last, and could not. */
	if (engines->links[FAMILY_IPV6].took && engines->links[FAMILY_IPV6].error)
		link = &engines->links[FAMILY_IPV6];
	if (link->condition == ENGINE_READY && link->error == EOPNOTSUPP) {
		if (!engines->cut_lacks.text[0])
			log_line(LOG_WARNING, "%s: what was open before a login stays open",
			    link->why.text);
		engines->cut_lacks = link->why;
	} else if (link->condition != ENGINE_READY || link->error) {
		outcome = ENGINES_UNKNOWN;
		why_set(&engines->why, 0, "open sockets could not be cut: %s",
		    link->error ? link->why.text : "the engine has ended");
	}
	batch_end(engines, outcome);
}

/* Back to waiting, from what neither took the lock nor changed anything. */
static void
end_asking(struct engines *engines)
{
	evtimer_del(engines->deadline);
	engines->batch->since_ms = 0;
	engines->phase = PHASE_IDLE;
	plan_free(&engines->cuts);
}

static void
counted(struct engines *engines)
{
	const struct link *link = &engines->links[FAMILY_IPV4];
	int64_t number = engines->counted;

	if (link->condition != ENGINE_READY || link->error)
		number = -1;
	end_asking(engines);
	engines->calls.counted(number, engines->calls.data);
}

/* What is missing, of both families. An engine that could not look says nothing of the tables: the
 * next time it can, or has gone. */
static void
verified(struct engines *engines)
{
	struct why was;
	bool drifted = false, unknown = false;
	int family;

	end_asking(engines);
	for (family = 0; family < FAMILIES; family++)
		engines->tally.drifted[family] = engines->links[family].condition == ENGINE_READY &&
						 engines->links[family].error;
	/* One table for both. */
	if (engines->engine == SETTINGS_ENGINE_NFTABLES &&
	    engines->links[FAMILY_IPV6].condition == ENGINE_READY)
		engines->tally.drifted[FAMILY_IPV6] = engines->tally.drifted[FAMILY_IPV4];
	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition != ENGINE_READY || !link->error)
			continue;
		if (link->error != EUCLEAN) {
			log_line(LOG_WARNING, "engine: %s: cannot look after the rules: %s",
			    link_name(link), link->why.text);
			unknown = true;
			continue;
		}
		was = engines->why;
		why_set(&engines->why, 0, "%s%s%s: %s", drifted ? was.text : "",
		    drifted ? "; " : "", link_name(link), link->why.text);
		drifted = true;
	}
	if (drifted || !unknown)
		engines->calls.drifted(drifted ? &engines->why : NULL, engines->calls.data);
}

/* Both have batch_answered, or one of them has died. */
static void
applied(struct engines *engines)
{
	bool lost = false, failed = false;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition == ENGINE_ABSENT)
			continue;
		if (link->condition == ENGINE_READY && link->error && !link->took) {
			if (!failed)
				why_set(
				    &engines->why, 0, "%s: %s", link_name(link), link->why.text);
			failed = true;
		} else if (link->condition != ENGINE_READY || !link->took) {
			/* One that has come back meanwhile was not asked. */
			lost = true;
			why_set(&engines->why, 0, "the %s engine ended in the middle of a commit",
			    link_name(link));
		}
	}
	if (!failed && !lost) {
		if (engines->cut_along)
			cut(engines);
		else if (is_to_clear(engines))
			begin_clearing(engines);
		else
			begin_cutting(engines);
		return;
	}
	/* Both or neither: the family that took the new state goes back to the old one. Before the
	 * first commit was done that is not known: to go back to nothing would lift fences. */
	engines->phase = PHASE_REVERTING;
	for (family = 0; family < FAMILIES && !lost && engines->now.rules; family++) {
		struct link *link = &engines->links[family];

		if (link->condition == ENGINE_READY && !link->error)
			link_ask_apply(link, &engines->now, NULL);
	}
	if (!waiting(engines))
		batch_end(
		    engines, lost || engines->revert_failed ? ENGINES_UNKNOWN : ENGINES_FAILED);
}

static void
reverted(struct engines *engines)
{
	bool apart = engines->revert_failed;
	int family;

	for (family = 0; family < FAMILIES; family++)
		if (engines->links[family].condition == ENGINE_STARTING)
			apart = true;
	batch_end(engines, apart ? ENGINES_UNKNOWN : ENGINES_FAILED);
}

void
batch_answered(struct engines *engines)
{
	if (waiting(engines))
		return;
	switch (engines->phase) {
	case PHASE_IDLE:
		break;
	case PHASE_LOCKING:
		engines->locked = true;
		begin_apply(engines);
		break;
	case PHASE_APPLYING:
		applied(engines);
		break;
	case PHASE_REVERTING:
		reverted(engines);
		break;
	case PHASE_CLEARING:
		cleared(engines);
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

/* Past the deadline: one that sleeps, or was stopped, under the lock would stop every iptables on
 * the host. The kernel's replace is atomic, so ending it is safe; its socket's end tells us. */
void
batch_on_deadline(int fd, short what, void *data)
{
	struct engines *engines = data;

	(void)fd;
	(void)what;
	log_line(LOG_ERR, "engine: no answer within the deadline; starting the engines again");
	channel_send(engines->channel, CHANNEL_KILL_ENGINES, 0, -1);
}

void
batch_on_conclude(int fd, short what, void *data)
{
	static const struct timeval again = { 1, 0 };
	struct engines *engines = data;

	(void)fd;
	(void)what;
	engines->phase = PHASE_IDLE;
	plan_free(&engines->cuts);
	engines->tally.outcomes[engines->outcome]++;
	if (engines->outcome == ENGINES_DONE) {
		histogram_add(&engines->tally.done, histogram_clock_us() - engines->begun_us);
		engines_clear_state(&engines->now);
		engines->now = engines->next;
		memset(&engines->next, 0, sizeof(engines->next));
	} else {
		engines_clear_state(&engines->next);
	}
	if (other_left(engines))
		evtimer_add(engines->again, &again);
	if (engines->now.rules)
		engines_follow(engines, engines->now.rules);
	engines->calls.over(engines->outcome, &engines->why, engines->calls.data);
}

void
batch_on_again(int fd, short what, void *data)
{
	struct engines *engines = data;

	(void)fd;
	(void)what;
	if (other_left(engines))
		engines->calls.changed(engines->calls.data);
}

/* What needs no lock does not wait for it. What iptables has left beside that is written under the
 * lock as well: as soon as nobody has it. */
static bool
take_lock(struct engines *engines)
{
	if (!needs_lock(engines) && (!other_left(engines) || !lock_is_the_one(engines)))
		return true;
	engines->locked = flock(engines->lock, LOCK_EX | LOCK_NB) == 0;
	return engines->locked || !needs_lock(engines);
}

void
engines_commit(struct engines *engines, struct rules *rules, struct plan *plan, struct plan *cuts)
{
	struct wire_out out = { 0 };

	engines->begun_us = histogram_clock_us();
	engines->next.rules = rules_hold(rules);
	engines->next.plan = *plan;
	memset(plan, 0, sizeof(*plan));
	engines->cuts = *cuts;
	memset(cuts, 0, sizeof(*cuts));
	engines->why.text[0] = '\0';
	engines->revert_failed = false;
	engines->batch->since_ms = wire_clock_ms();
	engines->phase = PHASE_LOCKING;
	if (take_lock(engines)) {
		begin_apply(engines);
		return;
	}
	/* Nor is it worth waiting for another file's. */
	if (!lock_counts(engines))
		return;
	set_deadline(engines, ENGINES_LOCK_MS + ENGINES_COMMIT_MS);
	wire_put_u32(&out, ENGINES_LOCK_MS);
	link_ask(&engines->links[FAMILY_IPV4], ENGINE_LOCK, &out);
	wire_out_free(&out);
	if (waiting(engines))
		return;
	why_set(&engines->why, 0, "%s", engines->links[FAMILY_IPV4].why.text);
	batch_end(engines, ENGINES_NO_LOCK);
}

void
engines_verify(struct engines *engines)
{
	const struct wire_out nothing = { 0 };

	engines->phase = PHASE_VERIFYING;
	engines->batch->since_ms = wire_clock_ms();
	set_deadline(engines, ENGINES_COMMIT_MS);
	links_ask_all(engines, ENGINE_VERIFY, &nothing);
}

void
engines_count_cuts(struct engines *engines, const struct rules *rules, struct plan *cuts)
{
	engines->cuts = *cuts;
	memset(cuts, 0, sizeof(*cuts));
	engines->counted = 0;
	engines->phase = PHASE_COUNTING;
	engines->batch->since_ms = wire_clock_ms();
	set_deadline(engines, ENGINES_COMMIT_MS);
	if (!link_send_policies(&engines->links[FAMILY_IPV4], rules)) {
		engines->links[FAMILY_IPV4].error = ENOMEM;
		counted(engines);
	} else {
		ask_cut(engines, true);
	}
}
