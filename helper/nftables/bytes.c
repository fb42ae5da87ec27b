/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/bytes.h"

#include <arpa/inet.h>
#include <endian.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void
bytes_free(struct bytes *bytes)
{
	free(bytes->data);
	*bytes = (struct bytes){ 0 };
}

void *
bytes_add(struct bytes *bytes, size_t n)
{
	uint8_t *grown;
	size_t room;

	if (bytes->failed)
		return NULL;
	if (bytes->room - bytes->n < n) {
		room = 2 * bytes->room + n + 256;
		grown = realloc(bytes->data, room);
		if (!grown) {
			bytes->failed = true;
			return NULL;
		}
		bytes->data = grown;
		bytes->room = room;
	}
	grown = bytes->data + bytes->n;
	memset(grown, 0, n);
	bytes->n += n;
	return grown;
}

void
bytes_append(struct bytes *bytes, const void *data, size_t n)
{
	void *to = bytes_add(bytes, n);

	if (to && n)
		memcpy(to, data, n);
}

void
bytes_put(struct bytes *bytes, uint16_t type, const void *data, size_t n)
{
	struct nlattr head = { (uint16_t)(NLA_HDRLEN + n), type };
	uint8_t *to;

	if (n > UINT16_MAX - NLA_HDRLEN) {
		bytes->failed = true;
		return;
	}
	to = bytes_add(bytes, NLA_ALIGN(NLA_HDRLEN + n));
	if (!to)
		return;
	memcpy(to, &head, sizeof(head));
	if (n)
		memcpy(to + NLA_HDRLEN, data, n);
}

void
bytes_put_u8(struct bytes *bytes, uint16_t type, uint8_t value)
{
	bytes_put(bytes, type, &value, sizeof(value));
}

void
bytes_put_u32(struct bytes *bytes, uint16_t type, uint32_t value)
{
	value = htonl(value);
	bytes_put(bytes, type, &value, sizeof(value));
}

void
bytes_put_u64(struct bytes *bytes, uint16_t type, uint64_t value)
{
	value = htobe64(value);
	bytes_put(bytes, type, &value, sizeof(value));
}

void
bytes_put_text(struct bytes *bytes, uint16_t type, const char *text)
{
	bytes_put(bytes, type, text, strlen(text) + 1);
}

/* Without NLA_F_NESTED: the kernel does not ask for it here, and dumps rules without it. */
size_t
bytes_begin(struct bytes *bytes, uint16_t type)
{
	size_t begin = bytes->n;

	bytes_put(bytes, type, NULL, 0);
	return begin;
}

void
bytes_end(struct bytes *bytes, size_t begin)
{
	size_t length = bytes->n - begin;
	uint16_t short_length = (uint16_t)length;

	if (length > UINT16_MAX)
		bytes->failed = true;
	if (!bytes->failed)
		memcpy(bytes->data + begin, &short_length, sizeof(short_length));
}

static size_t
begin_message(
    struct bytes *bytes, uint16_t type, uint16_t flags, uint32_t sequence, struct nfgenmsg family)
{
	const struct nlmsghdr head = { .nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = sequence };
	size_t begin = bytes->n;

	bytes_append(bytes, &head, sizeof(head));
	bytes_append(bytes, &family, sizeof(family));
	return begin;
}

size_t
bytes_begin_message(struct bytes *bytes, uint16_t type, uint16_t flags, uint32_t sequence)
{
	const struct nfgenmsg family = { NFPROTO_INET, NFNETLINK_V0, 0 };

	return begin_message(
	    bytes, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, sequence, family);
}

size_t
bytes_begin_bracket(struct bytes *bytes, uint16_t type, uint32_t sequence)
{
	const struct nfgenmsg family = { AF_UNSPEC, NFNETLINK_V0, htons(NFNL_SUBSYS_NFTABLES) };

	return begin_message(bytes, type, 0, sequence, family);
}

void
bytes_end_message(struct bytes *bytes, size_t begin)
{
	uint32_t length = (uint32_t)(bytes->n - begin);

	if (!bytes->failed)
		memcpy(bytes->data + begin, &length, sizeof(length));
}
