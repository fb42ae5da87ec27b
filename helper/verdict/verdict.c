/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict/verdict.h"

#include <stddef.h>
#include <string.h>

static bool
in_ports(const struct ports *ports, uint32_t n, uint16_t port)
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (ports[middle].last < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && ports[low].first <= port;
}

bool
verdict_in_ranges(const struct address_range *ranges, uint32_t n, const uint8_t address[16])
{
	uint32_t low = 0, high = n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(ranges[middle].last, address, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && memcmp(ranges[low].first, address, 16) <= 0;
}

static bool
is_what(const struct what *what, const struct packet *packet, uint16_t port)
{
	if (what->protocol == WHAT_ANY)
		return true;
	if (what->protocol != packet->protocol || !what_in_family(what, packet->family))
		return false;
	if (what->icmp_type != WHAT_ANY && what->icmp_type != packet->icmp_type)
		return false;
	if (what->icmp_code != WHAT_ANY && what->icmp_code != packet->icmp_code)
		return false;
	return !what->n_ports || in_ports(what->ports, what->n_ports, port);
}

bool
verdict_is_what(const struct what *what, const struct packet *packet)
{
	return is_what(what, packet, packet->to_port);
}

static bool
is_one_of(const struct what *what, uint32_t n, const struct packet *packet, uint16_t port)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (is_what(&what[i], packet, port))
			return true;
	return false;
}

bool
verdict_matches(const struct rule *rule, const struct packet *packet)
{
	if (rule->interface &&
	    (!packet->interface || strcmp(rule->interface, packet->interface) != 0))
		return false;
	return is_one_of(rule->what, rule->n_what, packet, packet->to_port) &&
	       verdict_in_ranges(rule->to[packet->family], rule->n_to[packet->family], packet->to);
}

static bool
passes(const struct passage *passage, const struct packet *packet, uint16_t port)
{
	return passage->kind == PASSAGE_ALL ||
	       (passage->kind == PASSAGE_LIST &&
		   is_one_of(passage->what, passage->n_what, packet, port));
}

/* The rules from index i on, and the default behind them. */
static struct verdict
egress_from(const struct policy *policy, const struct packet *packet, uint32_t i, bool fresh)
{
	struct verdict verdict = { .action = policy->unmatched, .by = VERDICT_BY_DEFAULT };

	for (; i < policy->n_egress; i++) {
		const struct rule *rule = &policy->egress[i];

		if (!verdict_matches(rule, packet))
			continue;
		if (rule->limit.count && !fresh) {
			verdict.limited = true;
			continue;
		}
		verdict.by = VERDICT_BY_RULE;
		verdict.action = rule->action;
		verdict.rule = rule;
		break;
	}
	return verdict;
}

static const struct rule *
find_granted(const struct policy *policy, const struct packet *packet)
{
	uint32_t i;

	for (i = 0; i < policy->n_granted; i++)
		if (verdict_matches(&policy->granted[i], packet))
			return &policy->granted[i];
	return NULL;
}

static struct verdict
evaluate(const struct policy *policy, const struct packet *packet, bool fresh)
{
	struct verdict verdict = { .action = ACTION_REJECT };

	if (packet->family == FAMILY_IPV6 && packet->routing_header) {
		verdict.by = VERDICT_BY_ROUTING_HEADER;
		return verdict;
	}
	verdict.rule = find_granted(policy, packet);
	if (verdict.rule) {
		verdict.by = VERDICT_BY_GRANT;
		verdict.action = ACTION_ALLOW;
		return verdict;
	}
	if (packet->reply && passes(&policy->serve, packet, packet->from_port)) {
		verdict.by = VERDICT_BY_SERVE;
		verdict.action = ACTION_ALLOW;
		return verdict;
	}
	if (packet->local) {
		verdict.by = VERDICT_BY_LOOPBACK;
		if (passes(&policy->loopback, packet, packet->to_port))
			verdict.action = ACTION_ALLOW;
		return verdict;
	}
	return egress_from(policy, packet, 0, fresh);
}

struct verdict
verdict_of(const struct policy *policy, const struct packet *packet)
{
	return evaluate(policy, packet, false);
}

struct verdict
verdict_within(const struct policy *policy, const struct packet *packet)
{
	return evaluate(policy, packet, true);
}

struct verdict
verdict_beyond(const struct policy *policy, const struct packet *packet, const struct rule *rule)
{
	return egress_from(policy, packet, (uint32_t)(rule - policy->egress) + 1, true);
}
