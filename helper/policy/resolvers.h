/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name servers of resolv.conf(5), which a rule can name as `resolvers`.
 */
#ifndef NETFENCE_POLICY_RESOLVERS_H
#define NETFENCE_POLICY_RESOLVERS_H

#include "policy/address.h"

#define RESOLVERS_FILE       "/etc/resolv.conf"
#define RESOLVERS_LENGTH_MAX 65536 /* bytes of the file */

/* All of them, merged; the rest of the file is passed over, and so is what is no address. 0 or
 * -ENOMEM. */
int resolvers_parse(
    struct arena *arena, const char *text, size_t length, struct addresses *addresses);

#endif
