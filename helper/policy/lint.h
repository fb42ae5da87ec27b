/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is no error in a policy, and hardly what was meant: rules that never decide.
 */
#ifndef NETFENCE_POLICY_LINT_H
#define NETFENCE_POLICY_LINT_H

#include "policy/policy_key.h"

/* Warns of rules that earlier ones leave nothing to, of those that are written in this policy. The
 * draft is without an error. 0 or -ENOMEM. */
int lint_rules(struct reader *reader, const struct policy_draft *draft);

/* Whether all that `rule` could match, `before` matches already. */
bool lint_hides(const struct rule *before, const struct rule *rule);

#endif
