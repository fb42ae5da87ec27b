/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Going through attributes: libmnl's loops cast const away.
 */
#ifndef NETFENCE_NFTABLES_ATTRIBUTES_H
#define NETFENCE_NFTABLES_ATTRIBUTES_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>

/* Bytes from the attribute to the end of what it stands in. */
static inline int
attributes_left(const struct nlattr *attribute, const void *end)
{
	return (int)((const char *)end - (const char *)attribute);
}

static inline const void *
attributes_end(const struct nlattr *nest)
{
	return (const char *)mnl_attr_get_payload(nest) + mnl_attr_get_payload_len(nest);
}

/* Of a message of nfnetlink's. */
#define attributes_each(attribute, message)                                                  \
	for ((attribute) = mnl_nlmsg_get_payload_offset((message), sizeof(struct nfgenmsg)); \
	     mnl_attr_ok((attribute),                                                        \
		 attributes_left((attribute), mnl_nlmsg_get_payload_tail((message))));       \
	     (attribute) = mnl_attr_next((attribute)))

/* Of an attribute. */
#define attributes_each_in(attribute, nest)                                                  \
	for ((attribute) = mnl_attr_get_payload((nest));                                     \
	     mnl_attr_ok((attribute), attributes_left((attribute), attributes_end((nest)))); \
	     (attribute) = mnl_attr_next((attribute)))

#endif
