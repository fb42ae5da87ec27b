/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as iptables-save(8) prints them. Pure.
 */
#ifndef NETFENCE_IPTABLES_TEXT_H
#define NETFENCE_IPTABLES_TEXT_H

#include <stdio.h>

#include "fence/fence.h"
#include "iptables/krule.h"

/* "-A CHAIN … -j TARGET" and a newline: the very line. */
void text_rule(const char *chain, const struct krule *rule, enum family family, FILE *stream);

/*
 * What applying the plan puts into one family's tables, from "*filter" to "COMMIT", without
 * counters: our chains, the gate (-A OUTPUT; it is OUTPUT's first rule), the chains' rules.
 * 0, -EINVAL or -ENOMEM as layout_build(), -EIO where the stream is in error.
 */
int iptables_rules_text(const struct fence_plan *plan, enum family family, FILE *stream);

#endif
