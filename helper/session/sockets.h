/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whose sockets there are in this network namespace, those included whose process has exited.
 */
#ifndef NETFENCE_SOCKETS_H
#define NETFENCE_SOCKETS_H

#include <stdint.h>

struct leftover;

/* Sets LEFTOVER_SOCKET for those users that have LEFTOVER_NONE and a TCP, UDP, UDP-Lite, SCTP,
 * raw or ping socket of either family. 0, or a negative errno where it could not be told. */
int sockets_look(int proc_fd, struct leftover *users, uint32_t n);

#endif
