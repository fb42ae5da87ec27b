/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Netlink's messages and attributes, put together in memory that grows: a batch has no bound that
 * one would want to reserve. Pure.
 */
#ifndef NETFENCE_NFTABLES_BYTES_H
#define NETFENCE_NFTABLES_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begin with all zero. */
struct bytes {
	uint8_t *data; /* malloc'd, the caller's */
	size_t n;
	size_t room;
	bool failed; /* no memory, or an attribute of 64 KiB; sticks */
};

void bytes_free(struct bytes *bytes);

/* n zeroed bytes at the end, or NULL. */
void *bytes_add(struct bytes *bytes, size_t n);
void bytes_append(struct bytes *bytes, const void *data, size_t n);

/* An attribute of `type`; numbers in network byte order. */
void bytes_put(struct bytes *bytes, uint16_t type, const void *data, size_t n);
void bytes_put_u8(struct bytes *bytes, uint16_t type, uint8_t value);
void bytes_put_u32(struct bytes *bytes, uint16_t type, uint32_t value);
void bytes_put_u64(struct bytes *bytes, uint16_t type, uint64_t value);
void bytes_put_text(struct bytes *bytes, uint16_t type, const char *text); /* with its NUL */

/* An attribute of attributes: all that is put between the two is in it. */
size_t bytes_begin(struct bytes *bytes, uint16_t type);
void bytes_end(struct bytes *bytes, size_t begin);

/* A message to nf_tables about the family inet; the same. Returns where it begins. */
size_t bytes_begin_message(struct bytes *bytes, uint16_t type, uint16_t flags, uint32_t sequence);
/* What begins and ends a batch: NFNL_MSG_BATCH_… */
size_t bytes_begin_bracket(struct bytes *bytes, uint16_t type, uint32_t sequence);
void bytes_end_message(struct bytes *bytes, size_t begin);

#endif
