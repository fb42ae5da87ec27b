/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "kept.h"
#include "log.h"
#include "reload/inside.h"

static void
complain(int result, const struct why *why)
{
	if (result < 0)
		log_line(LOG_ERR, "%s", why->text);
}

static void
keep_bundle(const struct reload *reload, enum kept which, const struct rules *rules)
{
	size_t length = 0;
	cleanup_free char *bundle = ruleset_bundle(rules->set, &length);
	struct why why = { "no memory to keep the rules" };

	complain(bundle ? kept_write(reload->setup.channel, which, bundle, length, &why) : -ENOMEM,
	    &why);
}

static void
keep_who(const struct reload *reload, const struct who *who)
{
	cleanup_free char *text = who_print(who);
	struct why why = { "no memory to keep who is fenced" };

	complain(
	    text ? kept_write(reload->setup.channel, KEPT_WHO, text, strlen(text), &why) : -ENOMEM,
	    &why);
}

void
keep_confirm(struct reload *reload, uint32_t seconds)
{
	const struct timeval delay = { seconds, 0 };
	char text[32];
	struct why why;

	evtimer_del(reload->confirm);
	reload->confirm_until = seconds ? (int64_t)time(NULL) + seconds : 0;
	if (!seconds) {
		complain(kept_remove(reload->setup.channel, KEPT_CONFIRM, &why), &why);
		return;
	}
	evtimer_add(reload->confirm, &delay);
	snprintf(text, sizeof(text), "%" PRId64 "\n", reload->confirm_until);
	complain(kept_write(reload->setup.channel, KEPT_CONFIRM, text, strlen(text), &why), &why);
}

/* The files may have been changed while we were away: then the former rules are the kept ones. */
static void
keep_former_of_start(const struct reload *reload)
{
	size_t old_length, new_length = 0;
	cleanup_free char *old = NULL, *new = ruleset_bundle(reload->rules->set, &new_length);
	struct why why;

	if (kept_read(reload->setup.state, KEPT_RULES, &old, &old_length, NULL) < 0 || !new)
		return;
	if (old_length != new_length || memcmp(old, new, new_length) != 0)
		complain(
		    kept_write(reload->setup.channel, KEPT_PREVIOUS, old, old_length, &why), &why);
}

/* After rules have come into force. At a start they are what was kept already, or the files. */
void
keep_all(struct reload *reload, bool same)
{
	const bool pending = reload->confirm_until != 0;
	struct why why;

	keep_who(reload, &reload->rules->set->who);
	if (reload->request.from == RELOAD_LAST_GOOD || reload->request.from == RELOAD_AGAIN)
		return;
	/* What has not been confirmed is nothing to go back to. */
	if (reload->former && !same && !pending)
		keep_bundle(reload, KEPT_PREVIOUS, reload->former);
	if (!reload->former && reload->request.from == RELOAD_FILES && !pending)
		keep_former_of_start(reload);
	keep_bundle(reload, KEPT_RULES, reload->rules);
	if (reload->request.from == RELOAD_PREVIOUS)
		complain(kept_write(reload->setup.channel, KEPT_PINNED, "", 0, &why), &why);
	else
		complain(kept_remove(reload->setup.channel, KEPT_PINNED, &why), &why);
	/* A reload that changes nothing leaves a confirmation due, or puts it off; what was there
	 * before needs none. */
	if (reload->request.from == RELOAD_PREVIOUS)
		keep_confirm(reload, 0);
	else if (same ? pending && reload->request.confirm_seconds : reload->former || !pending)
		keep_confirm(reload, reload->request.confirm_seconds);
}

int
keep_is_pinned(const struct reload *reload)
{
	cleanup_free char *bytes = NULL;
	size_t length;
	int result = kept_read(reload->setup.state, KEPT_PINNED, &bytes, &length, NULL);

	return result == -ENOMEM ? result : result == 0;
}

int
keep_confirm_until(const struct reload *reload, int64_t *until)
{
	cleanup_free char *text = NULL;
	size_t length;
	int result = kept_read(reload->setup.state, KEPT_CONFIRM, &text, &length, NULL);

	*until = result < 0 ? 0 : strtoll(text, NULL, 10);
	return result == -ENOMEM ? result : 0;
}

int
keep_load(const struct reload *reload, enum kept which, struct ruleset **set, struct why *why)
{
	cleanup_free char *bytes = NULL;
	size_t length;
	int result = kept_read(reload->setup.state, which, &bytes, &length, why);

	return result < 0 ? result : ruleset_load_bundle(bytes, length, set, why);
}
