/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel is told, and tells, of our table, sets, chains and limits themselves; not of what
 * is in them.
 */
#ifndef NETFENCE_NFTABLES_DECLARATION_H
#define NETFENCE_NFTABLES_DECLARATION_H

#include <linux/netlink.h>

#include "nftables/bytes.h"
#include "nftables/layout.h"

/* Bytes of a set's keys: 2, 4, 8, 16 or 20. */
uint32_t declaration_key_size(enum nset_kind kind);

/* How many elements there may be; 0: no bound. */
uint32_t declaration_room(enum nset_kind kind);

/* Whether the kind's elements are ours to put: a log's are not. */
bool declaration_has_elements(enum nset_kind kind);

/* Whether they are the first of what belongs to them, and the first of what does not any more. */
bool declaration_is_interval(enum nset_kind kind);

/* Append the attributes of a message that makes one. id: any number, another for each set of a
 * batch. */
void declaration_put_table(struct bytes *bytes);
void declaration_put_set(
    struct bytes *bytes, const struct label *name, enum nset_kind kind, uint32_t id);
void declaration_put_chain(struct bytes *bytes, const struct label *name, bool base);
void declaration_put_limit(struct bytes *bytes, const struct label *name);

/* What message of the kernel's describes; each false where it is none that is made as above. */
bool declaration_is_table(const struct nlmsghdr *message);
bool declaration_read_set(const struct nlmsghdr *message, enum nset_kind *kind);
bool declaration_read_chain(const struct nlmsghdr *message, bool *base);
bool declaration_is_limit(const struct nlmsghdr *message);

#endif
