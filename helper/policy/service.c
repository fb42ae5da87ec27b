/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/service.h"

#include <stdlib.h>
#include <string.h>

#include "policy/names.h"

#define BLANKS " \t\r\f\v"

struct service {
	struct service_port *first;
	struct service_port *last;
};

/* A line of the file. */
struct entry {
	struct entry *next;
	const char *name;
	struct service_port port;
};

struct services {
	struct arena *arena;
	struct names *names;
	struct entry *first;
	struct entry *last;
};

static int
protocol_of(const char *name)
{
	if (strcmp(name, "tcp") == 0)
		return 6;
	if (strcmp(name, "udp") == 0)
		return 17;
	if (strcmp(name, "sctp") == 0)
		return 132;
	return -1;
}

/* "123/udp". */
static bool
parse_port(char *text, struct service_port *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	int protocol;

	if (end == text || *end != '/' || number < 1 || number > UINT16_MAX)
		return false;
	protocol = protocol_of(end + 1);
	if (protocol < 0)
		return false;
	*port = (struct service_port){
		.protocol = (uint8_t)protocol,
		.port = (uint16_t)number,
	};
	return true;
}

/* name: the arena's. */
static bool
add(struct services *services, const char *name, const struct service_port *port)
{
	struct service *service = names_get(services->names, name);
	struct service_port *copy = arena_new_of(services->arena, 1, struct service_port);

	if (!copy)
		return false;
	*copy = *port;
	if (!service) {
		service = arena_new_of(services->arena, 1, struct service);
		if (!service || names_put(services->names, name, service))
			return false;
		service->first = copy;
	} else {
		service->last->next = copy;
	}
	service->last = copy;
	return true;
}

static bool
add_entry(struct services *services, const char *name, const struct service_port *port)
{
	struct entry *entry = arena_new_of(services->arena, 1, struct entry);

	if (!entry)
		return false;
	*entry = (struct entry){ NULL, name, *port };
	if (services->last)
		services->last->next = entry;
	else
		services->first = entry;
	services->last = entry;
	return true;
}

static bool
parse_line(struct services *services, char *line)
{
	struct service_port port;
	char *rest = line, *name, *number;

	line[strcspn(line, "#")] = '\0';
	name = strtok_r(line, BLANKS, &rest);
	number = name ? strtok_r(NULL, BLANKS, &rest) : NULL;
	if (!number || !parse_port(number, &port))
		return true;
	if (!add_entry(services, name, &port))
		return false;
	for (; name; name = strtok_r(NULL, BLANKS, &rest)) {
		if (!add(services, name, &port))
			return false;
	}
	return true;
}

struct services *
services_parse(struct arena *arena, const char *text, size_t length)
{
	struct services *services = arena_new_of(arena, 1, struct services);
	const char *end = text + length, *stop;
	char *line;

	if (!services)
		return NULL;
	services->arena = arena;
	services->names = names_new(arena);
	if (!services->names)
		return NULL;
	for (; text < end; text = stop + 1) {
		stop = memchr(text, '\n', (size_t)(end - text));
		if (!stop)
			stop = end;
		line = arena_string(arena, text, (size_t)(stop - text));
		if (!line || !parse_line(services, line))
			return NULL;
	}
	return services;
}

const struct service_port *
services_find(const struct services *services, const char *name)
{
	const struct service *service = names_get(services->names, name);

	return service ? service->first : NULL;
}

const char *
services_name(const struct services *services, uint8_t protocol, uint16_t port)
{
	const struct entry *entry;

	for (entry = services->first; entry; entry = entry->next)
		if (entry->port.protocol == protocol && entry->port.port == port)
			return entry->name;
	return NULL;
}

const char *
services_nearest(const struct services *services, const char *name)
{
	struct nearest nearest = { .wanted = name };

	nearest_offer_all(&nearest, services->names);
	return nearest.best;
}
