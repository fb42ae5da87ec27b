/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket to the kernel's nf_tables.
 */
#ifndef NETFENCE_NFTABLES_LINK_H
#define NETFENCE_NFTABLES_LINK_H

#include <linux/netlink.h>

#include "base/why.h"
#include "nftables/bytes.h"

struct link {
	int fd;
	uint32_t sequence; /* of the last message */
};

/* On success the caller lets go of it with link_close(). -EPROTONOSUPPORT, -EOPNOTSUPP: the kernel
 * has no nf_tables; -EPERM: CAP_NET_ADMIN is missing. */
int link_open(struct link *link, struct why *why);
void link_close(struct link *link);

/* The generation of all tables of this network namespace: each commit, whosever, makes another. */
int link_generation(struct link *link, uint32_t *generation, struct why *why);

/*
 * Asks for everything of `type` (NFT_MSG_GET…), of our table and of the set of that name where it
 * is not NULL. take() gets each message that comes, of which `name` tells for what, and may return
 * a negative errno, which ends it. -EINTR: tables changed meanwhile; -ENOENT: there is no such
 * table or set.
 */
int link_dump(struct link *link, uint16_t type, const char *set,
    int (*take)(const struct nlmsghdr *message, void *data), void *data, struct why *why);

/*
 * A batch between link_begin() and link_commit(): messages for the generation that was named, all
 * of them or none. The sequence numbers of messages are link->sequence, one up before each.
 * -ERESTART: there is another generation by now; others as the first message has it that was
 * refused, which `why` names; and refused(), where it is not NULL, is told of each.
 */
void link_begin(struct link *link, struct bytes *batch, uint32_t generation);
int link_commit(struct link *link, struct bytes *batch,
    void (*refused)(const struct nlmsghdr *message, int error, void *data), void *data,
    struct why *why);

#endif
