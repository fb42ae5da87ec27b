/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who asked for something that goes on the record: what the kernel says of the process at the
 * other end, and what that process says of itself.
 */
#ifndef NETFENCE_ASKER_H
#define NETFENCE_ASKER_H

#include <stdint.h>

#include "connection.h"

#define ASKER_NOBODY UINT32_MAX /* no login stands behind the process, or that cannot be told */

/*
 * uid        at connect(), by SO_PEERCRED: a fact
 * login_uid  whose login the process descends from (audit's loginuid, which su and sudo leave as
 *            it is): a fact; or ASKER_NOBODY
 * name       a claim: who that is, netfencectl says
 */
struct asker {
	uint32_t uid;
	uint32_t login_uid;
	char name[PROTOCOL_NAME_MAX + 1];
};

/* proc: a /proc that hides nobody. claim: NULL or "" for none; then the name is "uid N". */
struct asker asker_of(const struct connection *connection, int proc, const char *claim);

#endif
