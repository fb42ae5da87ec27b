/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/declaration.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "fence/rate.h"
#include "nftables/attributes.h"
#include "nftables/expression.h"

/* nft(8)'s numbers for what a key is, which the kernel keeps for it: two in one, of six bits each,
 * where it is two things. */
#define TYPE_ADDRESS4 7
#define TYPE_ADDRESS6 8
#define TYPE_SERVICE  13
#define TYPE_UID      24

/* What nft(8) keeps with a set for itself: in which byte order it shows the keys, the host's (1) or
 * the network's (2). It shows those of `ranges` as the host's, too, and turns them by itself. */
#define HOST_ORDER    "\0\4\1\0\0\0"
#define NETWORK_ORDER "\0\4\2\0\0\0"
#define ORDER_SIZE    6

/* Milliseconds. */
#define LOG_TIMEOUT (RATE_TARGET_SECONDS * UINT64_C(1000))

#define MAP_FLAGS (NFT_SET_MAP)
#define LOG_FLAGS (NFT_SET_TIMEOUT | NFT_SET_EVAL)

static const struct kind {
	uint32_t flags;
	uint32_t type;
	uint32_t size; /* of a key, bytes */
	const char *order;
	uint32_t room; /* elements; 0: no bound */
} kinds[NSET_KINDS] = {
	[NSET_USERS] = { MAP_FLAGS, TYPE_UID, 4, HOST_ORDER, LAYOUT_USERS },
	[NSET_USERS_MANY] = { MAP_FLAGS, TYPE_UID, 4, HOST_ORDER, LAYOUT_USERS_MANY },
	[NSET_USERS_ALL] = { MAP_FLAGS, TYPE_UID, 4, HOST_ORDER, LAYOUT_USERS_ALL },
	[NSET_RANGES] = { MAP_FLAGS | NFT_SET_INTERVAL, TYPE_UID, 4, HOST_ORDER, 0 },
	[NSET_PORTS] = { NFT_SET_INTERVAL, TYPE_SERVICE, 2, NETWORK_ORDER, 0 },
	[NSET_IPV4] = { NFT_SET_INTERVAL, TYPE_ADDRESS4, 4, NETWORK_ORDER, 0 },
	[NSET_IPV6] = { NFT_SET_INTERVAL, TYPE_ADDRESS6, 16, NETWORK_ORDER, 0 },
	[NSET_LOG4] = { LOG_FLAGS, TYPE_ADDRESS4 << 6 | TYPE_SERVICE, 8, NULL, LAYOUT_LOG_KEYS },
	[NSET_LOG6] = { LOG_FLAGS, TYPE_ADDRESS6 << 6 | TYPE_SERVICE, 20, NULL, LAYOUT_LOG_KEYS },
};

uint32_t
declaration_key_size(enum nset_kind kind)
{
	return kinds[kind].size;
}

uint32_t
declaration_room(enum nset_kind kind)
{
	return kinds[kind].room;
}

bool
declaration_has_elements(enum nset_kind kind)
{
	return kinds[kind].flags != LOG_FLAGS;
}

bool
declaration_is_interval(enum nset_kind kind)
{
	return kinds[kind].flags & NFT_SET_INTERVAL;
}

void
declaration_put_table(struct bytes *bytes)
{
	bytes_put_text(bytes, NFTA_TABLE_NAME, LABEL_TABLE);
	bytes_put_u32(bytes, NFTA_TABLE_FLAGS, 0);
}

void
declaration_put_set(
    struct bytes *bytes, const struct label *name, enum nset_kind number, uint32_t id)
{
	const struct kind *kind = &kinds[number];
	size_t nest;

	bytes_put_text(bytes, NFTA_SET_TABLE, LABEL_TABLE);
	bytes_put_text(bytes, NFTA_SET_NAME, name->text);
	bytes_put_u32(bytes, NFTA_SET_FLAGS, kind->flags);
	bytes_put_u32(bytes, NFTA_SET_KEY_TYPE, kind->type);
	bytes_put_u32(bytes, NFTA_SET_KEY_LEN, kind->size);
	if (kind->flags & NFT_SET_MAP) {
		bytes_put_u32(bytes, NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
		bytes_put_u32(bytes, NFTA_SET_DATA_LEN, 0);
	}
	bytes_put_u32(bytes, NFTA_SET_ID, id);
	if (kind->order)
		bytes_put(bytes, NFTA_SET_USERDATA, kind->order, ORDER_SIZE);
	if (kind->flags == LOG_FLAGS)
		bytes_put_u64(bytes, NFTA_SET_TIMEOUT, LOG_TIMEOUT);
	if (!kind->room)
		return;
	nest = bytes_begin(bytes, NFTA_SET_DESC);
	bytes_put_u32(bytes, NFTA_SET_DESC_SIZE, kind->room);
	bytes_end(bytes, nest);
}

void
declaration_put_chain(struct bytes *bytes, const struct label *name, bool base)
{
	size_t nest;

	bytes_put_text(bytes, NFTA_CHAIN_TABLE, LABEL_TABLE);
	bytes_put_text(bytes, NFTA_CHAIN_NAME, name->text);
	if (!base)
		return;
	nest = bytes_begin(bytes, NFTA_CHAIN_HOOK);
	bytes_put_u32(bytes, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
	bytes_put_u32(bytes, NFTA_HOOK_PRIORITY, 0);
	bytes_end(bytes, nest);
	bytes_put_u32(bytes, NFTA_CHAIN_POLICY, NF_ACCEPT);
	bytes_put_text(bytes, NFTA_CHAIN_TYPE, "filter");
}

void
declaration_put_limit(struct bytes *bytes, const struct label *name)
{
	bytes_put_text(bytes, NFTA_OBJ_TABLE, LABEL_TABLE);
	bytes_put_text(bytes, NFTA_OBJ_NAME, name->text);
	bytes_put_u32(bytes, NFTA_OBJ_TYPE, NFT_OBJECT_LIMIT);
	expression_put_log_limit(bytes, NFTA_OBJ_DATA);
}

/* ---------------------------------------------------------------- as the kernel has it */

/* Attributes by type, of a message or of an attribute; `most` is the last type that counts. */
struct found {
	const struct nlattr *at[32];
};

static void
find(const struct nlattr *attribute, struct found *found)
{
	const uint16_t type = mnl_attr_get_type(attribute);

	if (type < sizeof(found->at) / sizeof(found->at[0]))
		found->at[type] = attribute;
}

static struct found
in_message(const struct nlmsghdr *message)
{
	struct found found = { { NULL } };
	const struct nlattr *attribute;

	attributes_each(attribute, message) find(attribute, &found);
	return found;
}

static struct found
in_attribute(const struct nlattr *nest)
{
	struct found found = { { NULL } };
	const struct nlattr *attribute;

	if (nest)
		attributes_each_in(attribute, nest) find(attribute, &found);
	return found;
}

/* One that is not there is 0. */
static bool
is_u32(const struct found *found, uint16_t type, uint32_t value)
{
	const struct nlattr *attribute = found->at[type];
	uint32_t is = 0;

	if (attribute) {
		if (mnl_attr_get_payload_len(attribute) != sizeof(is))
			return false;
		memcpy(&is, mnl_attr_get_payload(attribute), sizeof(is));
	}
	return ntohl(is) == value;
}

static bool
is_u64(const struct found *found, uint16_t type, uint64_t value)
{
	const struct nlattr *attribute = found->at[type];
	uint64_t is = 0;

	if (attribute) {
		if (mnl_attr_get_payload_len(attribute) != sizeof(is))
			return false;
		memcpy(&is, mnl_attr_get_payload(attribute), sizeof(is));
	}
	return be64toh(is) == value;
}

static bool
is_text(const struct found *found, uint16_t type, const char *text)
{
	const struct nlattr *attribute = found->at[type];

	return attribute && mnl_attr_get_payload_len(attribute) == strlen(text) + 1 &&
	       memcmp(mnl_attr_get_payload(attribute), text, strlen(text) + 1) == 0;
}

bool
declaration_is_table(const struct nlmsghdr *message)
{
	const struct found found = in_message(message);

	return is_u32(&found, NFTA_TABLE_FLAGS, 0);
}

bool
declaration_read_set(const struct nlmsghdr *message, enum nset_kind *number)
{
	const struct found found = in_message(message);
	const struct found description = in_attribute(found.at[NFTA_SET_DESC]);
	enum nset_kind i;

	for (i = 0; i < NSET_KINDS; i++) {
		const struct kind *kind = &kinds[i];
		const bool log = kind->flags == LOG_FLAGS;

		if (is_u32(&found, NFTA_SET_FLAGS, kind->flags) &&
		    is_u32(&found, NFTA_SET_KEY_TYPE, kind->type) &&
		    is_u32(&found, NFTA_SET_KEY_LEN, kind->size) &&
		    is_u32(&found, NFTA_SET_DATA_TYPE,
			kind->flags & NFT_SET_MAP ? NFT_DATA_VERDICT : 0) &&
		    is_u64(&found, NFTA_SET_TIMEOUT, log ? LOG_TIMEOUT : 0) &&
		    is_u32(&description, NFTA_SET_DESC_SIZE, kind->room) &&
		    !found.at[NFTA_SET_EXPR]) {
			*number = i;
			return true;
		}
	}
	return false;
}

bool
declaration_read_chain(const struct nlmsghdr *message, bool *base)
{
	const struct found found = in_message(message);
	const struct found hook = in_attribute(found.at[NFTA_CHAIN_HOOK]);

	*base = found.at[NFTA_CHAIN_HOOK] != NULL;
	if (!*base)
		return is_u32(&found, NFTA_CHAIN_FLAGS, 0);
	/* Before 5.8 no flags were told. */
	return (!found.at[NFTA_CHAIN_FLAGS] || is_u32(&found, NFTA_CHAIN_FLAGS, NFT_CHAIN_BASE)) &&
	       is_u32(&hook, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT) &&
	       is_u32(&hook, NFTA_HOOK_PRIORITY, 0) && !hook.at[NFTA_HOOK_DEV] &&
	       is_u32(&found, NFTA_CHAIN_POLICY, NF_ACCEPT) &&
	       is_text(&found, NFTA_CHAIN_TYPE, "filter");
}

bool
declaration_is_limit(const struct nlmsghdr *message)
{
	const struct found found = in_message(message);
	const struct found limit = in_attribute(found.at[NFTA_OBJ_DATA]);

	return is_u32(&found, NFTA_OBJ_TYPE, NFT_OBJECT_LIMIT) &&
	       is_u64(&limit, NFTA_LIMIT_RATE, RATE_POLICY_BURST) &&
	       is_u64(&limit, NFTA_LIMIT_UNIT, 1) &&
	       is_u32(&limit, NFTA_LIMIT_BURST, RATE_POLICY_BURST) &&
	       is_u32(&limit, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS) &&
	       is_u32(&limit, NFTA_LIMIT_FLAGS, 0);
}
