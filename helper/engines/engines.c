/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engines/engines.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "engines/inside.h"

const char *const engines_family_names[FAMILIES] = { "IPv4", "IPv6" };

void
engines_clear_state(struct state *state)
{
	rules_release(state->rules);
	plan_free(&state->plan);
	memset(state, 0, sizeof(*state));
}

struct engines *
engines_new(struct event_base *base, int lock, const char *lock_path, int channel,
    struct channel_batch *batch, const struct engines_calls *calls)
{
	struct engines *engines = calloc(1, sizeof(*engines));
	int family;

	if (!engines)
		return NULL;
	engines->base = base;
	engines->lock = lock;
	engines->lock_path = lock_path;
	engines->channel = channel;
	engines->batch = batch;
	engines->calls = *calls;
	for (family = 0; family < FAMILIES; family++) {
		engines->links[family].engines = engines;
		engines->links[family].family = (enum family)family;
	}
	engines->deadline = evtimer_new(base, batch_on_deadline, engines);
	engines->conclude = event_new(base, -1, 0, batch_on_conclude, engines);
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
	engines_clear_state(&engines->now);
	engines_clear_state(&engines->next);
	plan_free(&engines->cuts);
	free(engines);
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

uint64_t
engines_commits(const struct engines *engines)
{
	return engines->commits;
}

const struct engines_tally *
engines_tally(const struct engines *engines)
{
	return &engines->tally;
}

uint64_t
engines_cut(const struct engines *engines)
{
	return engines->cut;
}

bool
engines_cannot_log(const struct engines *engines)
{
	return engines->links[FAMILY_IPV4].cannot_log || engines->links[FAMILY_IPV6].cannot_log;
}

const char *
engines_cannot_cut(const struct engines *engines)
{
	return engines->cut_lacks.text[0] ? engines->cut_lacks.text : NULL;
}
