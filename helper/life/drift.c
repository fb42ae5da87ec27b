/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "life/inside.h"
#include "log.h"
#include "wire/client.h"

/* How often we ask; within how long too many repairs are a contest; how often we repair then, and
 * how long it has to hold to be over. Milliseconds. */
#define VERIFY_MS    500
#define CONTEST_MS   60000
#define SLOW_MS      10000
#define HOLDS_FOR_MS 30000

/* Another tool empties chains first and deletes them then: one that we have filled again meanwhile
 * it cannot delete, and gives up half-way. Milliseconds for it to be done; a login waits for
 * nothing. */
#define SETTLE_MS 200

/* Legacy tables tell nobody of their changes: we have to ask. */
void
drift_on_time(int fd, short what, void *data)
{
	struct life *life = data;

	(void)fd;
	(void)what;
	alarm_in(&life->verify, VERIFY_MS);
	if (life->rules && !life->unsure && engines_free_for_commit(life->engines))
		engines_verify(life->engines);
}

void
drift_begin(struct life *life)
{
	alarm_in(&life->verify, VERIFY_MS);
}

/* Too many in too short a time: whoever does it means it. */
static bool
is_contest(const struct life *life, int64_t now)
{
	int64_t oldest = life->repaired_ms[life->health.repairs % LIFE_REPAIRS_MAX];

	return oldest && now - oldest < CONTEST_MS;
}

static void
end_contest(struct life *life)
{
	life->health.contested = false;
	memset(life->repaired_ms, 0, sizeof(life->repaired_ms));
	log_event(LOG_NOTICE, "repair", LOG_TEXT("reason", "no longer contested: the rules hold"));
}

void
life_drifted(struct life *life, const struct why *why)
{
	int64_t now = wire_clock_ms();
	int family;

	if (!why) {
		if (life->health.contested && now - life->drifted_ms > HOLDS_FOR_MS)
			end_contest(life);
		if (life->commit_missed)
			commits_want(life);
		return;
	}
	if (life->health.contested && now - life->drifted_ms < SLOW_MS)
		return;
	life->drifted_ms = now;
	life->health.missing = *why;
	if (!life->health.contested && is_contest(life, now)) {
		life->health.contested = true;
		log_event(LOG_ERR, "repair",
		    LOG_TEXT("reason",
			"contested: another program keeps changing our rules; repairing slowly and "
			"refusing new fenced logins until they hold"));
	}
	for (family = 0; family < FAMILIES; family++)
		life->drifted[family] |= engines_tally(life->engines)->drifted[family];
	life->repairing = true;
	alarm_in(&life->commit, SETTLE_MS);
}

void
drift_mended(struct life *life)
{
	int family;

	if (!life->repairing)
		return;
	life->repairing = false;
	for (family = 0; family < FAMILIES; family++) {
		life->health.repairs_of[family] += life->drifted[family];
		life->drifted[family] = false;
	}
	life->health.mended_ms = wire_clock_ms() - life->drifted_ms;
	life->health.last_repair = time(NULL);
	life->repaired_ms[life->health.repairs++ % LIFE_REPAIRS_MAX] = wire_clock_ms();
	log_event(LOG_WARNING, "repair", LOG_NUMBER("count", life->health.repairs),
	    LOG_TEXT("reason", life->health.missing.text));
}

const struct life_health *
life_health(const struct life *life)
{
	return &life->health;
}

bool
life_is_whole(const struct life *life)
{
	return life->rules && !life->unsure && !life->repairing;
}
