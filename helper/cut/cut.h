/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a fence comes up or gets narrower: ends the sockets that it does not allow. The packet
 * filter alone would not do: a socket whose process has exited has no owner any more that a rule
 * could match, and goes on sending what it has.
 */
#ifndef NETFENCE_CUT_H
#define NETFENCE_CUT_H

#include "base/why.h"
#include "fence/fence.h"

/*
 * Destroys the connected TCP and UDP sockets, of the plan's uids and speaking `family`, that the
 * plan's policies do not allow, or with `count_only` only counts them: an AF_INET6 socket with IPv4
 * addresses counts as IPv4. *cut grows by how many that were. Takes CAP_NET_ADMIN. A socket that a
 * rule with a limit might allow is left alone, and so is what belongs to a policy that only
 * observes. -EOPNOTSUPP: this kernel cannot destroy sockets; others as netlink(7) has them.
 */
int cut_sockets(const struct fence_plan *plan, enum family family, bool count_only,
    unsigned int *cut, struct why *why);

#endif
