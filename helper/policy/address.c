/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/report.h"

#define ADDRESS_TEXT_MAX 127 /* bytes; the longest range of two IPv6 addresses has 91 */

static size_t
size_of(enum family family)
{
	return family == FAMILY_IPV4 ? 4 : 16;
}

static int
af_of(enum family family)
{
	return family == FAMILY_IPV4 ? AF_INET : AF_INET6;
}

bool
address_meant(const char *text)
{
	return strchr(text, ':') || (text[0] >= '0' && text[0] <= '9') || strchr(text, '/') ||
	       strchr("![.*-", text[0]);
}

/* Where an IPv4 address is wrong, if it looks like one. */
static int
wrong_ipv4(const char *text, struct why *why)
{
	unsigned int parts = 0;
	const char *at = text;
	char *end;
	unsigned long part;

	if (strspn(text, "0123456789.") != strlen(text))
		return why_set(why, EINVAL, "'%s' is not an address", quote(text).text);
	for (;;) {
		part = strtoul(at, &end, 10);
		if (end == at)
			return why_set(why, EINVAL, "'%s' is not an IPv4 address", text);
		if (part > 255)
			return why_set(why, EINVAL,
			    "'%s' is not an IPv4 address: %.*s is more than 255", text,
			    (int)(end - at), at);
		if (end - at > 1 && *at == '0')
			return why_set(why, EINVAL,
			    "'%s': write the address without leading zeros, which some programs "
			    "read as octal",
			    text);
		parts++;
		if (*end == '\0')
			break;
		at = end + 1;
	}
	return why_set(
	    why, EINVAL, "'%s' has %u parts where an IPv4 address has four", text, parts);
}

static int
wrong_ipv6(const char *text, struct why *why)
{
	const char *colon = strrchr(text, ':');
	unsigned char address[4];
	char host[INET_ADDRSTRLEN];

	if (strchr(text, '%'))
		return why_set(why, EINVAL, "'%s': an address in the rules has no zone, remove %s",
		    quote(text).text, quote(strchr(text, '%')).text);
	if (text[0] == '[')
		return why_set(why, EINVAL,
		    "'%s': write the address without brackets, and a port as 'allow: tcp/PORT'",
		    quote(text).text);
	if (colon && (size_t)(colon - text) < sizeof(host)) {
		memcpy(host, text, (size_t)(colon - text));
		host[colon - text] = '\0';
		if (inet_pton(AF_INET, host, address) == 1)
			return why_set(why, EINVAL,
			    "'%s': the port does not stand with the address: 'allow: tcp/%s', "
			    "'to: %s'",
			    quote(text).text, quote(colon + 1).text, host);
	}
	return why_set(why, EINVAL, "'%s' is not an IPv6 address", quote(text).text);
}

static bool
has_letter(const char *text)
{
	return strpbrk(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") != NULL;
}

/* One address, without a prefix length. */
static int
parse_one(const char *text, enum family *family, uint8_t address[16], struct why *why)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	memset(address, 0, 16);
	*family = FAMILY_IPV4;
	if (inet_pton(AF_INET, text, address) == 1)
		return 0;
	*family = FAMILY_IPV6;
	if (inet_pton(AF_INET6, text, address) == 1) {
		/* The kernel sends to such an address in IPv4, where an IPv6 rule sees nothing. */
		if (memcmp(address, mapped, sizeof(mapped)) == 0)
			return why_set(why, EINVAL,
			    "'%s' is an IPv4 address in IPv6 clothes: write %u.%u.%u.%u", text,
			    address[12], address[13], address[14], address[15]);
		return 0;
	}
	if (strstr(text, "://"))
		return why_set(
		    why, EINVAL, "'%s' is a URL: rules know addresses only", quote(text).text);
	if (strchr(text, ':') || text[0] == '[')
		return wrong_ipv6(text, why);
	if (has_letter(text))
		return why_set(why, EINVAL,
		    "'%s' is a host name: rules know addresses only (give its addresses a name "
		    "under 'define')",
		    quote(text).text);
	return wrong_ipv4(text, why);
}

static int
parse_length(
    const char *text, const char *length, enum family family, unsigned int *bits, struct why *why)
{
	unsigned int most = family == FAMILY_IPV4 ? 32 : 128, ones = 0;
	uint32_t mask = 0;
	size_t digits = strspn(length, "0123456789");

	if (digits > 0 && digits <= 3 && length[digits] == '\0') {
		*bits = (unsigned int)atoi(length);
		if (*bits <= most)
			return 0;
		return why_set(why, EINVAL, "'%s': a prefix has at most %u bits in IPv%d", text,
		    most, family == FAMILY_IPV4 ? 4 : 6);
	}
	if (family == FAMILY_IPV4 && inet_pton(AF_INET, length, &mask) == 1) {
		mask = ntohl(mask);
		while (ones < 32 && mask & 0x80000000u >> ones)
			ones++;
		if (ones == 32 || !(mask << ones))
			return why_set(why, EINVAL, "'%s': write the netmask as a length: %.*s/%u",
			    text, (int)(length - 1 - text), text, ones);
	}
	return why_set(
	    why, EINVAL, "'%s': '%s' is not a prefix length", quote(text).text, quote(length).text);
}

static int
parse_prefix(const char *text, const char *slash, enum family *family, struct address_range *range,
    struct why *why)
{
	char address[ADDRESS_TEXT_MAX + 1], meant[INET6_ADDRSTRLEN];
	unsigned int bits = 0;
	size_t i;
	bool beyond = false;
	int result;

	memcpy(address, text, (size_t)(slash - text));
	address[slash - text] = '\0';
	result = parse_one(address, family, range->first, why);
	if (result)
		return result;
	result = parse_length(text, slash + 1, *family, &bits, why);
	if (result)
		return result;
	memset(range->last, 0, sizeof(range->last));
	for (i = 0; i < size_of(*family); i++) {
		unsigned int kept = bits > i * 8 ? bits - (unsigned int)i * 8 : 0;
		uint8_t host = (uint8_t)(kept >= 8 ? 0 : 0xff >> kept);

		beyond |= (range->first[i] & host) != 0;
		range->first[i] &= (uint8_t)~host;
		range->last[i] = range->first[i] | host;
	}
	if (!beyond)
		return 0;
	inet_ntop(af_of(*family), range->first, meant, sizeof(meant));
	return why_set(why, EINVAL,
	    "'%s' has bits set behind the prefix: write %s/%u, or %s/%u for the one address", text,
	    meant, bits, address, *family == FAMILY_IPV4 ? 32u : 128u);
}

static int
parse_range(const char *text, const char *dash, enum family *family, struct address_range *range,
    struct why *why)
{
	char first[ADDRESS_TEXT_MAX + 1];
	const char *last = dash + 1, *dot;
	enum family other;
	int result;

	memcpy(first, text, (size_t)(dash - text));
	first[dash - text] = '\0';
	result = parse_one(first, family, range->first, why);
	if (result)
		return result;
	if (*family == FAMILY_IPV6 && !strpbrk(last, ".:"))
		return why_set(why, EINVAL, "'%s': write the range's end in full", text);
	dot = strrchr(first, '.');
	if (*family == FAMILY_IPV4 && *last && strspn(last, "0123456789") == strlen(last) && dot)
		return why_set(why, EINVAL, "'%s': write the range's end in full: %s-%.*s%s", text,
		    first, (int)(dot + 1 - first), first, last);
	result = parse_one(last, &other, range->last, why);
	if (result)
		return result;
	if (*family != other)
		return why_set(why, EINVAL,
		    "'%s': a range begins and ends in the same family, IPv4 or IPv6", text);
	if (memcmp(range->first, range->last, sizeof(range->first)) > 0)
		return why_set(why, EINVAL, "'%s' is reversed: write %s-%s", text, last, first);
	return 0;
}

int
address_parse(const char *text, enum family *family, struct address_range *range, struct why *why)
{
	const char *slash = strchr(text, '/'), *dash = strchr(text, '-');
	int result;

	if (strpbrk(text, " \t\n,;"))
		return why_set(
		    why, EINVAL, "'%s': write several as a list, [A, B]", quote(text).text);
	if (text[0] == '!')
		return why_set(why, EINVAL,
		    "'%s': there is no 'not': put a rule for these addresses before this one",
		    quote(text).text);
	if (strlen(text) > ADDRESS_TEXT_MAX)
		return why_set(why, EINVAL, "'%s' is too long for an address", quote(text).text);
	if (strchr(text, '*'))
		return why_set(
		    why, EINVAL, "'%s': write a prefix, such as 192.0.2.0/24", quote(text).text);
	if (slash && !strchr(text, ':') && has_letter(text))
		return why_set(why, EINVAL,
		    "'%s' is not an address: protocols and ports stand in the action, as in "
		    "'allow: tcp/22'",
		    quote(text).text);
	if (slash && !strstr(text, "://")) {
		if (dash)
			return why_set(why, EINVAL,
			    "'%s': either a prefix, A/LENGTH, or a range, A-B", quote(text).text);
		return parse_prefix(text, slash, family, range, why);
	}
	/* A dash in what has other letters than an IPv6 address is a host name's. */
	if (dash && dash > text && (strchr(text, ':') || !has_letter(text)))
		return parse_range(text, dash, family, range, why);
	result = parse_one(text, family, range->first, why);
	if (!result)
		memcpy(range->last, range->first, sizeof(range->last));
	return result;
}

int
addresses_add(struct arena *arena, struct addresses *addresses, enum family family,
    const struct address_range *range)
{
	uint32_t room = addresses->room[family], n = addresses->n[family];
	struct address_range *grown;

	if (n == room) {
		if (room > UINT32_MAX / 2)
			return -ENOMEM;
		room = room ? room * 2 : 4;
		grown = arena_new_of(arena, room, struct address_range);
		if (!grown)
			return -ENOMEM;
		if (n)
			memcpy(grown, addresses->ranges[family], n * sizeof(*grown));
		addresses->ranges[family] = grown;
		addresses->room[family] = room;
	}
	addresses->ranges[family][addresses->n[family]++] = *range;
	return 0;
}

int
addresses_add_all(struct arena *arena, struct addresses *addresses, const struct addresses *more)
{
	enum family family;
	uint32_t i;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		for (i = 0; i < more->n[family]; i++) {
			if (addresses_add(arena, addresses, family, &more->ranges[family][i]))
				return -ENOMEM;
		}
	}
	return 0;
}

int
addresses_add_any(struct arena *arena, struct addresses *addresses)
{
	struct address_range any = { .first = { 0 } };
	enum family family;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		memset(any.last, 0xff, size_of(family));
		if (addresses_add(arena, addresses, family, &any))
			return -ENOMEM;
	}
	return 0;
}

static int
by_first(const void *left, const void *right)
{
	const struct address_range *a = left, *b = right;

	return memcmp(a->first, b->first, sizeof(a->first));
}

/* Whether `next` begins at or before the address behind `range`. */
static bool
touches(const struct address_range *range, const struct address_range *next, enum family family)
{
	uint8_t behind[16];
	size_t i = size_of(family);

	if (memcmp(next->first, range->last, sizeof(behind)) <= 0)
		return true;
	memcpy(behind, range->last, sizeof(behind));
	while (i-- > 0) {
		if (++behind[i])
			break;
	}
	return memcmp(next->first, behind, sizeof(behind)) == 0;
}

void
addresses_merge(struct addresses *addresses)
{
	struct address_range *ranges, *last;
	enum family family;
	uint32_t i, n;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		ranges = addresses->ranges[family];
		n = addresses->n[family];
		if (n < 2)
			continue;
		qsort(ranges, n, sizeof(*ranges), by_first);
		last = ranges;
		for (i = 1; i < n; i++) {
			if (!touches(last, &ranges[i], family))
				*++last = ranges[i];
			else if (memcmp(ranges[i].last, last->last, sizeof(last->last)) > 0)
				memcpy(last->last, ranges[i].last, sizeof(last->last));
		}
		addresses->n[family] = (uint32_t)(last - ranges) + 1;
	}
}
