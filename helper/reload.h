/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the files to rules in force: at the start, on SIGHUP and on `netfencectl reload`. Rules with
 * an error change nothing.
 */
#ifndef NETFENCE_RELOAD_H
#define NETFENCE_RELOAD_H

#include "connection.h"
#include "life/life.h"

struct event_base;
struct reload;

/* folder: of the rules; channel: to the supervisor, who keeps the `who` file. All stay the
 * caller's. NULL where there is no memory. */
struct reload *reload_new(
    struct event_base *base, struct life *life, const char *folder, int channel);

/* The socket of a resolver's process, now ours: groups are read again at a reload, and who is
 * always fenced has to be found. */
void reload_set_resolver(struct reload *reload, int sock);
void reload_free(struct reload *reload);

/* Reads the rules and puts them in force. connection: who asked and gets the answer, in JSON, when
 * it is over; NULL for nobody. */
void reload_start(struct reload *reload, struct connection *connection);

/* Whoever asked has hung up. */
void reload_forget(struct reload *reload, const struct connection *connection);

#endif
