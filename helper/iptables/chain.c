/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/chain.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iptables/egress.h"
#include "iptables/logging.h"

/* Where a `what` was written, for complaints. */
struct place {
	const char *file;
	uint32_t line;
};

int
chain_add(struct kchain *chain, const struct krule *rule, struct why *why)
{
	uint32_t room;
	struct krule *rules;

	if (chain->n == CHAIN_RULES_MAX)
		return why_set(why, E2BIG, "chain %s would have more than %d rules",
		    chain->name.text, CHAIN_RULES_MAX);
	if (chain->n == chain->room) {
		room = chain->room ? 2 * chain->room : 16;
		rules = reallocarray(chain->rules, room, sizeof(*rules));
		if (!rules)
			return why_errno(why, ENOMEM, "chain %s", chain->name.text);
		chain->rules = rules;
		chain->room = room;
	}
	chain->rules[chain->n++] = *rule;
	return 0;
}

void
chain_clear(struct kchain *chain)
{
	free(chain->rules);
	*chain = (struct kchain){ .name = chain->name };
}

/* To the kernel's protocol matching 0 is "any", and so is type 255 to IPv4's icmp match. Rules
 * that said so would allow everything. */
static int
check_what(const struct what *what, enum family family, struct place place, struct why *why)
{
	if (what->protocol == 0)
		return why_set(why, EINVAL, "%s:%u: protocol 0 cannot be said in iptables",
		    place.file, (unsigned int)place.line);
	if (what->protocol > 255 || what->protocol < WHAT_ANY)
		return why_set(why, EINVAL, "%s:%u: there is no protocol %d", place.file,
		    (unsigned int)place.line, what->protocol);
	if (what->icmp_type != WHAT_ANY && what->protocol != IPPROTO_ICMP &&
	    what->protocol != IPPROTO_ICMPV6)
		return why_set(why, EINVAL, "%s:%u: protocol %d has no ICMP type", place.file,
		    (unsigned int)place.line, what->protocol);
	if (what->icmp_type == 255 && family == FAMILY_IPV4)
		return why_set(why, EINVAL, "%s:%u: ICMP type 255 cannot be said in iptables",
		    place.file, (unsigned int)place.line);
	if (what->n_ports && what->protocol != IPPROTO_TCP && what->protocol != IPPROTO_UDP &&
	    what->protocol != IPPROTO_SCTP)
		return why_set(why, EINVAL, "%s:%u: protocol %d has no ports", place.file,
		    (unsigned int)place.line, what->protocol);
	return 0;
}

static bool
every_port(const struct what *what)
{
	return what->n_ports == 0 ||
	       (what->n_ports == 1 && what->ports[0].first == 0 && what->ports[0].last == 65535);
}

/* Moves as many of the ports from *next on into the rule as a multiport has slots for. */
static void
take_ports(struct krule *rule, const struct what *what, uint32_t *next)
{
	uint32_t slots = 0;
	uint32_t need;

	rule->n_ports = 0;
	for (; *next < what->n_ports; ++*next) {
		need = what->ports[*next].first == what->ports[*next].last ? 1 : 2;
		if (slots + need > KRULE_SLOTS)
			break;
		slots += need;
		rule->ports[rule->n_ports++] = what->ports[*next];
	}
}

/* `rule`, narrowed to `what`: one rule, or several where the ports are too many for one. */
static int
add_what(struct kchain *chain, struct krule rule, const struct what *what, enum krule_side side,
    struct why *why)
{
	uint32_t next = 0;
	int error;

	rule.protocol = what->protocol;
	rule.icmp_type = what->icmp_type;
	rule.icmp_code = what->icmp_type == WHAT_ANY ? WHAT_ANY : what->icmp_code;
	if (every_port(what))
		return chain_add(chain, &rule, why);

	rule.side = side;
	while (next < what->n_ports) {
		take_ports(&rule, what, &next);
		error = chain_add(chain, &rule, why);
		if (error)
			return error;
	}
	return 0;
}

static int
add_list(struct kchain *chain, const struct krule *rule, uint32_t n, const struct what *what,
    enum krule_side side, enum family family, struct place place, struct why *why)
{
	uint32_t i;
	int error;

	for (i = 0; i < n; i++) {
		if (!what_in_family(&what[i], family))
			continue;
		error = check_what(&what[i], family, place, why);
		if (!error)
			error = add_what(chain, *rule, &what[i], side, why);
		if (error)
			return error;
	}
	return 0;
}

/*
 * Answers from the user's own listening sockets. Only the reply direction of an established flow:
 * plain ESTABLISHED would let out what the user began before the fence, and RELATED what a helper
 * expects of the user's end (an FTP server's data connection), which is new traffic to wherever
 * the far end asks for it. ICMP errors that the kernel sends for the user have no owner and never
 * come here.
 */
static int
add_serve(struct kchain *chain, const struct policy *policy, enum family family, struct why *why)
{
	struct place place = { policy->file, policy->line };
	struct krule rule = krule_any(KRULE_RETURN);

	rule.reply = true;
	switch (policy->serve.kind) {
	case PASSAGE_NONE:
		return 0;
	case PASSAGE_ALL:
		return chain_add(chain, &rule, why);
	case PASSAGE_LIST:
		return add_list(chain, &rule, policy->serve.n_what, policy->serve.what,
		    KRULE_SOURCE_PORTS, family, place, why);
	}
	return why_set(why, EINVAL, "policy %s: unknown kind of serve", policy->name);
}

/* What leaves through lo to an address of this host. `-o lo` alone would take in what a NAT rule
 * sends elsewhere later. Whatever is not returned is rejected here: egress is not for loopback. */
static int
add_loopback(struct layout *layout, uint32_t number, const struct policy *policy,
    enum family family, struct why *why)
{
	const struct chain_name first = layout->chains[number].name;
	const struct logged logged = { &first, MARK_BY_LOOPBACK, 0, policy->mark };
	struct kchain *chain = &layout->chains[number];
	struct place place = { policy->file, policy->line };
	struct krule rule = krule_any(KRULE_RETURN);
	int error = 0;

	strcpy(rule.interface, "lo");
	rule.local = true;
	switch (policy->loopback.kind) {
	case PASSAGE_ALL:
		return chain_add(chain, &rule, why);
	case PASSAGE_LIST:
		error = add_list(chain, &rule, policy->loopback.n_what, policy->loopback.what,
		    KRULE_DESTINATION_PORTS, family, place, why);
		break;
	case PASSAGE_NONE:
		break;
	default:
		return why_set(why, EINVAL, "policy %s: unknown kind of loopback", policy->name);
	}
	if (!error)
		error = logging_lead(layout, policy, ACTION_REJECT,
		    logging_wants(layout, policy, ACTION_REJECT, false), &logged, &rule, why);
	return error ? error : chain_add(&layout->chains[number], &rule, why);
}

/* As much as a match has room for, and nothing that would be read as more than one name. */
static int
set_interface(struct krule *krule, const struct rule *rule, struct why *why)
{
	size_t length = strlen(rule->interface);

	if (length == 0 || length > RULE_INTERFACE_MAX ||
	    strcspn(rule->interface, " \t\n\"'\\+") != length)
		return why_set(why, EINVAL, "%s:%u: no interface can be called \"%.*s\"",
		    rule->file, (unsigned int)rule->line, RULE_INTERFACE_MAX, rule->interface);
	memcpy(krule->interface, rule->interface, length);
	return 0;
}

int
chain_add_whats(struct kchain *chain, const struct rule *rule, enum family family, struct why *why)
{
	struct place place = { rule->file, rule->line };
	struct krule krule;
	int error = 0;

	if ((unsigned int)rule->action > ACTION_DROP)
		return why_set(
		    why, EINVAL, "%s:%u: unknown action", rule->file, (unsigned int)rule->line);
	krule = krule_any(krule_of(rule->action));
	if (rule->interface)
		error = set_interface(&krule, rule, why);
	if (error || !rule->n_to[family])
		return error;
	return add_list(
	    chain, &krule, rule->n_what, rule->what, KRULE_DESTINATION_PORTS, family, place, why);
}

/* What no rule matched, and what was allowed did not come here: it is logged in place. The end of a
 * chain is a RETURN. */
static int
add_rest(struct layout *layout, uint32_t number, const struct policy *policy,
    const struct chain_name *first, struct why *why)
{
	const struct logged logged = { first, MARK_BY_DEFAULT, 0, policy->mark };
	struct krule rest = krule_any(KRULE_RETURN);
	int error = 0;

	if ((unsigned int)policy->unmatched > ACTION_DROP)
		return why_set(why, EINVAL, "policy %s: unknown default", policy->name);
	if (logging_wants(layout, policy, policy->unmatched, false))
		error = logging_add(layout, number, policy, policy->unmatched, &logged, why);
	if (error || policy->unmatched == ACTION_ALLOW)
		return error;
	rest.target = krule_of(policy->unmatched);
	return chain_add(&layout->chains[number], &rest, why);
}

/* The same rules, so that their counters say what would have been denied. */
static void
observe(struct kchain *chain)
{
	uint32_t i;

	for (i = 0; i < chain->n; i++)
		if (chain->rules[i].target == KRULE_REJECT || chain->rules[i].target == KRULE_DROP)
			chain->rules[i].target = KRULE_RETURN;
}

int
chain_build(const struct policy *policy, enum family family, const struct lists *lists,
    struct layout *layout, uint32_t number, struct why *why)
{
	const struct chain_name first = layout->chains[number].name;
	struct krule routing = krule_any(KRULE_REJECT);
	int error = 0;

	/* A routing header names another destination than the one that the rules look at. */
	routing.routing = true;
	if (family == FAMILY_IPV6)
		error = logging_lead_routing(layout, policy, &routing, why);
	if (!error && family == FAMILY_IPV6)
		error = chain_add(&layout->chains[number], &routing, why);
	if (!error)
		error = add_serve(&layout->chains[number], policy, family, why);
	if (!error)
		error = add_loopback(layout, number, policy, family, why);
	if (!error)
		error = egress_build(policy, family, lists, layout, &number, why);
	if (!error)
		error = add_rest(layout, number, policy, &first, why);
	if (!error && policy->mode == POLICY_OBSERVE)
		observe(&layout->chains[number]);
	return error;
}
