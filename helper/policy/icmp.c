/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/icmp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/names.h"
#include "policy/report.h"

struct icmp_name {
	const char *name;
	int16_t type;
	int16_t code;
};

/* RFC 792 and those that added to it; the names are iptables'. */
static const struct icmp_name icmp_names[] = {
	{ "echo-reply", 0, WHAT_ANY },
	{ "destination-unreachable", 3, WHAT_ANY },
	{ "network-unreachable", 3, 0 },
	{ "host-unreachable", 3, 1 },
	{ "protocol-unreachable", 3, 2 },
	{ "port-unreachable", 3, 3 },
	{ "fragmentation-needed", 3, 4 },
	{ "source-route-failed", 3, 5 },
	{ "network-unknown", 3, 6 },
	{ "host-unknown", 3, 7 },
	{ "network-prohibited", 3, 9 },
	{ "host-prohibited", 3, 10 },
	{ "communication-prohibited", 3, 13 },
	{ "source-quench", 4, WHAT_ANY },
	{ "redirect", 5, WHAT_ANY },
	{ "echo-request", 8, WHAT_ANY },
	{ "router-advertisement", 9, WHAT_ANY },
	{ "router-solicitation", 10, WHAT_ANY },
	{ "time-exceeded", 11, WHAT_ANY },
	{ "parameter-problem", 12, WHAT_ANY },
	{ "timestamp-request", 13, WHAT_ANY },
	{ "timestamp-reply", 14, WHAT_ANY },
	{ "address-mask-request", 17, WHAT_ANY },
	{ "address-mask-reply", 18, WHAT_ANY },
	{ NULL, 0, 0 },
};

/* RFC 4443, 4861, 2710 and 3810. */
static const struct icmp_name icmpv6_names[] = {
	{ "destination-unreachable", 1, WHAT_ANY },
	{ "no-route", 1, 0 },
	{ "communication-prohibited", 1, 1 },
	{ "address-unreachable", 1, 3 },
	{ "port-unreachable", 1, 4 },
	{ "packet-too-big", 2, WHAT_ANY },
	{ "time-exceeded", 3, WHAT_ANY },
	{ "parameter-problem", 4, WHAT_ANY },
	{ "echo-request", 128, WHAT_ANY },
	{ "echo-reply", 129, WHAT_ANY },
	{ "mld-query", 130, WHAT_ANY },
	{ "mld-report", 131, WHAT_ANY },
	{ "mld-done", 132, WHAT_ANY },
	{ "router-solicitation", 133, WHAT_ANY },
	{ "router-advertisement", 134, WHAT_ANY },
	{ "neighbour-solicitation", 135, WHAT_ANY },
	{ "neighbor-solicitation", 135, WHAT_ANY },
	{ "neighbour-advertisement", 136, WHAT_ANY },
	{ "neighbor-advertisement", 136, WHAT_ANY },
	{ "redirect", 137, WHAT_ANY },
	{ "mld2-report", 143, WHAT_ANY },
	{ NULL, 0, 0 },
};

static bool
parse_byte(const char *text, size_t length, int16_t *number)
{
	size_t i;

	*number = 0;
	if (length < 1 || length > 3)
		return false;
	for (i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*number = (int16_t)(*number * 10 + (text[i] - '0'));
	}
	return *number <= 255;
}

int
icmp_parse(const char *text, int protocol, struct what *what, struct why *why)
{
	const struct icmp_name *known = protocol == 1 ? icmp_names : icmpv6_names;
	const char *family = protocol == 1 ? "icmp" : "icmpv6";
	struct nearest nearest = { .wanted = text };
	size_t digits = strspn(text, "0123456789");

	what->icmp_code = WHAT_ANY;
	if (parse_byte(text, digits, &what->icmp_type)) {
		if (protocol == 1 && what->icmp_type == 255)
			return why_set(why, EINVAL,
			    "'%s': to the kernel icmp's type 255 is all of them: write 'icmp'",
			    quote(text).text);
		if (text[digits] == '\0')
			return 0;
		if (text[digits] == '/' &&
		    parse_byte(text + digits + 1, strlen(text + digits + 1), &what->icmp_code))
			return 0;
	}
	if (digits)
		return why_set(why, EINVAL,
		    "'%s': a type of %s is a number from 0 to %d, with a code TYPE/CODE",
		    quote(text).text, family, protocol == 1 ? 254 : 255);
	if (strcmp(text, "ping") == 0)
		return why_set(why, EINVAL, "'ping' is %s/echo-request", family);
	for (; known->name; known++) {
		if (strcmp(known->name, text) == 0) {
			what->icmp_type = known->type;
			what->icmp_code = known->code;
			return 0;
		}
		nearest_offer(&nearest, known->name);
	}
	if (nearest.best)
		return why_set(why, EINVAL, "'%s' is not a type of %s: did you mean '%s'?",
		    quote(text).text, family, nearest.best);
	return why_set(why, EINVAL, "'%s' is not a type of %s: write its number (0 to %d)",
	    quote(text).text, family, protocol == 1 ? 254 : 255);
}
