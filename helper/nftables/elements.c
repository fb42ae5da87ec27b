/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/elements.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>
#include <string.h>

#include "nftables/expression.h"

/* An attribute of elements has at most 64 KiB. */
#define ELEMENTS_MAX 60000

void
elements_end(struct elements *elements)
{
	if (!elements->open)
		return;
	bytes_end(elements->change->batch, elements->list);
	nchange_end(elements->change, elements->message);
	elements->open = false;
}

/* key: NULL for all that the set does not have. to: the chain that it leads to; "": nowhere; NULL:
 * it is no map's, or to go. */
static void
elements_put(
    struct elements *elements, const void *key, uint32_t size, uint32_t flags, const char *to)
{
	struct bytes *batch = elements->change->batch;
	size_t element, nest;

	if (elements->open && batch->n - elements->list > ELEMENTS_MAX)
		elements_end(elements);
	if (!elements->open) {
		elements->message = nchange_begin(elements->change, elements->type,
		    elements->type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
		bytes_put_text(batch, NFTA_SET_ELEM_LIST_TABLE, LABEL_TABLE);
		bytes_put_text(batch, NFTA_SET_ELEM_LIST_SET, elements->set);
		elements->list = bytes_begin(batch, NFTA_SET_ELEM_LIST_ELEMENTS);
		elements->open = true;
	}
	element = bytes_begin(batch, NFTA_LIST_ELEM);
	if (key) {
		nest = bytes_begin(batch, NFTA_SET_ELEM_KEY);
		bytes_put(batch, NFTA_DATA_VALUE, key, size);
		bytes_end(batch, nest);
	}
	if (to)
		expression_put_goto(batch, NFTA_SET_ELEM_DATA, *to ? to : NULL);
	if (flags)
		bytes_put_u32(batch, NFTA_SET_ELEM_FLAGS, flags);
	bytes_end(batch, element);
}

/* What ends a range is the next key; nothing, where there is none. */
static bool
next_key(const uint8_t *last, uint8_t *next, uint32_t size)
{
	memcpy(next, last, size);
	while (size--)
		if (++next[size])
			return true;
	return false;
}

void
elements_put_span(struct elements *elements, const uint8_t *first, const uint8_t *last,
    uint32_t size, const char *to)
{
	uint8_t next[16];

	elements_put(elements, first, size, 0, to);
	if (next_key(last, next, size))
		elements_put(elements, next, size, NFT_SET_ELEM_INTERVAL_END, NULL);
}

void
elements_put_member(struct elements *elements, const struct member *member, const char *to)
{
	const uint32_t first = htonl(member->first), last = htonl(member->last);

	if (member->first < LAYOUT_RANGES)
		elements_put(elements, &member->first, sizeof(member->first), 0, to);
	else
		elements_put_span(
		    elements, (const uint8_t *)&first, (const uint8_t *)&last, sizeof(first), to);
}

void
elements_put_rest(struct elements *elements, const char *to)
{
	elements_put(elements, NULL, 0, NFT_SET_ELEM_CATCHALL, to);
}
