/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/expression.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "fence/rate.h"
#include "nftables/attributes.h"

/* Where things are in the headers. */
#define IPV4_DESTINATION 16
#define IPV6_DESTINATION 24
#define TCP_FLAGS_AT     13
#define LOOPBACK_INDEX   1 /* of lo, in each network namespace */

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* The state `established`, as a bit of what `ct state` loads. */
#define STATE_ESTABLISHED (1U << 1)

/* Milliseconds. */
#define LOG_TIMEOUT (RATE_TARGET_SECONDS * UINT64_C(1000))

/* Attributes of one expression begin here; what they are is the caller's to put. */
struct expression {
	size_t all;
	size_t data;
};

static struct expression
begin(struct bytes *bytes, const char *name)
{
	struct expression expression;

	expression.all = bytes_begin(bytes, NFTA_LIST_ELEM);
	bytes_put_text(bytes, NFTA_EXPR_NAME, name);
	expression.data = bytes_begin(bytes, NFTA_EXPR_DATA);
	return expression;
}

static void
end(struct bytes *bytes, struct expression expression)
{
	bytes_end(bytes, expression.data);
	bytes_end(bytes, expression.all);
}

static void
put_value(struct bytes *bytes, uint16_t type, const void *data, size_t n)
{
	size_t nest = bytes_begin(bytes, type);

	bytes_put(bytes, NFTA_DATA_VALUE, data, n);
	bytes_end(bytes, nest);
}

static void
put_meta(struct bytes *bytes, uint32_t key)
{
	struct expression meta = begin(bytes, "meta");

	bytes_put_u32(bytes, NFTA_META_KEY, key);
	bytes_put_u32(bytes, NFTA_META_DREG, NFT_REG_1);
	end(bytes, meta);
}

static void
put_compare_in(struct bytes *bytes, uint32_t reg, uint32_t op, const void *data, size_t n)
{
	struct expression compare = begin(bytes, "cmp");

	bytes_put_u32(bytes, NFTA_CMP_SREG, reg);
	bytes_put_u32(bytes, NFTA_CMP_OP, op);
	put_value(bytes, NFTA_CMP_DATA, data, n);
	end(bytes, compare);
}

static void
put_compare(struct bytes *bytes, uint32_t op, const void *data, size_t n)
{
	put_compare_in(bytes, NFT_REG_1, op, data, n);
}

static void
put_compare_u8(struct bytes *bytes, uint32_t op, uint8_t value)
{
	put_compare(bytes, op, &value, sizeof(value));
}

static void
put_payload(struct bytes *bytes, uint32_t base, uint32_t offset, uint32_t length, uint32_t reg)
{
	struct expression payload = begin(bytes, "payload");

	bytes_put_u32(bytes, NFTA_PAYLOAD_DREG, reg);
	bytes_put_u32(bytes, NFTA_PAYLOAD_BASE, base);
	bytes_put_u32(bytes, NFTA_PAYLOAD_OFFSET, offset);
	bytes_put_u32(bytes, NFTA_PAYLOAD_LEN, length);
	end(bytes, payload);
}

/* From the first register into `to`. */
static void
put_and_to(struct bytes *bytes, uint32_t to, const void *mask, uint32_t n)
{
	static const uint8_t zero[16];
	struct expression bitwise = begin(bytes, "bitwise");

	bytes_put_u32(bytes, NFTA_BITWISE_SREG, NFT_REG_1);
	bytes_put_u32(bytes, NFTA_BITWISE_DREG, to);
	bytes_put_u32(bytes, NFTA_BITWISE_LEN, n);
	bytes_put_u32(bytes, NFTA_BITWISE_OP, NFT_BITWISE_BOOL);
	put_value(bytes, NFTA_BITWISE_MASK, mask, n);
	put_value(bytes, NFTA_BITWISE_XOR, zero, n);
	end(bytes, bitwise);
}

static void
put_and(struct bytes *bytes, const void *mask, uint32_t n)
{
	put_and_to(bytes, NFT_REG_1, mask, n);
}

/* Ranges compare as bytes do; uids are in the host's order. */
static void
put_byteorder_to(struct bytes *bytes, uint32_t to)
{
	struct expression byteorder = begin(bytes, "byteorder");

	bytes_put_u32(bytes, NFTA_BYTEORDER_SREG, NFT_REG_1);
	bytes_put_u32(bytes, NFTA_BYTEORDER_DREG, to);
	bytes_put_u32(bytes, NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON);
	bytes_put_u32(bytes, NFTA_BYTEORDER_LEN, sizeof(uint32_t));
	bytes_put_u32(bytes, NFTA_BYTEORDER_SIZE, sizeof(uint32_t));
	end(bytes, byteorder);
}

/* In a set; `map`: and there is the verdict. */
static void
put_lookup(struct bytes *bytes, const char *set, bool map)
{
	struct expression lookup = begin(bytes, "lookup");

	bytes_put_text(bytes, NFTA_LOOKUP_SET, set);
	bytes_put_u32(bytes, NFTA_LOOKUP_SREG, NFT_REG_1);
	if (map)
		bytes_put_u32(bytes, NFTA_LOOKUP_DREG, NFT_REG_VERDICT);
	bytes_put_u32(bytes, NFTA_LOOKUP_FLAGS, 0);
	end(bytes, lookup);
}

static void
put_conntrack(struct bytes *bytes, uint32_t key)
{
	struct expression ct = begin(bytes, "ct");

	bytes_put_u32(bytes, NFTA_CT_DREG, NFT_REG_1);
	bytes_put_u32(bytes, NFTA_CT_KEY, key);
	end(bytes, ct);
}

static void
put_fib_type(struct bytes *bytes)
{
	struct expression fib = begin(bytes, "fib");

	bytes_put_u32(bytes, NFTA_FIB_DREG, NFT_REG_1);
	bytes_put_u32(bytes, NFTA_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	bytes_put_u32(bytes, NFTA_FIB_FLAGS, NFTA_FIB_F_DADDR);
	end(bytes, fib);
}

static void
put_routing_header(struct bytes *bytes)
{
	struct expression exthdr = begin(bytes, "exthdr");

	bytes_put_u32(bytes, NFTA_EXTHDR_DREG, NFT_REG_1);
	bytes_put_u8(bytes, NFTA_EXTHDR_TYPE, IPPROTO_ROUTING);
	bytes_put_u32(bytes, NFTA_EXTHDR_OFFSET, 0);
	bytes_put_u32(bytes, NFTA_EXTHDR_LEN, 1);
	bytes_put_u32(bytes, NFTA_EXTHDR_FLAGS, NFT_EXTHDR_F_PRESENT);
	bytes_put_u32(bytes, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_IPV6);
	end(bytes, exthdr);
}

/* So many packets in so many seconds, and as many at once. */
static void
put_limit_attributes(
    struct bytes *bytes, uint32_t count, uint32_t seconds, uint32_t burst, uint32_t flags)
{
	bytes_put_u64(bytes, NFTA_LIMIT_RATE, count);
	bytes_put_u64(bytes, NFTA_LIMIT_UNIT, seconds);
	bytes_put_u32(bytes, NFTA_LIMIT_BURST, burst);
	bytes_put_u32(bytes, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS);
	bytes_put_u32(bytes, NFTA_LIMIT_FLAGS, flags);
}

void
expression_put_log_limit(struct bytes *bytes, uint16_t type)
{
	size_t nest = bytes_begin(bytes, type);

	put_limit_attributes(bytes, RATE_POLICY_BURST, 1, RATE_POLICY_BURST, 0);
	bytes_end(bytes, nest);
}

static void
put_over(struct bytes *bytes, const struct limit *limit)
{
	struct expression expression = begin(bytes, "limit");

	put_limit_attributes(bytes, limit->count, limit->seconds, limit->count, NFT_LIMIT_F_INV);
	end(bytes, expression);
}

static void
put_shared_limit(struct bytes *bytes, const char *name)
{
	struct expression objref = begin(bytes, "objref");

	bytes_put_text(bytes, NFTA_OBJREF_IMM_NAME, name);
	bytes_put_u32(bytes, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_LIMIT);
	end(bytes, objref);
}

static void
put_verdict(struct bytes *bytes, uint16_t type, int32_t code, const char *chain)
{
	size_t data = bytes_begin(bytes, type);
	size_t verdict = bytes_begin(bytes, NFTA_DATA_VERDICT);

	bytes_put_u32(bytes, NFTA_VERDICT_CODE, (uint32_t)code);
	if (chain)
		bytes_put_text(bytes, NFTA_VERDICT_CHAIN, chain);
	bytes_end(bytes, verdict);
	bytes_end(bytes, data);
}

void
expression_put_goto(struct bytes *bytes, uint16_t type, const char *chain)
{
	put_verdict(bytes, type, chain ? NFT_GOTO : NF_DROP, chain);
}

static void
put_immediate(struct bytes *bytes, int32_t code, const char *chain)
{
	struct expression immediate = begin(bytes, "immediate");

	bytes_put_u32(bytes, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	put_verdict(bytes, NFTA_IMMEDIATE_DATA, code, chain);
	end(bytes, immediate);
}

static void
put_counter(struct bytes *bytes)
{
	struct expression counter = begin(bytes, "counter");

	bytes_put_u64(bytes, NFTA_COUNTER_BYTES, 0);
	bytes_put_u64(bytes, NFTA_COUNTER_PACKETS, 0);
	end(bytes, counter);
}

static void
put_reject(struct bytes *bytes)
{
	struct expression reject = begin(bytes, "reject");

	bytes_put_u32(bytes, NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
	bytes_put_u8(bytes, NFTA_REJECT_ICMP_CODE, NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
	end(bytes, reject);
}

/* Between the two, of which one may be the other. */
static void
put_between(struct bytes *bytes, const void *first, const void *last, size_t n)
{
	if (memcmp(first, last, n) == 0) {
		put_compare(bytes, NFT_CMP_EQ, first, n);
		return;
	}
	put_compare(bytes, NFT_CMP_GTE, first, n);
	put_compare(bytes, NFT_CMP_LTE, last, n);
}

static void
put_ports(struct bytes *bytes, const struct nrule *rule)
{
	const uint16_t first = htons(rule->ports.first), last = htons(rule->ports.last);

	put_payload(
	    bytes, NFT_PAYLOAD_TRANSPORT_HEADER, rule->side == NRULE_SOURCE ? 0 : 2, 2, NFT_REG_1);
	if (rule->port_list.text[0])
		put_lookup(bytes, rule->port_list.text, false);
	else
		put_between(bytes, &first, &last, sizeof(first));
}

static void
put_destination(struct bytes *bytes, enum family family, uint32_t reg)
{
	if (family == FAMILY_IPV4)
		put_payload(bytes, NFT_PAYLOAD_NETWORK_HEADER, IPV4_DESTINATION, 4, reg);
	else
		put_payload(bytes, NFT_PAYLOAD_NETWORK_HEADER, IPV6_DESTINATION, 16, reg);
}

static void
put_address(struct bytes *bytes, const struct nrule *rule)
{
	const uint32_t n = rule->family == FAMILY_IPV4 ? 4 : 16;
	int prefix = nrule_prefix(&rule->to, rule->family), i;
	uint8_t mask[16] = { 0 };

	put_destination(bytes, rule->family, NFT_REG_1);
	if (rule->to_list.text[0]) {
		put_lookup(bytes, rule->to_list.text, false);
	} else if (prefix < 0 || prefix == 8 * (int)n) {
		put_between(bytes, rule->to.first, rule->to.last, n);
	} else {
		for (i = 0; i < prefix; i++)
			mask[i / 8] |= (uint8_t)(0x80 >> i % 8);
		put_and(bytes, mask, n);
		put_compare(bytes, NFT_CMP_EQ, rule->to.first, n);
	}
}

static void
put_reply(struct bytes *bytes)
{
	const uint32_t established = STATE_ESTABLISHED, none = 0;

	put_conntrack(bytes, NFT_CT_STATE);
	put_and(bytes, &established, sizeof(established));
	put_compare(bytes, NFT_CMP_NEQ, &none, sizeof(none));
	put_conntrack(bytes, NFT_CT_DIRECTION);
	put_compare_u8(bytes, NFT_CMP_EQ, IP_CT_DIR_REPLY);
}

static void
put_local(struct bytes *bytes)
{
	const uint32_t lo = LOOPBACK_INDEX, local = RTN_LOCAL;

	put_meta(bytes, NFT_META_OIF);
	put_compare(bytes, NFT_CMP_EQ, &lo, sizeof(lo));
	put_fib_type(bytes);
	put_compare(bytes, NFT_CMP_EQ, &local, sizeof(local));
}

static void
put_under_way(struct bytes *bytes)
{
	const uint8_t mask = TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK;

	put_meta(bytes, NFT_META_L4PROTO);
	put_compare_u8(bytes, NFT_CMP_EQ, IPPROTO_TCP);
	put_payload(bytes, NFT_PAYLOAD_TRANSPORT_HEADER, TCP_FLAGS_AT, 1, NFT_REG_1);
	put_and(bytes, &mask, sizeof(mask));
	put_compare_u8(bytes, NFT_CMP_NEQ, TCP_SYN);
}

static void
put_icmp(struct bytes *bytes, const struct nrule *rule)
{
	put_payload(bytes, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1, NFT_REG_1);
	put_compare_u8(bytes, NFT_CMP_EQ, (uint8_t)rule->icmp_type);
	if (rule->icmp_code == WHAT_ANY)
		return;
	put_payload(bytes, NFT_PAYLOAD_TRANSPORT_HEADER, 1, 1, NFT_REG_1);
	put_compare_u8(bytes, NFT_CMP_EQ, (uint8_t)rule->icmp_code);
}

/* To find out the uid takes longer than all that is done with it, so this is done once. */
static void
put_map(struct bytes *bytes, const struct nrule *rule)
{
	const uint32_t from = htonl(rule->from), mask = nrule_from_mask(rule), none = 0;

	put_meta(bytes, NFT_META_SKUID);
	if (mask) {
		put_and_to(bytes, NFT_REG_2, &mask, sizeof(mask));
		put_compare_in(bytes, NFT_REG_2, NFT_CMP_NEQ, &none, sizeof(none));
	} else if (rule->from) {
		put_byteorder_to(bytes, NFT_REG_2);
		put_compare_in(bytes, NFT_REG_2, NFT_CMP_GTE, &from, sizeof(from));
	}
	if (rule->ranges)
		put_byteorder_to(bytes, NFT_REG_1);
	put_lookup(bytes, rule->chain.text, true);
}

static void
put_matches(struct bytes *bytes, const struct nrule *rule)
{
	if (rule->family != NRULE_BOTH) {
		put_meta(bytes, NFT_META_NFPROTO);
		put_compare_u8(
		    bytes, NFT_CMP_EQ, rule->family == FAMILY_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
	}
	if (rule->routing) {
		put_routing_header(bytes);
		put_compare_u8(bytes, NFT_CMP_EQ, 1);
	}
	if (rule->reply)
		put_reply(bytes);
	if (rule->local)
		put_local(bytes);
	if (rule->interface[0]) {
		put_meta(bytes, NFT_META_OIFNAME);
		put_compare(bytes, NFT_CMP_EQ, rule->interface, IFNAMSIZ);
	}
	if (rule->under_way)
		put_under_way(bytes);
	if (rule->protocol != WHAT_ANY) {
		put_meta(bytes, NFT_META_L4PROTO);
		put_compare_u8(
		    bytes, rule->protocol_not ? NFT_CMP_NEQ : NFT_CMP_EQ, (uint8_t)rule->protocol);
	}
	if (rule->ports_set || rule->port_list.text[0])
		put_ports(bytes, rule);
	if (rule->icmp_type != WHAT_ANY)
		put_icmp(bytes, rule);
	if (rule->to_set || rule->to_list.text[0])
		put_address(bytes, rule);
	if (rule->over.count)
		put_over(bytes, &rule->over);
}

/* The key is put together in registers that follow one another. */
static void
put_log(struct bytes *bytes, const struct nrule *rule)
{
	const struct label limit = label_part(&rule->log_limits, "log");
	const struct label set =
	    label_part(&rule->log_limits, rule->family == FAMILY_IPV4 ? "log4" : "log6");
	const uint16_t group = htons(rule->log_group);
	struct expression expression;
	size_t each, data;

	/* For all first: it bounds how many keys there can be. */
	put_shared_limit(bytes, limit.text);
	put_destination(bytes, rule->family, NFT_REG_1);
	put_payload(bytes, NFT_PAYLOAD_TRANSPORT_HEADER, rule->side == NRULE_SOURCE ? 0 : 2, 2,
	    rule->family == FAMILY_IPV4 ? NFT_REG32_01 : NFT_REG_2);
	expression = begin(bytes, "dynset");
	bytes_put_u32(bytes, NFTA_DYNSET_SREG_KEY, NFT_REG_1);
	bytes_put_u32(bytes, NFTA_DYNSET_OP, NFT_DYNSET_OP_UPDATE);
	bytes_put_text(bytes, NFTA_DYNSET_SET_NAME, set.text);
	bytes_put_u64(bytes, NFTA_DYNSET_TIMEOUT, LOG_TIMEOUT);
	each = bytes_begin(bytes, NFTA_DYNSET_EXPR);
	bytes_put_text(bytes, NFTA_EXPR_NAME, "limit");
	data = bytes_begin(bytes, NFTA_EXPR_DATA);
	put_limit_attributes(
	    bytes, RATE_TARGET_BURST / RATE_TARGET_SECONDS, 1, RATE_TARGET_BURST, 0);
	bytes_end(bytes, data);
	bytes_end(bytes, each);
	bytes_put_u32(bytes, NFTA_DYNSET_FLAGS, 0);
	end(bytes, expression);

	expression = begin(bytes, "log");
	bytes_put_text(bytes, NFTA_LOG_PREFIX, rule->log_mark);
	bytes_put(bytes, NFTA_LOG_GROUP, &group, sizeof(group));
	end(bytes, expression);
}

static void
put_target(struct bytes *bytes, const struct nrule *rule)
{
	if (rule->counted)
		put_counter(bytes);
	switch (rule->target) {
	case NRULE_ACCEPT:
		put_immediate(bytes, NF_ACCEPT, NULL);
		break;
	case NRULE_DROP:
		put_immediate(bytes, NF_DROP, NULL);
		break;
	case NRULE_REJECT:
		put_reject(bytes);
		break;
	case NRULE_RETURN:
		put_immediate(bytes, NFT_RETURN, NULL);
		break;
	case NRULE_GOTO:
		put_immediate(bytes, NFT_GOTO, rule->chain.text);
		break;
	case NRULE_JUMP:
		put_immediate(bytes, NFT_JUMP, rule->chain.text);
		break;
	case NRULE_MAP:
		put_map(bytes, rule);
		break;
	case NRULE_LOG:
		put_log(bytes, rule);
		break;
	}
}

void
expression_put_rule(struct bytes *bytes, const struct nrule *rule)
{
	size_t begin_all = bytes_begin(bytes, NFTA_RULE_EXPRESSIONS);

	put_matches(bytes, rule);
	put_target(bytes, rule);
	bytes_end(bytes, begin_all);
}

static void
forget_counter(struct nlattr *expression)
{
	struct nlattr *attribute, *value;
	bool counter = false;

	attributes_each_in(attribute, expression)
	{
		if (mnl_attr_get_type(attribute) == NFTA_EXPR_NAME)
			counter = strncmp(mnl_attr_get_str(attribute), "counter",
				      mnl_attr_get_payload_len(attribute)) == 0;
		if (!counter || mnl_attr_get_type(attribute) != NFTA_EXPR_DATA)
			continue;
		attributes_each_in(value, attribute)
		    memset(mnl_attr_get_payload(value), 0, mnl_attr_get_payload_len(value));
	}
}

void
expression_forget_counters(uint8_t *attributes, size_t size)
{
	struct nlattr *all = (struct nlattr *)(void *)attributes, *expression;

	for (; size > 0 && mnl_attr_ok(all, (int)size);
	     size -= MNL_ALIGN(all->nla_len), all = mnl_attr_next(all)) {
		attributes_each_in(expression, all) forget_counter(expression);
	}
}
