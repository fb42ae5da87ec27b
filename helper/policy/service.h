/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The services of services(5), read from the file and from nowhere else: what a name in the rules
 * means must not hang on a directory that may not answer.
 */
#ifndef NETFENCE_POLICY_SERVICE_H
#define NETFENCE_POLICY_SERVICE_H

#include "base/arena.h"
#include "netfence/rule.h"

#define SERVICES_LENGTH_MAX (4 * 1024 * 1024) /* bytes; IANA's whole list has 700,000 */

/* One protocol's port of a service: 6 (tcp), 17 (udp) or 132 (sctp). */
struct service_port {
	const struct service_port *next; /* of the same name */
	uint8_t protocol;
	uint16_t port;
};

struct services;

/* From the text of such a file; lines that are not of its form, or of other protocols, are passed
 * over, as getservbyname(3) does. NULL where there is no memory; the arena's. */
struct services *services_parse(struct arena *arena, const char *text, size_t length);

/* By name or alias, in the file's order; NULL where there is none. */
const struct service_port *services_find(const struct services *services, const char *name);

/* The first service that has this port, by its name; NULL where there is none. */
const char *services_name(const struct services *services, uint8_t protocol, uint16_t port);

/* The service whose name is nearest, or NULL. */
const char *services_nearest(const struct services *services, const char *name);

#endif
