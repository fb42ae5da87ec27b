/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line for systemd's journal with its fields beside it, so that journalctl can search for them.
 */
#ifndef NETFENCE_JOURNAL_H
#define NETFENCE_JOURNAL_H

#include <stdbool.h>

#include "log.h"

/* name: the process's; line: the message; each field becomes NETFENCE_KEY. False where there is no
 * journal, or it does not take it: then it has said nothing. Never blocks. */
bool journal_say(int priority, const char *name, const char *line, const char *event,
    const struct log_field *fields, unsigned int n);

#endif
