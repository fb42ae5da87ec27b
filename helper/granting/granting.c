/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "granting/granting.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "granting/inside.h"
#include "grants/store.h"
#include "kept.h"
#include "log.h"
#include "wire/client.h"

/* How often we look whether what changes has come into force and is kept; and whether a grant is
 * over, at least: somebody may set the clock, of which no timer of ours is told. Milliseconds. */
#define CHANGE_LOOK_MS 10
#define LOOK_MS        20000

static void
end_what_is_over(struct granting *granting)
{
	uint32_t n, i = 0;
	struct grant *const *list = grants_all(granting->setup.grants, &n);
	bool some = false;

	while (i < n) {
		struct grant *grant = list[i];

		if (term_left_ms(&grant->term)) {
			i++;
			continue;
		}
		some = true;
		grants_remove(granting->setup.grants, grant->id);
		list = grants_all(granting->setup.grants, &n);
		if (!change_begin(granting, CHANGE_EXPIRE, grant, grant, NULL, NULL))
			log_line(LOG_ERR, "a grant has ended, and there is no memory to say so");
	}
	if (some && keep_list(granting) < 0)
		keep_complain(granting, "no memory to keep them");
}

/* Nobody waits for an answer any more. */
static bool
is_late(const struct granting *granting)
{
	const struct change *change;

	for (change = granting->changes; change; change = change->next)
		if (!change->late)
			return false;
	return granting->changes != NULL;
}

static void
set_timer(struct granting *granting)
{
	uint32_t n, i;
	struct grant *const *list = grants_all(granting->setup.grants, &n);
	int64_t soonest = LOOK_MS, left;

	for (i = 0; i < n; i++) {
		left = term_left_ms(&list[i]->term) + 1;
		if (left < soonest)
			soonest = left;
	}
	if (granting->bytes || granting->changes)
		soonest =
		    granting->complained || is_late(granting) ? KEEP_AGAIN_MS : CHANGE_LOOK_MS;
	if (n || granting->bytes || granting->changes)
		granting_look_in(granting, soonest);
}

void
granting_look_in(struct granting *granting, int64_t ms)
{
	const struct timeval delay = { ms / 1000, (ms % 1000) * 1000 };

	evtimer_add(granting->timer, &delay);
}

static void
on_time(int fd, short what, void *data)
{
	struct granting *granting = data;

	(void)fd;
	(void)what;
	end_what_is_over(granting);
	changes_settle(granting);
	if (granting->bytes && wire_clock_ms() - granting->asked_ms > KEEP_AGAIN_MS) {
		keep_complain(granting, "the state folder does not hold them yet; asking again");
		keep_ask(granting);
	}
	set_timer(granting);
}

void
granting_commit_over(struct granting *granting, const struct why *why)
{
	if (!granting->changes)
		return;
	if (why)
		granting->failure = *why;
	granting_look_in(granting, 0);
}

void
granting_forget(struct granting *granting, const struct connection *connection)
{
	struct change *change;

	for (change = granting->changes; change; change = change->next)
		if (change->asker == connection)
			change->asker = NULL;
}

void
granting_begin(struct granting *granting)
{
	cleanup_free char *bytes = NULL;
	struct why why = { "" };
	size_t length = 0;
	uint32_t n;
	int result = kept_read(granting->setup.state, KEPT_GRANTS, &bytes, &length, &why);

	granting->boot = term_boot_of(granting->setup.proc);
	if (result == -ENOENT)
		return;
	if (result == 0)
		result = store_read(
		    granting->setup.grants, (const uint8_t *)bytes, length, &granting->boot, &why);
	if (result < 0) {
		log_line(LOG_ALERT, "%s: NOTHING IS GRANTED TO ANYBODY", why.text);
		return;
	}
	grants_all(granting->setup.grants, &n);
	if (!n)
		return;
	log_line(LOG_NOTICE, "grants taken up: %u", (unsigned int)n);
	/* Of what is over the first commit knows nothing any more; and what is left of the others
	 * counts from this boot on. */
	end_what_is_over(granting);
	if (keep_list(granting) < 0)
		keep_complain(granting, "no memory to keep them");
	granting_look_in(granting, 0);
}

struct granting *
granting_new(const struct granting_setup *setup)
{
	struct granting *granting = calloc(1, sizeof(*granting));

	if (!granting)
		return NULL;
	granting->setup = *setup;
	granting->timer = evtimer_new(setup->base, on_time, granting);
	if (!granting->timer) {
		granting_free(granting);
		return NULL;
	}
	return granting;
}

void
granting_free(struct granting *granting)
{
	if (!granting)
		return;
	while (granting->changes)
		change_end(granting, granting->changes);
	if (granting->timer)
		event_free(granting->timer);
	free(granting->bytes);
	free(granting);
}
