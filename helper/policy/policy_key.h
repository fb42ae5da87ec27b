/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a policy.
 */
#ifndef NETFENCE_POLICY_POLICY_KEY_H
#define NETFENCE_POLICY_POLICY_KEY_H

#include "policy/keys.h"

/*
 * A policy while it is read.
 * policy  its name and place are there, and what a base has said
 * entry   where it stands; its precedence is read as well
 * depth   how many names deep we are
 * marks   of the rules written here, one per policy->egress; NULL where all come from a base
 */
struct policy_draft {
	struct policy policy;
	struct entry *entry;
	unsigned int depth;
	struct mark *marks;
};

/* Into a struct policy_draft. */
extern const struct key policy_keys[];

#endif
