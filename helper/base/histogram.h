/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long something took, gathered into ranges.
 */
#ifndef NETFENCE_HISTOGRAM_H
#define NETFENCE_HISTOGRAM_H

#include <stdint.h>

/* The ranges' upper ends, microseconds; one more is without end. */
#define HISTOGRAM_BOUNDS 12
extern const uint32_t histogram_bounds_us[HISTOGRAM_BOUNDS];

struct histogram {
	uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* each alone, not summed up */
	uint64_t sum_us;
};

/* Microseconds; less than none is none. */
void histogram_add(struct histogram *histogram, int64_t us);

uint64_t histogram_count(const struct histogram *histogram);

/* Microseconds on a clock that nobody sets. */
int64_t histogram_clock_us(void);

#endif
