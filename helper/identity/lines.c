/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Most files are one piece. A larger one costs more, in pages that are touched for the first time,
 * than it saves in calls of read(2). */
#define ROOM_FIRST 32768

int
lines_open(struct lines *lines, const char *path)
{
	memset(lines, 0, sizeof(*lines));
	lines->path = path;
	lines->fd = open(path, O_RDONLY | O_CLOEXEC);
	return lines->fd < 0 ? -errno : 0;
}

/* More of the file behind what there is, with room for a NUL at the end. */
static int
read_more(struct lines *lines, struct why *why)
{
	char *grown;
	ssize_t got;

	if (lines->begin > 0) {
		memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
		lines->end -= lines->begin;
		lines->begin = 0;
	}
	if (lines->room - lines->end < 2) {
		lines->room = lines->room ? 2 * lines->room : ROOM_FIRST;
		grown = realloc(lines->buffer, lines->room);
		if (!grown)
			return why_set(why, ENOMEM, "no memory");
		lines->buffer = grown;
	}
	do
		got = read(lines->fd, lines->buffer + lines->end, lines->room - lines->end - 1);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return why_errno(why, errno, "%s", lines->path);
	lines->end += (size_t)got;
	lines->over = got == 0;
	return 0;
}

/* 1 with a line, its newline replaced by NUL; 0 at the end. */
static int
take(struct lines *lines, struct why *why)
{
	size_t seen = lines->begin, left;
	char *newline = NULL;
	int result;

	for (;;) {
		if (lines->end > seen)
			newline = memchr(lines->buffer + seen, '\n', lines->end - seen);
		if (newline || lines->over)
			break;
		left = lines->end - lines->begin;
		result = read_more(lines, why);
		if (result < 0)
			return result;
		seen = lines->begin + left;
	}
	if (!newline && lines->begin == lines->end)
		return 0;
	lines->line = lines->buffer + lines->begin;
	if (!newline)
		newline = lines->buffer + lines->end;
	*newline = '\0';
	lines->begin = (size_t)(newline + 1 - lines->buffer);
	if (lines->begin > lines->end)
		lines->begin = lines->end;
	lines->number++;
	return 1;
}

int
lines_next(struct lines *lines, struct why *why)
{
	int result;

	do
		result = take(lines, why);
	while (result > 0 && (!lines->line[0] || lines->line[0] == '#'));
	return result;
}

const char *
lines_field(const char *line, unsigned int n)
{
	/* Fields are short: to look at each byte takes half as long as strchr(3). */
	for (; n; line++) {
		if (!*line)
			return NULL;
		if (*line == ':')
			n--;
	}
	return line;
}

void
lines_close(struct lines *lines)
{
	if (lines->fd >= 0)
		close(lines->fd);
	free(lines->buffer);
	lines->fd = -1;
	lines->buffer = NULL;
}
