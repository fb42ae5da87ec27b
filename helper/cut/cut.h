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

struct diag;
struct routes;

/* The sockets that this is done with, of the network namespace in which it is used first. Begin
 * with all zero, and clear in the end; else they stay open from one cut to the next. */
struct cutter {
	struct diag *diag;
	struct routes *routes;
};

void cutter_clear(struct cutter *cutter);

/*
 * Destroys the connected TCP and UDP sockets of both families, of the plan's uids, that the plan's
 * policies do not allow, or with `count_only` only counts them. *cut grows by how many that were.
 * Takes CAP_NET_ADMIN. A socket that a rule with a limit might allow is left alone, and so is what
 * belongs to a policy that only observes. -EOPNOTSUPP: this kernel cannot destroy
 * sockets, or cannot list all of them: what it can has been done; others
 * as netlink(7) has them. Before Linux 6.17 orphans are not found, see diag.h.
 */
int cutter_cut(struct cutter *cutter, const struct fence_plan *plan, bool count_only,
    unsigned int *cut, struct why *why);

#endif
