/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of lines whose fields have colons between them, as /etc/passwd. Read in large pieces: a
 * login waits for all of a file of ten thousand accounts.
 */
#ifndef NETFENCE_LINES_H
#define NETFENCE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"

/* Begun by lines_open(), ended by lines_close() or by going out of scope as cleanup_lines. */
struct lines {
	const char *path;
	int fd;
	char *buffer;
	size_t room;
	size_t begin; /* of what was read and not yet given, in the buffer */
	size_t end;
	bool over;
	unsigned int number; /* of the current line, from 1 */
	char *line;          /* the current one, without its newline */
};

/* `path` must outlive it. -errno of the file. */
int lines_open(struct lines *lines, const char *path);

/* 1 with a line, 0 at the end, -errno with the reason. Comments and empty lines are passed over. */
int lines_next(struct lines *lines, struct why *why);

/* The nth field of a line, from 0: it ends with the next colon, or the line. NULL where the line
 * has fewer. */
const char *lines_field(const char *line, unsigned int n);

void lines_close(struct lines *lines);

#define cleanup_lines __attribute__((cleanup(lines_close)))

#endif
