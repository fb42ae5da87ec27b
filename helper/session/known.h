/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which groups users were members of when the name service said so last: of those that rules name,
 * and kept over a boot. A directory that does not answer makes groups vanish from a user, without
 * a word of it; what is here tells that something is missing.
 */
#ifndef NETFENCE_KNOWN_H
#define NETFENCE_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/buffer.h"

struct known; /* of everybody */

struct known_user {
	char *name;
	uint32_t n_groups;
	char **groups;
};

#define KNOWN_USERS_MAX  200000
#define KNOWN_GROUPS_MAX 64 /* of one user */

struct known *known_new(void); /* NULL where there is no memory */
void known_free(struct known *known);

/* What is known of the user, or NULL. Until the next change of it. */
const struct known_user *known_find(const struct known *known, const char *user);

/* 1: that is new; 0: it was known; -ENOMEM; -ENOSPC: more than are kept. */
int known_learn(struct known *known, const char *user, const char *group);

/* Whether it had been known. */
bool known_forget(struct known *known, const char *user, const char *group);

/* All of it, written down and read again. get: false where that is not whole, or there is no
 * memory; then some of it may be in `known`. */
void known_put(struct wire_out *out, const struct known *known);
bool known_get(struct wire_in *in, struct known *known);

#endif
