/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/dispatch.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

struct tree {
	const struct owner *runs; /* the rules that lead to policies, in order */
	struct layout *layout;
	uint32_t nodes; /* dispatch chains so far; the next one's number */
};

struct krule
dispatch_rule(const struct layout *layout, const struct owner *owner)
{
	struct krule rule = krule_any(KRULE_GOTO);

	rule.owner = owner->first != 0;
	rule.uid_first = owner->first;
	rule.uid_last = owner->last;
	rule.n_gaps = owner->n_gaps;
	rule.gaps = layout->gaps + owner->gaps;
	rule.chain = layout->chains[owner->chain].name;
	return rule;
}

/* Adds a chain under the next number, with room for n rules. */
static bool
grow(struct tree *tree, uint32_t n, uint32_t *number)
{
	struct layout *layout = tree->layout;
	struct chain_name name = chain_name_dispatch(tree->nodes);
	struct kchain *chain;
	struct owner *owners;
	uint32_t room;

	if (layout_add_chain(layout, &name, number, NULL))
		return false;
	tree->nodes++;
	if (layout->owners_room - layout->n_owners < n) {
		room = 2 * layout->owners_room + n;
		owners = reallocarray(layout->owners, room, sizeof(*owners));
		if (!owners)
			return false;
		layout->owners = owners;
		layout->owners_room = room;
	}
	chain = &layout->chains[*number];
	chain->dispatch = true;
	chain->n = n;
	chain->owners = layout->n_owners;
	layout->n_owners += n;
	return true;
}

/* How many runs each child takes: the smallest full tree of which DISPATCH_BRANCH hold them all,
 * so that only the last child of a node is not full and a run that comes last changes the chains
 * on one path only. */
static uint32_t
share(uint32_t n)
{
	uint64_t part = DISPATCH_FANOUT;

	if (n <= DISPATCH_FANOUT)
		return 1;
	while (part * DISPATCH_BRANCH < n)
		part *= DISPATCH_BRANCH;
	return (uint32_t)part;
}

/* The chain for runs[from..to), and those below it. The depth is log_4 of a 32-bit count. */
static bool
build_node(struct tree *tree, uint32_t from, uint32_t to, uint32_t *number)
{
	struct layout *layout = tree->layout;
	uint32_t part = share(to - from), at, end, child;

	if (!grow(tree, (to - from + part - 1) / part, number))
		return false;
	at = layout->chains[*number].owners;
	for (; from < to; from = end) {
		end = to - from > part ? from + part : to;
		if (end - from == 1) {
			layout->owners[at++] = tree->runs[from];
			continue;
		}
		if (!build_node(tree, from, end, &child))
			return false;
		/* Whoever is in none of the children's ranges finds nothing in the last one either,
		 * and to ask for a packet's owner is what takes the time. */
		layout->owners[at++] = (struct owner){
			.first = end == to ? 0 : tree->runs[from].first,
			.last = end == to ? 0 : tree->runs[end - 1].last,
			.chain = child,
		};
	}
	return true;
}

static bool
add_gap(struct layout *layout, uint32_t first, uint32_t last)
{
	struct uid_gap *gaps;
	uint32_t room;

	if (layout->n_gaps == layout->gaps_room) {
		room = 2 * layout->gaps_room + 64;
		gaps = reallocarray(layout->gaps, room, sizeof(*gaps));
		if (!gaps)
			return false;
		layout->gaps = gaps;
		layout->gaps_room = room;
	}
	layout->gaps[layout->n_gaps++] = (struct uid_gap){ first, last };
	return true;
}

/* Fences as rules, `most` neighbours of one policy in each. 0 where there is no memory. */
static uint32_t
gather(const struct fence *fences, uint32_t n_fences, uint32_t most, const uint32_t *chains,
    struct layout *layout, struct owner *runs)
{
	struct owner *run = NULL;
	uint32_t i, n = 0;

	for (i = 0; i < n_fences; i++) {
		const struct fence *fence = &fences[i];

		if (run && run->chain == chains[fence->policy] && run->n_gaps + 1 < most) {
			/* Two that adjoin are one fence: main has merged them. */
			if (fence->first == run->last + 1) {
				run->last = fence->last;
				continue;
			}
			if (!add_gap(layout, run->last + 1, fence->first - 1))
				return 0;
			run->n_gaps++;
			run->last = fence->last;
			continue;
		}
		run = &runs[n++];
		*run = (struct owner){ .first = fence->first,
			.last = fence->last,
			.chain = chains[fence->policy],
			.gaps = layout->n_gaps };
	}
	return n;
}

int
dispatch_build(const struct fence *fences, uint32_t n_fences, const uint32_t *chains,
    struct layout *layout, struct why *why)
{
	cleanup_free struct owner *runs = calloc(n_fences, sizeof(*runs));
	struct tree tree = { .runs = runs, .layout = layout };
	uint32_t root, n = 0;

	if (runs)
		n = gather(fences, n_fences, n_fences > DISPATCH_FANOUT ? DISPATCH_RUN : 1, chains,
		    layout, runs);
	if (!n || !build_node(&tree, 0, n, &root))
		return why_errno(why, ENOMEM, "dispatch chains");
	return 0;
}
