/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfenced says: lines on authpriv, and on stderr too with -d. Events have stable names
 * and fields: event=NAME key=number key="text" …
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

/* Once, before anything is said. debug: to stderr too, and LOG_DEBUG as well. */
void log_open(const char *name, bool debug);

/* Another name for this process from now on; a constant. */
void log_name(const char *name);

/* One line of an event, and for systemd's journal, where there is one, its fields beside it, 32 at
 * most. They stand in one order, however they are given: user, uid, session … reason. Texts are
 * quoted and escaped: \" \\ and \xHH for what does not show; an empty text is left out, and a line
 * too long is cut. */
void log_fields(int priority, const char *event, const struct log_field *fields, unsigned int n);
#define log_event(priority, event, ...)                                            \
	log_fields((priority), (event), (const struct log_field[]){ __VA_ARGS__ }, \
	    sizeof((const struct log_field[]){ __VA_ARGS__ }) / sizeof(struct log_field))

/* Any other line. */
void log_line(int priority, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
