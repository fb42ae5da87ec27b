/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netfenced.sock: who calls, what they may ask, and who answers. server.c holds the one table of
 * operations.
 */
#ifndef NETFENCE_SERVER_H
#define NETFENCE_SERVER_H

#include "admin.h"
#include "granting/granting.h"
#include "life/life.h"
#include "off.h"
#include "terminate.h"

struct event_base;
struct server;

/* Serves a listening, non-blocking socket, which stays the caller's. NULL where there is no
 * memory. */
struct server *server_new(struct event_base *base, int listening, struct life *life,
    struct admin *admin, struct reload *reload, struct granting *granting);

/* Before anybody is served; they stay the caller's. */
void server_set_orders(struct server *server, struct off *off, struct terminate *terminate);

void server_free(struct server *server);

#endif
