/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/reload.h"

#include <errno.h>
#include <event2/event.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "log.h"
#include "reload/inside.h"

#define SCHEMA 1

/* How often we look whether resolv.conf has changed, where rules refer to it; seconds. It is
 * replaced more often than written, by whoever feels responsible for it, so that a watch would have
 * to follow links and folders. */
#define FOLLOW_SECONDS 2

/* How often, and after how many milliseconds each, a dry run tries to have sockets counted. */
#define COUNT_TRIES 200
#define COUNT_MS    10

/* How long whoever asked is not hung up on: others may come first, the name service may not answer,
 * and the lock may be somebody else's; milliseconds. */
#define PATIENCE_MS 60000

/* How soon the previous rules are tried again that were to return, and could not; seconds. */
#define RETURN_SECONDS 5

/* ---------------------------------------------------------------------------- the answer */

static void
answer(struct reload *reload, const char *result, const char *reason, struct json_object *report,
    struct json_object *changed)
{
	struct json_object *object;

	if (!reload->asker) {
		json_object_put(report);
		json_object_put(changed);
		return;
	}
	object = json_object_new_object();
	json_object_object_add(object, "schema", json_object_new_int(SCHEMA));
	json_object_object_add(object, "result", json_object_new_string(result));
	if (reason)
		json_object_object_add(object, "reason", json_object_new_string(reason));
	json_object_object_add(object, "report", report);
	if (changed)
		json_object_object_add(object, "changed", changed);
	if (reload->would_cut >= 0)
		json_object_object_add(
		    object, "would_cut", json_object_new_int64(reload->would_cut));
	if (reload->confirm_by.until)
		json_object_object_add(
		    object, "confirm_until", json_object_new_int64(reload->confirm_by.until));
	connection_answer_text(reload->asker, PROTOCOL_TEXT,
	    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY));
	json_object_put(object);
	reload->asker = NULL;
}

static void
refuse(struct reload *reload, const char *reason, const struct report *report)
{
	if (!reload->request.dry_run)
		why_set(&reload->failure, 0, "%s", reason);
	log_event(LOG_ERR, "reload", LOG_TEXT("reason", reason));
	answer(reload, "refused", reason, report ? changes_report(report) : json_object_new_array(),
	    NULL);
}

/* ------------------------------------------------------------------------ into force, in steps */

static void
on_done(const struct why *why, void *data)
{
	static const char *const reasons[] = {
		[RELOAD_FILES] = "rules in force",
		[RELOAD_PREVIOUS] = "the previous rules are in force again",
		[RELOAD_LAST_GOOD] = "the last good rules are in force",
		[RELOAD_AGAIN] = "the rules are in force with other resolvers",
	};
	struct reload *reload = data;
	const struct report *report = &reload->rules->set->report;
	struct json_object *changed;
	bool same = reload->same;

	if (why) {
		reload->failure = *why;
		log_event(LOG_ERR, "reload", LOG_TEXT("reason", why->text));
		answer(reload, "failed", why->text, changes_report(report), NULL);
	} else {
		/* At a start, what was kept is in force because the files could not be. */
		if (reload->request.from != RELOAD_LAST_GOOD)
			reload->failure.text[0] = '\0';
		changed = changes_since(reload->setup.life, reload->before, reload->rules, true);
		if (reload->request.from != RELOAD_AGAIN)
			reload->source = reload->request.from;
		log_event(LOG_NOTICE, "reload", LOG_NUMBER("count", reload->rules->set->n_policies),
		    LOG_TEXT("reason", same && reload->request.from == RELOAD_FILES
					   ? "unchanged"
					   : reasons[reload->request.from]));
		keep_all(reload, same);
		answer(reload,
		    same && !json_object_array_length(changed) ? "unchanged" : "in force", NULL,
		    changes_report(report), changed);
	}
	rules_release(reload->rules);
	rules_release(reload->former);
	reload->rules = NULL;
	reload->former = NULL;
	changes_forget(reload->before);
	reload->before = NULL;
	asking_always(reload);
	waiting_next(reload);
}

void
reload_use(struct reload *reload)
{
	struct why why;

	if (life_use_rules(reload->setup.life, reload->rules, on_done, reload, &why) < 0)
		on_done(&why, reload);
}

/* ---------------------------------------------------------------------------- reading them */

static int
load_again(const struct ruleset *now, struct ruleset **set, struct why *why)
{
	size_t length = 0;
	cleanup_free char *bytes = ruleset_bundle(now, &length);

	if (!bytes)
		return why_set(why, ENOMEM, "no memory to read the rules again");
	return ruleset_load_bundle(bytes, length, set, why);
}

static int
load(const struct reload *reload, enum reload_from from, struct ruleset **set, struct why *why)
{
	int result;

	*set = NULL;
	switch (from) {
	case RELOAD_PREVIOUS:
		result = keep_load(reload, KEPT_PREVIOUS, set, why);
		return result == -ENOENT ? why_set(why, ENOENT, "there are no previous rules")
					 : result;
	case RELOAD_LAST_GOOD:
		return keep_load(reload, KEPT_RULES, set, why);
	case RELOAD_AGAIN:
		return load_again(life_rules(reload->setup.life)->set, set, why);
	case RELOAD_FILES:
		break;
	}
	return ruleset_load(reload->setup.folder, set, why);
}

/* cuts: how many open sockets the rules would cut; -1 where that is not known. */
static void
answer_dry_run(struct reload *reload, int64_t cuts)
{
	struct json_object *changed =
	    changes_since(reload->setup.life, reload->before, reload->rules, false);

	reload->would_cut = cuts;
	answer(reload, reload->same ? "unchanged" : "would be in force", NULL,
	    changes_report(&reload->rules->set->report), changed);
	reload->would_cut = -1;
	changes_forget(reload->before);
	reload->before = NULL;
	rules_release(reload->rules);
	reload->rules = NULL;
	waiting_next(reload);
}

void
reload_counted(struct reload *reload, int64_t number)
{
	if (reload->rules && reload->request.dry_run)
		answer_dry_run(reload, number);
}

/* The engines look after the tables twice a second, and commit: then a moment later. */
static void
on_count(int fd, short what, void *data)
{
	static const struct timeval soon = { 0, COUNT_MS * 1000 };
	struct reload *reload = data;
	int result;

	(void)fd;
	(void)what;
	result = life_count_cuts(reload->setup.life, reload->rules);
	if (result == -EAGAIN && reload->count_tries--)
		evtimer_add(reload->count, &soon);
	else if (result <= 0)
		answer_dry_run(reload, result == 0 ? 0 : -1);
}

/* -EINVAL where these rules cannot be used, or -ENOMEM: that has been said. */
static int
begin(struct reload *reload, const struct reload_request *request)
{
	const struct rules *now = life_rules(reload->setup.life);
	struct ruleset *set;
	struct why why = { "" };
	int result;

	reload->request = *request;
	result = load(reload, request->from, &set, &why);
	if (result < 0) {
		if (set)
			changes_log_report(&set->report);
		refuse(reload, set ? "the rules have errors; nothing has changed" : why.text,
		    set ? &set->report : NULL);
		ruleset_free(set);
		return result == -ENOMEM ? result : -EINVAL;
	}
	changes_log_report(&set->report);
	reload->rules = rules_new(set, ++reload->generation);
	if (!reload->rules) {
		refuse(reload, "no memory", NULL);
		return -ENOMEM;
	}
	reload->former = now ? life_hold_rules(reload->setup.life) : NULL;
	reload->same = now && rules_equal(now->set, set);
	if (reload->same)
		reload->rules->since = now->since;
	reload->before = now ? changes_remember(reload->setup.life) : NULL;
	if (request->dry_run) {
		rules_release(reload->former);
		reload->former = NULL;
		reload->count_tries = COUNT_TRIES;
		on_count(-1, 0, reload);
		return 0;
	}
	/* The first rules wait for nobody. */
	if (!now)
		reload_use(reload);
	else if (reload->asked != ASKED_NOTHING)
		reload->groups_next = true;
	else
		asking_groups(reload);
	return 0;
}

void
reload_start(
    struct reload *reload, const struct reload_request *request, struct connection *connection)
{
	if (connection)
		connection_wait(connection, PATIENCE_MS);
	if (reload->rules || reload->waiting)
		waiting_add(reload, request, connection);
	else
		reload_do(reload, request, connection);
}

void
reload_do(
    struct reload *reload, const struct reload_request *request, struct connection *connection)
{
	reload->asker = connection;
	if (begin(reload, request) < 0)
		waiting_next(reload);
}

bool
reload_confirm(struct reload *reload)
{
	/* Too late, where the previous ones are on their way. */
	bool pending =
	    reload->confirm_by.until && !(reload->rules && reload->request.from == RELOAD_PREVIOUS);

	if (pending) {
		keep_confirm(reload, 0);
		log_event(LOG_NOTICE, "reload", LOG_TEXT("reason", "confirmed"));
	}
	return pending;
}

/* Whoever could try again may be cut off by these rules: so until the former ones are in force. */
static void
on_not_confirmed(int fd, short what, void *data)
{
	static const struct reload_request back = { .from = RELOAD_PREVIOUS };
	static const struct timeval soon = { 1, 0 }, again = { RETURN_SECONDS, 0 };
	struct reload *reload = data;
	bool busy;

	(void)fd;
	(void)what;
	if (term_left_ms(&reload->confirm_by)) {
		keep_confirm_again(reload);
		return;
	}
	busy = reload->rules || reload->waiting;
	evtimer_add(reload->confirm, busy ? &soon : &again);
	if (busy)
		return;
	log_line(LOG_WARNING, "the rules were not confirmed in time: the previous ones return");
	reload->asker = NULL;
	if (begin(reload, &back) != -EINVAL)
		return;
	/* As it is at a start. */
	log_line(LOG_ALERT, "there are none that could return: the rules stay");
	keep_confirm(reload, 0);
}

static void
on_follow(int fd, short what, void *data)
{
	static const struct reload_request again = { .from = RELOAD_AGAIN };
	static const struct timeval delay = { FOLLOW_SECONDS, 0 };
	struct reload *reload = data;
	const struct rules *rules = life_rules(reload->setup.life);

	(void)fd;
	(void)what;
	evtimer_add(reload->follow, &delay);
	if (reload->always_missed)
		asking_always(reload);
	if (rules && !reload->rules && ruleset_resolvers_changed(rules->set) == 1)
		reload_start(reload, &again, NULL);
}

/* ------------------------------------------------------------------------------ beginning */

/* Each of these may be what is there; none of them is passed over for want of memory. */
int
reload_begin(struct reload *reload)
{
	static const struct reload_request files = { .from = RELOAD_FILES };
	static const struct reload_request previous = { .from = RELOAD_PREVIOUS };
	static const struct reload_request last_good = { .from = RELOAD_LAST_GOOD };
	int result;

	on_follow(-1, 0, reload);
	result = keep_is_pinned(reload);
	if (result == 1) {
		result = begin(reload, &last_good);
		if (result == 0)
			reload->source = RELOAD_PREVIOUS; /* a rollback of before */
		if (result != -EINVAL)
			return result;
	}
	if (result != -ENOMEM)
		result = keep_confirm_by(reload, &reload->confirm_by);
	if (result == -ENOMEM)
		return result;
	if (reload->confirm_by.until && !term_left_ms(&reload->confirm_by)) {
		log_line(
		    LOG_WARNING, "the rules were not confirmed in time: the previous ones return");
		reload->confirm_by.until = 0;
		result = begin(reload, &previous);
		if (result != -EINVAL)
			return result;
	}
	if (reload->confirm_by.until)
		keep_confirm_again(reload);
	result = begin(reload, &files);
	if (result != -EINVAL)
		return result;
	result = begin(reload, &last_good);
	if (result == 0)
		log_line(
		    LOG_ALERT, "THE RULES HAVE ERRORS: the last good ones are in force instead");
	else if (result == -EINVAL)
		log_line(
		    LOG_ALERT, "there are NO USABLE RULES: every session but root's is refused");
	return result == -ENOMEM ? result : 0;
}

void
reload_forget(struct reload *reload, const struct connection *connection)
{
	if (reload->asker == connection)
		reload->asker = NULL;
	waiting_hung_up(reload, connection);
}

enum reload_from
reload_source(const struct reload *reload)
{
	return reload->source;
}

const char *
reload_failure(const struct reload *reload)
{
	return reload->failure.text;
}

int64_t
reload_confirm_until(const struct reload *reload)
{
	return reload->confirm_by.until;
}

struct reload *
reload_new(const struct reload_setup *setup)
{
	struct reload *reload = calloc(1, sizeof(*reload));
	const struct resolver_calls calls = { asking_answered, reload };

	if (!reload)
		return NULL;
	reload->setup = *setup;
	reload->would_cut = -1;
	reload->boot = term_boot_of(setup->proc);
	reload->resolver = resolver_new(setup->base, setup->channel, &calls);
	reload->confirm = evtimer_new(setup->base, on_not_confirmed, reload);
	reload->follow = evtimer_new(setup->base, on_follow, reload);
	reload->count = evtimer_new(setup->base, on_count, reload);
	reload->next = evtimer_new(setup->base, waiting_on_time, reload);
	if (!reload->next || !reload->count || !reload->resolver || !reload->confirm ||
	    !reload->follow) {
		reload_free(reload);
		return NULL;
	}
	return reload;
}

void
reload_free(struct reload *reload)
{
	if (!reload)
		return;
	resolver_free(reload->resolver);
	if (reload->confirm)
		event_free(reload->confirm);
	if (reload->follow)
		event_free(reload->follow);
	if (reload->count)
		event_free(reload->count);
	if (reload->next)
		event_free(reload->next);
	waiting_free(reload);
	rules_release(reload->rules);
	rules_release(reload->former);
	changes_forget(reload->before);
	free(reload->previous);
	free(reload);
}
