/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfencectl asks the daemon, answered in JSON (schema 1) or plain text.
 */
#ifndef NETFENCE_ADMIN_H
#define NETFENCE_ADMIN_H

#include "connection.h"
#include "engines.h"
#include "life/life.h"
#include "reload.h"

struct admin;

/* All of these stay the caller's. NULL where there is no memory. */
struct admin *admin_new(
    const struct life *life, const struct engines *engines, struct reload *reload);
void admin_free(struct admin *admin);

/* Each answers the connection, reload once its commit is over. */
void admin_status(struct admin *admin, struct connection *connection);
void admin_sessions(struct admin *admin, struct connection *connection);
void admin_rules(struct admin *admin, struct connection *connection, const char *user);
void admin_reload(struct admin *admin, struct connection *connection);
void admin_hung_up(struct admin *admin, const struct connection *connection);

#endif
