/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A line for systemd's journal with its fields beside it, so that journalctl can search for them.
 */
#ifndef NETFENCE_JOURNAL_H
#define NETFENCE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "log.h"

#define JOURNAL_SOCKET "/run/systemd/journal/socket"

/* What goes to that socket, a datagram each. Fits what log.c makes of a line twice over. */
struct journal_entry {
	char bytes[8192];
	size_t used;
	bool full;
};

/* Where the line stands in there, as it was given. */
#define JOURNAL_MESSAGE_AT 16

/* Of whom a line comes, and when it was said. */
struct journal_origin {
	const char *name; /* the process's */
	long pid;
	const char *stamp; /* the time, as syslog(3) writes it */
};

/* line: the message; each field becomes NETFENCE_KEY. False where it does not fit: that is for
 * syslog. */
bool journal_make(struct journal_entry *entry, const struct journal_origin *origin, int priority,
    const char *line, const char *event, const struct log_field *fields, unsigned int n);

#endif
