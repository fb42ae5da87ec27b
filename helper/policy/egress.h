/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a policy, and the lists of what may pass under `serve` and `loopback`.
 */
#ifndef NETFENCE_POLICY_EGRESS_H
#define NETFENCE_POLICY_EGRESS_H

#include "policy/reader.h"

/* The value of `egress`, into policy->egress and n_egress. 0, -EINVAL, -ENOMEM. */
int egress_read(struct reader *reader, const struct node *value, struct policy *policy);

/*
 * One or a list of what a rule can be about. ports_only: nothing but tcp, udp and sctp will do,
 * as nothing else is served. example: for messages. 0, -EINVAL, -ENOMEM.
 */
int egress_read_what(struct reader *reader, const struct node *value, bool ports_only,
    const char *example, struct what **what, uint32_t *n_what);

/* Whether that would read a text without an error; 'any' aside, which is not for lists. */
bool egress_is_what(struct reader *reader, const char *text);

#endif
