/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The top level of a configuration: the files' mappings, put together into sections.
 */
#ifndef NETFENCE_POLICY_CONFIG_H
#define NETFENCE_POLICY_CONFIG_H

#include "policy/reader.h"

/* Takes what stands in a file. source->as says which grammar it has: that of netfence.yaml, or
 * that of one user's or group's policy. root: NULL where there is nothing; if `spoilt`, because
 * it could not be read, which has been reported. 0, -EINVAL, -ENOMEM. */
int config_add(
    struct reader *reader, const struct source *source, const struct node *root, bool spoilt);

/* An entry that stands by itself, outside of any section; NULL where there is no memory. */
struct entry *config_entry(
    struct reader *reader, const char *name, struct mark mark, const struct node *value);

#endif
