/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements of sets and maps, on their way into a batch. Pure.
 */
#ifndef NETFENCE_NFTABLES_ELEMENTS_H
#define NETFENCE_NFTABLES_ELEMENTS_H

#include "nftables/change.h"

/*
 * Elements of one set, in as few messages as hold them. Begin with the first three and the rest
 * zero; elements_end() comes last.
 * type  NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM
 */
struct elements {
	struct change *change;
	const char *set;
	uint16_t type;
	bool open;
	size_t message; /* where it begins, while `open` */
	size_t list;
};

/* A range of keys, of `size` bytes each, both ends included; of a map's, `to` is the chain that it
 * leads to, "" to nowhere, and else NULL. */
void elements_put_span(struct elements *elements, const uint8_t *first, const uint8_t *last,
    uint32_t size, const char *to);

/* What a member is in the map that is its uid's. */
void elements_put_member(struct elements *elements, const struct member *member, const char *to);

/* What all keys are that the set does not have. */
void elements_put_rest(struct elements *elements, const char *to);

void elements_end(struct elements *elements);

#endif
