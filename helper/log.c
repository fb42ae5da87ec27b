/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "base/utf8.h"
#include "journal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* syslog(3) is one per process already; this says what it cannot. */
static bool log_debug;
static const char *log_ident = "netfenced";

void
log_open(const char *name, bool debug)
{
	log_debug = debug;
	log_name(name);
}

void
log_name(const char *name)
{
	log_ident = name;
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

/* A character whole, or a byte of what does not show as \xHH. */
static size_t
quote(char *to, size_t room, const char *text)
{
	size_t used = 0, length;

	if (room < 8)
		return 0;
	to[used++] = '"';
	while (*text && used + 6 < room) {
		length = utf8_step(text);
		if (*text == '"' || *text == '\\')
			to[used++] = '\\';
		if (!length) {
			used += (size_t)snprintf(
			    to + used, room - used, "\\x%02x", (unsigned char)*text++);
			continue;
		}
		memcpy(to + used, text, length);
		used += length;
		text += length;
	}
	to[used++] = '"';
	to[used] = '\0';
	return used;
}

/* In which order fields stand in a line, wherever they are logged; others where the NULL is. */
static const char *const order[] = { "user", "uid", "session", "policy", "service", "from", "tty",
	"by", "proto", "dst", "dport", "rule", "count", NULL, "reason" };

#define N_ORDER    (sizeof(order) / sizeof(order[0]))
#define FIELDS_MAX 32

static size_t
place(const char *key)
{
	size_t i, other = 0;

	for (i = 0; i < N_ORDER; i++)
		if (!order[i])
			other = i;
		else if (!strcmp(order[i], key))
			return i;
	return other;
}

/* Room is left for the quotes and a few bytes of the value. */
static size_t
put_field(char *line, size_t used, size_t size, const struct log_field *field)
{
	if ((field->text && !field->text[0]) || size - used < strlen(field->key) + 24)
		return used;
	used += (size_t)snprintf(line + used, size - used, " %s=", field->key);
	if (field->text)
		return used + quote(line + used, size - used, field->text);
	return used + (size_t)snprintf(line + used, size - used, "%" PRIu64, field->number);
}

void
log_fields(int priority, const char *event, const struct log_field *fields, unsigned int n)
{
	char line[1536];
	size_t places[FIELDS_MAX], used, at;
	unsigned int i;

	if (priority == LOG_DEBUG && !log_debug)
		return;
	if (n > FIELDS_MAX)
		n = FIELDS_MAX;
	for (i = 0; i < n; i++)
		places[i] = place(fields[i].key);
	used = (size_t)snprintf(line, sizeof(line), "event=%s", event);
	for (at = 0; at < N_ORDER; at++)
		for (i = 0; i < n; i++)
			if (places[i] == at)
				used = put_field(line, used, sizeof(line), &fields[i]);
	if (!journal_say(priority, log_ident, line, event, fields, n))
		syslog(priority, "%s", line);
	if (log_debug)
		fprintf(stderr, "netfenced: %s\n", line);
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
