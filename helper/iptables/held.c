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

/* The owner match is a dispatch rule's only one, and stands right behind the entry's header. */
static bool
owner_of(const struct xtable *table, uint32_t offset, struct xt_owner_match_info *owner)
{
	const size_t header =
	    table->family == FAMILY_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	struct xt_entry_match match;

	if (xtable_entry_target(table, offset) < header + sizeof(match) + sizeof(*owner))
		return false;
	memcpy(&match, table->entries + offset + header, sizeof(match));
	if (strncmp(match.u.user.name, "owner", sizeof(match.u.user.name)) != 0)
		return false;
	memcpy(owner, table->entries + offset + header + sizeof(match), sizeof(*owner));
	return owner->match == XT_OWNER_UID && !owner->invert && owner->uid_min <= owner->uid_max &&
	       owner->uid_min && owner->uid_max != UINT32_MAX;
}

void
held_find(const struct xtable *table, struct plan *plan)
{
	const struct xtable_chain *chain, *target;
	struct xt_owner_match_info owner;
	uint32_t i, offset;

	for (i = 0; i < table->n_chains; i++) {
		chain = &table->chains[i];
		if (chain->hook != XTABLE_HOOKS || !is_dispatch(chain->name))
			continue;
		for (offset = chain->first; offset < chain->end;
		     offset += xtable_entry_size(table, offset)) {
			if (xtable_target_name(table, offset)[0] ||
			    !owner_of(table, offset, &owner))
				continue;
			target = chain_at(table, xtable_verdict(table, offset));
			if (target && chain_name_ours(target->name) && !is_dispatch(target->name))
				plan_add(plan, owner.uid_min, owner.uid_max, 0);
		}
	}
}
