/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often the kernel tells of what it denies, so that nobody can flood the log: of packets to one
 * address and port by one policy, so many at once and then again in so many seconds; and by one
 * policy in all, so many at once and a second.
 */
#ifndef NETFENCE_RATE_H
#define NETFENCE_RATE_H

#define RATE_TARGET_BURST   20
#define RATE_TARGET_SECONDS 20
#define RATE_POLICY_BURST   500

#endif
