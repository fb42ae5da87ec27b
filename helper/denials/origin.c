/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <net/if.h>
#include <string.h>

#include "denials/inside.h"
#include "denials/packet.h"

/* Subordinate uids are their user's. */
static const struct user *
find_user(const struct life *life, uint32_t uid)
{
	const struct uid_range one = { uid, uid };
	const struct user *user = table_find_user(life_table(life), uid);

	return user ? user : table_overlap(life_table(life), &one, 1, 0);
}

static const struct policy *
find_marked(const struct rules *rules, uint64_t mark)
{
	uint32_t i;

	for (i = 0; rules && mark && i < rules->n_policies; i++)
		if (rules->policies[i]->mark == mark)
			return rules->policies[i];
	return NULL;
}

/* What applies to the user now, for rules that policies share. */
static const struct policy *
policy_now(const struct life *life, const struct user *user)
{
	const struct rules *rules = life_rules(life);

	if (!rules || user->policy == WHO_NO_POLICY)
		return NULL;
	return rules->policies[user->shut ? rules->closed : user->policy];
}

/* The first rule that can have led to a list of addresses that policies share, and the packet with
 * it: list.h says which do. */
static const struct rule *
find_listing(const struct policy *policy, const struct packet *packet)
{
	const struct rule *rule;
	uint32_t i;

	for (i = 0; i < policy->n_egress; i++) {
		rule = &policy->egress[i];
		if (rule->action != ACTION_ALLOW && !rule->limit.count &&
		    rule->n_to[packet->family] > 1 && verdict_matches(rule, packet))
			return rule;
	}
	return NULL;
}

static void
tell_rule(struct denial *seen, const struct policy *policy, const struct mark *mark,
    const struct packet *packet)
{
	const struct rule *rule = NULL;

	seen->policy = policy->name;
	if (mark->by == MARK_BY_LIST) {
		rule = find_listing(policy, packet);
		seen->by = MARK_BY_RULE;
	} else if (mark->by == MARK_BY_RULE && mark->rule <= policy->n_egress) {
		rule = &policy->egress[mark->rule - 1];
	}
	if (rule) {
		seen->file = rule->file;
		seen->line = rule->line;
	} else if (mark->by != MARK_BY_LIST && mark->by != MARK_BY_RULE) {
		seen->file = policy->file;
		seen->line = policy->line;
	}
}

const struct user *
origin_find(const struct denials *denials, const struct nflog_packet *logged, struct denial *seen)
{
	const struct life *life = denials->setup.life;
	const struct policy *policy;
	const struct user *user;
	char interface[IF_NAMESIZE];
	struct packet packet;
	struct mark mark;

	if (!mark_parse(logged->prefix, logged->prefix_size, &mark) || !logged->has_uid ||
	    !packet_read(logged->bytes, logged->size, &packet))
		return NULL;
	user = find_user(life, logged->uid);
	if (!user)
		return NULL;
	if (mark.by == MARK_BY_LIST)
		packet.interface = if_indextoname(logged->interface, interface);
	*seen = (struct denial){ .verdict = mark.verdict,
		.by = mark.by,
		.uid = user->uid,
		.user = user->name,
		.policy = "",
		.file = "",
		.family = packet.family,
		.protocol = packet.protocol,
		.port = packet.to_port,
		.icmp_type = (int16_t)packet.icmp_type,
		.icmp_code = (int16_t)packet.icmp_code };
	memcpy(seen->to, packet.to, sizeof(seen->to));
	policy = find_marked(life_rules(life), mark.policy);
	if (!policy)
		policy = find_marked(denials->former, mark.policy);
	if (!policy && !mark.policy)
		policy = policy_now(life, user);
	if (policy)
		tell_rule(seen, policy, &mark, &packet);
	return user;
}
