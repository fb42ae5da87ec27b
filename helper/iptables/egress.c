/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/egress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iptables/chain.h"
#include "iptables/logging.h"

/* What fork_chain() adds beside whats and addresses: two rules and two chains. */
#define FORK_ENTRIES (2 + 2 * LIST_CHAIN_ENTRIES)

/*
 * A policy on its way into chains.
 * first  what the first of them is called
 * chain  the layout's number of the one that is added to
 * whats  kernel rules of the rule or rules at hand, without addresses
 * done   which of the policy's rules are in chains
 */
struct building {
	const struct policy *policy;
	enum family family;
	const struct lists *lists;
	struct layout *layout;
	struct chain_name first;
	uint32_t chain;
	struct kchain whats;
	bool *done;
};

static bool
everywhere(const struct address_range *range, enum family family)
{
	size_t length = family == FAMILY_IPV4 ? 4 : 16;
	size_t i;

	for (i = 0; i < length; i++) {
		if (range->first[i] != 0 || range->last[i] != 255)
			return false;
	}
	return true;
}

/*
 * One count for whatever the rule becomes, in a table of hashlimit's that all of these name. The
 * name holds all that the table depends on: hashlimit goes by a name alone, and one that is there
 * keeps the rate that it began with. Where neither the rule's place nor its limit has changed, it
 * is found again, with its count, after any commit.
 */
static int
set_limit(struct krule *krule, const struct chain_name *chain, uint32_t number,
    const struct rule *rule, struct why *why)
{
	const struct limit *limit = &rule->limit;

	if (limit->count > RULE_LIMIT_MAX || (limit->seconds != 1 && limit->seconds != 60 &&
						 limit->seconds != 3600 && limit->seconds != 86400))
		return why_set(why, EINVAL, "%s:%u: a limit of %u in %u seconds cannot be kept",
		    rule->file, (unsigned int)rule->line, (unsigned int)limit->count,
		    (unsigned int)limit->seconds);
	krule->limit = *limit;
	snprintf(krule->limit_name, sizeof(krule->limit_name), "%s.%u.%u.%u", chain->text,
	    (unsigned int)number, (unsigned int)limit->count, (unsigned int)limit->seconds);
	return 0;
}

static void
set_to(struct krule *krule, const struct address_range *to, enum family family)
{
	krule->to_set = !everywhere(to, family);
	if (krule->to_set)
		krule->to = *to;
	else
		memset(&krule->to, 0, sizeof(krule->to));
}

/* Adding a chain moves all of them. */
static struct kchain *
here(const struct building *building)
{
	return &building->layout->chains[building->chain];
}

/* Each with each. `last`: the target with its chain, and the limit. */
static int
cross(struct building *building, const struct rule *rule, const struct krule *last, struct why *why)
{
	enum family family = building->family;
	struct krule krule;
	uint32_t i, j;
	int error = 0;

	for (i = 0; i < rule->n_to[family]; i++) {
		for (j = 0; !error && j < building->whats.n; j++) {
			krule = building->whats.rules[j];
			krule.target = last->target;
			krule.chain = last->chain;
			krule.limit = last->limit;
			memcpy(krule.limit_name, last->limit_name, sizeof(krule.limit_name));
			set_to(&krule, &rule->to[family][i], family);
			error = chain_add(here(building), &krule, why);
		}
	}
	return error;
}

/* A chain of the rule's addresses; *number is the layout's. */
static int
add_addresses(const struct building *building, const struct chain_name *name,
    const struct rule *rule, struct krule last, uint32_t *number, struct why *why)
{
	enum family family = building->family;
	int error = layout_add_chain(building->layout, name, number, why);
	uint32_t i;

	for (i = 0; !error && i < rule->n_to[family]; i++) {
		set_to(&last, &rule->to[family][i], family);
		error = chain_add(&building->layout->chains[*number], &last, why);
	}
	return error;
}

/* The whats at hand, each of which leads to a chain. */
static int
lead_whats(const struct building *building, enum krule_target target, const struct chain_name *name,
    struct why *why)
{
	struct krule krule;
	uint32_t i;
	int error = 0;

	for (i = 0; !error && i < building->whats.n; i++) {
		krule = building->whats.rules[i];
		krule.target = target;
		krule.chain = *name;
		error = chain_add(here(building), &krule, why);
	}
	return error;
}

/*
 * What allows is a RETURN that is to leave the fence, and a chain that was jumped to would only
 * return to where the jump was: the stack must hold nothing but the gate. So the addresses are
 * gone to, and they go on to the rest of the policy, which therefore is a chain as well:
 *
 *   here        -p … -g ADDRESSES, for each what; then -g REST
 *   addresses   -d … -j RETURN, for each; then -g REST
 */
static int
fork_chain(struct building *building, const struct rule *rule, uint16_t number,
    const struct krule *last, struct why *why)
{
	struct chain_name addresses = chain_name_part(&building->first, CHAIN_ADDRESSES, number);
	struct krule on = krule_any(KRULE_GOTO);
	uint32_t list, rest;
	int error;

	on.chain = chain_name_part(&building->first, CHAIN_REST, number);
	error = lead_whats(building, KRULE_GOTO, &addresses, why);
	if (!error)
		error = chain_add(here(building), &on, why);
	if (!error)
		error = add_addresses(building, &addresses, rule, *last, &list, why);
	if (!error)
		error = chain_add(&building->layout->chains[list], &on, why);
	if (!error)
		error = layout_add_chain(building->layout, &on.chain, &rest, why);
	if (!error)
		building->chain = rest;
	return error;
}

/* What denies ends a packet's way wherever it stands: the addresses are jumped to, and where none
 * is met their chain's end returns here, to the rule after the jump. */
static int
jump_to_own(struct building *building, const struct rule *rule, uint16_t number,
    const struct krule *last, struct why *why)
{
	struct chain_name name = chain_name_part(&building->first, CHAIN_ADDRESSES, number);
	uint32_t list;
	int error = lead_whats(building, KRULE_JUMP, &name, why);

	return error ? error : add_addresses(building, &name, rule, *last, &list, why);
}

static int
jump_to_shared(
    struct building *building, const struct rule *rule, struct list *list, struct why *why)
{
	const struct logged logged = { &list->name, MARK_BY_LIST, 0, 0 };
	struct krule last = krule_any(KRULE_RETURN);
	int error = 0;

	if (list->chain == LIST_NO_CHAIN) {
		error = logging_lead(building->layout, building->policy, rule->action, list->log,
		    &logged, &last, why);
		if (!error)
			error = add_addresses(building, &list->name, rule, last, &list->chain, why);
	}
	return error ? error : lead_whats(building, KRULE_JUMP, &list->name, why);
}

static bool
is_logged(const struct building *building, const struct rule *rule)
{
	return logging_wants(building->layout, building->policy, rule->action, rule->log);
}

static bool
stands_alone(const struct building *building, const struct rule *rule)
{
	return rule->limit.count || is_logged(building, rule);
}

/*
 * The next rule after number `from` that could as well be said together with rule i: it names the
 * same addresses, and from the one to the other all allow, so that whichever comes first, what
 * they allow is the same. A limit ends that, since it matters who is counted, and so does what is
 * logged. n_egress: none.
 */
static uint32_t
next_alike(const struct building *building, uint32_t i, uint32_t from)
{
	const struct policy *policy = building->policy;
	const struct rule *rule = &policy->egress[i], *next;

	for (from++; !stands_alone(building, rule) && from < policy->n_egress; from++) {
		next = &policy->egress[from];
		if (next->action != ACTION_ALLOW || stands_alone(building, next))
			break;
		if (!building->done[from] && list_same(rule, next, building->family))
			return from;
	}
	return policy->n_egress;
}

/* Rule i, which allows, and those that are like it; or rule i alone where that saves nothing. */
static int
add_allow(struct building *building, uint32_t i, const struct krule *last, struct why *why)
{
	const struct policy *policy = building->policy;
	const struct rule *rule = &policy->egress[i];
	uint32_t own = building->whats.n, next;
	int error = 0;

	for (next = next_alike(building, i, i); !error && next < policy->n_egress;
	     next = next_alike(building, i, next))
		error =
		    chain_add_whats(&building->whats, &policy->egress[next], building->family, why);
	if (error)
		return error;
	if (!list_saves(building->whats.n, rule->n_to[building->family], FORK_ENTRIES)) {
		building->whats.n = own;
		return cross(building, rule, last, why);
	}
	for (next = next_alike(building, i, i); next < policy->n_egress;
	     next = next_alike(building, i, next))
		building->done[next] = true;
	return fork_chain(building, rule, (uint16_t)(i + 1), last, why);
}

static int
add_egress(struct building *building, uint32_t i, struct why *why)
{
	const struct rule *rule = &building->policy->egress[i];
	uint32_t n_to = rule->n_to[building->family];
	const struct logged logged = { &building->first, MARK_BY_RULE, (uint16_t)(i + 1),
		building->policy->mark };
	struct krule last = krule_any(KRULE_RETURN);
	struct list *list;
	int error;

	building->whats.n = 0;
	error = chain_add_whats(&building->whats, rule, building->family, why);
	if (!error && rule->limit.count)
		error = set_limit(&last, &building->first, i + 1, rule, why);
	if (error || !building->whats.n)
		return error;

	list = n_to < 2 || building->policy->mode == POLICY_OBSERVE
		   ? NULL
		   : lists_find(building->lists, building->policy, rule);
	if (list)
		return jump_to_shared(building, rule, list, why);
	error = logging_lead(building->layout, building->policy, rule->action,
	    is_logged(building, rule), &logged, &last, why);
	if (error)
		return error;
	/* What is observed is a RETURN, whatever it says: one behind a jump would come back. */
	if (n_to < 2 || building->policy->mode == POLICY_OBSERVE)
		return cross(building, rule, &last, why);
	if (rule->action == ACTION_ALLOW)
		return add_allow(building, i, &last, why);
	if (rule->limit.count && list_saves(building->whats.n, n_to, LIST_CHAIN_ENTRIES))
		return jump_to_own(building, rule, (uint16_t)(i + 1), &last, why);
	return cross(building, rule, &last, why);
}

int
egress_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t *number, struct why *why)
{
	struct building building = { .policy = policy,
		.family = family,
		.lists = lists,
		.layout = layout,
		.first = layout->chains[*number].name,
		.chain = *number,
		.whats = { .name = layout->chains[*number].name },
		.done = calloc((size_t)policy->n_egress + 1, sizeof(bool)) };
	uint32_t i;
	int error = 0;

	if (!building.done)
		return why_errno(why, ENOMEM, "chain %s", building.first.text);
	for (i = 0; !error && i < policy->n_egress; i++) {
		if (!building.done[i])
			error = add_egress(&building, i, why);
	}
	*number = building.chain;
	chain_clear(&building.whats);
	free(building.done);
	return error;
}
