/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is logged before it is denied, or allowed where the policy wants that. Pure.
 *
 * A rule whose packets are logged leads them, by goto, to a chain of its own that logs and then
 * does what the rule says: whoever is allowed by a later rule does not pay for it.
 *
 *   NETFENCE:supporters    -d 10.0.0.0/8 -g NETFENCE:supporters%4
 *   NETFENCE:supporters%4  -m hashlimit … -m hashlimit … -j NFLOG --nflog-prefix "…"
 *                          -j REJECT
 *
 * What is observed only is logged and returns. Of what is allowed, those TCP packets are logged
 * that begin a connection, and of other protocols all, since nothing tells the first of them
 * without connection tracking.
 */
#ifndef NETFENCE_IPTABLES_LOGGING_H
#define NETFENCE_IPTABLES_LOGGING_H

#include "base/why.h"
#include "iptables/layout.h"

/* Whether what meets `action` by the policy is logged. own: by a rule that says so itself. */
bool logging_wants(
    const struct layout *layout, const struct policy *policy, enum action action, bool own);

/*
 * Whose it is, for the mark; and where it leads.
 * first   the policy's first chain's name, or a shared list's
 * by, rule, policy  as in a mark; the last 0 for a shared list
 */
struct logged {
	const struct chain_name *first;
	enum mark_by by;
	uint16_t rule;
	uint64_t policy;
};

/* Sets the target of *krule to what `action` is under the policy's mode and, where that is to be
 * logged (`log`), to a new chain that logs before. Errors as layout_add_chain() and chain_add(). */
int logging_lead(struct layout *layout, const struct policy *policy, enum action action, bool log,
    const struct logged *logged, struct krule *krule, struct why *why);

/* The same for IPv6's routing headers, which are rejected by all policies: they share a chain. */
int logging_lead_routing(
    struct layout *layout, const struct policy *policy, struct krule *krule, struct why *why);

/* Appends what logs all that comes as far as to the end of the layout's chain of that number. */
int logging_add(struct layout *layout, uint32_t number, const struct policy *policy,
    enum action action, const struct logged *logged, struct why *why);

#endif
