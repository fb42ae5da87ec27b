/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "log.h"

#include "backlog.h"
#include "base/utf8.h"
#include "journal.h"
#include "wire/client.h"

#include <inttypes.h>
#include <paths.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CLOSE_MS 100

/* One per process, as syslog(3) is. */
static bool log_debug;
static struct backlog backlog = BACKLOG(backlog, _PATH_LOG, JOURNAL_SOCKET);
static void (*log_on_wait)(void *data); /* or NULL: there is no loop */
static void *log_on_wait_data;

void
log_open(const char *name, bool debug)
{
	log_debug = debug;
	log_name(name);
}

void
log_name(const char *name)
{
	backlog_name(&backlog, name);
	log_follow(NULL, NULL);
}

void
log_follow(void (*on_wait)(void *data), void *data)
{
	log_on_wait = on_wait;
	log_on_wait_data = data;
}

bool
log_waits(int *fd)
{
	return backlog_waits(&backlog, fd);
}

void
log_send(void)
{
	backlog_send(&backlog, wire_clock_ms());
}

uint64_t
log_close(void)
{
	uint64_t unsaid;

	const int64_t until_ms = wire_clock_ms() + CLOSE_MS;
	struct pollfd polled = { .events = POLLOUT };
	int64_t left_ms = CLOSE_MS;

	while (left_ms > 0 && log_waits(&polled.fd)) {
		log_send();
		if (!log_waits(&polled.fd) || polled.fd < 0 || poll(&polled, 1, (int)left_ms) <= 0)
			break;
		left_ms = until_ms - wire_clock_ms();
	}
	unsaid = backlog_unsaid(&backlog);
	backlog_clear(&backlog);
	return unsaid;
}

struct log_health
log_health(void)
{
	return (struct log_health){
		.waiting = backlog.n,
		.since = backlog_since(&backlog),
		.lost = backlog.lost,
		.unsaid = backlog_unsaid(&backlog),
	};
}

/* As far as it takes a line at once: a terminal can be stopped, a pipe's reader as well. A pipe
 * that can be written to has room for PIPE_BUF, which no line is longer than. */
static void
say_to_stderr(const char *text)
{
	struct pollfd polled = { .fd = STDERR_FILENO, .events = POLLOUT };

	if (poll(&polled, 1, 0) == 1)
		fprintf(stderr, "netfenced: %s\n", text);
}

static void
say(int priority, const char *text, const struct journal_entry *entry)
{
	int fd;

	if (!log_on_wait && log_waits(&fd))
		log_send();
	backlog_say(&backlog, priority, text, entry, wire_clock_ms());
	if (log_on_wait && log_waits(&fd))
		log_on_wait(log_on_wait_data);
	if (log_debug)
		say_to_stderr(text);
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

/* False: there is no journal, or it is nothing for it. */
static bool
make_entry(struct journal_entry *entry, int priority, const char *line, const char *event,
    const struct log_field *fields, unsigned int n)
{
	const struct journal_origin origin = {
		.name = backlog.name,
		.pid = backlog.pid,
		.stamp = backlog_stamp(&backlog, time(NULL)),
	};

	return backlog_has_journal(&backlog) &&
	       journal_make(entry, &origin, priority, line, event, fields, n);
}

void
log_fields(int priority, const char *event, const struct log_field *fields, unsigned int n)
{
	struct journal_entry entry;
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
	say(priority, line, make_entry(&entry, priority, line, event, fields, n) ? &entry : NULL);
}

/* Names of users and files may hold anything: what does not show is no part of a line. */
static void
clean(char *line)
{
	size_t length;

	while (*line) {
		length = utf8_step(line);
		if (!length)
			*line = '?';
		line += length ? length : 1;
	}
}

void
log_line(int priority, const char *format, ...)
{
	char line[1024];
	va_list args;

	if (priority == LOG_DEBUG && !log_debug)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	clean(line);
	say(priority, line, NULL);
}
