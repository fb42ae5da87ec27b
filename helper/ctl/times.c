/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/times.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *
times_when(int64_t when, char buffer[TIMES_SIZE])
{
	time_t then = (time_t)when, now = time(NULL);
	struct tm then_parts, now_parts;
	size_t skip = 0;

	if (!localtime_r(&then, &then_parts) || !localtime_r(&now, &now_parts) ||
	    !strftime(buffer, TIMES_SIZE, "%Y-%m-%d %H:%M", &then_parts)) {
		snprintf(buffer, TIMES_SIZE, "?");
		return buffer;
	}
	if (then_parts.tm_year == now_parts.tm_year)
		skip = then_parts.tm_yday == now_parts.tm_yday ? strlen("2026-11-22 ")
							       : strlen("2026-");
	memmove(buffer, buffer + skip, strlen(buffer + skip) + 1);
	return buffer;
}

const char *
times_length(int64_t seconds, char buffer[TIMES_SIZE])
{
	if (seconds < 0)
		snprintf(buffer, TIMES_SIZE, "-");
	else if (seconds < 60)
		snprintf(buffer, TIMES_SIZE, "%" PRId64 "s", seconds);
	else if (seconds < 3600)
		snprintf(buffer, TIMES_SIZE, "%" PRId64 "m", seconds / 60);
	else if (seconds < 86400)
		snprintf(buffer, TIMES_SIZE, "%" PRId64 "h%02" PRId64 "m", seconds / 3600,
		    seconds / 60 % 60);
	else
		snprintf(buffer, TIMES_SIZE, "%" PRId64 "d", seconds / 86400);
	return buffer;
}

uint32_t
times_parse(const char *text, uint32_t most)
{
	static const struct {
		const char *unit;
		uint32_t seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
	unsigned long number;
	char *end;
	size_t i;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	number = strtoul(text, &end, 10);
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (!strcmp(end, units[i].unit) && !errno && number <= most / units[i].seconds)
			return (uint32_t)(number * units[i].seconds);
	}
	return 0;
}
