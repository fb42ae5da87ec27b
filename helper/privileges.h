/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From root to what a process needs.
 */
#ifndef NETFENCE_PRIVILEGES_H
#define NETFENCE_PRIVILEGES_H

#include <sys/types.h>

#include "base/why.h"

struct account {
	uid_t uid;
	gid_t gid;
};

/* The account netfenced's processes run as. -ENOENT where there is none. NSS: only before the
 * daemon serves anybody. */
int privileges_find(const char *name, struct account *account, struct why *why);

enum privileges_kind { PRIVILEGES_NONE, PRIVILEGES_NETWORK, PRIVILEGES_KILL };

/*
 * For good: the account's uid and gid in all places, no supplementary groups, an empty bounding
 * set, no new privileges, no core dump of this process, and no capability at all, or CAP_NET_ADMIN
 * and CAP_NET_RAW, which is what writing a table takes, or CAP_KILL. The process ends with
 * its parent `parent`, or at once where that has gone.
 */
int privileges_drop(
    const struct account *account, enum privileges_kind kind, pid_t parent, struct why *why);

#endif
