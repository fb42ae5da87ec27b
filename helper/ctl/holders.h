/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What holds the fences of users who have no session left. netfenced only wants to know whether
 * there is anything; people want to know what, and it costs the daemon nothing if we look.
 */
#ifndef NETFENCE_CTL_HOLDERS_H
#define NETFENCE_CTL_HOLDERS_H

struct json_object;

/* Adds to each object of the list whose "state" is "held", or that has no "id", and whose "ranges"
 * say which uids it is about: "processes", how many living ones have one of them, and where these
 * are 0 "sockets", whether there are any. Where that cannot be told they are not there. */
void holders_find(struct json_object *list);

#endif
