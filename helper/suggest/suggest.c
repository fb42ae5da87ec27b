/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest/suggest.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/targets.h"
#include "suggest/wording.h"
#include "verdict/words.h"

/* A flow as a rule can be about it. */
struct seen {
	struct wording_key key;
	struct target target;
	struct suggest_seen seen;
};

/* All that was seen of one key. */
struct item {
	struct wording_key key;
	uint32_t n_targets;
	struct target *targets;
	struct suggest_seen seen;
	bool taken; /* stands in a rule */
};

static void
add_seen(struct suggest_seen *sum, const struct suggest_seen *more)
{
	sum->count += more->count;
	sum->at_least = sum->at_least || more->at_least;
	if (more->last > sum->last)
		sum->last = more->last;
}

static int
compare_seen(const void *one, const void *other)
{
	const struct seen *a = one, *b = other;
	int result = wording_compare(&a->key, &b->key);

	return result ? result : targets_compare(&a->target, &b->target);
}

/* ---------------------------------------------------------------- what a rule can be about */

static const char *
ruled_out(const struct suggest_flow *flow)
{
	const struct what what = { .protocol = flow->protocol };

	if (flow->ruled_out)
		return flow->ruled_out;
	if (!what_in_family(&what, flow->family))
		return "the protocol is none of this family's";
	if (!flow->protocol)
		return "to the kernel the protocol 0 is all of them";
	if (wording_has_ports(flow->protocol) && !flow->port)
		return "the port is not known: a fragment";
	if (flow->protocol == IPPROTO_ICMP && flow->icmp_type == 255)
		return "to the kernel that type is all of them";
	if ((flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6) &&
	    (flow->icmp_type < 0 || flow->icmp_code < 0))
		return "the type is not known: a fragment";
	return NULL;
}

static bool
put_rest(struct arena *arena, const struct suggest_flow *flow, const char *reason,
    struct suggest_rest *rest)
{
	struct packet packet = {
		.family = flow->family,
		.protocol = flow->protocol,
		.to_port = flow->port,
		.icmp_type = flow->icmp_type,
		.icmp_code = flow->icmp_code,
	};
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return false;
	memcpy(packet.to, flow->to, sizeof(packet.to));
	words_packet(stream, &packet);
	if (fclose(stream) == 0)
		rest->packet = arena_string(arena, text, size);
	free(text);
	rest->reason = reason;
	rest->seen = (struct suggest_seen){ flow->count, flow->at_least, flow->last };
	return rest->packet != NULL;
}

static struct seen
seen_of(const struct suggest_flow *flow)
{
	struct seen seen = {
		.key = { .protocol = flow->protocol },
		.target = { .family = flow->family, .seen = 1 },
		.seen = { flow->count, flow->at_least, flow->last },
	};

	if (wording_has_ports(flow->protocol))
		seen.key.value = flow->port;
	else if (flow->protocol == IPPROTO_ICMP || flow->protocol == IPPROTO_ICMPV6)
		seen.key.value = (uint32_t)flow->icmp_type << 8 | (uint32_t)flow->icmp_code;
	memcpy(seen.target.range.first, flow->to, sizeof(flow->to));
	memcpy(seen.target.range.last, flow->to, sizeof(flow->to));
	return seen;
}

/* ---------------------------------------------------------------- flows to items */

/* Sorted, and each another; how many. */
static uint32_t
unite(struct seen *list, uint32_t n)
{
	uint32_t i, kept = 0;

	qsort(list, n, sizeof(*list), compare_seen);
	for (i = 0; i < n; i++) {
		if (kept && compare_seen(&list[kept - 1], &list[i]) == 0)
			add_seen(&list[kept - 1].seen, &list[i].seen);
		else
			list[kept++] = list[i];
	}
	return kept;
}

/* The items' targets lie in `targets`, which has room for all. How many items. */
static uint32_t
itemize(
    const struct seen *list, uint32_t n, uint32_t merge, struct target *targets, struct item *items)
{
	uint32_t i, n_items = 0;

	for (i = 0; i < n; i++) {
		struct item *item = &items[n_items];

		if (n_items && wording_compare(&item[-1].key, &list[i].key) == 0) {
			item--;
		} else {
			n_items++;
			*item = (struct item){ .key = list[i].key, .targets = targets + i };
		}
		targets[i] = list[i].target;
		item->n_targets++;
		add_seen(&item->seen, &list[i].seen);
	}
	for (i = 0; i < n_items; i++)
		items[i].n_targets = targets_gather(items[i].targets, items[i].n_targets, merge);
	return n_items;
}

/* ---------------------------------------------------------------- items to rules */

/* Everything that went to the same targets as the item, which is the first of them. */
static bool
make_rule(struct arena *arena, struct item *items, uint32_t n, const struct services *services,
    struct suggest_rule *rule)
{
	struct item *first = items;
	struct wording_key *keys = arena_new_of(arena, n, struct wording_key);
	uint32_t i, n_keys = 0;

	if (!keys)
		return false;
	for (i = 0; i < n; i++) {
		if (items[i].taken || !targets_equal(first->targets, first->n_targets,
					  items[i].targets, items[i].n_targets))
			continue;
		items[i].taken = true;
		keys[n_keys++] = items[i].key;
		add_seen(&rule->seen, &items[i].seen);
	}
	rule->high = true;
	for (i = 0; i < n_keys; i++)
		rule->high = rule->high && wording_has_ports(keys[i].protocol) &&
			     keys[i].protocol != IPPROTO_SCTP && keys[i].value >= SUGGEST_HIGH;
	rule->n_to = first->n_targets;
	rule->to = arena_new_of(arena, rule->n_to, const char *);
	for (i = 0; rule->to && i < rule->n_to; i++) {
		rule->to[i] = targets_text(arena, &first->targets[i]);
		if (!rule->to[i])
			return false;
	}
	rule->wider = targets_wider(arena, first->targets, first->n_targets);
	return rule->to && rule->wider &&
	       wording(arena, services, keys, n_keys, &rule->what, &rule->n_what);
}

bool
suggest(struct arena *arena, const struct suggest_flow *flows, uint32_t n, uint32_t merge,
    const struct services *services, struct suggestion *suggestion)
{
	struct seen *list = arena_new_of(arena, n, struct seen);
	struct target *targets = arena_new_of(arena, n, struct target);
	struct item *items = arena_new_of(arena, n, struct item);
	uint32_t i, n_list = 0, n_items;

	*suggestion = (struct suggestion){
		.rules = arena_new_of(arena, n, struct suggest_rule),
		.rest = arena_new_of(arena, n, struct suggest_rest),
	};
	if (!list || !targets || !items || !suggestion->rules || !suggestion->rest)
		return false;
	for (i = 0; i < n; i++) {
		const char *reason = ruled_out(&flows[i]);

		if (!reason)
			list[n_list++] = seen_of(&flows[i]);
		else if (!put_rest(
			     arena, &flows[i], reason, &suggestion->rest[suggestion->n_rest++]))
			return false;
	}
	n_list = unite(list, n_list);
	n_items = itemize(list, n_list, merge, targets, items);
	for (i = 0; i < n_items; i++) {
		if (!items[i].taken && !make_rule(arena, items + i, n_items - i, services,
					   &suggestion->rules[suggestion->n_rules++]))
			return false;
	}
	return true;
}
