/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule of the kernel's is to match: the words of a policy's rule, one after the other. Sets
 * that it takes are added to the layout. Each returns -EINVAL for what no rule can say, with the
 * place where it was written; else as nlayout_add_set(). Pure.
 */
#ifndef NETFENCE_NFTABLES_NARROW_H
#define NETFENCE_NFTABLES_NARROW_H

#include "nftables/layout.h"

/* Where something was written, for complaints. */
struct place {
	const char *file;
	uint32_t line;
};

/* The protocol; and its ports of that side, or ICMP's type. */
int narrow_to_what(struct nlayout *layout, struct nrule *rule, const struct what *what,
    enum nrule_side side, struct place place, struct why *why);

/* The family, and the addresses that the rule names there, of which there is one at least. */
int narrow_to_addresses(struct nlayout *layout, struct nrule *nrule, const struct rule *rule,
    enum family family, struct why *why);

/* Whether the rule names all addresses there are, and so narrows nothing. */
bool narrow_is_everywhere(const struct rule *rule, enum family family);

/* The rule's interface, which is there. */
int narrow_to_interface(struct nrule *nrule, const struct rule *rule, struct why *why);

#endif
