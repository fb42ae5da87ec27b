/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy as it is written: under a name in `policies`, or for a user, a group or the others.
 */
#ifndef NETFENCE_POLICY_WRITTEN_H
#define NETFENCE_POLICY_WRITTEN_H

#include "policy/reader.h"

/* Every policy under `policies`, used or not, into reader->policies. 0, -EINVAL, -ENOMEM. */
int written_named(struct reader *reader);

/* The policy of a user, a group or the others, into entry->policy: that of a name, or one of its
 * own, which is then called `name`. 0, -EINVAL, -ENOMEM. */
int written_read(struct reader *reader, struct entry *entry, const char *name);

/* The entry under `policies` that a value names, as one that `depth` others led to, read and good.
 * 0, -EINVAL, -ENOMEM. */
int written_find(
    struct reader *reader, const struct node *value, unsigned int depth, struct entry **entry);

#endif
