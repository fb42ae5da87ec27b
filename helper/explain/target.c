/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/target.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "policy/address.h"
#include "policy/what.h"

static int
parse_where(const char *where, struct packet *packet, struct why *why)
{
	struct address_range range;
	int result;

	if (!address_meant(where))
		return why_set(why, EINVAL, "'%.200s' is not an address", where);
	result = address_parse(where, &packet->family, &range, why);
	if (result)
		return result;
	if (memcmp(range.first, range.last, sizeof(range.first)) != 0)
		return why_set(
		    why, EINVAL, "'%.200s' is more than one address: ask for one", where);
	memcpy(packet->to, range.first, sizeof(packet->to));
	return 0;
}

static int
add(struct packet *packets, uint32_t *n, const struct packet *packet, struct why *why)
{
	if (*n == TARGET_PACKETS_MAX)
		return why_set(why, EINVAL, "that is more than %d kinds of packets: ask for one",
		    TARGET_PACKETS_MAX);
	packets[(*n)++] = *packet;
	return 0;
}

static int
add_ports(const struct what *what, const char *text, struct packet packet, struct packet *packets,
    uint32_t *n, struct why *why)
{
	uint32_t i;
	int result = 0;

	if (!what->n_ports)
		return why_set(why, EINVAL,
		    "'%.100s' is every port: ask for one, as in '%.100s/22'", text, text);
	for (i = 0; i < what->n_ports && !result; i++) {
		if (what->ports[i].first != what->ports[i].last)
			return why_set(
			    why, EINVAL, "'%.200s' is more than one port: ask for one", text);
		packet.to_port = what->ports[i].first;
		result = add(packets, n, &packet, why);
	}
	return result;
}

static int
add_type(const struct what *what, const char *text, struct packet packet, struct packet *packets,
    uint32_t *n, struct why *why)
{
	const char *protocol = what->protocol == IPPROTO_ICMP ? "icmp" : "icmpv6";
	const char *other = what->protocol == IPPROTO_ICMP ? "icmpv6" : "icmp";

	if (!what_in_family(what, packet.family))
		return why_set(why, EINVAL,
		    "%s does not go to an IPv%d address: '%s/echo-request' does", protocol,
		    packet.family == FAMILY_IPV4 ? 4 : 6, other);
	if (what->icmp_type == WHAT_ANY)
		return why_set(why, EINVAL,
		    "'%.100s' is every type: ask for one, as in '%s/echo-request'", text, protocol);
	packet.icmp_type = what->icmp_type;
	packet.icmp_code = what->icmp_code == WHAT_ANY ? 0 : what->icmp_code;
	return add(packets, n, &packet, why);
}

static int
add_what(const struct what *what, const char *text, struct packet packet, struct packet *packets,
    uint32_t *n, struct why *why)
{
	if (what->protocol == WHAT_ANY)
		return why_set(why, EINVAL, "'any' is every protocol: ask for one, as in 'tcp/22'");
	packet.protocol = (uint8_t)what->protocol;
	switch (what->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		return add_ports(what, text, packet, packets, n, why);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return add_type(what, text, packet, packets, n, why);
	default:
		return add(packets, n, &packet, why);
	}
}

int
target_parse(struct arena *arena, const struct services *services, const char *what,
    const char *where, struct packet **packets, uint32_t *n, struct why *why)
{
	struct packet packet = { .icmp_type = VERDICT_UNKNOWN, .icmp_code = VERDICT_UNKNOWN };
	struct what_list list = { 0 };
	struct what *whats;
	uint32_t n_whats, i;
	int result;

	*n = 0;
	if (strchr(what, ','))
		return why_set(why, EINVAL, "'%.200s': ask for one at a time", what);
	result = what_parse(arena, services, what, &list, why);
	if (!result)
		result = parse_where(where, &packet, why);
	if (result)
		return result;
	*packets = arena_new_of(arena, TARGET_PACKETS_MAX, struct packet);
	if (!*packets || what_merge(arena, &list, &whats, &n_whats))
		return why_set(why, ENOMEM, "no memory");
	for (i = 0; i < n_whats && !result; i++)
		result = add_what(&whats[i], what, packet, *packets, n, why);
	return result;
}
