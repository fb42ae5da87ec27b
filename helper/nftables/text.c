/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "fence/rate.h"
#include "nftables/declaration.h"
#include "nftables/layout.h"

/* As nft says them; it asks /etc/protocols for the rest, and takes a number for each. */
static const struct protocol {
	int16_t number;
	const char *name;
} protocols[] = {
	{ 1, "icmp" },
	{ 6, "tcp" },
	{ 17, "udp" },
	{ 33, "dccp" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 58, "ipv6-icmp" },
	{ 108, "comp" },
	{ 132, "sctp" },
	{ 136, "udplite" },
};

static void
print_protocol(int16_t number, FILE *stream)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (protocols[i].number == number) {
			fputs(protocols[i].name, stream);
			return;
		}
	}
	fprintf(stream, "%d", number);
}

static void
print_address(const uint8_t *bytes, enum family family, FILE *stream)
{
	char text[INET6_ADDRSTRLEN];

	fputs(inet_ntop(family == FAMILY_IPV4 ? AF_INET : AF_INET6, bytes, text, sizeof(text)),
	    stream);
}

static void
print_range(const struct address_range *range, enum family family, FILE *stream)
{
	int prefix = nrule_prefix(range, family);

	print_address(range->first, family, stream);
	if (prefix < 0) {
		fputc('-', stream);
		print_address(range->last, family, stream);
	} else if (prefix < (family == FAMILY_IPV4 ? 32 : 128)) {
		fprintf(stream, "/%d", prefix);
	}
}

static void
print_ports_of(const struct ports *ports, FILE *stream)
{
	fprintf(stream, "%u", (unsigned int)ports->first);
	if (ports->first != ports->last)
		fprintf(stream, "-%u", (unsigned int)ports->last);
}

static const char *
unit_of(uint32_t seconds)
{
	return seconds == 1      ? "second"
	       : seconds == 60   ? "minute"
	       : seconds == 3600 ? "hour"
				 : "day";
}

static void
print_protocol_and_ports(const struct nrule *rule, FILE *stream)
{
	if (rule->ports_set || rule->port_list.text[0]) {
		print_protocol(rule->protocol, stream);
		fprintf(stream, " %s ", rule->side == NRULE_SOURCE ? "sport" : "dport");
		if (rule->port_list.text[0])
			fprintf(stream, "@%s", rule->port_list.text);
		else
			print_ports_of(&rule->ports, stream);
		fputc(' ', stream);
	} else if (rule->icmp_type != WHAT_ANY) {
		const char *icmp = rule->protocol == IPPROTO_ICMP ? "icmp" : "icmpv6";

		fprintf(stream, "%s type %d ", icmp, rule->icmp_type);
		if (rule->icmp_code != WHAT_ANY)
			fprintf(stream, "%s code %d ", icmp, rule->icmp_code);
	} else if (rule->protocol != WHAT_ANY) {
		fprintf(stream, "meta l4proto %s", rule->protocol_not ? "!= " : "");
		print_protocol(rule->protocol, stream);
		fputc(' ', stream);
	}
}

/* What follows from the next word nft leaves out. */
static bool
says_family(const struct nrule *rule)
{
	return rule->to_set || rule->to_list.text[0] || rule->routing ||
	       (!rule->protocol_not &&
		   (rule->protocol == IPPROTO_ICMP || rule->protocol == IPPROTO_ICMPV6));
}

static void
print_matches(const struct nrule *rule, FILE *stream)
{
	if (nrule_from_mask(rule))
		fprintf(stream, "meta skuid & %u != 0 ", (unsigned int)nrule_from_mask(rule));
	else if (rule->from)
		fprintf(stream, "meta skuid >= %u ", (unsigned int)rule->from);
	if (rule->family != NRULE_BOTH && !says_family(rule))
		fprintf(stream, "meta nfproto %s ", rule->family == FAMILY_IPV4 ? "ipv4" : "ipv6");
	if (rule->routing)
		fputs("exthdr rt exists ", stream);
	if (rule->reply)
		fputs("ct state established ct direction reply ", stream);
	if (rule->local)
		fputs("oif \"lo\" fib daddr type local ", stream);
	if (rule->interface[0])
		fprintf(stream, "oifname \"%s\" ", rule->interface);
	if (rule->under_way)
		fputs("tcp flags != syn / fin,syn,rst,ack ", stream);
	print_protocol_and_ports(rule, stream);
	if (rule->to_set || rule->to_list.text[0])
		fprintf(stream, "%s daddr ", rule->family == FAMILY_IPV4 ? "ip" : "ip6");
	if (rule->to_list.text[0])
		fprintf(stream, "@%s", rule->to_list.text);
	else if (rule->to_set)
		print_range(&rule->to, rule->family, stream);
	if (rule->to_set || rule->to_list.text[0])
		fputc(' ', stream);
	if (rule->over.count)
		fprintf(stream, "limit rate over %u/%s burst %u packets ",
		    (unsigned int)rule->over.count, unit_of(rule->over.seconds),
		    (unsigned int)rule->over.count);
}

static void
print_log(const struct nrule *rule, FILE *stream)
{
	const bool ipv4 = rule->family == FAMILY_IPV4;

	fprintf(stream,
	    "limit name \"%s/log\" update @%s/log%d { %s daddr . th %s timeout %us"
	    " limit rate %u/second burst %u packets } log prefix \"%s\" group %u",
	    rule->log_limits.text, rule->log_limits.text, ipv4 ? 4 : 6, ipv4 ? "ip" : "ip6",
	    rule->side == NRULE_SOURCE ? "sport" : "dport", (unsigned int)RATE_TARGET_SECONDS,
	    (unsigned int)(RATE_TARGET_BURST / RATE_TARGET_SECONDS),
	    (unsigned int)RATE_TARGET_BURST, rule->log_mark, rule->log_group);
}

static void
print_rule(const struct nrule *rule, FILE *stream)
{
	fputs("\t\t", stream);
	print_matches(rule, stream);
	if (rule->counted)
		fputs("counter ", stream);
	switch (rule->target) {
	case NRULE_ACCEPT:
		fputs("accept", stream);
		break;
	case NRULE_DROP:
		fputs("drop", stream);
		break;
	case NRULE_REJECT:
		fputs("reject with icmpx admin-prohibited", stream);
		break;
	case NRULE_RETURN:
		fputs("return", stream);
		break;
	case NRULE_GOTO:
		fprintf(stream, "goto %s", rule->chain.text);
		break;
	case NRULE_JUMP:
		fprintf(stream, "jump %s", rule->chain.text);
		break;
	case NRULE_MAP:
		fprintf(stream, "meta skuid vmap @%s", rule->chain.text);
		break;
	case NRULE_LOG:
		print_log(rule, stream);
		break;
	}
	fputc('\n', stream);
}

/* One to a line: nft puts as many as have room there. */
static void
print_elements(const struct nlayout *layout, const struct nset *set, FILE *stream)
{
	const bool map = nset_is_users(set->kind) || set->kind == NSET_RANGES;
	const char *before = "\t\telements = { ";
	uint32_t i;

	for (i = 0; i < set->n; i++) {
		fputs(before, stream);
		if (set->kind == NSET_PORTS)
			print_ports_of(&set->ports[i], stream);
		else
			print_range(&set->ranges[i],
			    set->kind == NSET_IPV4 ? FAMILY_IPV4 : FAMILY_IPV6, stream);
		before = ",\n\t\t\t     ";
	}
	for (i = 0; map && i < layout->n_members; i++) {
		const struct member *member = &layout->members[i];

		if ((member->first >= LAYOUT_RANGES) != (set->kind == NSET_RANGES))
			continue;
		fprintf(stream, "%s%u", before, (unsigned int)member->first);
		if (member->first != member->last)
			fprintf(stream, "-%u", (unsigned int)member->last);
		fprintf(stream, " : goto %s", layout->chains[member->chain].name.text);
		before = ",\n\t\t\t     ";
	}
	if (nset_is_users(set->kind)) {
		fprintf(stream, "%s* : goto %s", before, LABEL_BY_RANGES);
		before = ",";
	}
	if (before[0] == ',')
		fputs(" }\n", stream);
}

static void
print_set(const struct nlayout *layout, const struct nset *set, FILE *stream)
{
	static const char *const kinds[NSET_KINDS] = {
		[NSET_USERS] = "\t\ttype uid : verdict\n",
		[NSET_USERS_MANY] = "\t\ttype uid : verdict\n",
		[NSET_USERS_ALL] = "\t\ttype uid : verdict\n",
		[NSET_RANGES] = "\t\ttype uid : verdict\n\t\tflags interval\n",
		[NSET_PORTS] = "\t\ttype inet_service\n\t\tflags interval\n",
		[NSET_IPV4] = "\t\ttype ipv4_addr\n\t\tflags interval\n",
		[NSET_IPV6] = "\t\ttype ipv6_addr\n\t\tflags interval\n",
		[NSET_LOG4] = "\t\ttype ipv4_addr . inet_service\n",
		[NSET_LOG6] = "\t\ttype ipv6_addr . inet_service\n",
	};

	fprintf(stream, "\t%s %s {\n%s",
	    nset_is_users(set->kind) || set->kind == NSET_RANGES ? "map" : "set", set->name.text,
	    kinds[set->kind]);
	if (declaration_room(set->kind))
		fprintf(stream, "\t\tsize %u\n", (unsigned int)declaration_room(set->kind));
	if (set->kind == NSET_LOG4 || set->kind == NSET_LOG6)
		fprintf(stream, "\t\tflags dynamic,timeout\n\t\ttimeout %us\n",
		    (unsigned int)RATE_TARGET_SECONDS);
	print_elements(layout, set, stream);
	fputs("\t}\n\n", stream);
}

static void
print_chain(const struct nchain *chain, bool base, FILE *stream)
{
	uint32_t i;

	fprintf(stream, "\tchain %s {\n", chain->name.text);
	if (base)
		fputs("\t\ttype filter hook output priority filter; policy accept;\n", stream);
	for (i = 0; i < chain->n; i++)
		print_rule(&chain->rules[i], stream);
	fputs("\t}\n", stream);
}

int
nftables_rules_text(const struct fence_plan *plan, enum family family, FILE *stream)
{
	struct nlayout layout;
	uint32_t i;
	int error;

	if (family != FAMILY_IPV4)
		return ferror(stream) ? -EIO : 0;
	error = nlayout_build(plan, NSET_USERS, &layout, NULL);
	if (error || !layout.n_chains)
		return error;
	fputs("table inet " LABEL_TABLE " {\n", stream);
	for (i = 0; i < layout.n_limits; i++)
		fprintf(stream, "\tlimit %s {\n\t\trate %u/second burst %u packets\n\t}\n\n",
		    layout.limits[i].text, (unsigned int)RATE_POLICY_BURST,
		    (unsigned int)RATE_POLICY_BURST);
	for (i = 0; i < layout.n_sets; i++)
		print_set(&layout, &layout.sets[i], stream);
	for (i = 0; i < layout.n_chains; i++) {
		if (i > 0)
			fputc('\n', stream);
		print_chain(&layout.chains[layout.sorted[i]], i == 0, stream);
	}
	fputs("}\n", stream);
	nlayout_clear(&layout);
	return ferror(stream) ? -EIO : 0;
}
