/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is this? A user as the name service knows them, found in the login's own process, where
 * waiting for a directory holds up nobody else.
 */
#ifndef NETFENCE_IDENTITY_H
#define NETFENCE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "wire/message.h"

struct identity {
	char *name; /* as getpwnam() spells it, which may differ from what was asked for */
	uint32_t uid;
	uint32_t gid;
	uint32_t n_groups;
	char **groups; /* names; a gid that has none is left out */
};

/* Fills all but the groups. -ESRCH: there is no such user; -ENOMEM; -EINVAL: a name too long for
 * the daemon; anything else: the name service failed, and whether there is one is not known.
 * On success the caller lets go of it with identity_clear(). */
int identity_find(const char *user, struct identity *identity, struct why *why);

/* Adds the groups, primary and supplementary, as the name service has them now, whatever the
 * credentials of any process say. -E2BIG: more than NGROUPS_MAX; else as above. Either way
 * identity_clear() is still to be called. */
int identity_find_groups(struct identity *identity, struct why *why);

/* Whether a group that identity_find_groups() did not find is really without the user: it is there,
 * and they are not in it. Where nobody knows the group just now, or the name service fails, a
 * directory may be away, and the answer is no. */
bool identity_has_lost(const struct identity *identity, const char *group);

void identity_clear(struct identity *identity);

/* The network namespace of the calling thread, who has just made the socket `sock`; its cookie
 * where the kernel has cookies, unless `sock` is -1. Errors as stat(2) has them. */
int identity_network(int sock, struct netns_name *netns, struct why *why);

#endif
