/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/layout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "iptables/chain.h"
#include "iptables/dispatch.h"
#include "iptables/granted.h"
#include "iptables/list.h"

static int
by_name(const void *a, const void *b, void *data)
{
	const struct kchain *chains = data;
	const uint32_t *left = a, *right = b;

	return strcmp(chains[*left].name.text, chains[*right].name.text);
}

static int
sort(struct layout *layout, struct why *why)
{
	uint32_t i;

	layout->sorted = calloc((size_t)layout->n + 1, sizeof(*layout->sorted));
	if (!layout->sorted)
		return why_errno(why, ENOMEM, "%u chains", (unsigned int)layout->n);
	for (i = 0; i < layout->n; i++)
		layout->sorted[i] = i;
	qsort_r(layout->sorted, layout->n, sizeof(*layout->sorted), by_name, layout->chains);
	/* Names hold hashes. */
	for (i = 1; i < layout->n; i++) {
		if (by_name(&layout->sorted[i - 1], &layout->sorted[i], layout->chains) == 0)
			return why_set(why, EEXIST, "two chains would be called %s",
			    layout->chains[layout->sorted[i]].name.text);
	}
	return 0;
}

int
layout_add_chain(
    struct layout *layout, const struct chain_name *name, uint32_t *number, struct why *why)
{
	struct kchain *chains;
	uint32_t room;

	if (layout->n == layout->room) {
		room = 2 * layout->room + 16;
		chains = reallocarray(layout->chains, room, sizeof(*chains));
		if (!chains)
			return why_errno(why, ENOMEM, "%u chains", (unsigned int)room);
		layout->chains = chains;
		layout->room = room;
	}
	*number = layout->n++;
	layout->chains[*number] = (struct kchain){ .name = *name };
	return 0;
}

/* The chains of each policy that a fence names, and of those behind them; numbers[policy] is the
 * number of the first. */
static int
add_policies(const struct fence_plan *plan, enum family family, const struct chain_name *names,
    struct layout *layout, uint32_t *numbers, struct why *why)
{
	cleanup_free bool *used = calloc((size_t)plan->n_policies + 1, sizeof(*used));
	struct lists lists;
	uint32_t i;
	int error;

	if (!used)
		return why_errno(why, ENOMEM, "chains");
	error = lists_begin(plan, family, &lists, why);
	for (i = 0; i < plan->n_fences; i++) {
		used[plan->fences[i].policy] = true;
		used[fence_plan_behind(plan, plan->fences[i].policy)] = true;
	}
	for (i = 0; !error && i < plan->n_policies; i++) {
		const struct policy *policy = plan->policies[i];

		if (!used[i])
			continue;
		error = layout_add_chain(layout, &names[i], &numbers[i], why);
		if (!error && policy->behind)
			error = granted_build(policy, family, &lists, layout, numbers[i],
			    &names[fence_plan_behind(plan, i)], why);
		else if (!error)
			error = chain_build(policy, family, &lists, layout, numbers[i], why);
	}
	lists_end(&lists);
	return error;
}

int
layout_build(
    const struct fence_plan *plan, enum family family, struct layout *layout, struct why *why)
{
	cleanup_free uint32_t *numbers = calloc((size_t)plan->n_policies + 1, sizeof(*numbers));
	cleanup_free struct chain_name *names = NULL;
	int error;

	*layout = (struct layout){ .log = plan->log,
		.log_group = plan->log_group,
		.routing = { LAYOUT_NO_CHAIN, LAYOUT_NO_CHAIN, LAYOUT_NO_CHAIN } };
	if (!numbers)
		return why_errno(why, ENOMEM, "chains");
	error = fence_plan_check(plan, why);
	if (error || plan->n_fences == 0)
		return error;
	error = chain_names(plan, &names, why);
	if (error)
		return error;

	layout->gated = true;
	layout->gate = krule_any(KRULE_JUMP);
	layout->gate.owner = true;
	layout->gate.uid_first = plan->fences[0].first;
	layout->gate.uid_last = plan->fences[plan->n_fences - 1].last;
	layout->gate.chain = chain_name_dispatch(0);

	error = add_policies(plan, family, names, layout, numbers, why);
	if (!error)
		error = dispatch_build(plan->fences, plan->n_fences, numbers, layout, why);
	if (!error)
		error = sort(layout, why);
	if (error)
		layout_clear(layout);
	return error;
}

void
layout_clear(struct layout *layout)
{
	uint32_t i;

	for (i = 0; i < layout->n; i++)
		chain_clear(&layout->chains[i]);
	free(layout->chains);
	free(layout->sorted);
	free(layout->owners);
	free(layout->gaps);
	*layout = (struct layout){ 0 };
}

struct krule
layout_rule(const struct layout *layout, const struct kchain *chain, uint32_t i)
{
	const struct owner *owner;

	if (!chain->dispatch)
		return chain->rules[i];
	owner = &layout->owners[chain->owners + i];
	return dispatch_rule(layout, owner);
}

const struct kchain *
layout_find(const struct layout *layout, const char *name)
{
	const struct kchain *chain;
	uint32_t low = 0, high = layout->n, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		chain = &layout->chains[layout->sorted[middle]];
		order = strcmp(name, chain->name.text);
		if (order == 0)
			return chain;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
