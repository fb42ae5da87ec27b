/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfenced has to remember of a user while it is away: one small file per user,
 * named by the uid, in the sessions folder under /run. It is the former one or the next, never
 * something in between.
 */
#ifndef NETFENCE_RECORD_H
#define NETFENCE_RECORD_H

#include "base/why.h"
#include "session/session.h"

/* Writes, or writes again, the user's record into the folder. Errors as open(2), write(2) and
 * rename(2) have them; then the former record stands. */
int record_write(int folder, const struct user *user, struct why *why);

/* Nothing is said of one that is not there. */
void record_remove(int folder, uint32_t uid);

/* Reads every record into the table. Sessions come without a pidfd, at SESSION_OPEN; users at
 * USER_STAYING, with no policy. What is no record, or not a whole one, is handed to `complain`,
 * with the uid that its name tells, or 0. -ENOMEM: not all could be read, and nothing is known of
 * the rest. */
int record_read_all(int folder, struct table *table,
    void (*complain)(const char *file, uint32_t uid, const char *reason, void *data), void *data,
    struct why *why);

#endif
