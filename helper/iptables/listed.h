/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the kernel has made a filter table: asking for it by any other way would make it, and
 * load the modules for it.
 */
#ifndef NETFENCE_IPTABLES_LISTED_H
#define NETFENCE_IPTABLES_LISTED_H

#include <stdbool.h>

#include "fence/fence.h"

/* The kernel's list of one family's tables, which is root's to open, and the caller's to close; -1
 * where there is none: then there are no tables, nor can there be as long as no module is loaded.
 */
int listed_open(enum family family);

/* Reads it, again each time; false also for -1. Where it cannot be read: true. */
bool listed_filter(int fd);

#endif
