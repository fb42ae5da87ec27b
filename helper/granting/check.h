/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether what is asked for can be granted, and what it is, by the rules in force.
 */
#ifndef NETFENCE_GRANTING_CHECK_H
#define NETFENCE_GRANTING_CHECK_H

#include "explain/grant_request.h"
#include "grants/grants.h"
#include "life/life.h"

/* Fills in an empty grant, but for its id and who asks; it begins now. 0; -EPERM where nobody could
 * be granted that, -EINVAL where it makes no sense, with words for the administrator; -ENOMEM. */
int check_grant(const struct life *life, const struct grant_request *request, struct grant *grant,
    struct why *why);

#endif
