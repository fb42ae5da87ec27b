/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/dispatch.h"

#include <errno.h>
#include <stdlib.h>

#include "iptables/chain.h"

struct tree {
	const struct fence *fences;
	const struct chain_name *names;
	struct kchain **chains;
	uint32_t *n;
	uint32_t nodes; /* dispatch chains so far; the next one's number */
};

/* Everything behind the gate is entered by goto: the kernel's stack holds one return address, the
 * gate's, whatever the tree's depth. */
static struct krule
owner_rule(uint32_t first, uint32_t last, const struct chain_name *chain)
{
	struct krule rule = krule_any(KRULE_GOTO);

	rule.owner = true;
	rule.uid_first = first;
	rule.uid_last = last;
	rule.chain = *chain;
	return rule;
}

/* Adds an empty chain under the next number. */
static int
grow(struct tree *tree, uint32_t *index, struct why *why)
{
	struct kchain *chains = reallocarray(*tree->chains, (size_t)*tree->n + 1, sizeof(*chains));

	if (!chains)
		return why_errno(why, ENOMEM, "dispatch chains");
	*tree->chains = chains;
	*index = (*tree->n)++;
	chains[*index] = (struct kchain){ .name = chain_name_dispatch(tree->nodes++) };
	return 0;
}

/* How many fences each child takes: the smallest power of the fan-out that lets DISPATCH_FANOUT
 * children hold them all, so that only the last child of a node is not full and a fence that
 * comes last changes the chains on one path only. */
static uint32_t
share(uint32_t n)
{
	uint64_t part = 1;

	while (part * DISPATCH_FANOUT < n)
		part *= DISPATCH_FANOUT;
	return (uint32_t)part;
}

/* The chain for fences[from..to), and those below it. The depth is log_8 of a 32-bit count. */
static int
build_node(struct tree *tree, uint32_t from, uint32_t to, struct chain_name *name, struct why *why)
{
	uint32_t part = share(to - from);
	struct chain_name child;
	struct krule rule;
	uint32_t index = 0, end;
	int error;

	error = grow(tree, &index, why);
	if (error)
		return error;
	*name = (*tree->chains)[index].name;

	for (; from < to; from = end) {
		end = to - from > part ? from + part : to;
		if (end - from == 1)
			child = tree->names[tree->fences[from].policy];
		else
			error = build_node(tree, from, end, &child, why);
		if (error)
			return error;
		rule = owner_rule(tree->fences[from].first, tree->fences[end - 1].last, &child);
		error = chain_add(&(*tree->chains)[index], &rule, why);
		if (error)
			return error;
	}
	return 0;
}

int
dispatch_build(const struct fence *fences, uint32_t n_fences, const struct chain_name *names,
    struct kchain **chains, uint32_t *n, struct why *why)
{
	struct tree tree = { .fences = fences, .names = names, .chains = chains, .n = n };
	struct chain_name root;

	return build_node(&tree, 0, n_fences, &root, why);
}
