/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "base/cleanup.h"
#include "granting/inside.h"
#include "grants/tell.h"
#include "log.h"
#include "wire/client.h"

/* How long a change may take until it is in force and kept; milliseconds. Less than the caller's
 * connection lasts. */
#define CHANGE_MS 5000

bool
change_begin(struct granting *granting, enum change_kind kind, const struct grant *grant,
    struct grant *former, struct connection *connection, const struct asker *by)
{
	struct change *change = calloc(1, sizeof(*change));

	if (kind != CHANGE_EXTEND)
		life_refence(granting->setup.life, grant->uid);
	granting_look_in(granting, 0);
	if (!change) {
		grant_free(former);
		return false;
	}
	*change = (struct change){
		.next = granting->changes,
		.kind = kind,
		.id = grant->id,
		.uid = grant->uid,
		.former = former,
		.asker = connection,
		.deadline_ms = wire_clock_ms() + CHANGE_MS,
	};
	if (by)
		change->by = *by;
	granting->changes = change;
	granting->failure.text[0] = '\0';
	return true;
}

void
change_end(struct granting *granting, struct change *change)
{
	struct change **link = &granting->changes;

	while (*link != change)
		link = &(*link)->next;
	*link = change->next;
	grant_free(change->former);
	free(change);
}

static void
succeed(struct granting *granting, struct change *change)
{
	const struct grant *grant = grants_find(granting->setup.grants, change->id);
	const bool begins = change->kind == CHANGE_GRANT || change->kind == CHANGE_EXTEND;

	/* It may have been revoked before it came so far; the other change tells. */
	if (begins && grant)
		tell_begin(grant);
	if (!begins)
		tell_end(change->former, change->kind == CHANGE_EXPIRE ? "expired" : "revoked",
		    change->kind == CHANGE_EXPIRE ? NULL : &change->by);
	if (change->asker && begins && !grant)
		answer_one(granting, change->asker, "refused", NULL, "it was revoked meanwhile");
	else if (change->asker)
		answer_one(granting, change->asker,
		    change->kind == CHANGE_GRANT    ? "granted"
		    : change->kind == CHANGE_EXTEND ? "extended"
						    : "revoked",
		    begins ? grant : change->former, NULL);
	change_end(granting, change);
}

void
change_take_back(struct granting *granting, uint32_t id, uint32_t uid, struct grant *former)
{
	struct grant *grant;

	if (!grants_find(granting->setup.grants, id)) {
		grant_free(former);
		return;
	}
	grant = former ? grants_replace(granting->setup.grants, former)
		       : grants_remove(granting->setup.grants, id);
	grant_free(grant);
	life_refence(granting->setup.life, uid);
	if (keep_list(granting) < 0)
		keep_complain(granting, "no memory to keep them");
}

/* What ends a grant goes on until it has; what begins one is taken back. */
static void
fail(struct granting *granting, struct change *change, bool holds)
{
	const char *words = holds ? "the state folder could not be written; the log says why"
				  : granting->failure.text;
	struct why why;

	if (!words[0])
		words = "the kernel's tables could not be changed in time";
	if (change->kind == CHANGE_REVOKE || change->kind == CHANGE_EXPIRE) {
		if (!change->late)
			log_line(LOG_ERR, "grant %u of %s is to end: %s; trying again",
			    (unsigned int)change->id, change->former->user, words);
		change->late = true;
		why_set(&why, 0, "it is revoked, but not everywhere yet: %s", words);
		if (change->asker)
			answer_one(granting, change->asker, "refused", NULL, why.text);
		change->asker = NULL;
		return;
	}
	log_line(LOG_ERR, "grant %u is taken back: %s", (unsigned int)change->id, words);
	change_take_back(granting, change->id, change->uid, steal_pointer(&change->former));
	if (change->asker)
		answer_one(granting, change->asker, "refused", NULL, words);
	change_end(granting, change);
}

void
changes_settle(struct granting *granting)
{
	struct change *change, *next;
	const bool kept = keep_is_done(granting);
	int64_t now = wire_clock_ms();
	bool holds;

	for (change = granting->changes; change; change = next) {
		next = change->next;
		holds = life_holds(granting->setup.life, change->uid);
		/* What is over is so by its own time, whatever the file has of it. */
		if (holds && (kept || change->kind == CHANGE_EXPIRE))
			succeed(granting, change);
		else if (now >= change->deadline_ms && !change->late)
			fail(granting, change, holds);
	}
}
