/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A group of netlink's log (nfnetlink_log): where the kernel tells of packets that met an NFLOG
 * rule.
 */
#ifndef NETFENCE_DENIALS_NFLOG_H
#define NETFENCE_DENIALS_NFLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/why.h"

/* A socket that is bound to the group, non-blocking, the caller's: whoever has it may read, and
 * needs no privilege for that. Takes CAP_NET_ADMIN. -EBUSY: another program has the group;
 * -EPROTONOSUPPORT: the kernel has no such thing. Blocks no longer than the kernel takes. */
int nflog_open(uint16_t group, int *sock, struct why *why);

/*
 * One packet.
 * prefix   that of the rule, `prefix_size` bytes, its NUL perhaps among them
 * uid      the sender's, where has_uid
 * interface  the index of the one that it leaves through, or 0
 * bytes    the packet, as much of it as the kernel copies
 */
struct nflog_packet {
	const char *prefix;
	size_t prefix_size;
	bool has_uid;
	uint32_t uid;
	uint32_t interface;
	const uint8_t *bytes;
	size_t size;
};

/* What the kernel has sent at once, in a buffer of NFLOG_SIZE; calls `each` for each packet. The
 * number of packets; -EAGAIN: there is nothing; -ENOBUFS: some were lost, and more may be there;
 * others as recvmsg(2) has them. */
#define NFLOG_SIZE 65536
int nflog_receive(int sock, uint8_t *buffer,
    void (*each)(const struct nflog_packet *packet, void *data), void *data);

/* The same of a message that has arrived: its `size` bytes may be anybody's. */
int nflog_parse(const uint8_t *message, size_t size,
    void (*each)(const struct nflog_packet *packet, void *data), void *data);

#endif
