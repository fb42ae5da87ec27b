/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "denials/packet.h"

#include <netinet/in.h>
#include <string.h>

#define IPV4_HEADER 20
#define IPV6_HEADER 40

static uint16_t
get_u16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void
read_inner(const uint8_t *bytes, size_t size, struct packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		if (size < 4)
			return;
		packet->from_port = get_u16(bytes);
		packet->to_port = get_u16(bytes + 2);
		return;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		if (size < 2)
			return;
		packet->icmp_type = bytes[0];
		packet->icmp_code = bytes[1];
	}
}

static bool
read_ipv4(const uint8_t *bytes, size_t size, struct packet *packet)
{
	size_t header;

	if (size < IPV4_HEADER)
		return false;
	header = 4 * (size_t)(bytes[0] & 0x0f);
	packet->family = FAMILY_IPV4;
	packet->protocol = bytes[9];
	memcpy(packet->to, bytes + 16, 4);
	if (header >= IPV4_HEADER && header <= size && !(get_u16(bytes + 6) & 0x1fff))
		read_inner(bytes + header, size - header, packet);
	return true;
}

/* Headers on the way to what is inside. Each is at least eight bytes, so the walk ends. */
static bool
read_ipv6(const uint8_t *bytes, size_t size, struct packet *packet)
{
	size_t at = IPV6_HEADER, length;

	if (size < IPV6_HEADER)
		return false;
	packet->family = FAMILY_IPV6;
	packet->protocol = bytes[6];
	memcpy(packet->to, bytes + 24, 16);
	for (;;) {
		switch (packet->protocol) {
		case IPPROTO_ROUTING:
			packet->routing_header = true;
			__attribute__((fallthrough));
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
			length = size < at + 2 ? 0 : 8 * ((size_t)bytes[at + 1] + 1);
			break;
		case IPPROTO_AH:
			length = size < at + 2 ? 0 : 4 * ((size_t)bytes[at + 1] + 2);
			break;
		case IPPROTO_FRAGMENT:
			length = 8;
			if (size >= at + 8 && (get_u16(bytes + at + 2) & 0xfff8)) {
				packet->protocol = bytes[at];
				return true;
			}
			break;
		default:
			read_inner(bytes + at, size - at, packet);
			return true;
		}
		if (length < 8 || length > size - at)
			return true;
		packet->protocol = bytes[at];
		at += length;
	}
}

bool
packet_read(const uint8_t *bytes, size_t size, struct packet *packet)
{
	*packet = (struct packet){ .icmp_type = VERDICT_UNKNOWN, .icmp_code = VERDICT_UNKNOWN };
	if (!size)
		return false;
	if (bytes[0] >> 4 == 4)
		return read_ipv4(bytes, size, packet);
	return bytes[0] >> 4 == 6 && read_ipv6(bytes, size, packet);
}
