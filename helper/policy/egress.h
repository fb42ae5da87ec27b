/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a policy, those that it includes among them, and its tests.
 */
#ifndef NETFENCE_POLICY_EGRESS_H
#define NETFENCE_POLICY_EGRESS_H

#include "policy/policy_key.h"

/* The value of `egress`, into the draft's policy and marks. 0, -EINVAL, -ENOMEM. */
int egress_read(struct reader *reader, const struct node *value, struct policy_draft *draft);

/* The value of `tests`, into policy->tests and n_tests. The same errors. */
int egress_read_tests(struct reader *reader, const struct node *value, struct policy *policy);

#endif
