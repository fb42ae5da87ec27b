/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule as the kernel's expressions, byte for byte as the kernel hands it back: what was written
 * can be compared with what is there.
 */
#ifndef NETFENCE_NFTABLES_EXPRESSION_H
#define NETFENCE_NFTABLES_EXPRESSION_H

#include "nftables/bytes.h"
#include "nftables/nrule.h"

/* Appends NFTA_RULE_EXPRESSIONS with what the rule says. */
void expression_put_rule(struct bytes *bytes, const struct nrule *rule);

/* Appends what an element of a map leads to, as attribute `type`: a goto to that chain, or, where
 * it is NULL, nowhere: the packet is dropped. */
void expression_put_goto(struct bytes *bytes, uint16_t type, const char *chain);

/* Appends what a limit is that is shared by name, as attribute `type`. */
void expression_put_log_limit(struct bytes *bytes, uint16_t type);

/* Zeroes what a rule's counters have counted; `size` bytes of attributes, with
 * NFTA_RULE_EXPRESSIONS around them. */
void expression_forget_counters(uint8_t *attributes, size_t size);

#endif
