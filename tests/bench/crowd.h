/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is there: N users, every second uid, every second of them with a subordinate range. useradd
 * gives one to everybody, so between two of theirs lie those of people who are not logged in, and
 * none of the crowd's ranges touches another.
 */
#ifndef NETFENCE_BENCH_CROWD_H
#define NETFENCE_BENCH_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#define CROWD_UID    20000U /* of the first */
#define CROWD_SUBUID 1000000U
#define CROWD_RANGE  65536U
#define CROWD_MAX    10000U

static inline uint32_t
crowd_uid(uint32_t number)
{
	return CROWD_UID + 2 * number;
}

static inline bool
crowd_has_range(uint32_t number)
{
	return number % 2 == 0;
}

static inline uint32_t
crowd_range(uint32_t number)
{
	return CROWD_SUBUID + number * CROWD_RANGE;
}

#endif
