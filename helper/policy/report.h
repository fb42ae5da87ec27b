/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is wrong with a configuration, collected while it is read and sorted in the end. Every
 * place in a file is a mark; whoever finds something wrong reports it there, gets the error code
 * back, and goes on with the rest.
 */
#ifndef NETFENCE_POLICY_REPORT_H
#define NETFENCE_POLICY_REPORT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/ruleset.h"

/*
 * A file's text.
 * name   as the administrator would type it
 * as     its place in the configuration: "netfence.yaml", "rules.d/10-x.yaml",
 *        "users/alice.yaml", "groups/supporters.yaml"
 * order  when it was read; diagnostics are sorted by it
 */
struct source {
	const char *name;
	const char *as;
	const char *text;
	size_t length;
	uint32_t order;
};

/* line, column: from 1, the column in characters; line 0: the file as a whole. */
struct mark {
	const struct source *source;
	uint32_t line;
	uint32_t column;
};

struct reporter;

/* NULL where there is no memory; it lives and ends with the arena. */
struct reporter *reporter_new(struct arena *arena);

/* -EINVAL, or -ENOMEM: `return report_error(…)`. */
int report_error(struct reporter *reporter, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* 0, or -ENOMEM. */
int report_warning(struct reporter *reporter, struct mark mark, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

uint32_t report_errors(const struct reporter *reporter);

/* Sorts and hands over, with \xHH for what does not show. -ENOMEM also where a diagnostic has been
 * lost for want of memory. */
int report_finish(struct reporter *reporter, struct report *report);

/* The worse of two results, so that a loop can go on after an error and forget none: -ENOMEM
 * before any other, the first of the others before the second. */
static inline int
worse(int one, int other)
{
	if (one == -ENOMEM || other == -ENOMEM)
		return -ENOMEM;
	return one ? one : other;
}

/* A value as the administrator wrote it, made fit for a message: cut, on one line. Good for the
 * full expression it stands in: quote(text).text. */
struct quote {
	char text[96];
};
struct quote quote(const char *text);

/* "FILE:LINE:COLUMN", or "FILE" where the mark is the whole file. */
struct place {
	char text[256];
};
struct place place(struct mark mark);

#endif
