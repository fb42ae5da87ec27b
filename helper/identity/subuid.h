/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A user's subordinate uids: those that newuidmap(1) would let them become, and that a fence has
 * to hold too. Asked where newuidmap asks: /etc/subuid, or the services of a `subid:` line in
 * /etc/nsswitch.conf.
 */
#ifndef NETFENCE_SUBUID_H
#define NETFENCE_SUBUID_H

#include <stdint.h>

#include "base/why.h"
#include "netfence/protocol.h"
#include "wire/message.h"

/* ranges: sorted and apart (neither overlapping nor adjoining). */
struct subuids {
	uint32_t n;
	struct uid_range ranges[PROTOCOL_RANGES_MAX];
};

/*
 * The ranges of the user `name`, whose uid is `uid`: those that stand under the name, the uid, or
 * another name of that uid in /etc/passwd.
 *
 * -ENOMEM; -EINVAL: they cannot be fenced (one lies below 65536 or beyond 32 bits, touches
 * another owner's or holds the uid of an account in /etc/passwd, there are too many, or a line
 * cannot be read); anything else: they cannot be told. The reason is in `why`.
 */
int subuid_find(const char *name, uint32_t uid, struct subuids *subuids, struct why *why);

#endif
