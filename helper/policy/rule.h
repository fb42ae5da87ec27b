/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One entry of `egress` or of `tests`: what may go where, or what is held to.
 */
#ifndef NETFENCE_POLICY_RULE_H
#define NETFENCE_POLICY_RULE_H

#include "policy/reader.h"

/*
 * An entry while it is read.
 * rule      what it says
 * action    the value of the first of allow, reject, drop
 * include   that of `include`, which stands alone; the rule is then empty
 * followed  its addresses hang on another file, and may be none today
 */
struct rule_draft {
	struct rule rule;
	const struct node *action;
	const struct node *include;
	bool followed;
};

/* *draft begins with all zero. 0, -EINVAL, -ENOMEM. */
int rule_read(struct reader *reader, const struct node *value, struct rule_draft *draft);

/* The same for what is granted beside all rules, and before `loopback`. */
int rule_read_grant(struct reader *reader, const struct node *value, struct rule_draft *draft);

/* The same for an entry of `tests`, which has fewer keys. */
int rule_read_test(struct reader *reader, const struct node *value, struct policy_test *test);

/*
 * One or a list of what a rule can be about. ports_only: nothing but tcp, udp and sctp will do,
 * as nothing else is served. example: for messages. 0, -EINVAL, -ENOMEM.
 */
int rule_read_what(struct reader *reader, const struct node *value, bool ports_only,
    const char *example, struct what **what, uint32_t *n_what);

/* Whether that would read a text without an error; 'any' aside, which is not for lists. */
bool rule_is_what(struct reader *reader, const char *text);

#endif
