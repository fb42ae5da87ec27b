/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* syslog(3) is one per process already; this says what it cannot. */
static bool log_debug;

void
log_open(const char *name, bool debug)
{
	log_debug = debug;
	log_name(name);
}

void
log_name(const char *name)
{
	openlog(name, LOG_PID, LOG_AUTHPRIV);
}

static void
say(int priority, const char *text)
{
	if (priority == LOG_DEBUG && !log_debug)
		return;
	syslog(priority, "%s", text);
	if (log_debug)
		fprintf(stderr, "netfenced: %s\n", text);
}

static size_t
quote(char *to, size_t room, const char *text)
{
	size_t used = 0;
	const unsigned char *c;

	if (room < 8)
		return 0;
	to[used++] = '"';
	for (c = (const unsigned char *)text; *c && used + 6 < room; c++) {
		if (*c == '"' || *c == '\\') {
			to[used++] = '\\';
			to[used++] = (char)*c;
		} else if (*c < 0x20 || *c == 0x7f) {
			used += (size_t)snprintf(to + used, room - used, "\\x%02x", *c);
		} else {
			to[used++] = (char)*c;
		}
	}
	to[used++] = '"';
	to[used] = '\0';
	return used;
}

void
log_fields(int priority, const char *event, const struct log_field *fields, unsigned int n)
{
	char line[1536];
	size_t used;
	unsigned int i;

	used = (size_t)snprintf(line, sizeof(line), "event=%s", event);
	for (i = 0; i < n; i++) {
		if (fields[i].text && !fields[i].text[0])
			continue;
		if (sizeof(line) - used < strlen(fields[i].key) + 24)
			break;
		used += (size_t)snprintf(line + used, sizeof(line) - used, " %s=", fields[i].key);
		if (fields[i].text)
			used += quote(line + used, sizeof(line) - used, fields[i].text);
		else
			used += (size_t)snprintf(
			    line + used, sizeof(line) - used, "%" PRIu64, fields[i].number);
	}
	say(priority, line);
}

void
log_line(int priority, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	say(priority, line);
}
