/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "fence/rate.h"
#include "iptables/layout.h"

/* Those that iptables-save names; it asks /etc/protocols for the rest, where names differ from
 * one distribution to the next, and takes a number for each. */
static const struct protocol {
	int16_t number;
	const char *name;
} protocols[] = {
	{ 1, "icmp" },
	{ 2, "igmp" },
	{ 6, "tcp" },
	{ 17, "udp" },
	{ 33, "dccp" },
	{ 41, "ipv6" },
	{ 47, "gre" },
	{ 50, "esp" },
	{ 51, "ah" },
	{ 58, "ipv6-icmp" },
	{ 89, "ospf" },
	{ 103, "pim" },
	{ 112, "vrrp" },
	{ 115, "l2tp" },
	{ 132, "sctp" },
	{ 136, "udplite" },
};

static const char *
address(const uint8_t *bytes, enum family family, char *text)
{
	return inet_ntop(family == FAMILY_IPV4 ? AF_INET : AF_INET6, bytes, text, INET6_ADDRSTRLEN);
}

static void
print_protocol(int16_t number, FILE *stream)
{
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++) {
		if (protocols[i].number == number) {
			fprintf(stream, " -p %s", protocols[i].name);
			return;
		}
	}
	fprintf(stream, " -p %d", number);
}

static void
print_ports(const struct krule *rule, FILE *stream)
{
	bool own = krule_own_ports(rule);
	uint32_t i;

	if (own)
		fprintf(stream, " -m %s", rule->protocol == IPPROTO_TCP ? "tcp" : "udp");
	else
		fputs(" -m multiport", stream);
	fprintf(
	    stream, " --%cport%s ", rule->side == KRULE_SOURCE_PORTS ? 's' : 'd', own ? "" : "s");
	for (i = 0; i < rule->n_ports; i++) {
		fprintf(stream, "%s%u", i ? "," : "", rule->ports[i].first);
		if (rule->ports[i].first != rule->ports[i].last)
			fprintf(stream, ":%u", rule->ports[i].last);
	}
}

/*
 * One hashlimit. iptables-save says the rate in the longest unit in which it is exact, or nearly
 * so, and when an idle key goes only if that is not the unit.
 * period   microseconds
 * keys     in a table of buckets by address and port; 0: one for all
 */
static void
print_hashlimit(uint64_t period, uint32_t burst, const char *name, const char *more,
    uint32_t buckets, uint32_t keys, uint32_t seconds, FILE *stream)
{
	static const struct {
		const char *name;
		uint32_t seconds;
	} units[] = { { "day", 86400 }, { "hour", 3600 }, { "min", 60 }, { "sec", 1 } };
	uint64_t length;
	size_t i, best = 0;

	for (i = 1; i < sizeof(units) / sizeof(*units); i++) {
		length = UINT64_C(1000000) * units[i].seconds;
		if (period > length || length / period < length % period)
			break;
		best = i;
	}
	length = UINT64_C(1000000) * units[best].seconds;
	fprintf(stream,
	    " -m hashlimit --hashlimit-upto %llu/%s --hashlimit-burst %u%s --hashlimit-name %s%s"
	    " --hashlimit-htable-size %u",
	    (unsigned long long)(length / period), units[best].name, (unsigned int)burst,
	    keys ? " --hashlimit-mode dstip,dstport" : "", name, more, (unsigned int)buckets);
	if (keys)
		fprintf(stream, " --hashlimit-htable-max %u", (unsigned int)keys);
	if (units[best].seconds != seconds)
		fprintf(stream, " --hashlimit-htable-expire %u", (unsigned int)seconds * 1000);
}

static void
print_log_limits(const struct krule *rule, FILE *stream)
{
	print_hashlimit(1000000 / RATE_POLICY_BURST, RATE_POLICY_BURST, rule->limit_name,
	    KRULE_LOG_ALL, 1, 0, 1, stream);
	print_hashlimit(UINT64_C(1000000) * RATE_TARGET_SECONDS / RATE_TARGET_BURST,
	    RATE_TARGET_BURST, rule->limit_name, KRULE_LOG_EACH, KRULE_LOG_BUCKETS, KRULE_LOG_KEYS,
	    RATE_TARGET_SECONDS, stream);
}

static void
print_owner(const char * not, uint32_t first, uint32_t last, FILE *stream)
{
	fprintf(stream, " -m owner %s--uid-owner %u", not, (unsigned int)first);
	if (last != first)
		fprintf(stream, "-%u", (unsigned int)last);
}

static void
print_matches(const struct krule *rule, enum family family, FILE *stream)
{
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	uint32_t i;

	if (rule->owner)
		print_owner("", rule->uid_first, rule->uid_last, stream);
	for (i = 0; i < rule->n_gaps; i++)
		print_owner("! ", rule->gaps[i].first, rule->gaps[i].last, stream);
	if (rule->routing)
		fputs(" -m ipv6header --header ipv6-route --soft", stream);
	if (rule->under_way)
		fputs(" -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", stream);
	if (rule->n_ports)
		print_ports(rule, stream);
	if (rule->icmp_type != WHAT_ANY) {
		fprintf(stream, " -m %s %d",
		    family == FAMILY_IPV4 ? "icmp --icmp-type" : "icmp6 --icmpv6-type",
		    rule->icmp_type);
		if (rule->icmp_code != WHAT_ANY)
			fprintf(stream, "/%d", rule->icmp_code);
	}
	if (rule->to_set && krule_prefix(rule, family) < 0)
		fprintf(stream, " -m iprange --dst-range %s-%s",
		    address(rule->to.first, family, first), address(rule->to.last, family, last));
	if (rule->reply)
		fputs(" -m conntrack --ctstate ESTABLISHED --ctdir REPLY", stream);
	if (rule->local)
		fputs(" -m addrtype --dst-type LOCAL", stream);
	if (rule->limit.count)
		print_hashlimit(krule_limit_period(rule), rule->limit.count, rule->limit_name, "",
		    1, 0, rule->limit.seconds, stream);
	if (rule->target == KRULE_LOG)
		print_log_limits(rule, stream);
}

static void
print_target(const struct krule *rule, enum family family, FILE *stream)
{
	switch (rule->target) {
	case KRULE_RETURN:
		fputs(" -j RETURN", stream);
		break;
	case KRULE_DROP:
		fputs(" -j DROP", stream);
		break;
	case KRULE_REJECT:
		fprintf(stream, " -j REJECT --reject-with %s",
		    family == FAMILY_IPV4 ? "icmp-admin-prohibited" : "icmp6-adm-prohibited");
		break;
	case KRULE_GOTO:
		fprintf(stream, " -g %s", rule->chain.text);
		break;
	case KRULE_JUMP:
		fprintf(stream, " -j %s", rule->chain.text);
		break;
	case KRULE_LOG:
		fprintf(stream, " -j NFLOG --nflog-prefix \"%s\"", rule->log_mark);
		if (rule->log_group)
			fprintf(stream, " --nflog-group %u", rule->log_group);
		break;
	}
}

void
text_rule(const char *chain, const struct krule *rule, enum family family, FILE *stream)
{
	char text[INET6_ADDRSTRLEN];
	int prefix = rule->to_set ? krule_prefix(rule, family) : -1;

	fprintf(stream, "-A %s", chain);
	if (prefix >= 0)
		fprintf(stream, " -d %s/%d", address(rule->to.first, family, text), prefix);
	if (rule->interface[0])
		fprintf(stream, " -o %s", rule->interface);
	if (rule->protocol != WHAT_ANY)
		print_protocol(rule->protocol, stream);
	print_matches(rule, family, stream);
	print_target(rule, family, stream);
	fputc('\n', stream);
}

int
iptables_rules_text(const struct fence_plan *plan, enum family family, FILE *stream)
{
	const struct kchain *chain;
	struct layout layout;
	struct krule rule;
	uint32_t i, j;
	int error;

	error = layout_build(plan, family, &layout, NULL);
	if (error)
		return error;
	fputs("*filter\n", stream);
	for (i = 0; i < layout.n; i++)
		fprintf(stream, ":%s - [0:0]\n", layout.chains[layout.sorted[i]].name.text);
	if (layout.gated)
		text_rule("OUTPUT", &layout.gate, family, stream);
	for (i = 0; i < layout.n; i++) {
		chain = &layout.chains[layout.sorted[i]];
		for (j = 0; j < chain->n; j++) {
			rule = layout_rule(&layout, chain, j);
			text_rule(chain->name.text, &rule, family, stream);
		}
	}
	fputs("COMMIT\n", stream);
	layout_clear(&layout);
	return ferror(stream) ? -EIO : 0;
}
