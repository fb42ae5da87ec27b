/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/entry.h"

/* Before the kernel's headers, which then leave its definitions alone. */
#include <netinet/in.h>

#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_NFLOG.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_ipv6header.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "fence/rate.h"

static const struct extension ipv4_extensions[] = {
	{ "owner", 1, false, false },
	{ "addrtype", 1, false, false },
	{ "conntrack", 3, false, false },
	{ "hashlimit", 3, false, false },
	{ "iprange", 1, false, false },
	{ "multiport", 1, false, false },
	{ "tcp", 0, false, false },
	{ "udp", 0, false, false },
	{ "icmp", 0, false, false },
	{ "REJECT", 0, true, false },
	{ "NFLOG", 0, true, true },
};

static const struct extension ipv6_extensions[] = {
	{ "owner", 1, false, false },
	{ "addrtype", 1, false, false },
	{ "conntrack", 3, false, false },
	{ "hashlimit", 3, false, false },
	{ "iprange", 1, false, false },
	{ "multiport", 1, false, false },
	{ "tcp", 0, false, false },
	{ "udp", 0, false, false },
	{ "icmp6", 0, false, false },
	{ "ipv6header", 0, false, false },
	{ "REJECT", 0, true, false },
	{ "NFLOG", 0, true, true },
};

const struct extension *
entry_extensions(enum family family, size_t *n)
{
	if (family == FAMILY_IPV4) {
		*n = sizeof(ipv4_extensions) / sizeof(*ipv4_extensions);
		return ipv4_extensions;
	}
	*n = sizeof(ipv6_extensions) / sizeof(*ipv6_extensions);
	return ipv6_extensions;
}

/* The kernel wants each match's and target's size rounded up to XT_ALIGN, and the header of both
 * is a multiple of it already. The slack stays zero: the kernel hands it back as zeros too. */
static void
put_match(struct entry *entry, const char *name, uint8_t revision, const void *data, size_t size)
{
	struct xt_entry_match match = { .u.user.revision = revision };

	strncpy(match.u.user.name, name, sizeof(match.u.user.name) - 1);
	match.u.user.match_size = (uint16_t)XT_ALIGN(sizeof(match) + size);
	memcpy(entry->bytes + entry->size, &match, sizeof(match));
	memcpy(entry->bytes + entry->size + sizeof(match), data, size);
	memset(entry->bytes + entry->size + sizeof(match) + size, 0,
	    match.u.user.match_size - sizeof(match) - size);
	entry->size += match.u.user.match_size;
}

static void
put_target(struct entry *entry, const char *name, const void *data, size_t size)
{
	struct xt_entry_target target = { 0 };

	strncpy(target.u.user.name, name, sizeof(target.u.user.name) - 1);
	target.u.user.target_size = (uint16_t)XT_ALIGN(sizeof(target) + size);
	memcpy(entry->bytes + entry->size, &target, sizeof(target));
	memcpy(entry->bytes + entry->size + sizeof(target), data, size);
	memset(entry->bytes + entry->size + sizeof(target) + size, 0,
	    target.u.user.target_size - sizeof(target) - size);
	entry->size += target.u.user.target_size;
}

static void
put_protocol_ports(struct entry *entry, const struct krule *rule)
{
	struct xt_tcp tcp = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };
	struct xt_udp udp = { .spts = { 0, 65535 }, .dpts = { 0, 65535 } };
	bool source = rule->side == KRULE_SOURCE_PORTS;

	if (rule->protocol == IPPROTO_TCP) {
		(source ? tcp.spts : tcp.dpts)[0] = rule->ports[0].first;
		(source ? tcp.spts : tcp.dpts)[1] = rule->ports[0].last;
		put_match(entry, "tcp", 0, &tcp, sizeof(tcp));
	} else {
		(source ? udp.spts : udp.dpts)[0] = rule->ports[0].first;
		(source ? udp.spts : udp.dpts)[1] = rule->ports[0].last;
		put_match(entry, "udp", 0, &udp, sizeof(udp));
	}
}

static void
put_multiport(struct entry *entry, const struct krule *rule)
{
	struct xt_multiport_v1 ports = { 0 };
	uint32_t i;

	ports.flags =
	    rule->side == KRULE_SOURCE_PORTS ? XT_MULTIPORT_SOURCE : XT_MULTIPORT_DESTINATION;
	for (i = 0; i < rule->n_ports; i++) {
		ports.ports[ports.count++] = rule->ports[i].first;
		if (rule->ports[i].first == rule->ports[i].last)
			continue;
		ports.pflags[ports.count - 1] = 1; /* the next slot is the range's end */
		ports.ports[ports.count++] = rule->ports[i].last;
	}
	put_match(entry, "multiport", 1, &ports, sizeof(ports));
}

static void
put_icmp(struct entry *entry, const struct krule *rule, enum family family)
{
	uint8_t type = (uint8_t)rule->icmp_type;
	uint8_t low = rule->icmp_code == WHAT_ANY ? 0 : (uint8_t)rule->icmp_code;
	uint8_t high = rule->icmp_code == WHAT_ANY ? 255 : (uint8_t)rule->icmp_code;
	struct ipt_icmp icmp = { .type = type, .code = { low, high } };
	struct ip6t_icmp icmp6 = { .type = type, .code = { low, high } };

	if (family == FAMILY_IPV4)
		put_match(entry, "icmp", 0, &icmp, sizeof(icmp));
	else
		put_match(entry, "icmp6", 0, &icmp6, sizeof(icmp6));
}

static void
put_iprange(struct entry *entry, const struct krule *rule)
{
	struct xt_iprange_mtinfo range = { .flags = IPRANGE_DST };

	memcpy(&range.dst_min, rule->to.first, sizeof(rule->to.first));
	memcpy(&range.dst_max, rule->to.last, sizeof(rule->to.last));
	put_match(entry, "iprange", 1, &range, sizeof(range));
}

/* What address is masked by is of no account where none is in the key; said so that iptables' rule
 * is ours. */
static void
put_hashlimit(struct entry *entry, const struct hashlimit_cfg3 *cfg, const char *name,
    const char *more, enum family family)
{
	struct xt_hashlimit_mtinfo3 limit = { .cfg = *cfg };

	snprintf(limit.name, sizeof(limit.name), "%s%s", name, more);
	limit.cfg.gc_interval = 1000;
	limit.cfg.srcmask = limit.cfg.dstmask = family == FAMILY_IPV4 ? 32 : 128;
	put_match(entry, "hashlimit", 3, &limit, sizeof(limit));
}

/*
 * One bucket for all packets, that holds as many as the limit's count and fills up again in its
 * time. An idle bucket is thrown away and begins full: not before it would be full anyway.
 */
static void
put_limit(struct entry *entry, const struct krule *rule, enum family family)
{
	const struct hashlimit_cfg3 cfg = {
		.avg = krule_limit_period(rule),
		.burst = rule->limit.count,
		.size = 1,
		.expire = rule->limit.seconds * 1000,
	};

	put_hashlimit(entry, &cfg, rule->limit_name, "", family);
}

/*
 * All of a policy first, then each address and port. A packet for which hashlimit has no room for
 * another key is dropped, whatever stands behind: what the first lets pass in the time that the
 * second keeps a key must be less than there is room for.
 */
static void
put_log_limits(struct entry *entry, const struct krule *rule, enum family family)
{
	const struct hashlimit_cfg3 all = {
		.avg = 1000000 / RATE_POLICY_BURST,
		.burst = RATE_POLICY_BURST,
		.size = 1,
		.expire = 1000,
	};
	const struct hashlimit_cfg3 each = {
		.mode = XT_HASHLIMIT_HASH_DIP | XT_HASHLIMIT_HASH_DPT,
		.avg = UINT64_C(1000000) * RATE_TARGET_SECONDS / RATE_TARGET_BURST,
		.burst = RATE_TARGET_BURST,
		.size = KRULE_LOG_BUCKETS,
		.max = KRULE_LOG_KEYS,
		.expire = RATE_TARGET_SECONDS * 1000,
	};

	_Static_assert(KRULE_LOG_KEYS > RATE_POLICY_BURST * (RATE_TARGET_SECONDS + 2), "keys");
	put_hashlimit(entry, &all, rule->limit_name, KRULE_LOG_ALL, family);
	put_hashlimit(entry, &each, rule->limit_name, KRULE_LOG_EACH, family);
}

static void
put_matches(struct entry *entry, const struct krule *rule, enum family family)
{
	struct xt_owner_match_info owner = { .match = XT_OWNER_UID };
	struct xt_conntrack_mtinfo3 reply = { 0 };
	struct xt_addrtype_info_v1 local = { .dest = XT_ADDRTYPE_LOCAL };
	struct ip6t_ipv6header_info routing = { .matchflags = MASK_ROUTING };
	uint32_t i;
	/* Not SYN alone, of FIN, SYN, RST and ACK. */
	const struct xt_tcp under_way = { .spts = { 0, 65535 },
		.dpts = { 0, 65535 },
		.flg_mask = 0x17,
		.flg_cmp = 0x02,
		.invflags = XT_TCP_INV_FLAGS };

	if (rule->owner) {
		owner.uid_min = rule->uid_first;
		owner.uid_max = rule->uid_last;
		put_match(entry, "owner", 1, &owner, sizeof(owner));
	}
	/* To a packet without an owner an inverted match says yes; the one before it said no. */
	owner.invert = XT_OWNER_UID;
	for (i = 0; i < rule->n_gaps; i++) {
		owner.uid_min = rule->gaps[i].first;
		owner.uid_max = rule->gaps[i].last;
		put_match(entry, "owner", 1, &owner, sizeof(owner));
	}
	if (rule->routing) {
		/* Soft: whether it is among the headers, whatever else there is. Any flag but 0
		 * says so; this is iptables' own, so that its rule and ours are one. */
		routing.modeflag = 0xff;
		put_match(entry, "ipv6header", 0, &routing, sizeof(routing));
	}
	if (rule->under_way)
		put_match(entry, "tcp", 0, &under_way, sizeof(under_way));
	if (rule->n_ports && krule_own_ports(rule))
		put_protocol_ports(entry, rule);
	else if (rule->n_ports)
		put_multiport(entry, rule);
	if (rule->icmp_type != WHAT_ANY)
		put_icmp(entry, rule, family);
	if (rule->to_set && krule_prefix(rule, family) < 0)
		put_iprange(entry, rule);
	if (rule->reply) {
		reply.match_flags = XT_CONNTRACK_STATE | XT_CONNTRACK_DIRECTION;
		/* Inverted: not the original direction. */
		reply.invert_flags = XT_CONNTRACK_DIRECTION;
		reply.state_mask = XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED);
		put_match(entry, "conntrack", 3, &reply, sizeof(reply));
	}
	/* Late, since it looks up a route. */
	if (rule->local)
		put_match(entry, "addrtype", 1, &local, sizeof(local));
	/* Last: it counts whatever comes as far as here. */
	if (rule->limit.count)
		put_limit(entry, rule, family);
	if (rule->target == KRULE_LOG)
		put_log_limits(entry, rule, family);
}

static void
put_targets(struct entry *entry, const struct krule *rule, enum family family)
{
	struct ipt_reject_info reject = { .with = IPT_ICMP_ADMIN_PROHIBITED };
	struct ip6t_reject_info reject6 = { .with = IP6T_ICMP6_ADM_PROHIBITED };
	struct xt_nflog_info log = { .group = rule->log_group };
	_Static_assert(sizeof(log.prefix) == sizeof(rule->log_mark), "prefix");
	int verdict = 0; /* of a jump or goto: where its chain begins, once that is known */

	switch (rule->target) {
	case KRULE_RETURN:
		verdict = XT_RETURN;
		put_target(entry, XT_STANDARD_TARGET, &verdict, sizeof(verdict));
		break;
	case KRULE_DROP:
		verdict = -NF_DROP - 1;
		put_target(entry, XT_STANDARD_TARGET, &verdict, sizeof(verdict));
		break;
	case KRULE_REJECT:
		if (family == FAMILY_IPV4)
			put_target(entry, "REJECT", &reject, sizeof(reject));
		else
			put_target(entry, "REJECT", &reject6, sizeof(reject6));
		break;
	case KRULE_GOTO:
	case KRULE_JUMP:
		put_target(entry, XT_STANDARD_TARGET, &verdict, sizeof(verdict));
		break;
	case KRULE_LOG:
		memcpy(log.prefix, rule->log_mark, sizeof(log.prefix));
		put_target(entry, "NFLOG", &log, sizeof(log));
		break;
	}
}

static void
set_mask(unsigned char *mask, int prefix)
{
	int i;

	for (i = 0; i < prefix; i++)
		mask[i / 8] |= (unsigned char)(0x80 >> i % 8);
}

/* The whole name and its NUL: without the NUL it would be every interface that begins so. */
static void
set_interface(const char *name, char *field, unsigned char *mask)
{
	size_t size = strlen(name) + 1;

	if (size == 1)
		return;
	memcpy(field, name, size);
	memset(mask, 0xff, size);
}

static void
make_ipv4(const struct krule *rule, struct entry *entry)
{
	struct ipt_entry head = { 0 };
	int prefix = rule->to_set ? krule_prefix(rule, FAMILY_IPV4) : -1;

	if (prefix >= 0) {
		memcpy(&head.ip.dst, rule->to.first, sizeof(head.ip.dst));
		set_mask((unsigned char *)&head.ip.dmsk, prefix);
	}
	if (rule->protocol != WHAT_ANY)
		head.ip.proto = (uint16_t)rule->protocol;
	set_interface(rule->interface, head.ip.outiface, head.ip.outiface_mask);
	if (rule->target == KRULE_GOTO)
		head.ip.flags |= IPT_F_GOTO;

	entry->size = sizeof(head);
	put_matches(entry, rule, FAMILY_IPV4);
	head.target_offset = (uint16_t)entry->size;
	put_targets(entry, rule, FAMILY_IPV4);
	head.next_offset = (uint16_t)entry->size;
	memcpy(entry->bytes, &head, sizeof(head));
}

static void
make_ipv6(const struct krule *rule, struct entry *entry)
{
	struct ip6t_entry head = { 0 };
	int prefix = rule->to_set ? krule_prefix(rule, FAMILY_IPV6) : -1;

	if (prefix >= 0) {
		memcpy(&head.ipv6.dst, rule->to.first, sizeof(head.ipv6.dst));
		set_mask((unsigned char *)&head.ipv6.dmsk, prefix);
	}
	if (rule->protocol != WHAT_ANY) {
		head.ipv6.proto = (uint16_t)rule->protocol;
		/* Without the flag ip6_tables does not look at the protocol at all. */
		head.ipv6.flags |= IP6T_F_PROTO;
	}
	set_interface(rule->interface, head.ipv6.outiface, head.ipv6.outiface_mask);
	if (rule->target == KRULE_GOTO)
		head.ipv6.flags |= IP6T_F_GOTO;

	entry->size = sizeof(head);
	put_matches(entry, rule, FAMILY_IPV6);
	head.target_offset = (uint16_t)entry->size;
	put_targets(entry, rule, FAMILY_IPV6);
	head.next_offset = (uint16_t)entry->size;
	memcpy(entry->bytes, &head, sizeof(head));
}

void
entry_make(const struct krule *rule, enum family family, struct entry *entry)
{
	if (family == FAMILY_IPV4)
		make_ipv4(rule, entry);
	else
		make_ipv6(rule, entry);
}

/* Where the parts of an entry lie. */
struct parts {
	size_t matches; /* the header's size */
	size_t target;
	size_t next;
};

/* The headers, but for nfcache, comefrom (the kernel's own) and the counters. */
static bool
same_head(const unsigned char *wanted, const unsigned char *found, enum family family,
    struct parts *parts)
{
	struct ipt_entry a, b;
	struct ip6t_entry a6, b6;

	if (family == FAMILY_IPV4) {
		memcpy(&a, wanted, sizeof(a));
		memcpy(&b, found, sizeof(b));
		*parts = (struct parts){ sizeof(a), a.target_offset, a.next_offset };
		return memcmp(&a.ip, &b.ip, sizeof(a.ip)) == 0 &&
		       a.target_offset == b.target_offset && a.next_offset == b.next_offset;
	}
	memcpy(&a6, wanted, sizeof(a6));
	memcpy(&b6, found, sizeof(b6));
	*parts = (struct parts){ sizeof(a6), a6.target_offset, a6.next_offset };
	/* Padding follows the last member. */
	return memcmp(&a6.ipv6, &b6.ipv6, offsetof(struct ip6t_ip6, invflags)) == 0 &&
	       a6.ipv6.invflags == b6.ipv6.invflags && a6.target_offset == b6.target_offset &&
	       a6.next_offset == b6.next_offset;
}

static bool
same_match(const unsigned char *wanted, const unsigned char *found, size_t *size)
{
	struct xt_entry_match a, b;

	memcpy(&a, wanted, sizeof(a));
	memcpy(&b, found, sizeof(b));
	*size = a.u.match_size;
	/* What follows the name's NUL is whatever lay in the reader's buffer. */
	return a.u.match_size == b.u.match_size && a.u.user.revision == b.u.user.revision &&
	       strncmp(a.u.user.name, b.u.user.name, sizeof(a.u.user.name)) == 0 &&
	       memcmp(wanted + sizeof(a), found + sizeof(a), a.u.match_size - sizeof(a)) == 0;
}

/* A target begins as a match does. */
static bool
same_target(const unsigned char *wanted, const unsigned char *found)
{
	size_t size;

	_Static_assert(sizeof(struct xt_entry_target) == sizeof(struct xt_entry_match), "headers");
	return same_match(wanted, found, &size);
}

bool
entry_same(const struct entry *wanted, enum family family, const void *found)
{
	const unsigned char *other = found;
	struct parts parts;
	size_t offset, size;

	if (!same_head(wanted->bytes, other, family, &parts))
		return false;
	for (offset = parts.matches; offset < parts.target; offset += size) {
		if (!same_match(wanted->bytes + offset, other + offset, &size))
			return false;
	}
	return same_target(wanted->bytes + parts.target, other + parts.target);
}

static void
set_uids(unsigned char *match, uint32_t first, uint32_t last)
{
	unsigned char *owner = match + sizeof(struct xt_entry_match);

	memcpy(owner + offsetof(struct xt_owner_match_info, uid_min), &first, sizeof(first));
	memcpy(owner + offsetof(struct xt_owner_match_info, uid_max), &last, sizeof(last));
}

/* The owner matches are the first of all. */
void
entry_set_owner(struct entry *entry, enum family family, uint32_t first, uint32_t last,
    const struct uid_gap *gaps, uint32_t n_gaps)
{
	const size_t size =
	    XT_ALIGN(sizeof(struct xt_entry_match) + sizeof(struct xt_owner_match_info));
	unsigned char *match = entry->bytes + (family == FAMILY_IPV4 ? sizeof(struct ipt_entry)
								     : sizeof(struct ip6t_entry));
	uint32_t i;

	set_uids(match, first, last);
	for (i = 0; i < n_gaps; i++)
		set_uids(match + (i + 1) * size, gaps[i].first, gaps[i].last);
}

void
entry_lead_to(struct entry *entry, enum family family, int32_t offset)
{
	struct ipt_entry head;
	struct ip6t_entry head6;
	size_t target;

	if (family == FAMILY_IPV4) {
		memcpy(&head, entry->bytes, sizeof(head));
		target = head.target_offset;
	} else {
		memcpy(&head6, entry->bytes, sizeof(head6));
		target = head6.target_offset;
	}
	memcpy(entry->bytes + target + offsetof(struct xt_standard_target, verdict), &offset,
	    sizeof(offset));
}
