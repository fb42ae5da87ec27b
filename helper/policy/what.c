/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/what.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/icmp.h"
#include "policy/names.h"
#include "policy/report.h"

#define DIGITS "0123456789"

struct protocol {
	const char *name;
	int16_t number;
	bool has_ports; /* or else types */
};

static const struct protocol protocols[] = {
	{ "tcp", 6, true },
	{ "udp", 17, true },
	{ "sctp", 132, true },
	{ "icmp", 1, false },
	{ "icmpv6", 58, false },
};

/* What people write, and what it is called here. */
static const struct {
	const char *name;
	const char *mend;
} synonyms[] = {
	{ "all", "'any'" },
	{ "*", "'any'" },
	{ "ip", "'any'" },
	{ "everything", "'any'" },
	{ "nothing", "a rule with 'reject: any'" },
	{ "none", "a rule with 'reject: any'" },
	{ "ping", "[icmp/echo-request, icmpv6/echo-request]" },
	{ "icmp6", "'icmpv6'" },
	{ "ipv6-icmp", "'icmpv6'" },
	{ "dns", "'domain'" },
	{ "igmp", "its number, 2" },
	{ "ipip", "its number, 4" },
	{ "ipv6", "its number, 41" },
	{ "gre", "its number, 47" },
	{ "esp", "its number, 50" },
	{ "ah", "its number, 51" },
	{ "ospf", "its number, 89" },
	{ "vrrp", "its number, 112" },
	{ "udplite", "its number, 136" },
};

static const struct protocol *
find_protocol(const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		if (strlen(protocols[i].name) == length &&
		    memcmp(protocols[i].name, name, length) == 0)
			return &protocols[i];
	}
	return NULL;
}

static bool
only_digits(const char *text)
{
	return *text && text[strspn(text, DIGITS)] == '\0';
}

static int
port_number(const char *text, size_t length, unsigned long *number, struct why *why)
{
	*number = length <= 9 ? strtoul(text, NULL, 10) : UINT32_MAX;
	if (*number > UINT16_MAX)
		return why_set(why, EINVAL, "'%.*s' is not a port: the highest is 65535",
		    (int)(length < 40 ? length : 40), text);
	if (*number == 0)
		return why_set(why, EINVAL,
		    "port 0 is none that anything could be sent to: ports are 1 to 65535, and the "
		    "protocol's name alone means every port");
	return 0;
}

/* A service's port in one protocol. */
static int
parse_named_port(struct arena *arena, const struct services *services, const char *name,
    const struct protocol *protocol, struct what_list *list, struct why *why)
{
	const struct service_port *port = services_find(services, name);
	int result = -ENOENT;

	if (strcmp(name, "any") == 0 || strcmp(name, "all") == 0 || strcmp(name, "*") == 0)
		return why_set(
		    why, EINVAL, "'%s': for every port write '%s' alone", name, protocol->name);
	if (find_protocol(name, strlen(name)))
		return why_set(why, EINVAL,
		    "'%s' is a protocol, not a port: write a list, [%s, %s]", name, protocol->name,
		    name);
	for (; port; port = port->next) {
		if (port->protocol != protocol->number)
			continue;
		result = what_add_ports(arena, list, protocol->number, port->port, port->port);
		if (result)
			return result;
	}
	if (result)
		return why_set(why, EINVAL,
		    "'%s' is not a port: /etc/services has no such service for %s",
		    quote(name).text, protocol->name);
	return 0;
}

/* "22", "8000-8080" or "https". */
static int
parse_port(struct arena *arena, const struct services *services, const char *text,
    const struct protocol *protocol, struct what_list *list, struct why *why)
{
	size_t digits = strspn(text, DIGITS);
	unsigned long first, last;
	const char *rest = text + digits;
	int result;

	if (!*text)
		return why_set(why, EINVAL,
		    "a port is missing: '%s/PORT', or '%s' alone for every port", protocol->name,
		    protocol->name);
	if (strpbrk(text, "/ "))
		return why_set(why, EINVAL,
		    "'%s' is not a port: write several as a list, [tcp/22, udp/53]",
		    quote(text).text);
	if (!digits || (*rest != '\0' && *rest != '-' && *rest != ':'))
		return parse_named_port(arena, services, text, protocol, list, why);
	result = port_number(text, digits, &first, why);
	if (result)
		return result;
	last = first;
	if (*rest) {
		if (!only_digits(rest + 1))
			return why_set(why, EINVAL,
			    "'%s' is not a range of ports: write FIRST-LAST", quote(text).text);
		if (*rest == ':')
			return why_set(why, EINVAL, "'%s': write the range as '%lu-%s'",
			    quote(text).text, first, quote(rest + 1).text);
		result = port_number(rest + 1, strlen(rest + 1), &last, why);
		if (result)
			return result;
	}
	if (first > last)
		return why_set(why, EINVAL, "'%s' is reversed: write '%lu-%lu'", quote(text).text,
		    last, first);
	return what_add_ports(arena, list, protocol->number, first, last);
}

static int
parse_type(struct arena *arena, const char *text, const struct protocol *protocol,
    struct what_list *list, struct why *why)
{
	struct what what = { .protocol = protocol->number };
	int result;

	if (!*text)
		return why_set(why, EINVAL, "a type is missing: '%s/TYPE', or '%s' alone for all",
		    protocol->name, protocol->name);
	result = icmp_parse(text, protocol->number, &what, why);
	if (result)
		return result;
	return what_add_type(arena, list, &what);
}

/* The comma-separated ports or types of a protocol. */
static int
parse_parts(struct arena *arena, const struct services *services, const char *text, size_t length,
    const struct protocol *protocol, struct what_list *list, struct why *why)
{
	char *parts = arena_string(arena, text, length), *part, *comma, *end;
	int result;

	if (!parts)
		return -ENOMEM;
	for (part = parts; part; part = comma ? comma + 1 : NULL) {
		comma = strchr(part, ',');
		if (comma)
			*comma = '\0';
		part += strspn(part, " ");
		for (end = part + strlen(part); end > part && end[-1] == ' ';)
			*--end = '\0';
		result = protocol->has_ports
			     ? parse_port(arena, services, part, protocol, list, why)
			     : parse_type(arena, part, protocol, list, why);
		if (result)
			return result;
	}
	return 0;
}

/* In small letters, cut at `room` - 1 bytes: what people write in capitals means the same. */
static const char *
lower(char *small, size_t room, const char *text)
{
	size_t i;

	for (i = 0; text[i] && i < room - 1; i++)
		small[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
	small[i] = '\0';
	return small;
}

static int
unknown_protocol(const char *text, const char *slash, struct why *why)
{
	struct nearest nearest = { .wanted = "" };
	char left[16], right[16], small[16];
	size_t i;

	snprintf(left, sizeof(left), "%.*s", (int)(slash - text < 15 ? slash - text : 15), text);
	snprintf(right, sizeof(right), "%.15s", slash + 1);
	if (strspn(text, DIGITS "/,-") == strlen(text))
		return why_set(why, EINVAL,
		    "'%s': which is the protocol? write 'tcp/PORT' or 'udp/PORT'",
		    quote(text).text);
	if (strcmp(left, "any") == 0)
		return why_set(why, EINVAL,
		    "'%s': 'any' has no ports, write a list: [tcp/%s, udp/%s]", quote(text).text,
		    right, right);
	nearest.wanted = lower(small, sizeof(small), only_digits(left) ? right : left);
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		nearest_offer(&nearest, protocols[i].name);
	if (nearest.best)
		return why_set(why, EINVAL, "'%s' is not a protocol: did you mean '%s'?",
		    quote(text).text, nearest.best);
	return why_set(why, EINVAL,
	    "'%s': ports and types have tcp, udp, sctp, icmp and icmpv6, as in 'tcp/22'",
	    quote(text).text);
}

/* PROTOCOL/PARTS or PARTS/PROTOCOL. */
static int
parse_slash(struct arena *arena, const struct services *services, const char *text,
    const char *slash, struct what_list *list, struct why *why)
{
	const char *last = strrchr(text, '/') + 1;
	const struct protocol *protocol = find_protocol(text, (size_t)(slash - text));

	if (protocol)
		return parse_parts(
		    arena, services, slash + 1, strlen(slash + 1), protocol, list, why);
	protocol = find_protocol(last, strlen(last));
	if (protocol)
		return parse_parts(
		    arena, services, text, (size_t)(last - 1 - text), protocol, list, why);
	return unknown_protocol(text, slash, why);
}

static int
unknown_word(const struct services *services, const char *text, struct why *why)
{
	char small[64];
	struct nearest nearest = { .wanted = lower(small, sizeof(small), text) };
	const char *service;
	size_t i, word = strcspn(text, " :-");
	const struct protocol *protocol = find_protocol(text, word);

	for (i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
		if (strcmp(text, synonyms[i].name) == 0)
			return why_set(
			    why, EINVAL, "'%s' is not known: write %s", text, synonyms[i].mend);
	}
	if (strspn(text, DIGITS ",- ") == strlen(text))
		return why_set(why, EINVAL, "'%s': a port stands with its protocol, 'tcp/%s'",
		    quote(text).text, quote(text).text);
	if (protocol && text[word] && !strpbrk(text + word + 1, " /"))
		return why_set(why, EINVAL, "'%s': write '%s/%s'", quote(text).text, protocol->name,
		    quote(text + word + 1).text);
	if (strpbrk(text, ", \t\n;"))
		return why_set(why, EINVAL, "'%s': write several as a list, [tcp/22, https]",
		    quote(text).text);
	nearest_offer(&nearest, "any");
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		nearest_offer(&nearest, protocols[i].name);
	service = services_nearest(services, small);
	if (service)
		nearest_offer(&nearest, service);
	if (nearest.best)
		return why_set(why, EINVAL,
		    "'%s' is neither a protocol nor a service of /etc/services: did you mean '%s'?",
		    quote(text).text, nearest.best);
	return why_set(why, EINVAL,
	    "'%s' is neither a protocol nor a service of /etc/services: write 'tcp/PORT' or "
	    "'udp/PORT'",
	    quote(text).text);
}

int
what_parse(struct arena *arena, const struct services *services, const char *text,
    struct what_list *list, struct why *why)
{
	const char *slash = strchr(text, '/');
	const struct protocol *protocol = find_protocol(text, strlen(text));
	const struct service_port *port;
	int result;

	if (strcmp(text, "any") == 0)
		return what_add_whole(arena, list, WHAT_ANY);
	if (protocol)
		return what_add_whole(arena, list, protocol->number);
	if (slash)
		return parse_slash(arena, services, text, slash, list, why);
	if (only_digits(text)) {
		if (strspn(text, "0") == strlen(text))
			return why_set(why, EINVAL,
			    "'%s': to the kernel the protocol 0 is all of them: write 'any'",
			    quote(text).text);
		if (strlen(text) <= 9 && atoi(text) <= 255)
			return what_add_whole(arena, list, atoi(text));
		return why_set(why, EINVAL,
		    "'%s' is not a protocol (1 to 255): for a port write 'tcp/%s'",
		    quote(text).text, quote(text).text);
	}
	port = services_find(services, text);
	if (!port)
		return unknown_word(services, text, why);
	for (; port; port = port->next) {
		result = what_add_ports(arena, list, port->protocol, port->port, port->port);
		if (result)
			return result;
	}
	return 0;
}

/* Protocols that nobody has been given (146 to 252), and the best known ports among the numbers
 * of protocols that nobody uses any more. */
bool
what_seems_port(const char *text)
{
	static const int ports[] = { 20, 21, 22, 23, 25, 53, 69, 80, 110, 123, 143 };
	size_t i;
	int number;

	if (!only_digits(text) || strlen(text) > 3)
		return false;
	number = atoi(text);
	for (i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		if (ports[i] == number)
			return true;
	}
	return number >= 146 && number <= 252;
}
