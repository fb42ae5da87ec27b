/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie. The Makefile may set each of the folders; the names inside them are
 * part of the contract between the module, the daemon and netfencectl.
 */
#ifndef NETFENCE_PATHS_H
#define NETFENCE_PATHS_H

#ifndef NETFENCE_CONFDIR
#define NETFENCE_CONFDIR "/etc/netfence"
#endif
#ifndef NETFENCE_RUNDIR
#define NETFENCE_RUNDIR "/run/netfence"
#endif
#ifndef NETFENCE_STATEDIR
#define NETFENCE_STATEDIR "/var/lib/netfence"
#endif
#ifndef NETFENCE_USER
#define NETFENCE_USER "netfence"
#endif

/* In the run folder. */
#define NETFENCE_SOCKET_NAME "netfenced.sock" /* root's */
#define NETFENCE_WHY_NAME    "why.sock"       /* anybody's */
#define NETFENCE_LOCK_NAME   "netfenced.lock" /* held by the one supervisor */
#define NETFENCE_RECORDS     "sessions"       /* a folder: a record for each user */
#define NETFENCE_DENIALS     "denials"        /* a folder: what the kernel has denied */

/* In the state folder: who the last good rules fence, for a module whose daemon is away. */
#define NETFENCE_WHO_NAME "who"

#define NETFENCE_SOCKET   NETFENCE_RUNDIR "/" NETFENCE_SOCKET_NAME
#define NETFENCE_WHO_FILE NETFENCE_STATEDIR "/" NETFENCE_WHO_NAME

#endif
