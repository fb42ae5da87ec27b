/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service manager's side: sd_notify(3) and sd_listen_fds(3) as those manual pages describe
 * the protocol, without the library, which would bring much else into a root process.
 */
#ifndef NETFENCE_NOTIFY_H
#define NETFENCE_NOTIFY_H

/* Sends `state` ("READY=1") to $NOTIFY_SOCKET, if there is one. */
void notify_send(const char *state);

/* The one socket handed over ($LISTEN_PID, $LISTEN_FDS), or -1 for none, or -EINVAL for
 * several or for something else than a listening UNIX stream socket. */
int notify_socket(void);

#endif
