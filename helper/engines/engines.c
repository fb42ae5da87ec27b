/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engines/engines.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "channel.h"
#include "engines/inside.h"
#include "log.h"

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
	engines->again = evtimer_new(base, batch_on_again, engines);
	if (!engines->deadline || !engines->conclude || !engines->again) {
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
	if (engines->again)
		event_free(engines->again);
	engines_clear_state(&engines->now);
	engines_clear_state(&engines->next);
	plan_free(&engines->cuts);
	free(engines);
}

const char *const engines_names[] = {
	[SETTINGS_ENGINE_AUTO] = "auto",
	[SETTINGS_ENGINE_IPTABLES] = "iptables",
	[SETTINGS_ENGINE_NFTABLES] = "nftables",
};

static void
wish(struct engines *engines, enum settings_engine engine)
{
	if (engines->wished) {
		log_line(LOG_NOTICE, "engine: %s from now on", engines_names[engine]);
		links_let_go(engines);
	}
	engines->wished = true;
	engines->wish = engines->engine = engine;
	engines->loaded = false;
	channel_send(engines->channel, CHANNEL_LOAD, (uint32_t)engine, -1);
}

void
engines_choose(struct engines *engines, enum settings_engine engine)
{
	engines->chosen = true;
	wish(engines, engine);
}

/* While others serve, and rules are in force by them, a commit is sooner done by these; and rules
 * that ask for what this kernel does not have must not be what makes others impossible. */
void
engines_follow(struct engines *engines, const struct rules *rules)
{
	enum settings_engine engine = rules ? rules->set->settings.engine : SETTINGS_ENGINE_AUTO;

	if (engines->chosen || engines_busy(engines) ||
	    (engines->wished && engines->wish == engine))
		return;
	if (!engines->wished || !engines_serving(engines) || !engines->now.rules ||
	    engines->now.rules->set == rules->set)
		wish(engines, engine);
}

void
engines_loaded(struct engines *engines)
{
	int family;

	engines->loaded = true;
	for (family = 0; family < FAMILIES; family++)
		link_use(&engines->links[family]);
}

enum settings_engine
engines_engine(const struct engines *engines)
{
	return engines->engine;
}

enum engine_condition
engines_condition(const struct engines *engines, enum family family, const char **reason)
{
	const enum engine_condition own = engines->links[family].condition;

	/* What auto is the IPv4 engine says; and nftables' one table is its. */
	if ((engines->engine == SETTINGS_ENGINE_AUTO && own == ENGINE_STARTING) ||
	    (engines->engine == SETTINGS_ENGINE_NFTABLES && own == ENGINE_READY))
		family = FAMILY_IPV4;
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

void
engines_explain(const struct engines *engines, struct why *why)
{
	int family;

	why_set(why, 0, "a commit is under way");
	for (family = 0; family < FAMILIES; family++) {
		const struct link *link = &engines->links[family];

		if (link->condition == ENGINE_BROKEN)
			why_set(why, 0, "%s: %s", link_name(link), link->reason.text);
		else if (link->condition == ENGINE_STARTING)
			why_set(why, 0, "the %s engine is being started", link_name(link));
	}
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
