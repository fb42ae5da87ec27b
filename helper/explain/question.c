/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/question.h"

#include <string.h>

#define PACKET_LEAST 29 /* bytes that a packet takes at least */

static void
put_packet(struct wire_out *out, const struct packet *packet)
{
	wire_put_u8(out, (uint8_t)packet->family);
	wire_put_u8(out, packet->protocol);
	wire_put_u16(out, packet->to_port);
	wire_put_u16(out, (uint16_t)packet->icmp_type);
	wire_put_u16(out, (uint16_t)packet->icmp_code);
	wire_put_bytes(out, packet->to, sizeof(packet->to));
	wire_put_u8(out, packet->local);
	wire_put_string(out, packet->interface);
}

void
question_put(struct wire_out *out, const struct question *question)
{
	uint32_t i;

	wire_put_string(out, question->user);
	wire_put_u32(out, question->uid);
	wire_put_u32(out, question->n_groups);
	for (i = 0; i < question->n_groups; i++)
		wire_put_string(out, question->groups[i]);
	wire_put_u8(out, question->rules);
	wire_put_u32(out, question->n_packets);
	for (i = 0; i < question->n_packets; i++)
		put_packet(out, &question->packets[i]);
}

static const char *
get_string(struct wire_in *in, struct arena *arena, size_t most)
{
	size_t length = 0;
	const char *view = wire_get_view(in, most, &length);
	const char *copy = view ? arena_string(arena, view, length) : NULL;

	if (!copy)
		in->failed = true;
	return copy;
}

static void
get_packet(struct wire_in *in, struct arena *arena, struct packet *packet)
{
	uint8_t family = wire_get_u8(in);

	packet->family = (enum family)family;
	packet->protocol = wire_get_u8(in);
	packet->to_port = wire_get_u16(in);
	packet->icmp_type = (int16_t)wire_get_u16(in);
	packet->icmp_code = (int16_t)wire_get_u16(in);
	wire_get_bytes(in, packet->to, sizeof(packet->to));
	packet->local = wire_get_u8(in) != 0;
	packet->interface = get_string(in, arena, RULE_INTERFACE_MAX);
	if (packet->interface && !packet->interface[0])
		packet->interface = NULL;
	if (family >= FAMILIES || packet->icmp_type < VERDICT_UNKNOWN || packet->icmp_type > 255 ||
	    packet->icmp_code < VERDICT_UNKNOWN || packet->icmp_code > 255)
		in->failed = true;
}

bool
question_get(struct wire_in *in, struct arena *arena, struct question *question)
{
	const char **groups;
	uint32_t i;

	*question = (struct question){ .user = get_string(in, arena, PROTOCOL_NAME_MAX) };
	question->uid = wire_get_u32(in);
	question->n_groups = wire_get_count(in, PROTOCOL_GROUPS_MAX, sizeof(uint32_t));
	question->groups = groups = arena_new_of(arena, question->n_groups, const char *);
	for (i = 0; groups && i < question->n_groups && !in->failed; i++)
		groups[i] = get_string(in, arena, PROTOCOL_NAME_MAX);
	question->rules = wire_get_u8(in) != 0;
	question->n_packets = wire_get_count(in, TARGET_PACKETS_MAX, PACKET_LEAST);
	question->packets = arena_new_of(arena, question->n_packets, struct packet);
	for (i = 0; question->packets && i < question->n_packets && !in->failed; i++)
		get_packet(in, arena, &question->packets[i]);
	return question->groups && question->packets && wire_in_done(in);
}
