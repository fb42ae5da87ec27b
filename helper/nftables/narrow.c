/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/narrow.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

static int
check_what(const struct what *what, struct place place, struct why *why)
{
	const unsigned int line = place.line;

	if (what->protocol > 255 || what->protocol < WHAT_ANY)
		return why_set(why, EINVAL, "%s:%u: there is no protocol %d", place.file, line,
		    what->protocol);
	if (what->icmp_type != WHAT_ANY && what->protocol != IPPROTO_ICMP &&
	    what->protocol != IPPROTO_ICMPV6)
		return why_set(why, EINVAL, "%s:%u: protocol %d has no ICMP type", place.file, line,
		    what->protocol);
	if (what->n_ports && what->protocol != IPPROTO_TCP && what->protocol != IPPROTO_UDP &&
	    what->protocol != IPPROTO_SCTP)
		return why_set(why, EINVAL, "%s:%u: protocol %d has no ports", place.file, line,
		    what->protocol);
	return 0;
}

static bool
every_port(const struct what *what)
{
	return what->n_ports == 0 ||
	       (what->n_ports == 1 && what->ports[0].first == 0 && what->ports[0].last == 65535);
}

int
narrow_to_what(struct nlayout *layout, struct nrule *rule, const struct what *what,
    enum nrule_side side, struct place place, struct why *why)
{
	struct nset set = { .kind = NSET_PORTS, .n = what->n_ports, .ports = what->ports };
	int error = check_what(what, place, why);

	if (error)
		return error;
	rule->protocol = what->protocol;
	rule->icmp_type = what->icmp_type;
	rule->icmp_code = what->icmp_type == WHAT_ANY ? WHAT_ANY : what->icmp_code;
	if (what->protocol == IPPROTO_ICMP)
		rule->family = FAMILY_IPV4;
	if (what->protocol == IPPROTO_ICMPV6)
		rule->family = FAMILY_IPV6;
	if (every_port(what))
		return 0;
	rule->side = side;
	if (what->n_ports == 1) {
		rule->ports_set = true;
		rule->ports = what->ports[0];
		return 0;
	}
	set.name = rule->port_list = label_ports(what->ports, what->n_ports);
	return nlayout_add_set(layout, &set, why);
}

bool
narrow_is_everywhere(const struct rule *rule, enum family family)
{
	const struct address_range *range = rule->to[family];
	size_t length = family == FAMILY_IPV4 ? 4 : 16;
	size_t i;

	for (i = 0; rule->n_to[family] == 1 && i < length; i++)
		if (range->first[i] != 0 || range->last[i] != 255)
			return false;
	return rule->n_to[family] == 1;
}

int
narrow_to_addresses(struct nlayout *layout, struct nrule *nrule, const struct rule *rule,
    enum family family, struct why *why)
{
	struct nset set = { .kind = family == FAMILY_IPV4 ? NSET_IPV4 : NSET_IPV6,
		.n = rule->n_to[family],
		.ranges = rule->to[family] };

	nrule->family = family;
	if (narrow_is_everywhere(rule, family))
		return 0;
	if (set.n == 1) {
		nrule->to_set = true;
		nrule->to = set.ranges[0];
		return 0;
	}
	set.name = nrule->to_list = label_addresses(family, set.ranges, set.n);
	return nlayout_add_set(layout, &set, why);
}

/* As much as a match has room for, and nothing that would be read as more than one name. */
int
narrow_to_interface(struct nrule *nrule, const struct rule *rule, struct why *why)
{
	size_t length = strlen(rule->interface);

	if (length == 0 || length > RULE_INTERFACE_MAX ||
	    strcspn(rule->interface, " \t\n\"'\\+*") != length)
		return why_set(why, EINVAL, "%s:%u: no interface can be called \"%.*s\"",
		    rule->file, (unsigned int)rule->line, RULE_INTERFACE_MAX, rule->interface);
	memcpy(nrule->interface, rule->interface, length);
	return 0;
}
