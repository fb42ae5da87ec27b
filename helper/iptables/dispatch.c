/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/dispatch.h"

#include <errno.h>
#include <stdlib.h>

struct tree {
	const struct fence *fences;
	const uint32_t *chains; /* of the policies */
	struct layout *layout;
	uint32_t nodes; /* dispatch chains so far; the next one's number */
};

struct krule
dispatch_rule(const struct owner *owner, const struct chain_name *chain)
{
	struct krule rule = krule_any(KRULE_GOTO);

	rule.owner = true;
	rule.uid_first = owner->first;
	rule.uid_last = owner->last;
	rule.chain = *chain;
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

/* How many fences each child takes: the smallest full tree of which DISPATCH_BRANCH hold them all,
 * so that only the last child of a node is not full and a fence that comes last changes the chains
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

/* The chain for fences[from..to), and those below it. The depth is log_4 of a 32-bit count. */
static bool
build_node(struct tree *tree, uint32_t from, uint32_t to, uint32_t *number)
{
	struct layout *layout = tree->layout;
	uint32_t part = share(to - from), owner, end, child;

	if (!grow(tree, (to - from + part - 1) / part, number))
		return false;
	owner = layout->chains[*number].owners;
	for (; from < to; from = end) {
		end = to - from > part ? from + part : to;
		if (end - from == 1)
			child = tree->chains[tree->fences[from].policy];
		else if (!build_node(tree, from, end, &child))
			return false;
		layout->owners[owner++] =
		    (struct owner){ tree->fences[from].first, tree->fences[end - 1].last, child };
	}
	return true;
}

int
dispatch_build(const struct fence *fences, uint32_t n_fences, const uint32_t *chains,
    struct layout *layout, struct why *why)
{
	struct tree tree = { .fences = fences, .chains = chains, .layout = layout };
	uint32_t root;

	return build_node(&tree, 0, n_fences, &root) ? 0
						     : why_errno(why, ENOMEM, "dispatch chains");
}
