/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which engines there are, and which of them this kernel is for. In the engines' processes, and
 * where netfenced removes its traces.
 */
#ifndef NETFENCE_CHOICE_H
#define NETFENCE_CHOICE_H

#include <stdbool.h>

#include "fence/engine.h"
#include "policy/ruleset.h"

/* Not for SETTINGS_ENGINE_AUTO. */
const struct engine *choice_engine(enum settings_engine which);
enum settings_engine choice_other(enum settings_engine which);

/* By its name, auto among them. */
bool choice_find(const char *name, enum settings_engine *which);

/*
 * What auto is: iptables where the kernel has its tables, in both families if it has both, with all
 * that fences need; else nftables, where that is there; else iptables again, whose engine then says
 * what is missing. Asking for iptables' tables makes them. Takes CAP_NET_ADMIN and CAP_NET_RAW.
 * -ENOMEM; others where it could not be told: another time it can.
 */
int choice_auto(enum settings_engine *which, struct why *why);

/*
 * Opens an engine for what it may have left in the kernel, and neither makes nor loads anything by
 * that: iptables only where `tables` (listed.h) says that there is a table, nftables unless its
 * module is not loaded. 0 and *state NULL: there is nothing of it.
 */
int choice_open_left(enum settings_engine which, enum family family, int tables,
    struct engine_state **state, struct why *why);

/* Whether a module is missing in both lists, of what is loaded (/proc/modules) and of what is part
 * of the kernel (modules.builtin). False where one of them cannot be read: who knows. */
bool choice_lacks_module(const char *loaded, const char *builtin, const char *module);

#endif
