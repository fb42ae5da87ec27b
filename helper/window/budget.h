/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may have main asked now. Each fenced user has a budget of their own, whatever uid of theirs
 * asks, so that nobody uses up another's; who is not fenced costs main nothing, since all of their
 * neighbours get the same answer. Which uids are whose, main tells with each answer. Pure: the
 * caller has the clock.
 *
 * A user has 65536 subordinate uids at will, so a limit for each uid would be none.
 */
#ifndef NETFENCE_WINDOW_BUDGET_H
#define NETFENCE_WINDOW_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/message.h"

/* Questions in a second, and how many at once after a while of silence. */
#define BUDGET_USER_RATE       4
#define BUDGET_USER_BURST      16
#define BUDGET_NEWCOMERS_RATE  200
#define BUDGET_NEWCOMERS_BURST 100

/* How long it counts whose uids those are; milliseconds. Nobody's: who logs in is somebody from
 * then on, and is not to be told of what was before. */
#define BUDGET_KNOWN_MS  1000
#define BUDGET_NOBODY_MS 100

#define BUDGET_NOBODY 0 /* the owner of uids that are not fenced */

struct budget;

struct budget *budget_new(void); /* the caller's; NULL where there is no memory */
void budget_free(struct budget *budget);

enum budget_verdict {
	BUDGET_ASK,    /* ask main */
	BUDGET_FREE,   /* not fenced: the answer is known */
	BUDGET_TOO_OFT /* not now */
};

/* now_ms: never less than at the last call. */
enum budget_verdict budget_ask(struct budget *budget, uint32_t uid, int64_t now_ms);

/* The uids of `range` are all the owner's, or all nobody's. */
void budget_learn(
    struct budget *budget, const struct uid_range *range, uint32_t owner, int64_t now_ms);

#endif
