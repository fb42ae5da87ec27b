/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What somebody asks about: WHAT and WHERE, in the words of the rules, as packets. Pure.
 */
#ifndef NETFENCE_EXPLAIN_TARGET_H
#define NETFENCE_EXPLAIN_TARGET_H

#include "base/arena.h"
#include "base/why.h"
#include "policy/service.h"
#include "verdict/verdict.h"

#define TARGET_PACKETS_MAX 16

/*
 * "tcp/22" and "10.0.0.5" are one packet; "domain", which is in TCP and UDP, two. What cannot be a
 * packet is an error: every port, a range, another family's ICMP. A type of ICMP without a code is
 * the one with code 0. Where the packets would leave is not known, and left open.
 *
 * 0, -EINVAL with words for the administrator, -ENOMEM. The packets are the arena's.
 */
int target_parse(struct arena *arena, const struct services *services, const char *what,
    const char *where, struct packet **packets, uint32_t *n, struct why *why);

#endif
