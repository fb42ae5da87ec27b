/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Grants as bytes, to be kept over a restart. One bit that is not as it was written makes all of it
 * damaged: a changed address would open something else.
 */
#ifndef NETFENCE_GRANTS_STORE_H
#define NETFENCE_GRANTS_STORE_H

#include <stddef.h>

#include "grants/grants.h"

/* What stands behind the bytes: against damage, not against forgery, since the file is root's. */
uint64_t store_sum(const uint8_t *bytes, size_t length);

/* malloc'd, the caller's; NULL where there is no memory. boot: of now. */
uint8_t *store_bytes(const struct grants *grants, const struct term_boot *boot, size_t *length);

/* Adds what the bytes hold to an empty list. -EBADMSG, -ENOMEM: then the list is as empty. */
int store_read(struct grants *grants, const uint8_t *bytes, size_t length,
    const struct term_boot *boot, struct why *why);

#endif
