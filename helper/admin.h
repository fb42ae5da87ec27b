/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What netfencectl asks the daemon, answered in JSON (schema 1) or plain text.
 */
#ifndef NETFENCE_ADMIN_H
#define NETFENCE_ADMIN_H

#include "connection.h"
#include "denials/denials.h"
#include "engines/engines.h"
#include "life/life.h"
#include "off.h"
#include "reload/reload.h"

struct admin;

/* All of these stay the caller's. NULL where there is no memory. */
struct admin *admin_new(const struct life *life, const struct engines *engines,
    const struct reload *reload, const struct denials *denials);
void admin_free(struct admin *admin);

/* Whether the engine was chosen with -e. */
void admin_set_chosen(struct admin *admin, bool chosen);

/* Before anybody asks; it stays the caller's. */
void admin_set_off(struct admin *admin, const struct off *off);

/* Each answers the connection. */
void admin_status(struct admin *admin, struct connection *connection);
void admin_metrics(struct admin *admin, struct connection *connection);
void admin_rules(struct admin *admin, struct connection *connection, const char *user);
void admin_denials(struct admin *admin, struct connection *connection, const char *user,
    uint64_t after, uint64_t since);

/* all: also of those whom nothing fences. */
void admin_sessions(struct admin *admin, struct connection *connection, bool all);

#endif
