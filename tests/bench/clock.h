/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, and what is made of many measurements of it.
 */
#ifndef NETFENCE_BENCH_CLOCK_H
#define NETFENCE_BENCH_CLOCK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
static inline double
clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

#define SAMPLES_MAX 4096

/* Begin with all zero. What comes after SAMPLES_MAX is left out. */
struct samples {
	unsigned int n;
	double values[SAMPLES_MAX];
};

static inline void
samples_add(struct samples *samples, double value)
{
	if (samples->n < SAMPLES_MAX)
		samples->values[samples->n++] = value;
}

static inline int
samples_compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Which sorts them. part: 0.5 is the median. 0 where there is none. */
static inline double
samples_part(struct samples *samples, double part)
{
	if (!samples->n)
		return 0;
	qsort(samples->values, samples->n, sizeof(*samples->values), samples_compare);
	return samples->values[(unsigned int)(part * (samples->n - 1) + 0.5)];
}

static inline double
samples_median(struct samples *samples)
{
	return samples_part(samples, 0.5);
}

/* Ends the process when something that the bench builds on fails. */
static inline void
bench_die(const char *what)
{
	perror(what);
	exit(1);
}

#endif
