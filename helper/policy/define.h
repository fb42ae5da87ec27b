/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a rule leads: addresses, and the names that `define` gives them.
 */
#ifndef NETFENCE_POLICY_DEFINE_H
#define NETFENCE_POLICY_DEFINE_H

#include "policy/reader.h"

/* Makes addresses of every name under `define`, used or not. 0, -EINVAL, -ENOMEM. */
int define_all(struct reader *reader);

/* Reads the value of `to`: one or a list of 'any', addresses and names. *addresses begins with all
 * zero and is merged in the end. 0, -EINVAL, -ENOMEM. */
int define_read_to(struct reader *reader, const struct node *value, struct addresses *addresses);

#endif
