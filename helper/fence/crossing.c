/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/crossing.h"

#include <stdlib.h>
#include <string.h>

#define FENCES_MAX (UINT32_C(1) << 20)
#define WHATS_MAX  4096
#define PORTS_MAX  65536

static void
put_what(struct wire_out *out, const struct what *what, uint32_t n)
{
	uint32_t i, k;

	wire_put_u32(out, n);
	for (i = 0; i < n; i++) {
		wire_put_u16(out, (uint16_t)what[i].protocol);
		wire_put_u16(out, (uint16_t)what[i].icmp_type);
		wire_put_u16(out, (uint16_t)what[i].icmp_code);
		wire_put_u32(out, what[i].n_ports);
		for (k = 0; k < what[i].n_ports; k++) {
			wire_put_u16(out, what[i].ports[k].first);
			wire_put_u16(out, what[i].ports[k].last);
		}
	}
}

/* As rule.h says what may go with what. */
static bool
what_is_good(const struct what *what)
{
	bool has_ports = what->protocol == 6 || what->protocol == 17 || what->protocol == 132;
	bool has_types = what->protocol == 1 || what->protocol == 58;
	uint32_t i;

	if (what->protocol < WHAT_ANY || what->protocol > 255 || what->icmp_type < WHAT_ANY ||
	    what->icmp_type > 255 || what->icmp_code < WHAT_ANY || what->icmp_code > 255)
		return false;
	if ((what->icmp_type != WHAT_ANY && !has_types) ||
	    (what->icmp_code != WHAT_ANY && what->icmp_type == WHAT_ANY) ||
	    (what->n_ports && !has_ports))
		return false;
	for (i = 0; i < what->n_ports; i++)
		if (what->ports[i].first > what->ports[i].last ||
		    (i && what->ports[i].first <= what->ports[i - 1].last + 1))
			return false;
	return true;
}

static bool
limit_is_good(const struct limit *limit)
{
	return !limit->count || (limit->count <= RULE_LIMIT_MAX &&
				    (limit->seconds == 1 || limit->seconds == 60 ||
					limit->seconds == 3600 || limit->seconds == 86400));
}

static struct what *
get_what(struct wire_in *in, struct arena *arena, uint32_t *n)
{
	struct what *whats;
	uint32_t i, k;

	*n = wire_get_count(in, WHATS_MAX, 10);
	whats = arena_new_of(arena, *n, struct what);
	if (!whats)
		in->failed = true;
	for (i = 0; i < *n && !in->failed; i++) {
		struct what *what = &whats[i];

		what->protocol = (int16_t)wire_get_u16(in);
		what->icmp_type = (int16_t)wire_get_u16(in);
		what->icmp_code = (int16_t)wire_get_u16(in);
		what->n_ports = wire_get_count(in, PORTS_MAX, sizeof(struct ports));
		what->ports = arena_new_of(arena, what->n_ports, struct ports);
		if (!what->ports)
			in->failed = true;
		for (k = 0; k < what->n_ports && !in->failed; k++) {
			what->ports[k].first = wire_get_u16(in);
			what->ports[k].last = wire_get_u16(in);
		}
		if (!in->failed && !what_is_good(what))
			in->failed = true;
	}
	return whats;
}

static void
put_passage(struct wire_out *out, const struct passage *passage)
{
	wire_put_u8(out, (uint8_t)passage->kind);
	put_what(out, passage->what, passage->n_what);
}

static uint8_t
get_choice(struct wire_in *in, uint8_t most)
{
	uint8_t choice = wire_get_u8(in);

	if (choice > most)
		in->failed = true;
	return choice;
}

static void
get_passage(struct wire_in *in, struct arena *arena, struct passage *passage)
{
	passage->kind = (enum passage_kind)get_choice(in, PASSAGE_LIST);
	passage->what = get_what(in, arena, &passage->n_what);
}

static enum action
get_action(struct wire_in *in)
{
	return (enum action)get_choice(in, ACTION_DROP);
}

static char *
get_string(struct wire_in *in, struct arena *arena, size_t most)
{
	size_t length;
	const char *view = wire_get_view(in, most, &length);
	char *copy = view ? arena_string(arena, view, length) : NULL;

	if (!copy)
		in->failed = true;
	return copy;
}

static void
put_rule(struct wire_out *out, const struct rule *rule)
{
	uint32_t i;
	int family;

	wire_put_u8(out, (uint8_t)rule->action);
	wire_put_u8(out, rule->log);
	wire_put_u32(out, rule->limit.count);
	wire_put_u32(out, rule->limit.seconds);
	wire_put_string(out, rule->interface);
	put_what(out, rule->what, rule->n_what);
	for (family = 0; family < FAMILIES; family++) {
		wire_put_u32(out, rule->n_to[family]);
		for (i = 0; i < rule->n_to[family]; i++) {
			wire_put_bytes(out, rule->to[family][i].first, 16);
			wire_put_bytes(out, rule->to[family][i].last, 16);
		}
	}
}

/* IPv4 uses the first four bytes, and leaves the others zero. */
static bool
is_address(const uint8_t address[16], int family)
{
	int i;

	for (i = 4; family == FAMILY_IPV4 && i < 16; i++)
		if (address[i])
			return false;
	return true;
}

static void
get_rule(struct wire_in *in, struct arena *arena, struct rule *rule)
{
	uint32_t i;
	int family;

	rule->action = get_action(in);
	rule->log = wire_get_u8(in) != 0;
	rule->limit.count = wire_get_u32(in);
	rule->limit.seconds = wire_get_u32(in);
	if (!limit_is_good(&rule->limit))
		in->failed = true;
	rule->interface = get_string(in, arena, RULE_INTERFACE_MAX);
	if (rule->interface && !rule->interface[0])
		rule->interface = NULL;
	rule->what = get_what(in, arena, &rule->n_what);
	for (family = 0; family < FAMILIES; family++) {
		rule->n_to[family] = wire_get_count(in, POLICY_ADDRESSES_MAX, 32);
		rule->to[family] = arena_new_of(arena, rule->n_to[family], struct address_range);
		if (!rule->to[family])
			in->failed = true;
		for (i = 0; i < rule->n_to[family] && !in->failed; i++) {
			struct address_range *range = &rule->to[family][i];

			wire_get_bytes(in, range->first, 16);
			wire_get_bytes(in, range->last, 16);
			if (!is_address(range->first, family) || !is_address(range->last, family) ||
			    memcmp(range->first, range->last, 16) > 0 ||
			    (i && memcmp(range->first, range[-1].last, 16) <= 0))
				in->failed = true;
		}
	}
}

/* From 1 on; 0: there is none. */
static uint32_t
number_of(const struct policy *const *policies, uint32_t n, const struct policy *wanted)
{
	uint32_t i;

	for (i = 0; wanted && i < n; i++)
		if (policies[i] == wanted)
			return i + 1;
	return 0;
}

/* In front of another one: that crosses once. */
static void
put_front(struct wire_out *out, const struct policy *const *policies, uint32_t i, uint32_t behind)
{
	uint32_t k;

	wire_put_string(out, policies[i]->name);
	wire_put_u32(out, behind);
	wire_put_u32(out, policies[i]->n_granted);
	for (k = 0; k < policies[i]->n_granted; k++)
		put_rule(out, &policies[i]->granted[k]);
}

static void
put_whole(struct wire_out *out, const struct policy *policy)
{
	uint32_t i;

	wire_put_string(out, policy->name);
	wire_put_u32(out, 0);
	wire_put_u8(out, (uint8_t)policy->unmatched);
	wire_put_u8(out, (uint8_t)policy->log);
	wire_put_u8(out, (uint8_t)policy->mode);
	put_passage(out, &policy->serve);
	put_passage(out, &policy->loopback);
	wire_put_u32(out, policy->n_egress);
	for (i = 0; i < policy->n_egress; i++)
		put_rule(out, &policy->egress[i]);
}

static uint64_t
mark_of(const uint8_t *bytes, size_t size)
{
	uint64_t sum = UINT64_C(14695981039346656037); /* FNV-1a */
	size_t i;

	for (i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
	return sum >> 16;
}

uint64_t
crossing_mark(const struct policy *policy)
{
	struct wire_out out = { 0 };
	uint64_t mark;

	put_whole(&out, policy);
	mark = out.failed ? 0 : mark_of(out.data, out.used);
	wire_out_free(&out);
	return mark;
}

void
crossing_put_policies(struct wire_out *out, const struct policy *const *policies, uint32_t n)
{
	uint32_t i;

	wire_put_u32(out, n);
	for (i = 0; i < n; i++) {
		const struct policy *policy = policies[i];
		const uint32_t behind = number_of(policies, i, policy->behind);

		if (policy->behind) {
			put_front(out, policies, i, behind);
			out->failed |= !behind;
		} else {
			put_whole(out, policy);
		}
	}
}

static struct rule *
get_rules(struct wire_in *in, struct arena *arena, const struct policy *policy, uint32_t most,
    uint32_t *n)
{
	struct rule *rules;
	uint32_t i;

	*n = wire_get_count(in, most, 26);
	rules = arena_new_of(arena, *n, struct rule);
	if (!rules)
		in->failed = true;
	for (i = 0; i < *n && !in->failed; i++) {
		get_rule(in, arena, &rules[i]);
		/* Where it was written does not cross; an engine's complaint names this. */
		rules[i].file = policy->name;
		rules[i].line = i + 1;
	}
	return rules;
}

static void
get_whole(struct wire_in *in, struct arena *arena, struct policy *policy)
{
	policy->unmatched = get_action(in);
	policy->log = (enum policy_log)get_choice(in, POLICY_LOG_NONE);
	policy->mode = (enum policy_mode)get_choice(in, POLICY_OBSERVE);
	get_passage(in, arena, &policy->serve);
	get_passage(in, arena, &policy->loopback);
	policy->egress = get_rules(in, arena, policy, POLICY_RULES_MAX, &policy->n_egress);
}

/* What is granted allows, always: a limit would count for others, too. */
static void
get_front(
    struct wire_in *in, struct arena *arena, const struct policy *behind, struct policy *policy)
{
	const char *name = policy->name;
	uint32_t i;

	*policy = *behind;
	policy->name = policy->file = name;
	policy->behind = behind;
	policy->granted = get_rules(in, arena, policy, POLICY_GRANTED_MAX, &policy->n_granted);
	for (i = 0; i < policy->n_granted && !in->failed; i++)
		if (policy->granted[i].action != ACTION_ALLOW || policy->granted[i].limit.count)
			in->failed = true;
	if (!policy->n_granted || behind->behind)
		in->failed = true;
}

bool
crossing_get_policies(
    struct wire_in *in, struct arena *arena, const struct policy *const **policies, uint32_t *n)
{
	const struct policy **list;
	uint32_t i, behind;

	*n = wire_get_count(in, POLICY_COUNT_MAX + 1 + POLICY_FRONTS_MAX, 12);
	list = arena_new_of(arena, *n, const struct policy *);
	if (!list)
		in->failed = true;
	for (i = 0; i < *n && !in->failed; i++) {
		struct policy *policy = arena_new_of(arena, 1, struct policy);
		const uint8_t *begin = in->data;

		if (!policy) {
			in->failed = true;
			break;
		}
		list[i] = policy;
		policy->name = get_string(in, arena, POLICY_NAME_MAX);
		policy->file = policy->name;
		behind = wire_get_u32(in);
		if (behind > i)
			in->failed = true;
		else if (behind)
			get_front(in, arena, list[behind - 1], policy);
		else
			get_whole(in, arena, policy);
		if (!in->failed && !behind)
			policy->mark = mark_of(begin, (size_t)(in->data - begin));
	}
	*policies = list;
	return !in->failed;
}

/* There are many: as they lie in memory, which is three numbers of 32 bits each. */
_Static_assert(sizeof(struct fence) == 3 * sizeof(uint32_t), "no room between a fence's numbers");

void
crossing_put_fences(struct wire_out *out, const struct fence *fences, uint32_t n)
{
	wire_put_u32(out, n);
	wire_put_bytes(out, fences, n * sizeof(*fences));
}

bool
crossing_get_fences(struct wire_in *in, uint32_t n_policies, struct fence **fences, uint32_t *n)
{
	struct fence *list;
	uint32_t i, count;

	count = wire_get_count(in, FENCES_MAX, sizeof(*list));
	list = calloc(count ? count : 1, sizeof(*list));
	if (!list)
		in->failed = in->no_memory = true;
	if (!in->failed)
		wire_get_bytes(in, list, count * sizeof(*list));
	for (i = 0; i < count && !in->failed; i++) {
		if (!list[i].first || list[i].first > list[i].last ||
		    list[i].policy >= n_policies || (i && list[i].first <= list[i - 1].last))
			in->failed = true;
	}
	if (in->failed) {
		free(list);
		return false;
	}
	*fences = list;
	*n = count;
	return true;
}
