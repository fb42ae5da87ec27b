/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/cleanup.h"
#include "denials/ring_inside.h"
#include "fence/rate.h"
#include "netfence/protocol.h"

#define RING_MAGIC UINT64_C(0x31307361696e6564) /* "denias01" */
#define FILE_MAX   4096

static void
put_denial(struct wire_out *out, const struct denial *denial)
{
	wire_put_u64(out, denial->id);
	wire_put_u64(out, denial->sequence);
	wire_put_u64(out, (uint64_t)denial->first);
	wire_put_u64(out, (uint64_t)denial->last);
	wire_put_u64(out, denial->count);
	wire_put_u8(out, denial->at_least);
	wire_put_u8(out, (uint8_t)denial->verdict);
	wire_put_u8(out, (uint8_t)denial->by);
	wire_put_u32(out, denial->uid);
	wire_put_string(out, denial->user);
	wire_put_string(out, denial->policy);
	wire_put_string(out, denial->file);
	wire_put_u32(out, denial->line);
	wire_put_u8(out, (uint8_t)denial->family);
	wire_put_u8(out, denial->protocol);
	wire_put_bytes(out, denial->to, sizeof(denial->to));
	wire_put_u16(out, denial->port);
	wire_put_u16(out, (uint16_t)denial->icmp_type);
	wire_put_u16(out, (uint16_t)denial->icmp_code);
	wire_put_u64(out, (uint64_t)denial->said);
	wire_put_u32(out, denial->unsaid);
}

static void
put_tally(struct wire_out *out, const struct tally *tally)
{
	uint32_t i;

	wire_put_u32(out, tally->uid);
	wire_put_string(out, tally->policy);
	wire_put_u64(out, (uint64_t)tally->stay);
	wire_put_u64(out, tally->sequence);
	for (i = 0; i < MARK_VERDICTS; i++)
		wire_put_u64(out, tally->count.packets[i]);
	wire_put_u8(out, tally->count.at_least);
}

void
ring_put(struct wire_out *out, const struct ring *ring)
{
	uint32_t i;

	wire_put_u64(out, RING_MAGIC);
	wire_put_u64(out, ring->sequence);
	wire_put_u32(out, ring->n);
	for (i = 0; i < ring->n; i++)
		put_denial(out, &ring->denials[i]);
	wire_put_u32(out, ring->n_tallies);
	for (i = 0; i < ring->n_tallies; i++)
		put_tally(out, &ring->tallies[i]);
}

static uint8_t
get_choice(struct wire_in *in, uint8_t most)
{
	uint8_t choice = wire_get_u8(in);

	if (choice > most)
		in->failed = true;
	return in->failed ? 0 : choice;
}

static void
get_denial(struct wire_in *in, struct ring *ring)
{
	cleanup_free char *user = NULL, *policy = NULL, *file = NULL;
	struct denial denial = { .id = wire_get_u64(in) };
	uint64_t id;

	denial.sequence = wire_get_u64(in);
	denial.first = (time_t)wire_get_u64(in);
	denial.last = denial.leaked = (time_t)wire_get_u64(in);
	denial.count = wire_get_u64(in);
	/* At the most. */
	denial.level =
	    denial.count < RATE_TARGET_BURST ? (uint32_t)denial.count : RATE_TARGET_BURST;
	denial.at_least = get_choice(in, true);
	denial.verdict = (enum mark_verdict)get_choice(in, MARK_ALLOWED);
	denial.by = (enum mark_by)get_choice(in, MARK_BY_LIST);
	denial.uid = wire_get_u32(in);
	denial.user = user = wire_get_string(in, PROTOCOL_NAME_MAX);
	denial.policy = policy = wire_get_string(in, POLICY_NAME_MAX);
	denial.file = file = wire_get_string(in, FILE_MAX);
	denial.line = wire_get_u32(in);
	denial.family = (enum family)get_choice(in, FAMILY_IPV6);
	denial.protocol = wire_get_u8(in);
	wire_get_bytes(in, denial.to, sizeof(denial.to));
	denial.port = wire_get_u16(in);
	denial.icmp_type = (int16_t)wire_get_u16(in);
	denial.icmp_code = (int16_t)wire_get_u16(in);
	denial.said = (time_t)wire_get_u64(in);
	denial.unsaid = wire_get_u32(in);
	if (in->failed || !denial.id || denial.id > denial.sequence ||
	    denial.sequence > ring->sequence || !denial.uid) {
		in->failed = true;
		return;
	}
	id = denial.id;
	denial.hash = ring_hash(&denial);
	if (ring_find(ring, &denial) || ring_of_user(ring, denial.uid) >= RING_OF_USER_MAX ||
	    !ring_put_in(ring, &denial)) {
		in->failed = true;
		return;
	}
	ring->denials[ring->n - 1].id = id;
}

static void
get_tally(struct wire_in *in, struct ring *ring)
{
	cleanup_free char *policy = NULL;
	uint32_t uid = wire_get_u32(in), i;
	struct tally *tally;

	policy = wire_get_string(in, POLICY_NAME_MAX);
	tally = policy && !ring_find_tally(ring, uid, policy) ? ring_new_tally(ring, uid, policy)
							      : NULL;
	if (!tally) {
		in->failed = true;
		return;
	}
	tally->stay = (time_t)wire_get_u64(in);
	tally->sequence = wire_get_u64(in);
	for (i = 0; i < MARK_VERDICTS; i++)
		tally->count.packets[i] = wire_get_u64(in);
	tally->count.at_least = get_choice(in, true);
}

bool
ring_get(struct wire_in *in, struct ring *ring)
{
	uint32_t count_of, i;

	ring_empty(ring);
	if (wire_get_u64(in) != RING_MAGIC)
		return false;
	ring->sequence = wire_get_u64(in);
	count_of = wire_get_count(in, RING_DENIALS_MAX, 96);
	for (i = 0; i < count_of && !in->failed; i++)
		get_denial(in, ring);
	count_of = wire_get_count(in, RING_TALLIES_MAX, 49);
	for (i = 0; i < count_of && !in->failed; i++)
		get_tally(in, ring);
	if (wire_in_done(in))
		return true;
	ring_empty(ring);
	return false;
}
