/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked about on the command line: WHAT and WHERE, as packets of this host.
 */
#ifndef NETFENCE_CTL_PACKETS_H
#define NETFENCE_CTL_PACKETS_H

#include "base/arena.h"
#include "ctl/ctl.h"
#include "explain/target.h"

/* The services of this host; NULL where there is no memory. */
const struct services *packets_services(struct arena *arena);

/* The packets, the arena's, with what the kernel knows of the way to each; what is wrong with the
 * words is said on stderr, for CTL_USAGE. */
enum ctl_exit packets_parse(
    struct arena *arena, const char *what, const char *where, struct packet **packets, uint32_t *n);

#endif
