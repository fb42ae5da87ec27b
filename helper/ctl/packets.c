/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/packets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cut/route.h"
#include "policy/files.h"

#define SERVICES_FILE "/etc/services"

/* Whether the address is this host's, and through which interface the way to it leads, the kernel
 * knows: it is what the kernel's own rules go by. */
static void
find_way(struct arena *arena, struct packet *packets, uint32_t n)
{
	struct routes *routes = routes_open();
	struct route route;
	uint32_t i;

	if (!routes)
		return;
	for (i = 0; i < n; i++) {
		routes_find(routes, packets[i].family, packets[i].to, &route);
		packets[i].local = route.local;
		if (route.interface[0])
			packets[i].interface =
			    arena_string(arena, route.interface, strlen(route.interface));
	}
	routes_close(routes);
}

const struct services *
packets_services(struct arena *arena)
{
	const char *text = NULL;
	size_t length = 0;

	/* A file that is not there has no services in it. */
	if (files_read(arena, SERVICES_FILE, SERVICES_LENGTH_MAX, &text, &length, NULL))
		length = 0;
	return services_parse(arena, text, length);
}

enum ctl_exit
packets_parse(
    struct arena *arena, const char *what, const char *where, struct packet **packets, uint32_t *n)
{
	const struct services *services = packets_services(arena);
	struct why why = { "" };
	int result = services ? target_parse(arena, services, what, where, packets, n, &why)
			      : why_set(&why, ENOMEM, "no memory");

	if (result < 0) {
		fprintf(stderr, "netfencectl: %s\n", why.text);
		return CTL_USAGE;
	}
	find_way(arena, *packets, *n);
	return CTL_YES;
}
