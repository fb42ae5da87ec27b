/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/granted.h"

#include "iptables/chain.h"
#include "iptables/egress.h"

/*
 * A goto leaves nothing on the kernel's stack, so that a RETURN behind it still goes back to OUTPUT
 * behind the gate. A routing header names another destination than the granted one: whatever has
 * one goes by what the policy says to that.
 */
int
granted_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t number, const struct chain_name *behind, struct why *why)
{
	/* Nothing that is granted is denied, whatever the mode. */
	const struct policy allowed = {
		.name = policy->name,
		.file = policy->file,
		.n_egress = policy->n_granted,
		.egress = policy->granted,
	};
	struct krule on = krule_any(KRULE_GOTO);
	int error = 0;

	on.chain = *behind;
	on.routing = true;
	if (family == FAMILY_IPV6)
		error = chain_add(&layout->chains[number], &on, why);
	if (!error)
		error = egress_build(&allowed, family, lists, layout, &number, why);
	on.routing = false;
	return error ? error : chain_add(&layout->chains[number], &on, why);
}
