/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a reload has to ask the name service of: the live users, for their groups, and those who are
 * fenced for always, whoever they are by now.
 */
#ifndef NETFENCE_RELOAD_NAMES_H
#define NETFENCE_RELOAD_NAMES_H

#include "life/life.h"
#include "resolver.h"

/* All ask, and return false where nothing was asked: nobody is there, the resolver is not, or
 * there is no memory. *nobody: nobody is there. */
bool names_ask_groups(struct resolver *resolver, const struct table *table);
bool names_ask_uids(struct resolver *resolver, const uint32_t *uids, uint32_t n);
bool names_ask_always(struct resolver *resolver, const struct rules *rules, bool *nobody);

#endif
