/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "backlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

/* From here on it is worth saying that the lines before are late: who reads them may go by the time
 * at which they arrived. */
#define LATE_MS 1000

/* A line in both its forms; the text may be a part of the other one. */
struct words {
	int priority;
	time_t said;
	const char *text;
	size_t length;
	const char *entry; /* or NULL */
	size_t entry_length;
};

struct backlog_line {
	STAILQ_ENTRY(backlog_line) next;
	struct words words; /* in bytes[] */
	int64_t since_ms;
	uint64_t tells;    /* of so many that were lost … */
	time_t lost_since; /* … from then on; or 0: of something else */
	char bytes[];
};

static void
drop_first(struct backlog *backlog)
{
	struct backlog_line *line = STAILQ_FIRST(&backlog->lines);

	STAILQ_REMOVE_HEAD(&backlog->lines, next);
	backlog->n--;
	backlog->told -= line->tells;
	backlog->bytes -=
	    sizeof(*line) + (line->words.entry ? line->words.entry_length : line->words.length);
	free(line);
}

void
backlog_clear(struct backlog *backlog)
{
	while (!STAILQ_EMPTY(&backlog->lines))
		drop_first(backlog);
	log_socket_close(&backlog->syslog);
	log_socket_close(&backlog->journal);
}

void
backlog_name(struct backlog *backlog, const char *name)
{
	struct backlog anew = BACKLOG(*backlog, backlog->syslog.path, backlog->journal.path);

	anew.name = name;
	anew.pid = getpid();
	backlog_clear(backlog);
	*backlog = anew;
}

bool
backlog_has_journal(const struct backlog *backlog)
{
	return backlog->journal.fd >= 0 || access(backlog->journal.path, F_OK) == 0;
}

/* In the C locale, whatever the process's is. */
const char *
backlog_stamp(struct backlog *backlog, time_t when)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	struct tm parts;

	if (when == backlog->stamped)
		return backlog->stamp;
	backlog->stamp[0] = '\0';
	if (localtime_r(&when, &parts))
		snprintf(backlog->stamp, sizeof(backlog->stamp), "%s %2d %02d:%02d:%02d ",
		    months[(unsigned int)parts.tm_mon % 12], (unsigned char)parts.tm_mday,
		    (unsigned char)parts.tm_hour, (unsigned char)parts.tm_min,
		    (unsigned char)parts.tm_sec);
	backlog->stamped = when;
	return backlog->stamp;
}

static int
send_syslog(struct backlog *backlog, const struct words *words)
{
	char head[96];
	int n = snprintf(head, sizeof(head), "<%d>%s%s[%ld]: ", LOG_AUTHPRIV | words->priority,
	    backlog_stamp(backlog, words->said), backlog->name, (long)backlog->pid);
	const struct iovec parts[] = { { head, (size_t)n },
		{ (void *)(uintptr_t)words->text, words->length } };

	backlog->stuck = &backlog->syslog;
	return log_socket_send(&backlog->syslog, parts, 2);
}

/* False where it is not taken now. A journal that is not there, or will not have this, leaves it to
 * syslog. */
static bool
deliver(struct backlog *backlog, const struct words *words)
{
	const struct iovec entry = { (void *)(uintptr_t)words->entry, words->entry_length };
	int error;

	if (words->entry) {
		backlog->stuck = &backlog->journal;
		error = log_socket_send(&backlog->journal, &entry, 1);
		if (error == 0 || error == -EAGAIN)
			return error == 0;
	}
	return send_syslog(backlog, words) == 0;
}

/* ---------------------------------------------------------------- what waits */

static bool
fits(const struct backlog *backlog, size_t size)
{
	return backlog->n < BACKLOG_LINES && backlog->bytes + size <= BACKLOG_BYTES;
}

/* False: there is no memory for it. */
static bool
keep(struct backlog *backlog, const struct words *words, uint64_t tells, int64_t now_ms)
{
	const char *bytes = words->entry ? words->entry : words->text;
	const size_t n = words->entry ? words->entry_length : words->length;
	struct backlog_line *line = malloc(sizeof(*line) + n);

	if (!line)
		return false;
	memcpy(line->bytes, bytes, n);
	line->words = *words;
	line->words.text = line->bytes + (words->text - bytes);
	line->words.entry = words->entry ? line->bytes : NULL;
	line->since_ms = now_ms;
	line->tells = tells;
	line->lost_since = backlog->unsaid_since;
	if (!backlog->n) {
		backlog->waited = 0;
		backlog->stalled_ms = now_ms;
		backlog->again_ms = now_ms + BACKLOG_AGAIN_MS;
	}
	STAILQ_INSERT_TAIL(&backlog->lines, line, next);
	backlog->n++;
	backlog->bytes += sizeof(*line) + n;
	backlog->told += tells;
	return true;
}

static void
count_lost(struct backlog *backlog, uint64_t lost, time_t when)
{
	if (!backlog->unsaid || when < backlog->unsaid_since)
		backlog->unsaid_since = when;
	backlog->unsaid += lost;
}

static bool own_line(struct backlog *backlog, uint64_t tells, int64_t now_ms, const char *format,
    ...) __attribute__((format(printf, 4, 5)));

/* One about the log itself. */
static bool
own_line(struct backlog *backlog, uint64_t tells, int64_t now_ms, const char *format, ...)
{
	char text[160];
	struct words words = { .priority = LOG_WARNING, .said = time(NULL), .text = text };
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	words.length = strlen(text);
	if (!backlog->n && deliver(backlog, &words))
		return true;
	return keep(backlog, &words, tells, now_ms);
}

static void
tell_lost(struct backlog *backlog, int64_t now_ms)
{
	char since[32] = "?";
	struct tm parts;

	if (!backlog->unsaid || backlog->full)
		return;
	if (localtime_r(&backlog->unsaid_since, &parts))
		strftime(since, sizeof(since), "%F %T", &parts);
	if (own_line(backlog, backlog->unsaid, now_ms,
		"lines lost from %s on: %" PRIu64 ", which the log did not take", since,
		backlog->unsaid))
		backlog->unsaid = 0;
}

/* What is left of them is one line that says so. */
static void
give_up(struct backlog *backlog)
{
	const struct backlog_line *line;

	while ((line = STAILQ_FIRST(&backlog->lines))) {
		if (line->tells) {
			count_lost(backlog, line->tells, line->lost_since);
		} else {
			count_lost(backlog, 1, line->words.said);
			backlog->lost++;
		}
		drop_first(backlog);
	}
	backlog->full = false;
}

void
backlog_say(struct backlog *backlog, int priority, const char *line,
    const struct journal_entry *entry, int64_t now_ms)
{
	struct words words = {
		.priority = priority,
		.said = time(NULL),
		.text = line,
		.length = strlen(line),
	};

	if (entry) {
		words.entry = entry->bytes;
		words.entry_length = entry->used;
		words.text = entry->bytes + JOURNAL_MESSAGE_AT;
	}
	tell_lost(backlog, now_ms);
	if (!backlog->n && deliver(backlog, &words))
		return;
	if (!backlog->full)
		backlog->full = !fits(
		    backlog, sizeof(struct backlog_line) + (entry ? entry->used : words.length));
	if (!backlog->full && keep(backlog, &words, 0, now_ms)) {
		backlog->waited++;
		return;
	}
	backlog->lost++;
	count_lost(backlog, 1, words.said);
}

bool
backlog_waits(const struct backlog *backlog, int *fd)
{
	*fd = backlog->stuck ? backlog->stuck->fd : -1;
	return backlog->n != 0;
}

time_t
backlog_since(const struct backlog *backlog)
{
	const struct backlog_line *line = STAILQ_FIRST(&backlog->lines);

	return line ? line->words.said : 0;
}

uint64_t
backlog_unsaid(const struct backlog *backlog)
{
	return backlog->n + backlog->unsaid + backlog->told;
}

/* They are late, and the last of them has been taken. */
static void
tell_late(struct backlog *backlog, int64_t now_ms)
{
	const int64_t late_ms = now_ms - backlog->stalled_ms;
	const uint32_t waited = backlog->waited;

	backlog->waited = 0;
	if (waited && late_ms >= LATE_MS)
		own_line(backlog, 0, now_ms,
		    "lines before this one that waited for the log to take them: %" PRIu32
		    ", for %" PRId64 " s at most",
		    waited, late_ms / 1000);
}

void
backlog_send(struct backlog *backlog, int64_t now_ms)
{
	const struct backlog_line *line;
	unsigned int i;

	if (now_ms >= backlog->again_ms) {
		backlog->again_ms = now_ms + BACKLOG_AGAIN_MS;
		log_socket_close(&backlog->syslog);
		log_socket_close(&backlog->journal);
	}
	for (i = 0; i < BACKLOG_BURST && (line = STAILQ_FIRST(&backlog->lines)); i++) {
		if (!deliver(backlog, &line->words))
			break;
		/* Somebody takes lines. */
		backlog->again_ms = now_ms + BACKLOG_AGAIN_MS;
		drop_first(backlog);
		if (backlog->full && backlog->n <= BACKLOG_LINES / 2 &&
		    backlog->bytes <= BACKLOG_BYTES / 2)
			backlog->full = false;
		tell_lost(backlog, now_ms);
		if (!backlog->n)
			tell_late(backlog, now_ms);
	}
	line = STAILQ_FIRST(&backlog->lines);
	if (line && backlog->stuck->fd < 0 && now_ms - line->since_ms >= BACKLOG_ABSENT_MS) {
		give_up(backlog);
		tell_lost(backlog, now_ms);
	}
}
