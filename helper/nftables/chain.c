/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nftables/chain.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "nftables/narrow.h"

/* From so many words on that name TCP or UDP, a packet of either skips those of the other. */
#define SPLIT_FROM 4

/* Where rules are looked at that a packet may match, by its protocol. */
enum lane { LANE_REST, LANE_TCP, LANE_UDP, LANES };

/*
 * A policy on its way into chains.
 * number  the layout's, of its first chain, which is the lane of the rest
 * lanes   the layout's numbers of the chains of all lanes; that of the first, where there is one
 * limits  whether what limits its log is there
 */
struct building {
	const struct policy *policy;
	struct nlayout *layout;
	uint32_t number;
	struct label first;
	uint32_t lanes[LANES];
	bool limits;
};

static bool
wants_log(const struct building *building, enum action action, bool own)
{
	const struct policy *policy = building->policy;

	return building->layout->log &&
	       (own || policy->log == POLICY_LOG_ALL ||
		   (action != ACTION_ALLOW && policy->log == POLICY_LOG_DENIED));
}

static enum mark_verdict
verdict_of(const struct policy *policy, enum action action)
{
	return action == ACTION_ALLOW           ? MARK_ALLOWED
	       : policy->mode == POLICY_OBSERVE ? MARK_OBSERVED
						: MARK_DENIED;
}

static void
set_target(struct nrule *rule, const struct policy *policy, enum action action)
{
	rule->target = action == ACTION_ALLOW || policy->mode == POLICY_OBSERVE ? NRULE_ACCEPT
		       : action == ACTION_DROP                                  ? NRULE_DROP
										: NRULE_REJECT;
	rule->counted = true;
}

static int
add(const struct building *building, uint32_t number, const struct nrule *rule, struct why *why)
{
	return nlayout_add_rule(building->layout, number, rule, why);
}

/* ---------------------------------------------------------------- what is logged */

static int
add_limits(struct nlayout *layout, const struct label *name, struct why *why)
{
	const struct label limit = label_part(name, "log");
	const struct nset log4 = { .name = label_part(name, "log4"), .kind = NSET_LOG4 };
	const struct nset log6 = { .name = label_part(name, "log6"), .kind = NSET_LOG6 };
	int error = nlayout_add_limit(layout, &limit, why);

	if (!error)
		error = nlayout_add_set(layout, &log4, why);
	return error ? error : nlayout_add_set(layout, &log6, why);
}

/*
 * Appends what logs all that comes as far as to the end of the chain: for each family, with ICMP's
 * type and code in the place of a port, where other protocols have one, or something as constant.
 * Of what is allowed, those TCP packets are logged that begin a connection.
 */
static int
add_log(const struct building *building, uint32_t number, const struct label *limits,
    const struct mark *mark, struct why *why)
{
	static const int16_t icmp[FAMILIES] = { IPPROTO_ICMP, IPPROTO_ICMPV6 };
	struct nrule rule = nrule_any(NRULE_ACCEPT);
	enum family family;
	int error = 0;

	rule.under_way = true;
	if (mark->verdict == MARK_ALLOWED)
		error = add(building, number, &rule, why);
	rule = nrule_any(NRULE_LOG);
	rule.log_group = building->layout->log_group;
	rule.log_limits = *limits;
	mark_print(mark, limits->text, rule.log_mark);
	for (family = FAMILY_IPV4; !error && family < FAMILIES; family++) {
		rule.family = family;
		rule.protocol = icmp[family];
		rule.protocol_not = true;
		rule.side = NRULE_DESTINATION;
		error = add(building, number, &rule, why);
		rule.protocol_not = false;
		rule.side = NRULE_SOURCE;
		if (!error)
			error = add(building, number, &rule, why);
	}
	return error;
}

static int
add_policy_log(struct building *building, uint32_t number, enum action action, enum mark_by by,
    uint32_t rule, struct why *why)
{
	const struct mark mark = { verdict_of(building->policy, action), by, (uint16_t)rule,
		building->policy->mark };
	int error = building->limits ? 0 : add_limits(building->layout, &building->first, why);

	building->limits = true;
	return error ? error : add_log(building, number, &building->first, &mark, why);
}

/* ---------------------------------------------------------------- the parts of a policy */

/* The rule for each `what`, all families at once. */
static int
add_passage(const struct building *building, uint32_t number, const struct passage *passage,
    const struct nrule *base, enum nrule_side side, struct why *why)
{
	const struct place place = { building->policy->file, building->policy->line };
	struct nrule rule;
	uint32_t i;
	int error = 0;

	for (i = 0; !error && i < passage->n_what; i++) {
		rule = *base;
		error =
		    narrow_to_what(building->layout, &rule, &passage->what[i], side, place, why);
		if (!error)
			error = add(building, number, &rule, why);
	}
	return error;
}

/*
 * Answers from the user's own listening sockets. Only the reply direction of an established flow:
 * plain `established` would let out what the user began before the fence, and `related` what a
 * helper expects of the user's end. ICMP errors that the kernel sends for the user have no owner
 * and never come here.
 */
static int
add_serve(const struct building *building, struct why *why)
{
	const struct passage *serve = &building->policy->serve;
	struct nrule rule = nrule_any(NRULE_ACCEPT);

	rule.reply = true;
	rule.counted = true;
	switch (serve->kind) {
	case PASSAGE_NONE:
		return 0;
	case PASSAGE_ALL:
		return add(building, building->number, &rule, why);
	case PASSAGE_LIST:
		return add_passage(building, building->number, serve, &rule, NRULE_SOURCE, why);
	}
	return why_set(why, EINVAL, "policy %s: unknown kind of serve", building->policy->name);
}

/* Whatever is not accepted there is rejected there: egress is not for loopback. */
static int
add_loopback(struct building *building, struct why *why)
{
	const struct passage *loopback = &building->policy->loopback;
	struct nrule rule = nrule_any(NRULE_ACCEPT), lead = nrule_any(NRULE_GOTO);
	uint32_t number;
	int error;

	lead.chain = label_part(&building->first, "loopback");
	lead.local = true;
	rule.counted = true;
	switch (loopback->kind) {
	case PASSAGE_ALL:
		rule.local = true;
		return add(building, building->number, &rule, why);
	case PASSAGE_NONE:
	case PASSAGE_LIST:
		break;
	default:
		return why_set(
		    why, EINVAL, "policy %s: unknown kind of loopback", building->policy->name);
	}
	error = add(building, building->number, &lead, why);
	if (!error)
		error = nlayout_add_chain(building->layout, &lead.chain, &number, why);
	if (!error && loopback->kind == PASSAGE_LIST)
		error = add_passage(building, number, loopback, &rule, NRULE_DESTINATION, why);
	if (!error && wants_log(building, ACTION_REJECT, false))
		error = add_policy_log(building, number, ACTION_REJECT, MARK_BY_LOOPBACK, 0, why);
	set_target(&rule, building->policy, ACTION_REJECT);
	return error ? error : add(building, number, &rule, why);
}

/* IPv6's routing headers name another destination than the one that the rules look at. All
 * policies that log them share a chain. */
static int
add_routing(const struct building *building, struct why *why)
{
	struct nlayout *layout = building->layout;
	const struct mark mark = { verdict_of(building->policy, ACTION_REJECT),
		MARK_BY_ROUTING_HEADER, 0, 0 };
	uint32_t *number = &layout->routing[mark.verdict];
	struct nrule rule = nrule_any(NRULE_GOTO), last = nrule_any(NRULE_REJECT);
	int error = 0;

	rule.family = FAMILY_IPV6;
	rule.routing = true;
	set_target(&last, building->policy, ACTION_REJECT);
	if (!wants_log(building, ACTION_REJECT, false)) {
		set_target(&rule, building->policy, ACTION_REJECT);
		return add(building, building->number, &rule, why);
	}
	rule.chain = label_of(mark.verdict == MARK_OBSERVED ? LABEL_OBSERVED : LABEL_ROUTING);
	if (*number == LAYOUT_NO_CHAIN) {
		error = nlayout_add_chain(layout, &rule.chain, number, why);
		if (!error)
			error = add_limits(layout, &rule.chain, why);
		if (!error)
			error = add_log(building, *number, &rule.chain, &mark, why);
		if (!error)
			error = add(building, *number, &last, why);
	}
	return error ? error : add(building, building->number, &rule, why);
}

/* The rule's limit, its log and what it says, in a chain of their own. */
static int
add_own_chain(struct building *building, const struct rule *rule, uint32_t number,
    const struct label *name, struct why *why)
{
	struct nrule over = nrule_any(NRULE_RETURN), last = nrule_any(NRULE_ACCEPT);
	uint32_t chain;
	int error = nlayout_add_chain(building->layout, name, &chain, why);

	over.over = rule->limit;
	if (!error && rule->limit.count)
		error = add(building, chain, &over, why);
	if (!error && wants_log(building, rule->action, rule->log))
		error = add_policy_log(building, chain, rule->action, MARK_BY_RULE, number, why);
	set_target(&last, building->policy, rule->action);
	return error ? error : add(building, chain, &last, why);
}

static int
check_rule(const struct rule *rule, struct why *why)
{
	const struct limit *limit = &rule->limit;

	if ((unsigned int)rule->action > ACTION_DROP)
		return why_set(
		    why, EINVAL, "%s:%u: unknown action", rule->file, (unsigned int)rule->line);
	if (limit->count > RULE_LIMIT_MAX ||
	    (limit->count && limit->seconds != 1 && limit->seconds != 60 &&
		limit->seconds != 3600 && limit->seconds != 86400))
		return why_set(why, EINVAL, "%s:%u: a limit of %u in %u seconds cannot be kept",
		    rule->file, (unsigned int)rule->line, (unsigned int)limit->count,
		    (unsigned int)limit->seconds);
	return 0;
}

/* Into the lane of its protocol; a rule for any into all of them. */
static int
add_to_lanes(const struct building *building, const struct nrule *rule, struct why *why)
{
	const enum lane own = rule->protocol == IPPROTO_TCP   ? LANE_TCP
			      : rule->protocol == IPPROTO_UDP ? LANE_UDP
							      : LANE_REST;
	enum lane lane;
	int error = 0;

	if (rule->protocol != WHAT_ANY || building->lanes[LANE_TCP] == building->number)
		return add(building, building->lanes[own], rule, why);
	for (lane = LANE_REST; !error && lane < LANES; lane++)
		error = add(building, building->lanes[lane], rule, why);
	return error;
}

/* Each `what`, where it meets any address in both families at once. *n: how many rules they are. */
static int
add_whats(struct building *building, const struct rule *rule, const struct nrule *base, uint32_t *n,
    struct why *why)
{
	const bool both =
	    narrow_is_everywhere(rule, FAMILY_IPV4) && narrow_is_everywhere(rule, FAMILY_IPV6);
	const struct place place = { rule->file, rule->line };
	struct nrule narrowed, nrule;
	enum family family;
	uint32_t i;
	int error = 0;

	*n = 0;
	for (i = 0; !error && i < rule->n_what; i++) {
		narrowed = *base;
		error = narrow_to_what(
		    building->layout, &narrowed, &rule->what[i], NRULE_DESTINATION, place, why);
		if (!error && both)
			error = add_to_lanes(building, &narrowed, why);
		*n += both;
		for (family = FAMILY_IPV4; !error && !both && family < FAMILIES; family++) {
			if (!rule->n_to[family] || !what_in_family(&rule->what[i], family))
				continue;
			nrule = narrowed;
			error = narrow_to_addresses(building->layout, &nrule, rule, family, why);
			if (!error)
				error = add_to_lanes(building, &nrule, why);
			++*n;
		}
	}
	return error;
}

static int
add_egress(struct building *building, const struct rule *rule, uint32_t number, struct why *why)
{
	struct nrule base = nrule_any(NRULE_ACCEPT);
	uint32_t n = 0;
	int error = check_rule(rule, why);

	set_target(&base, building->policy, rule->action);
	if (rule->limit.count || wants_log(building, rule->action, rule->log)) {
		base.target = NRULE_JUMP;
		base.counted = false;
		base.chain = label_rule(&building->first, number);
	}
	if (!error && rule->interface)
		error = narrow_to_interface(&base, rule, why);
	if (!error)
		error = add_whats(building, rule, &base, &n, why);
	if (error || base.target != NRULE_JUMP || !n)
		return error;
	return add_own_chain(building, rule, number, &base.chain, why);
}

/* Many rules that name TCP or UDP are a chain for each of the two, and for all other protocols the
 * first one: each of them with the rules that it may match, in their order. */
static int
split(struct building *building, struct why *why)
{
	static const struct {
		const char *name;
		int16_t protocol;
	} kinds[LANES] = {
		[LANE_TCP] = { "tcp", IPPROTO_TCP }, [LANE_UDP] = { "udp", IPPROTO_UDP }
	};
	const struct policy *policy = building->policy;
	struct nrule lead = nrule_any(NRULE_GOTO);
	uint32_t n = 0, i, j;
	enum lane lane;
	int error = 0;

	for (i = 0; i < policy->n_egress; i++)
		for (j = 0; j < policy->egress[i].n_what; j++)
			n += policy->egress[i].what[j].protocol == IPPROTO_TCP ||
			     policy->egress[i].what[j].protocol == IPPROTO_UDP;
	for (lane = LANE_TCP; n >= SPLIT_FROM && !error && lane < LANES; lane++) {
		lead.chain = label_part(&building->first, kinds[lane].name);
		lead.protocol = kinds[lane].protocol;
		error = add(building, building->number, &lead, why);
		if (!error)
			error = nlayout_add_chain(
			    building->layout, &lead.chain, &building->lanes[lane], why);
	}
	return error;
}

/* What no rule matched. */
static int
add_rest(struct building *building, uint32_t number, struct why *why)
{
	const struct policy *policy = building->policy;
	struct nrule rest = nrule_any(NRULE_ACCEPT);
	int error = 0;

	if ((unsigned int)policy->unmatched > ACTION_DROP)
		return why_set(why, EINVAL, "policy %s: unknown default", policy->name);
	if (wants_log(building, policy->unmatched, false))
		error =
		    add_policy_log(building, number, policy->unmatched, MARK_BY_DEFAULT, 0, why);
	set_target(&rest, policy, policy->unmatched);
	return error ? error : add(building, number, &rest, why);
}

static int
add_rests(struct building *building, struct why *why)
{
	enum lane lane;
	int error = add_rest(building, building->number, why);

	for (lane = LANE_TCP; !error && lane < LANES; lane++)
		if (building->lanes[lane] != building->number)
			error = add_rest(building, building->lanes[lane], why);
	return error;
}

static struct building
begin(const struct policy *policy, struct nlayout *layout, uint32_t number)
{
	return (struct building){ policy, layout, number, layout->chains[number].name,
		{ number, number, number }, false };
}

int
chain_build_whole(
    const struct policy *policy, struct nlayout *layout, uint32_t number, struct why *why)
{
	struct building building = begin(policy, layout, number);
	uint32_t i;
	int error = add_routing(&building, why);

	if (!error)
		error = add_serve(&building, why);
	if (!error)
		error = add_loopback(&building, why);
	if (!error)
		error = split(&building, why);
	for (i = 0; !error && i < policy->n_egress; i++)
		error = add_egress(&building, &policy->egress[i], i + 1, why);
	return error ? error : add_rests(&building, why);
}

/* A routing header names another destination than the granted one: whatever has one goes by what
 * the policy says to that. Nothing that is granted is denied, whatever the mode. */
int
chain_build_granted(const struct policy *policy, struct nlayout *layout, uint32_t number,
    const struct label *behind, struct why *why)
{
	const struct policy allowed = { .name = policy->name, .file = policy->file };
	struct building building = begin(&allowed, layout, number);
	struct nrule on = nrule_any(NRULE_GOTO);
	uint32_t i;
	int error;

	on.chain = *behind;
	on.family = FAMILY_IPV6;
	on.routing = true;
	error = add(&building, number, &on, why);
	for (i = 0; !error && i < policy->n_granted; i++)
		error = add_egress(&building, &policy->granted[i], i + 1, why);
	on.family = NRULE_BOTH;
	on.routing = false;
	return error ? error : add(&building, number, &on, why);
}
