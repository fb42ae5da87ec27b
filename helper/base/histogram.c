/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/histogram.h"

#include <time.h>

const uint32_t histogram_bounds_us[HISTOGRAM_BOUNDS] = { 500, 1000, 2500, 5000, 10000, 25000, 50000,
	100000, 250000, 500000, 1000000, 2500000 };

void
histogram_add(struct histogram *histogram, int64_t us)
{
	int i = 0;

	if (us < 0)
		us = 0;
	while (i < HISTOGRAM_BOUNDS && us > histogram_bounds_us[i])
		i++;
	histogram->counts[i]++;
	histogram->sum_us += (uint64_t)us;
}

uint64_t
histogram_count(const struct histogram *histogram)
{
	uint64_t all = 0;
	int i;

	for (i = 0; i <= HISTOGRAM_BOUNDS; i++)
		all += histogram->counts[i];
	return all;
}

int64_t
histogram_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
