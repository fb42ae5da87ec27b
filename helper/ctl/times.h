/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times and lengths of time as people write and read them.
 */
#ifndef NETFENCE_CTL_TIMES_H
#define NETFENCE_CTL_TIMES_H

#include <stdint.h>

#define TIMES_SIZE 24

/* "09:20" today, "11-21 03:12" else; `when` in seconds since 1970. In the buffer, which is
 * returned. */
const char *times_when(int64_t when, char buffer[TIMES_SIZE]);

/* Seconds as "12d", "6h12m", "14m" or "9s", rounded down; "-" below 0. */
const char *times_length(int64_t seconds, char buffer[TIMES_SIZE]);

/* "90", "90s", "5m", "2h" or "1d" in seconds; 0 where it is none of these, nothing, or more than
 * `most`. */
uint32_t times_parse(const char *text, uint32_t most);

#endif
