/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that do whatever they are told, and so give their rights away.
 */
#ifndef NETFENCE_DOCTOR_POWER_H
#define NETFENCE_DOCTOR_POWER_H

#include <stdbool.h>

/* A shell, an interpreter, an editor or another that starts programs or connections at will.
 * command: a path, with arguments or without. */
bool power_is_any(const char *command);

#endif
