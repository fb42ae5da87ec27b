/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One element more in a map of table inet netfence, and one less: the least that a commit of
 * nftables can be.
 */
#ifndef NETFENCE_BENCH_MAP_H
#define NETFENCE_BENCH_MAP_H

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdbool.h>
#include <string.h>

#include "clock.h"

struct map {
	struct mnl_socket *socket;
	const char *name;
	const char *chain; /* where elements lead */
	uint32_t sequence;
};

static inline struct map
map_open(const char *name, const char *chain)
{
	struct map map = { .name = name, .chain = chain };

	map.socket = mnl_socket_open(NETLINK_NETFILTER);
	if (!map.socket || mnl_socket_bind(map.socket, 0, MNL_SOCKET_AUTOPID) < 0)
		bench_die("netlink");
	return map;
}

static inline struct nlmsghdr *
map_message(struct map *map, char *at, int type, int flags, int family, int resource)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(at);
	struct nfgenmsg *message;

	header->nlmsg_type = (uint16_t)type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_seq = map->sequence++;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->nfgen_family = (uint8_t)family;
	message->version = NFNETLINK_V0;
	message->res_id = htons((uint16_t)resource);
	return header;
}

static inline void
map_put_element(struct nlmsghdr *header, const struct map *map, uint32_t uid, bool more)
{
	struct nlattr *list, *element, *part, *verdict;

	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, "netfence");
	mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, map->name);
	list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = mnl_attr_nest_start(header, NFTA_LIST_ELEM);
	part = mnl_attr_nest_start(header, NFTA_SET_ELEM_KEY);
	mnl_attr_put_u32(header, NFTA_DATA_VALUE, uid);
	mnl_attr_nest_end(header, part);
	if (more) {
		part = mnl_attr_nest_start(header, NFTA_SET_ELEM_DATA);
		verdict = mnl_attr_nest_start(header, NFTA_DATA_VERDICT);
		mnl_attr_put_u32(header, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_GOTO));
		mnl_attr_put_strz(header, NFTA_VERDICT_CHAIN, map->chain);
		mnl_attr_nest_end(header, verdict);
		mnl_attr_nest_end(header, part);
	}
	mnl_attr_nest_end(header, element);
	mnl_attr_nest_end(header, list);
}

static inline size_t
map_add_change(struct map *map, char *at, uint32_t uid, bool more, int flags)
{
	struct nlmsghdr *header = map_message(map, at,
	    NFNL_SUBSYS_NFTABLES << 8 | (more ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM),
	    flags | (more ? NLM_F_CREATE : 0), NFPROTO_INET, 0);

	map_put_element(header, map, uid, more);
	return header->nlmsg_len;
}

/* One element comes and goes, in one batch: nanoseconds until the kernel has said that it is so. */
static inline double
map_change(struct map *map, uint32_t uid)
{
	char bytes[1024], answer[1024];
	struct nlmsghdr *header;
	size_t size;
	double began;
	ssize_t length;

	header = map_message(map, bytes, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	size = header->nlmsg_len;
	size += map_add_change(map, bytes + size, uid, true, 0);
	size += map_add_change(map, bytes + size, uid, false, NLM_F_ACK);
	header =
	    map_message(map, bytes + size, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	size += header->nlmsg_len;
	began = clock_ns();
	if (mnl_socket_sendto(map->socket, bytes, size) < 0)
		bench_die("batch");
	length = mnl_socket_recvfrom(map->socket, answer, sizeof(answer));
	began = clock_ns() - began;
	header = (struct nlmsghdr *)(void *)answer;
	if (length < 0 || header->nlmsg_type != NLMSG_ERROR ||
	    ((struct nlmsgerr *)mnl_nlmsg_get_payload(header))->error)
		bench_die("batch: refused");
	return began;
}

#endif
