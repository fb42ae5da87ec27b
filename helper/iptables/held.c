/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/held.h"

/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "iptables/name.h"

/* NETFENCE, NETFENCE#1, …: the chains that lead uids on. */
static bool
is_dispatch(const char *name)
{
	const size_t length = strlen(CHAIN_PREFIX);

	return strncmp(name, CHAIN_PREFIX, length) == 0 &&
	       (name[length] == '\0' || name[length] == '#');
}

static const struct xtable_chain *
chain_at(const struct xtable *table, int32_t first)
{
	uint32_t i;

	for (i = 0; i < table->n_chains; i++)
		if (first >= 0 && table->chains[i].first == (uint32_t)first)
			return &table->chains[i];
	return NULL;
}

/* Owner matches are a dispatch rule's only ones, right behind the entry's header: a range, and the
 * gaps in it. Reads the one at *offset of an entry whose target is at `target`, and goes on. */
static bool
next_owner(
    const unsigned char *entry, size_t *offset, size_t target, struct xt_owner_match_info *owner)
{
	struct xt_entry_match match;

	if (target < *offset + sizeof(match) + sizeof(*owner))
		return false;
	memcpy(&match, entry + *offset, sizeof(match));
	if (strncmp(match.u.user.name, "owner", sizeof(match.u.user.name)) != 0)
		return false;
	memcpy(owner, entry + *offset + sizeof(match), sizeof(*owner));
	*offset += XT_ALIGN(sizeof(match) + sizeof(*owner));
	return owner->match == XT_OWNER_UID && owner->uid_min <= owner->uid_max && owner->uid_min &&
	       owner->uid_max != UINT32_MAX;
}

/* The uids that a rule leads on. A gap that is none counts as nothing: rather too many uids than
 * too few. */
static void
add_uids(const struct xtable *table, uint32_t offset, struct plan *plan)
{
	const unsigned char *entry = table->entries + offset;
	const size_t target = xtable_entry_target(table, offset);
	size_t at =
	    table->family == FAMILY_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	struct xt_owner_match_info range, gap;
	uint32_t first;

	if (!next_owner(entry, &at, target, &range) || range.invert)
		return;
	first = range.uid_min;
	while (next_owner(entry, &at, target, &gap)) {
		if (gap.invert != XT_OWNER_UID || gap.uid_min <= first ||
		    gap.uid_max >= range.uid_max)
			continue;
		plan_add(plan, first, gap.uid_min - 1, 0);
		first = gap.uid_max + 1;
	}
	plan_add(plan, first, range.uid_max, 0);
}

void
held_find(const struct xtable *table, struct plan *plan)
{
	const struct xtable_chain *chain, *target;
	uint32_t i, offset;

	for (i = 0; i < table->n_chains; i++) {
		chain = &table->chains[i];
		if (chain->hook != XTABLE_HOOKS || !is_dispatch(chain->name))
			continue;
		for (offset = chain->first; offset < chain->end;
		     offset += xtable_entry_size(table, offset)) {
			if (xtable_target_name(table, offset)[0])
				continue;
			target = chain_at(table, xtable_verdict(table, offset));
			if (target && chain_name_ours(target->name) && !is_dispatch(target->name))
				add_uids(table, offset, plan);
		}
	}
}
