/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of a packet as it left, and was logged. Pure; the bytes may be anybody's.
 */
#ifndef NETFENCE_DENIALS_PACKET_H
#define NETFENCE_DENIALS_PACKET_H

#include "verdict/verdict.h"

/* *packet: what its headers say, from the IP header on; `local`, `reply` and `interface` are not
 * theirs to say. Ports are 0 and ICMP's type and code VERDICT_UNKNOWN where they are not among the
 * `size` bytes, or the packet is a later fragment. False where not even the IP header is. */
bool packet_read(const uint8_t *bytes, size_t size, struct packet *packet);

#endif
