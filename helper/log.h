/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfenced says: lines on authpriv, and on stderr too with -d. Events have stable names
 * and fields: event=NAME key=number key="text" …
 *
 * Nobody who says something waits for syslog, or the journal, to take it: what they do not take at
 * once waits in this process (backlog.h has the bounds). Each further line tries again; a process
 * with a loop has that do it.
 */
#ifndef NETFENCE_LOG_H
#define NETFENCE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <syslog.h>

struct log_field {
	const char *key;
	const char *text; /* NULL: the number counts */
	uint64_t number;
};

#define LOG_TEXT(name, value)                                 \
	{                                                     \
		.key = (name), .text = (value) ? (value) : "" \
	}
#define LOG_NUMBER(name, value)                  \
	{                                        \
		.key = (name), .number = (value) \
	}

/* Once, before anything is said. name: a constant. debug: to stderr too, and LOG_DEBUG as well. */
void log_open(const char *name, bool debug);

/* In a child, first of all: its name from now on, a constant. */
void log_name(const char *name);

/* Before the process ends: what waits is tried for a tenth of a second more. How many lines are
 * lost then and not told of. */
uint64_t log_close(void);

/* One line of an event, and for systemd's journal, where there is one, its fields beside it, 32 at
 * most. They stand in one order, however they are given: user, uid, session … reason. Texts are
 * quoted and escaped: \" \\ and \xHH for what does not show; an empty text is left out, and a line
 * too long is cut. */
void log_fields(int priority, const char *event, const struct log_field *fields, unsigned int n);
#define log_event(priority, event, ...)                                            \
	log_fields((priority), (event), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

/* Any other line; a question mark stands for each byte that does not show. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What has not been taken, and has been lost, of this process. */
struct log_health {
	uint32_t waiting; /* lines */
	int64_t since;    /* if any: when the first of them was said */
	uint64_t lost;
	uint64_t unsaid; /* lines that wait, or are lost and no line tells yet */
};
struct log_health log_health(void);

/* For loops. Whether anything waits; then log_send() is worth while as soon as *fd can be written
 * to (-1: nobody listens), and in any case after LOG_AGAIN_MS. */
#define LOG_AGAIN_MS 1000
bool log_waits(int *fd);
void log_send(void);

/* From now on log_send() is the loop's business alone: the descriptor that it polls is then closed
 * by nobody else. on_wait is called whenever a line has to wait. NULL: no more. */
void log_follow(void (*on_wait)(void *data), void *data);

#endif
