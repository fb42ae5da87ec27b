/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compiled policies in the words of the rules: as short as can be, each thing in one way only, and
 * such that reading it gives the same policies again.
 */
#ifndef NETFENCE_EXPLAIN_YAML_H
#define NETFENCE_EXPLAIN_YAML_H

#include <stdio.h>

#include "policy/ruleset.h"

/* The keys of a policy, each line `indent` columns in. Behind each rule a comment
 * says where it was written: the line, and the file if it is not the policy's. */
void yaml_policy(FILE *stream, const struct policy *policy, int indent);

/* The whole, as a netfence.yaml; in comments where each policy comes from. */
void yaml_ruleset(FILE *stream, const struct ruleset *ruleset);

#endif
