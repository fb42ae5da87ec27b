/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that stays root. It opens what takes root, starts main and the engines, starts
 * again whichever dies, and ends with them; it parses nothing that anybody else has written.
 */
#ifndef NETFENCE_SUPERVISOR_H
#define NETFENCE_SUPERVISOR_H

#include "policy/ruleset.h"
#include "resources.h"

/* Runs until SIGTERM or SIGINT. chosen: the engine was asked for with -e; else the rules say which.
 * Returns the process's
 * exit status. */
int supervisor_run(const struct places *places, enum settings_engine engine, bool chosen);

#endif
