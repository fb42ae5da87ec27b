/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "denials/packet.h"

#define V4(protocol, fragment)                                                                   \
	0x45, 0, 0, 60, 0, 0, (fragment) >> 8, (fragment)&0xff, 64, (protocol), 0, 0, 192, 0, 2, \
	    1, 10, 0, 0, 5
#define V6(next)                                                                                   \
	0x60, 0, 0, 0, 0, 20, (next), 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
	    1, 0x20, 0x01, 0x0d, 0xb8, 0, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5
#define PORTS 0x12, 0x34, 0, 22

struct sample {
	const char *says; /* "protocol from>to type/code", or NULL where it is none */
	size_t size;
	uint8_t bytes[128];
};

#define SAMPLE(says, ...)                                 \
	{                                                 \
		says, sizeof((uint8_t[]){ __VA_ARGS__ }), \
		{                                         \
			__VA_ARGS__                       \
		}                                         \
	}

static const struct sample ipv4[] = {
	SAMPLE("6 4660>22 -1/-1", V4(6, 0), PORTS),
	SAMPLE("17 4660>22 -1/-1", V4(17, 0x4000), PORTS), /* may not be fragmented */
	SAMPLE("132 4660>22 -1/-1", V4(132, 0), PORTS),
	SAMPLE("17 4660>22 -1/-1", V4(17, 0x2000), PORTS), /* the first fragment */
	SAMPLE("17 0>0 -1/-1", V4(17, 0x2010), PORTS),     /* a later one */
	SAMPLE("17 0>0 -1/-1", V4(17, 0x0001), PORTS),
	SAMPLE("1 0>0 8/3", V4(1, 0), 8, 3, 0, 0),
	SAMPLE("47 0>0 -1/-1", V4(47, 0), PORTS),
	SAMPLE("6 0>0 -1/-1", V4(6, 0), 0x12, 0x34, 0),
	SAMPLE("1 0>0 -1/-1", V4(1, 0), 8),
	SAMPLE("6 0>0 -1/-1", V4(6, 0)),
	/* Options; more of them than there is; a header that is shorter than itself. */
	SAMPLE("6 4660>22 -1/-1", 0x46, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 10, 0, 0,
	    5, 1, 1, 1, 0, PORTS),
	SAMPLE("6 0>0 -1/-1", 0x4f, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 10, 0, 0, 5, 1,
	    1, 1, 0, PORTS),
	SAMPLE("6 0>0 -1/-1", 0x44, 0, 0, 60, 0, 0, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 10, 0, 0, 5,
	    PORTS),
};

static const struct sample ipv6[] = {
	SAMPLE("6 4660>22 -1/-1", V6(6), PORTS),
	SAMPLE("58 0>0 128/0", V6(58), 128, 0),
	SAMPLE("6 0>0 -1/-1", V6(6)),
	/* Hop-by-hop and destination options. */
	SAMPLE("17 4660>22 -1/-1", V6(0), 60, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0, PORTS),
	SAMPLE("17 4660>22 -1/-1", V6(60), 17, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, PORTS),
	SAMPLE("6 4660>22 -1/-1 routing", V6(43), 6, 0, 4, 0, 0, 0, 0, 0, PORTS),
	SAMPLE("17 4660>22 -1/-1", V6(44), 17, 0, 0, 1, 0, 0, 0, 1, PORTS), /* first fragment */
	SAMPLE("17 0>0 -1/-1", V6(44), 17, 0, 0, 8, 0, 0, 0, 1, PORTS),     /* later one */
	SAMPLE("6 4660>22 -1/-1", V6(51), 6, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, PORTS),
	/* Cut off on the way: what is next is not known. */
	SAMPLE("0 0>0 -1/-1", V6(0), 60),
	SAMPLE("60 0>0 -1/-1", V6(60), 17, 9, 1, 12, 0, 0, 0, 0),
	SAMPLE("43 0>0 -1/-1 routing", V6(43), 6),
	SAMPLE("44 0>0 -1/-1", V6(44), 17, 0, 0, 8),
	SAMPLE("50 0>0 -1/-1", V6(50), PORTS),
};

static void
read_all(const struct sample *samples, size_t n, enum family family)
{
	static const uint8_t to[FAMILIES][16] = { { 10, 0, 0, 5 },
		{ 0x20, 0x01, 0x0d, 0xb8, 0, 0xa, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5 } };
	struct packet packet;
	char says[64];
	uint8_t *bytes;
	size_t i;

	for (i = 0; i < n; i++) {
		/* In a block of just its size. */
		bytes = malloc(samples[i].size);
		memcpy(bytes, samples[i].bytes, samples[i].size);
		assert_true(packet_read(bytes, samples[i].size, &packet));
		free(bytes);
		snprintf(says, sizeof(says), "%u %u>%u %d/%d%s", packet.protocol, packet.from_port,
		    packet.to_port, packet.icmp_type, packet.icmp_code,
		    packet.routing_header ? " routing" : "");
		if (strcmp(says, samples[i].says))
			fail_msg("number %zu: %s, not %s", i, says, samples[i].says);
		assert_int_equal(packet.family, family);
		assert_memory_equal(packet.to, to[family], 16);
	}
}

static void
test_ipv4(void **state)
{
	(void)state;
	read_all(ipv4, sizeof(ipv4) / sizeof(ipv4[0]), FAMILY_IPV4);
}

static void
test_ipv6(void **state)
{
	(void)state;
	read_all(ipv6, sizeof(ipv6) / sizeof(ipv6[0]), FAMILY_IPV6);
}

static void
test_no_packet(void **state)
{
	static const uint8_t other[60] = { 0x55 };
	struct packet packet;

	(void)state;
	assert_false(packet_read(other, sizeof(other), &packet));
	assert_false(packet_read(other, 0, &packet));
	assert_false(packet_read(ipv4[0].bytes, 19, &packet));
	assert_false(packet_read(ipv6[0].bytes, 39, &packet));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_no_packet),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
