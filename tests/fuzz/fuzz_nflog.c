/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: any bytes, as a message of netlink's log with packets in it, or as a ring that was
 * kept. The first byte says which; what is taken for a good ring says the same again.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "denials/nflog.h"
#include "denials/packet.h"
#include "denials/ring.h"
#include "fence/mark.h"

static void
expect(bool so)
{
	if (!so)
		abort();
}

static void
try_mark(const char *text, size_t length)
{
	char again[MARK_SIZE];
	struct mark mark, same;

	if (!mark_parse(text, length, &mark))
		return;
	expect(mark.rule <= POLICY_RULES_MAX && (mark.by == MARK_BY_RULE) == (mark.rule != 0));
	mark_print(&mark, "C", again);
	expect(mark_parse(again, strlen(again), &same));
	expect(same.policy == mark.policy && same.rule == mark.rule && same.by == mark.by &&
	       same.verdict == mark.verdict);
}

static void
try_packet(const struct nflog_packet *logged, void *data)
{
	struct packet packet;

	(void)data;
	try_mark(logged->prefix, logged->prefix_size);
	if (!packet_read(logged->bytes, logged->size, &packet))
		return;
	expect(packet.family == FAMILY_IPV4 || packet.family == FAMILY_IPV6);
	expect(packet.icmp_type <= 255 && packet.icmp_code <= 255);
}

static bool
look_at(const struct denial *denial, void *data)
{
	(void)data;
	expect(denial->id && denial->uid && denial->id <= denial->sequence);
	expect(strlen(denial->user) + strlen(denial->policy) + strlen(denial->file) < 8192);
	return true;
}

static void
try_ring(const uint8_t *data, size_t size)
{
	struct wire_in in = { .data = data, .left = size };
	struct ring *ring = ring_new();
	struct wire_out out = { 0 };

	if (ring && ring_get(&in, ring)) {
		ring_each(ring, 0, look_at, NULL);
		ring_put(&out, ring);
		expect(!out.failed && out.used == size && !memcmp(out.data, data, size));
		wire_out_free(&out);
	}
	ring_free(ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *aligned;

	if (!size)
		return 0;
	if (data[0] % 2) {
		try_ring(data + 1, size - 1);
		return 0;
	}
	/* As malloc() aligns it: main's buffer is. */
	aligned = malloc(size);
	if (aligned) {
		memcpy(aligned, data + 1, size - 1);
		nflog_parse(aligned, size - 1, try_packet, NULL);
	}
	free(aligned);
	return 0;
}
