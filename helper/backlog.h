/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines on their way to syslog and to systemd's journal. They are sent at once, without waiting;
 * what is not taken is kept in order, and sent as soon as it is.
 *
 * Kept are BACKLOG_LINES and BACKLOG_BYTES at most, enough for a line about each of ten thousand
 * users. What comes when that is full is counted as lost, until half of it has gone, and then a
 * line says how many and since when, in the place where they are missing. So of what happened the
 * beginning is kept whole: whoever could drown what they did in lines that come later (denied
 * packets) cannot do so, and gaps are few. There is one queue for both sockets: no line overtakes
 * another.
 *
 * Where nobody listens lines wait for BACKLOG_ABSENT_MS at most, then they count as lost, too.
 *
 * now_ms: of wire_clock_ms().
 */
#ifndef NETFENCE_BACKLOG_H
#define NETFENCE_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>
#include <time.h>

#include "journal.h"
#include "log_socket.h"

#define BACKLOG_LINES     16384
#define BACKLOG_BYTES     (8 << 20) /* with what keeping them takes */
#define BACKLOG_ABSENT_MS 60000

/* How soon a socket that takes nothing is connected anew: there may be another listener. */
#define BACKLOG_AGAIN_MS 1000

/* Sent in one go, at most, by backlog_send(). */
#define BACKLOG_BURST 64

struct backlog_line;

struct backlog {
	const char *name; /* of the process; a constant */
	pid_t pid;
	struct log_socket syslog;
	struct log_socket journal;
	const struct log_socket *stuck; /* that has not taken the first line */
	STAILQ_HEAD(backlog_lines, backlog_line) lines;
	uint32_t n;
	size_t bytes;
	int64_t again_ms; /* when to connect anew */
	bool full;
	uint32_t waited;     /* lines, since there were none */
	int64_t stalled_ms;  /* and since when */
	uint64_t lost;       /* in all */
	uint64_t told;       /* of them lines tell that wait themselves */
	uint64_t unsaid;     /* of them no line tells yet … */
	time_t unsaid_since; /* … and when the first was */
	time_t stamped;      /* what stamp says */
	char stamp[20];      /* "Nov 22 20:30:00 " */
};

/* The sockets' paths: constants. It has to be named before anything is said. */
#define BACKLOG(backlog_, syslog_, journal_)                        \
	{                                                           \
		.name = "netfenced", .syslog = LOG_SOCKET(syslog_), \
		.journal = LOG_SOCKET(journal_), .stamped = -1,     \
		.lines = STAILQ_HEAD_INITIALIZER((backlog_).lines), \
	}

/* The process's name, a constant. In a child: what waits is the parent's to send, and it has
 * sockets of its own. */
void backlog_name(struct backlog *backlog, const char *name);

void backlog_clear(struct backlog *backlog);

/* Whether there is a journal. */
bool backlog_has_journal(const struct backlog *backlog);

/* A time as syslog(3) writes it, "Nov 22 20:30:00 "; good until it is asked for another. */
const char *backlog_stamp(struct backlog *backlog, time_t when);

/* Sends the line, or keeps it, or counts it as lost. entry: the same for the journal, which is then
 * the one who gets it, as long as it is there; or NULL. */
void backlog_say(struct backlog *backlog, int priority, const char *line,
    const struct journal_entry *entry, int64_t now_ms);

/* Whether anything waits. *fd: writable as soon as it is worth while to try again, or -1: nobody
 * listens. Either way it is after BACKLOG_AGAIN_MS. */
bool backlog_waits(const struct backlog *backlog, int *fd);

/* When the first line that waits was said; 0: nothing waits. */
time_t backlog_since(const struct backlog *backlog);

/* Lines that wait, or are lost and nobody has been told: what ends with the process. */
uint64_t backlog_unsaid(const struct backlog *backlog);

/* Tries again, BACKLOG_BURST lines at most. */
void backlog_send(struct backlog *backlog, int64_t now_ms);

#endif
