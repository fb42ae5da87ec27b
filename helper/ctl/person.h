/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user that a command is about, as the name service has them.
 */
#ifndef NETFENCE_CTL_PERSON_H
#define NETFENCE_CTL_PERSON_H

#include "ctl/ctl.h"
#include "identity/identity.h"
#include "policy/ruleset.h"

/* Whom the rules of `set` (NULL where they cannot be used) and the name service know under `name`,
 * with the groups. On CTL_YES the caller lets go of it with identity_clear(); else the reason, and
 * who may have been meant, has been said on stderr. */
enum ctl_exit person_find(const char *name, const struct ruleset *set, struct identity *identity);

/* Says on stderr that there is nothing of that kind ("user") called `name`, and what is called
 * nearly so (NULL: nothing). Returns CTL_USAGE. */
enum ctl_exit person_unknown(const char *kind, const char *name, const char *nearly);

#endif
