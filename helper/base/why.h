/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one error idiom: a function that can fail returns 0 or a negative errno, and says in a
 * `struct why` of its caller what went wrong, in words fit for a log line.
 */
#ifndef NETFENCE_WHY_H
#define NETFENCE_WHY_H

#define WHY_MAX 512

struct why {
	char text[WHY_MAX];
};

/* Writes the words (cut at WHY_MAX - 1 bytes) and returns -error, so that a caller can say
 * `return why_set(why, EINVAL, "…")`. error: a positive errno. why may be NULL. */
int why_set(struct why *why, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(error) behind the words. */
int why_errno(struct why *why, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
