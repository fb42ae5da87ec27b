/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a packet to an address would go: asks the kernel's routing table.
 */
#ifndef NETFENCE_ROUTE_H
#define NETFENCE_ROUTE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "netfence/rule.h"

struct route {
	bool local;                  /* to an address of this host */
	char interface[IF_NAMESIZE]; /* "" where unknown */
};

struct routes;

struct routes *routes_open(void); /* the caller's; NULL with errno */
void routes_close(struct routes *routes);

/* address: network byte order. An address without a route gives neither. */
void routes_find(
    struct routes *routes, enum family family, const uint8_t address[16], struct route *route);

#endif
