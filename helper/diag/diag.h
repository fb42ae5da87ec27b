/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's sockets of this network namespace, by sock_diag(7): listed, and destroyed.
 */
#ifndef NETFENCE_DIAG_H
#define NETFENCE_DIAG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/why.h"

struct diag;

/* The caller's; NULL with errno, EPROTONOSUPPORT where the kernel has no sock_diag at all. Listing
 * takes no privilege, destroying CAP_NET_ADMIN. */
struct diag *diag_open(void);
void diag_close(struct diag *diag); /* NULL is allowed */

/*
 * family    AF_INET or AF_INET6, as the socket was made: an AF_INET6 socket may speak IPv4, with
 *           mapped addresses (::ffff:a.b.c.d)
 * protocol  IPPROTO_TCP, IPPROTO_UDP, …
 * uid       0 also for TIME_WAIT and half-open requests, which belong to nobody; before Linux 6.17
 *           for orphans as well, whoever had them
 * orphan    no process holds it any more
 * listening waits for others (TCP)
 * from, to  network byte order, an IPv4 address in the first four bytes; ports in host order, 0
 *           where not connected
 */
struct diag_socket {
	uint8_t family;
	uint8_t protocol;
	uint32_t uid;
	bool orphan;
	bool listening;
	uint8_t from[16];
	uint8_t to[16];
	uint16_t from_port;
	uint16_t to_port;
	const void *name; /* for diag_destroy(), only while it is visited */
};

/* Calls visit for each socket of one family and protocol. -ENOENT where the kernel does not have
 * the protocol or cannot list it; others as netlink(7) has them: after those the diag can only be
 * closed. */
int diag_each(struct diag *diag, uint8_t family, uint8_t protocol,
    void (*visit)(const struct diag_socket *socket, void *data), void *data);

/* The same for TCP of both families, of these kinds: the kernel has a hash table for each, and
 * walks through all of it, however few sockets there are. TIME_WAIT, which belongs to
 * nobody and of which there may be tens of thousands, is none of them. */
#define DIAG_OPEN      1U /* all others: with a peer, or half open */
#define DIAG_LISTENING 2U
#define DIAG_BOUND     4U /* with a port, and neither a peer nor listening */
int diag_each_tcp(struct diag *diag, unsigned int kinds,
    void (*visit)(const struct diag_socket *socket, void *data), void *data);

/* What diag_destroy() takes, to be kept beyond the visit. */
#define DIAG_NAME_SIZE 64
struct diag_name {
	uint8_t family;
	uint8_t protocol;
	uint8_t id[DIAG_NAME_SIZE];
};

void diag_keep(const struct diag_socket *socket, struct diag_name *name);

/* Ends the socket as if its connection had been reset. 0 also where it has ended by itself.
 * -EOPNOTSUPP: the kernel is built without CONFIG_INET_DIAG_DESTROY. */
int diag_destroy(struct diag *diag, const struct diag_name *name, struct why *why);

#endif
