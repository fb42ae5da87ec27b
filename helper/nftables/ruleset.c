/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/ruleset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "nftables/expression.h"

uint32_t
ruleset_find_chain(const struct ruleset *ruleset, const char *name)
{
	uint32_t low = 0, high = ruleset->n_chains, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, ruleset->chains[middle].name.text);
		if (order == 0)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return RULESET_NO_CHAIN;
}

const struct rset *
ruleset_find_set(const struct ruleset *ruleset, const char *name)
{
	uint32_t low = 0, high = ruleset->n_sets, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(name, ruleset->sets[middle].name.text);
		if (order == 0)
			return &ruleset->sets[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static bool
same_bytes(const struct bytes *left, const struct bytes *right)
{
	return left->data == right->data ||
	       (left->n == right->n && (!left->n || !memcmp(left->data, right->data, left->n)));
}

bool
ruleset_same_rules(const struct rchain *is, const struct rchain *ought)
{
	return is->base == ought->base &&
	       (same_bytes(&is->rules, &ought->rules) ||
		   (ought->seen.n && same_bytes(&is->rules, &ought->seen)));
}

bool
ruleset_same_spans(const struct rset *is, const struct rset *ought)
{
	return is->spans == ought->spans ||
	       (is->n == ought->n &&
		   (!is->n || !memcmp(is->spans, ought->spans, is->n * sizeof(*is->spans))));
}

static int
make_chains(const struct nlayout *layout, struct ruleset *ruleset, struct why *why)
{
	uint32_t i, j;

	ruleset->chains = calloc((size_t)layout->n_chains + 1, sizeof(*ruleset->chains));
	if (!ruleset->chains)
		return why_errno(why, ENOMEM, "%u chains", (unsigned int)layout->n_chains);
	ruleset->n_chains = layout->n_chains;
	for (i = 0; i < layout->n_chains; i++) {
		const struct nchain *from = &layout->chains[layout->sorted[i]];
		struct rchain *chain = &ruleset->chains[i];

		chain->name = from->name;
		chain->base = i == 0;
		for (j = 0; j < from->n; j++)
			expression_put_rule(&chain->rules, &from->rules[j]);
		if (chain->rules.failed)
			return why_errno(why, ENOMEM, "chain %s", chain->name.text);
	}
	return 0;
}

static struct address_range
span_of_ports(const struct ports *ports)
{
	const uint16_t first = htons(ports->first), last = htons(ports->last);
	struct address_range span = { { 0 }, { 0 } };

	memcpy(span.first, &first, sizeof(first));
	memcpy(span.last, &last, sizeof(last));
	return span;
}

static int
make_sets(const struct nlayout *layout, struct ruleset *ruleset, struct why *why)
{
	uint32_t i, j;

	ruleset->sets = calloc((size_t)layout->n_sets + 1, sizeof(*ruleset->sets));
	if (!ruleset->sets)
		return why_errno(why, ENOMEM, "%u sets", (unsigned int)layout->n_sets);
	ruleset->n_sets = layout->n_sets;
	for (i = 0; i < layout->n_sets; i++) {
		const struct nset *from = &layout->sets[i];
		struct rset *set = &ruleset->sets[i];

		set->name = from->name;
		set->kind = from->kind;
		if (!from->n)
			continue;
		set->spans = calloc(from->n, sizeof(*set->spans));
		if (!set->spans)
			return why_errno(why, ENOMEM, "set %s", set->name.text);
		set->n = from->n;
		if (from->ranges)
			memcpy(set->spans, from->ranges, set->n * sizeof(*set->spans));
		for (j = 0; !from->ranges && j < set->n; j++)
			set->spans[j] = span_of_ports(&from->ports[j]);
	}
	return 0;
}

static int
make_members(const struct nlayout *layout, struct ruleset *ruleset, struct why *why)
{
	cleanup_free uint32_t *numbers = calloc((size_t)layout->n_chains + 1, sizeof(*numbers));
	uint32_t i;

	ruleset->members = calloc((size_t)layout->n_members + 1, sizeof(*ruleset->members));
	ruleset->of_policy = calloc((size_t)layout->n_policies + 1, sizeof(*ruleset->of_policy));
	if (!numbers || !ruleset->members || !ruleset->of_policy)
		return why_errno(why, ENOMEM, "%u fences", (unsigned int)layout->n_members);
	for (i = 0; i < layout->n_chains; i++)
		numbers[layout->sorted[i]] = i;
	for (i = 0; i < layout->n_members; i++) {
		ruleset->members[i] = layout->members[i];
		ruleset->members[i].chain = numbers[layout->members[i].chain];
	}
	ruleset->n_members = layout->n_members;
	ruleset->users = layout->users;
	ruleset->rest_there = true;
	ruleset->rest = numbers[layout->by_ranges];
	ruleset->n_policies = layout->n_policies;
	for (i = 0; i < layout->n_policies; i++)
		ruleset->of_policy[i] = layout->of_policy[i] == LAYOUT_NO_CHAIN
					    ? RULESET_NO_CHAIN
					    : numbers[layout->of_policy[i]];
	return 0;
}

int
ruleset_make(const struct nlayout *layout, struct ruleset *ruleset, struct why *why)
{
	int error;

	*ruleset = (struct ruleset){ .there = layout->n_chains > 0 };
	if (!ruleset->there)
		return 0;
	error = make_chains(layout, ruleset, why);
	if (!error)
		error = make_sets(layout, ruleset, why);
	if (!error)
		error = make_members(layout, ruleset, why);
	if (error || !layout->n_limits)
		return error;
	ruleset->limits = calloc(layout->n_limits, sizeof(*ruleset->limits));
	if (!ruleset->limits)
		return why_errno(why, ENOMEM, "%u limits", (unsigned int)layout->n_limits);
	ruleset->n_limits = layout->n_limits;
	memcpy(ruleset->limits, layout->limits, ruleset->n_limits * sizeof(*ruleset->limits));
	return 0;
}

void
ruleset_clear(struct ruleset *ruleset)
{
	uint32_t i;

	for (i = 0; i < ruleset->n_chains; i++) {
		bytes_free(&ruleset->chains[i].rules);
		bytes_free(&ruleset->chains[i].seen);
	}
	for (i = 0; i < ruleset->n_sets; i++)
		free(ruleset->sets[i].spans);
	free(ruleset->chains);
	free(ruleset->sets);
	free(ruleset->limits);
	free(ruleset->members);
	free(ruleset->of_policy);
	*ruleset = (struct ruleset){ 0 };
}
