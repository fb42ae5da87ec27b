/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/logging.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "iptables/chain.h"

bool
logging_wants(
    const struct layout *layout, const struct policy *policy, enum action action, bool own)
{
	if (!layout->log)
		return false;
	return own || policy->log == POLICY_LOG_ALL ||
	       (action != ACTION_ALLOW && policy->log == POLICY_LOG_DENIED);
}

static enum mark_verdict
verdict_of(const struct policy *policy, enum action action)
{
	return action == ACTION_ALLOW           ? MARK_ALLOWED
	       : policy->mode == POLICY_OBSERVE ? MARK_OBSERVED
						: MARK_DENIED;
}

int
logging_add(struct layout *layout, uint32_t number, const struct policy *policy, enum action action,
    const struct logged *logged, struct why *why)
{
	const struct mark mark = { verdict_of(policy, action), logged->by, logged->rule,
		logged->policy };
	struct krule known = krule_any(KRULE_RETURN), log = krule_any(KRULE_LOG);
	int error = 0;

	known.protocol = IPPROTO_TCP;
	known.under_way = true;
	if (mark.verdict == MARK_ALLOWED)
		error = chain_add(&layout->chains[number], &known, why);
	log.log_group = layout->log_group;
	memcpy(log.limit_name, logged->first->text, sizeof(logged->first->text));
	mark_print(&mark, logged->first->text, log.log_mark);
	return error ? error : chain_add(&layout->chains[number], &log, why);
}

static enum krule_target
target_of(const struct policy *policy, enum action action)
{
	return policy->mode == POLICY_OBSERVE ? KRULE_RETURN : krule_of(action);
}

/* The chain's end is a RETURN. */
static int
add_chain(struct layout *layout, const struct chain_name *name, const struct policy *policy,
    enum action action, const struct logged *logged, uint32_t *number, struct why *why)
{
	struct krule last = krule_any(target_of(policy, action));
	int error = layout_add_chain(layout, name, number, why);

	if (!error)
		error = logging_add(layout, *number, policy, action, logged, why);
	if (!error && last.target != KRULE_RETURN)
		error = chain_add(&layout->chains[*number], &last, why);
	return error;
}

int
logging_lead(struct layout *layout, const struct policy *policy, enum action action, bool log,
    const struct logged *logged, struct krule *krule, struct why *why)
{
	uint32_t number;

	krule->target = target_of(policy, action);
	if (!log)
		return 0;
	krule->target = KRULE_GOTO;
	krule->chain = chain_name_part(logged->first, CHAIN_LOG, logged->rule);
	return add_chain(layout, &krule->chain, policy, action, logged, &number, why);
}

int
logging_lead_routing(
    struct layout *layout, const struct policy *policy, struct krule *krule, struct why *why)
{
	enum mark_verdict verdict = verdict_of(policy, ACTION_REJECT);
	struct chain_name name;
	const struct logged logged = { &name, MARK_BY_ROUTING_HEADER, 0, 0 };
	int error = 0;

	krule->target = target_of(policy, ACTION_REJECT);
	if (!logging_wants(layout, policy, ACTION_REJECT, false))
		return 0;
	name = chain_name_routing(verdict == MARK_OBSERVED);
	if (layout->routing[verdict] == LAYOUT_NO_CHAIN)
		error = add_chain(
		    layout, &name, policy, ACTION_REJECT, &logged, &layout->routing[verdict], why);
	krule->target = KRULE_GOTO;
	krule->chain = name;
	return error;
}
