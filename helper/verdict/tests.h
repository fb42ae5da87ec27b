/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Holds a policy to its `tests`. Pure.
 */
#ifndef NETFENCE_VERDICT_TESTS_H
#define NETFENCE_VERDICT_TESTS_H

#include "netfence/rule.h"

/* How many times a rule is looked at before a test is called too much; half a second or so. A
 * test of everything by a policy of 4096 rules, each of another address and port, is within it. */
#define TESTS_LOOKS_MAX (1U << 26)

/* A test that does not hold. text: one line for the administrator, good for the call. Returns 0 to
 * go on, anything else to end. */
typedef int tests_failed(
    const struct policy *policy, const struct policy_test *test, const char *text, void *data);

/*
 * A test holds if each packet that it names, the ones at the edges and all between, gets its
 * action: `allow` and `drop` that very one; `reject` is content with either denial, since what it
 * asks is whether the packet stays in. Whether the policy only observes does not matter.
 *
 * A rule with a limit counts as one whose limit is not reached. A rule with an interface counts
 * for a test that names that interface; to one that names none it may or may not match, and the
 * test has to hold both ways. 127.0.0.0/8 and ::1 are tested against `loopback`, and whatever
 * contains more than these, `any` for example, against `egress` alone.
 *
 * Calls `failed` for each test that does not hold, once, with one packet for an example. 0, what
 * `failed` returned, or -ENOMEM.
 */
int tests_hold(const struct policy *policy, tests_failed *failed, void *data);

#endif
