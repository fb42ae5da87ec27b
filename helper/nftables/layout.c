/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "nftables/chain.h"

/* Where people's uids begin on most hosts: system users are below. */
#define GATE_PEOPLE 1000

/* One more of n elements of `size` bytes each; where it lies, or NULL. */
static void *
grow(void **array, uint32_t *n, uint32_t *room, size_t size)
{
	uint32_t more;
	void *grown;

	if (*n == *room) {
		more = 2 * *room + 16;
		grown = reallocarray(*array, more, size);
		if (!grown)
			return NULL;
		*array = grown;
		*room = more;
	}
	return (char *)*array + (size_t)(*n)++ * size;
}

int
nlayout_add_chain(
    struct nlayout *layout, const struct label *name, uint32_t *number, struct why *why)
{
	struct nchain *chain = grow((void **)&layout->chains, &layout->n_chains,
	    &layout->chains_room, sizeof(*layout->chains));

	if (!chain)
		return why_errno(why, ENOMEM, "chain %s", name->text);
	*chain = (struct nchain){ .name = *name };
	*number = layout->n_chains - 1;
	return 0;
}

int
nlayout_add_set(struct nlayout *layout, const struct nset *set, struct why *why)
{
	struct nset *added = grow(
	    (void **)&layout->sets, &layout->n_sets, &layout->sets_room, sizeof(*layout->sets));

	if (!added)
		return why_errno(why, ENOMEM, "set %s", set->name.text);
	*added = *set;
	return 0;
}

int
nlayout_add_limit(struct nlayout *layout, const struct label *name, struct why *why)
{
	struct label *added = grow((void **)&layout->limits, &layout->n_limits,
	    &layout->limits_room, sizeof(*layout->limits));

	if (!added)
		return why_errno(why, ENOMEM, "limit %s", name->text);
	*added = *name;
	return 0;
}

int
nlayout_add_rule(struct nlayout *layout, uint32_t number, const struct nrule *rule, struct why *why)
{
	struct nchain *chain = &layout->chains[number];
	struct nrule *added;

	if (chain->n == CHAIN_RULES_MAX)
		return why_set(why, E2BIG, "chain %s would have more than %d rules",
		    chain->name.text, CHAIN_RULES_MAX);
	added = grow((void **)&chain->rules, &chain->n, &chain->room, sizeof(*chain->rules));
	if (!added)
		return why_errno(why, ENOMEM, "chain %s", chain->name.text);
	*added = *rule;
	return 0;
}

/* Who is fenced first comes and goes, and the gate should not. Of a power of two the kernel needs
 * to look at some bits only, which takes it 50 ns less. */
uint32_t
nlayout_gate(const struct fence_plan *plan)
{
	const uint32_t first = plan->fences[0].first;
	uint32_t gate = 1024;

	if (first < gate)
		return first < GATE_PEOPLE ? first : GATE_PEOPLE;
	while (gate <= first / 2)
		gate *= 2;
	return gate;
}

/* Whoever is not in the map of users, and not below the gate, is looked for in that of ranges. */
static int
add_by_ranges(struct nlayout *layout, struct why *why)
{
	const struct nset ranges = { .name = label_of(LABEL_RANGES), .kind = NSET_RANGES };
	const struct label name = label_of(LABEL_BY_RANGES);
	struct nrule map = nrule_any(NRULE_MAP);
	int error = nlayout_add_chain(layout, &name, &layout->by_ranges, why);

	map.chain = ranges.name;
	map.ranges = true;
	if (!error)
		error = nlayout_add_rule(layout, layout->by_ranges, &map, why);
	return error ? error : nlayout_add_set(layout, &ranges, why);
}

/* The base chain is one rule: root and system users pay for one comparison, and everybody for one
 * look at whose packet it is. */
static int
add_base(struct nlayout *layout, const struct fence_plan *plan, struct why *why)
{
	const struct label base = label_of(LABEL_BASE);
	struct nrule map = nrule_any(NRULE_MAP);
	uint32_t number;
	int error = nlayout_add_chain(layout, &base, &number, why);

	map.from = nlayout_gate(plan);
	if (!error)
		error = nlayout_add_rule(layout, number, &map, why);
	return error ? error : add_by_ranges(layout, why);
}

/* Which map it is, hangs on who is in it. */
static int
add_users(struct nlayout *layout, enum nset_kind now, struct why *why)
{
	const enum nset_kind kind = nlayout_users(layout->members, layout->n_members, now);
	const struct nset users = { .name = nset_users_label(kind), .kind = kind };

	layout->users = kind;
	layout->chains[0].rules[0].chain = users.name;
	return nlayout_add_set(layout, &users, why);
}

/* Which policies a fence names, and those behind them: malloc'd, the caller's; or NULL. */
static bool *
mark_used(const struct fence_plan *plan)
{
	bool *used = calloc((size_t)plan->n_policies + 1, sizeof(*used));
	uint32_t i;

	for (i = 0; used && i < plan->n_fences; i++)
		used[plan->fences[i].policy] = true;
	for (i = plan->n_policies; used && i--;)
		if (used[i])
			used[fence_plan_behind(plan, i)] = true;
	return used;
}

bool
nlayout_fits(const struct fence_plan *plan, const uint32_t *of_policy, uint32_t n_policies)
{
	cleanup_free bool *used = mark_used(plan);
	bool fits = used && n_policies == plan->n_policies;
	uint32_t i;

	for (i = 0; fits && i < n_policies; i++)
		fits = used[i] == (of_policy[i] != LAYOUT_NO_CHAIN);
	return fits;
}

static int
add_policies(const struct fence_plan *plan, const struct label *labels, struct nlayout *layout,
    struct why *why)
{
	cleanup_free bool *used = mark_used(plan);
	uint32_t i, *numbers = calloc((size_t)plan->n_policies + 1, sizeof(*numbers));
	int error = 0;

	layout->of_policy = numbers;
	layout->n_policies = plan->n_policies;
	if (!used || !numbers)
		return why_errno(why, ENOMEM, "chains");
	for (i = 0; i < plan->n_policies; i++)
		numbers[i] = LAYOUT_NO_CHAIN;
	for (i = 0; !error && i < plan->n_policies; i++) {
		const struct policy *policy = plan->policies[i];

		if (!used[i])
			continue;
		error = nlayout_add_chain(layout, &labels[i], &numbers[i], why);
		if (!error && policy->behind)
			error = chain_build_granted(
			    policy, layout, numbers[i], &labels[fence_plan_behind(plan, i)], why);
		else if (!error)
			error = chain_build_whole(policy, layout, numbers[i], why);
	}
	return error;
}

int
nlayout_members(const struct fence_plan *plan, const uint32_t *of_policy, struct member **members,
    uint32_t *n, struct why *why)
{
	size_t room = 1;
	uint32_t i, uid;
	struct member *member;

	for (i = 0; i < plan->n_fences; i++) {
		const struct fence *fence = &plan->fences[i];

		room++;
		if (fence->first < LAYOUT_RANGES)
			room += (fence->last < LAYOUT_RANGES ? fence->last : LAYOUT_RANGES - 1) -
				fence->first + 1;
	}
	member = *members = calloc(room, sizeof(**members));
	if (!member)
		return why_errno(why, ENOMEM, "%zu fences", room);
	for (i = 0; i < plan->n_fences; i++) {
		const struct fence *fence = &plan->fences[i];
		const uint32_t chain = of_policy[fence->policy];

		for (uid = fence->first; uid <= fence->last && uid < LAYOUT_RANGES; uid++)
			*member++ = (struct member){ uid, uid, chain };
		if (uid <= fence->last)
			*member++ = (struct member){ uid, fence->last, chain };
	}
	*n = (uint32_t)(member - *members);
	return 0;
}

struct label
nset_users_label(enum nset_kind kind)
{
	static const char *const names[] = {
		[NSET_USERS] = LABEL_USERS,
		[NSET_USERS_MANY] = LABEL_USERS_MANY,
		[NSET_USERS_ALL] = LABEL_USERS_ALL,
	};

	return label_of(names[kind]);
}

uint32_t
nlayout_count_users(const struct member *members, uint32_t n)
{
	uint32_t low = 0, high = n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (members[middle].first < LAYOUT_RANGES)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

enum nset_kind
nlayout_users(const struct member *members, uint32_t n, enum nset_kind now)
{
	const uint32_t users = nlayout_count_users(members, n);

	if (users > LAYOUT_USERS_MANY / (now == NSET_USERS_ALL ? 4 : 2))
		return NSET_USERS_ALL;
	if (users > LAYOUT_USERS / (now == NSET_USERS ? 2 : 4))
		return NSET_USERS_MANY;
	return NSET_USERS;
}

static int
by_label(const void *a, const void *b)
{
	const struct label *left = a, *right = b;

	return strcmp(left->text, right->text);
}

static int
by_name(const void *a, const void *b)
{
	const struct nset *left = a, *right = b;

	return strcmp(left->name.text, right->name.text);
}

static bool
same(const struct nset *left, const struct nset *right)
{
	return left->kind == right->kind && left->n == right->n &&
	       (!left->ports ||
		   !memcmp(left->ports, right->ports, left->n * sizeof(*left->ports))) &&
	       (!left->ranges ||
		   !memcmp(left->ranges, right->ranges, left->n * sizeof(*left->ranges)));
}

/* Names hold hashes. */
static int
sort_sets(struct nlayout *layout, struct why *why)
{
	uint32_t i, kept = 0;

	qsort(layout->sets, layout->n_sets, sizeof(*layout->sets), by_name);
	for (i = 1; i < layout->n_sets; i++) {
		if (by_name(&layout->sets[kept], &layout->sets[i]) != 0)
			layout->sets[++kept] = layout->sets[i];
		else if (!same(&layout->sets[kept], &layout->sets[i]))
			return why_set(
			    why, EEXIST, "two sets would be called %s", layout->sets[i].name.text);
	}
	layout->n_sets = kept + 1;
	return 0;
}

static int
by_chain_name(const void *a, const void *b, void *data)
{
	const struct nchain *chains = data;
	const uint32_t *left = a, *right = b;

	return strcmp(chains[*left].name.text, chains[*right].name.text);
}

static int
sort_chains(struct nlayout *layout, struct why *why)
{
	uint32_t i;

	layout->sorted = calloc(layout->n_chains, sizeof(*layout->sorted));
	if (!layout->sorted)
		return why_errno(why, ENOMEM, "%u chains", (unsigned int)layout->n_chains);
	for (i = 0; i < layout->n_chains; i++)
		layout->sorted[i] = i;
	qsort_r(layout->sorted, layout->n_chains, sizeof(*layout->sorted), by_chain_name,
	    layout->chains);
	for (i = 1; i < layout->n_chains; i++)
		if (by_chain_name(&layout->sorted[i - 1], &layout->sorted[i], layout->chains) == 0)
			return why_set(why, EEXIST, "two chains would be called %s",
			    layout->chains[layout->sorted[i]].name.text);
	return 0;
}

int
nlayout_build(
    const struct fence_plan *plan, enum nset_kind users, struct nlayout *layout, struct why *why)
{
	cleanup_free struct label *labels = NULL;
	int error;

	*layout = (struct nlayout){ .log = plan->log,
		.log_group = plan->log_group,
		.routing = { LAYOUT_NO_CHAIN, LAYOUT_NO_CHAIN, LAYOUT_NO_CHAIN } };
	error = fence_plan_check(plan, why);
	if (error || plan->n_fences == 0)
		return error;
	error = label_policies(plan, &labels, why);
	if (!error)
		error = add_base(layout, plan, why);
	if (!error)
		error = add_policies(plan, labels, layout, why);
	if (!error)
		error = nlayout_members(
		    plan, layout->of_policy, &layout->members, &layout->n_members, why);
	if (!error)
		error = add_users(layout, users, why);
	if (!error)
		error = sort_sets(layout, why);
	if (!error)
		error = sort_chains(layout, why);
	if (!error && layout->n_limits)
		qsort(layout->limits, layout->n_limits, sizeof(*layout->limits), by_label);
	if (error)
		nlayout_clear(layout);
	return error;
}

void
nlayout_clear(struct nlayout *layout)
{
	uint32_t i;

	for (i = 0; i < layout->n_chains; i++)
		free(layout->chains[i].rules);
	free(layout->chains);
	free(layout->sorted);
	free(layout->sets);
	free(layout->limits);
	free(layout->members);
	free(layout->of_policy);
	*layout = (struct nlayout){ 0 };
}
