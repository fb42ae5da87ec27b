/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule that stands in no file: WHAT and WHERE as an administrator types them, in the grammar of
 * the rules, with the names that some rules define.
 */
#ifndef NETFENCE_POLICY_SPOKEN_H
#define NETFENCE_POLICY_SPOKEN_H

#include "policy/ruleset.h"

#define SPOKEN_MAX 1024 /* bytes of either text */

/*
 * An `allow` of `what`, "tcp/22" or "[tcp/22, ntp]", to `where`, likewise. Names become what they
 * stand for now, once and for all. On success *rule is all the arena's, without a place and a
 * comment; 0, -EINVAL with words for the administrator, -ENOMEM. Does not change the ruleset.
 */
int spoken_allow(const struct ruleset *ruleset, struct arena *arena, const char *what,
    const char *where, struct rule *rule, struct why *why);

#endif
