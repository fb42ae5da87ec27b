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

#define CONFIRM_MAGIC UINT64_C(0x31306d7269666e63) /* "cnfirm01" */

/* How often it is looked whether the time is over: libevent's clock stands still while the host
 * sleeps, and after a boot there is what was left when it was written down. */
#define LOOK_MS 60000

static void
complain(int result, const struct why *why)
{
	if (result < 0)
		log_line(LOG_ERR, "%s", why->text);
}

/* Takes the bundle over; NULL: there was no memory for it. */
static void
keep_bundle(struct reload *reload, enum kept which, char *bundle, size_t length)
{
	struct why why = { "no memory to keep the rules" };

	complain(bundle ? kept_write(reload->setup.channel, which, bundle, length, &why) : -ENOMEM,
	    &why);
	if (which != KEPT_PREVIOUS) {
		free(bundle);
		return;
	}
	free(reload->previous);
	reload->previous = bundle;
	reload->previous_length = length;
}

static void
keep_rules(struct reload *reload, enum kept which, const struct rules *rules)
{
	size_t length = 0;
	char *bundle = ruleset_bundle(rules->set, &length);

	keep_bundle(reload, which, bundle, length);
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
keep_confirm_again(const struct reload *reload)
{
	int64_t left = term_left_ms(&reload->confirm_by);
	struct why why = { "no memory to keep until when the rules are to be confirmed" };
	struct wire_out out = { 0 };
	struct timeval delay;

	wire_put_u64(&out, CONFIRM_MAGIC);
	wire_put_string(&out, reload->boot.id);
	term_put(&out, &reload->confirm_by);
	complain(out.failed
		     ? -ENOMEM
		     : kept_write(reload->setup.channel, KEPT_CONFIRM, out.data, out.used, &why),
	    &why);
	wire_out_free(&out);
	if (left > LOOK_MS)
		left = LOOK_MS;
	left++;
	delay = (struct timeval){ left / 1000, left % 1000 * 1000 };
	evtimer_add(reload->confirm, &delay);
}

void
keep_confirm(struct reload *reload, uint32_t seconds)
{
	struct why why;

	evtimer_del(reload->confirm);
	reload->confirm_by = seconds ? term_of(seconds) : (struct term){ 0 };
	if (seconds)
		keep_confirm_again(reload);
	else
		complain(kept_remove(reload->setup.channel, KEPT_CONFIRM, &why), &why);
}

/* The files may have been changed while we were away: then the former rules are the kept ones. */
static void
keep_former_of_start(struct reload *reload)
{
	size_t old_length, new_length = 0;
	cleanup_free char *old = NULL, *new = ruleset_bundle(reload->rules->set, &new_length);

	if (kept_read(reload->setup.state, KEPT_RULES, &old, &old_length, NULL) < 0 || !new)
		return;
	if (old_length != new_length || memcmp(old, new, new_length) != 0)
		keep_bundle(reload, KEPT_PREVIOUS, steal_pointer(&old), old_length);
}

/* After rules have come into force. At a start they are what was kept already, or the files. */
void
keep_all(struct reload *reload, bool same)
{
	const bool pending = reload->confirm_by.until != 0;
	struct why why;

	keep_who(reload, &reload->rules->set->who);
	if (reload->request.from == RELOAD_LAST_GOOD || reload->request.from == RELOAD_AGAIN)
		return;
	/* What has not been confirmed is nothing to go back to. */
	if (reload->former && !same && !pending)
		keep_rules(reload, KEPT_PREVIOUS, reload->former);
	if (!reload->former && reload->request.from == RELOAD_FILES && !pending)
		keep_former_of_start(reload);
	keep_rules(reload, KEPT_RULES, reload->rules);
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

/* False where it is damaged. */
static bool
get_confirm(struct wire_in *in, const struct term_boot *boot, struct term *by)
{
	struct term_boot then = { "" };
	const char *id;
	size_t length;

	if (wire_get_u64(in) != CONFIRM_MAGIC)
		return false;
	id = wire_get_view(in, sizeof(then.id) - 1, &length);
	if (id)
		memcpy(then.id, id, length);
	*by = term_get(in, term_boot_is(boot, &then));
	return wire_in_done(in) && by->until &&
	       term_left_ms(by) <= RELOAD_CONFIRM_MAX * INT64_C(1000);
}

int
keep_confirm_by(const struct reload *reload, struct term *by)
{
	static const struct term over = { .until = 1 };
	cleanup_free char *bytes = NULL;
	struct wire_in in = { 0 };
	struct why why = { "damaged" };
	int result = kept_read(reload->setup.state, KEPT_CONFIRM, &bytes, &in.left, &why);

	*by = (struct term){ 0 };
	if (result == -ENOENT || result == -ENOMEM)
		return result == -ENOMEM ? result : 0;
	in.data = (const uint8_t *)bytes;
	if (result < 0 || !get_confirm(&in, &reload->boot, by)) {
		log_line(LOG_ERR, "until when the rules are to be confirmed cannot be read: %s",
		    why.text);
		*by = over;
	}
	return 0;
}

int
keep_load(const struct reload *reload, enum kept which, struct ruleset **set, struct why *why)
{
	cleanup_free char *bytes = NULL;
	size_t length;
	int result;

	/* What has been asked to be written may not be there yet, or never. */
	if (which == KEPT_PREVIOUS && reload->previous)
		return ruleset_load_bundle(reload->previous, reload->previous_length, set, why);
	result = kept_read(reload->setup.state, which, &bytes, &length, why);
	/* Out of descriptors: they are there, as they are without memory. */
	if (result == -EMFILE || result == -ENFILE)
		return -ENOMEM;
	return result < 0 ? result : ruleset_load_bundle(bytes, length, set, why);
}
