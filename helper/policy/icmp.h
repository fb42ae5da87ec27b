/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The names of ICMP's and ICMPv6's types.
 */
#ifndef NETFENCE_POLICY_ICMP_H
#define NETFENCE_POLICY_ICMP_H

#include "base/why.h"
#include "netfence/rule.h"

/* "echo-request", "3", "3/4" or "fragmentation-needed" into what->icmp_type and icmp_code.
 * protocol: 1 or 58. 0, or -EINVAL with the words for the administrator. */
int icmp_parse(const char *text, int protocol, struct what *what, struct why *why);

#endif
