/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said about netfenced itself, below `settings`.
 */
#ifndef NETFENCE_POLICY_SETTINGS_H
#define NETFENCE_POLICY_SETTINGS_H

#include "policy/reader.h"

/* What holds where nothing is said. */
struct settings settings_default(void);

/* The value of `settings`, into reader->settings; there may be one in several files, but each key
 * once. 0, -EINVAL, -ENOMEM. */
int settings_read(struct reader *reader, const struct node *value);

#endif
