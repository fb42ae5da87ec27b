/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers with a unit, as text: "8h", "10/second"; and numbers without one.
 */
#ifndef NETFENCE_POLICY_AMOUNT_H
#define NETFENCE_POLICY_AMOUNT_H

#include "base/why.h"
#include "netfence/rule.h"

/* "90s", "30m", "8h", "2d", or "none", which is 0: into seconds, at most POLICY_SESSION_MAX. 0, or
 * -EINVAL with the words for the administrator. */
int amount_duration(const char *text, uint32_t *seconds, struct why *why);

/* "10/second", "1/minute", "5/hour", "1/day". The same errors. */
int amount_limit(const char *text, struct limit *limit, struct why *why);

/* A whole number from `least` to `most`, with a sign where there is one. The same errors. */
int amount_number(const char *text, long least, long most, long *number, struct why *why);

#endif
