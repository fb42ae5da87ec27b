/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What may come next on a command line, for the shells: config/completions has the scripts that
 * ask. All of it is told from the commands' usages.
 */
#ifndef NETFENCE_CTL_COMPLETE_H
#define NETFENCE_CTL_COMPLETE_H

#include "ctl/command.h"

/*
 * `netfencectl complete WORD …`: the words behind "netfencectl", the last of them as far as it has
 * been typed. Prints what it may become, a line each, what it is behind a tab; or a line ":file" or
 * ":folder" where such a name is wanted. Says nothing where nothing is known, or may be known.
 */
enum ctl_exit complete(const struct ctl *ctl, const struct command *commands, size_t n);

#endif
