/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "fence/crossing.h"

/* For a fence that is shut entirely: not even to this host. */
static const struct policy closed_policy = {
	.name = "closed",
	.file = "",
	.unmatched = ACTION_REJECT,
	.serve = { .kind = PASSAGE_NONE },
	.loopback = { .kind = PASSAGE_NONE },
};

struct rules *
rules_new(struct ruleset *set, uint64_t generation)
{
	struct rules *rules = calloc(1, sizeof(*rules));
	uint32_t i;

	if (rules)
		rules->policies = calloc(set->n_policies + 1, sizeof(*rules->policies));
	if (!rules || !rules->policies) {
		free(rules);
		ruleset_free(set);
		return NULL;
	}
	for (i = 0; i < set->n_policies; i++) {
		set->policies[i].mark = crossing_mark(&set->policies[i]);
		rules->policies[i] = &set->policies[i];
	}
	rules->closed_policy = closed_policy;
	rules->closed_policy.mark = crossing_mark(&closed_policy);
	rules->policies[i] = &rules->closed_policy;
	rules->closed = i;
	rules->n_policies = i + 1;
	rules->set = set;
	rules->generation = generation;
	rules->since = time(NULL);
	rules->references = 1;
	return rules;
}

struct rules *
rules_extend(struct rules *base, struct arena *arena, const struct policy *const *more, uint32_t n,
    uint64_t generation)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (rules)
		rules->policies = calloc(base->n_policies + n, sizeof(*rules->policies));
	if (!rules || !rules->policies) {
		free(rules);
		arena_free(arena);
		return NULL;
	}
	memcpy(rules->policies, base->policies, base->n_policies * sizeof(*rules->policies));
	memcpy(rules->policies + base->n_policies, more, n * sizeof(*more));
	rules->base = rules_hold(base);
	rules->arena = arena;
	rules->set = base->set;
	rules->n_policies = base->n_policies + n;
	rules->closed = base->closed;
	rules->generation = generation;
	rules->since = base->since;
	rules->references = 1;
	return rules;
}

struct rules *
rules_hold(struct rules *rules)
{
	if (rules)
		rules->references++;
	return rules;
}

void
rules_release(struct rules *rules)
{
	if (!rules || --rules->references)
		return;
	if (!rules->base)
		ruleset_free(rules->set);
	rules_release(rules->base);
	arena_free(rules->arena);
	free(rules->policies);
	free(rules);
}

static void
put_entries(struct wire_out *out, const struct who_entry *entries, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		wire_put_string(out, entries[i].name);
		wire_put_u32(out, entries[i].policy);
	}
}

static void
put_policy(struct wire_out *out, const struct policy *policy)
{
	wire_put_u8(out, policy->message != NULL);
	wire_put_string(out, policy->message);
	wire_put_u8(out, (uint8_t)policy->on_logout);
	wire_put_u32(out, policy->max_session);
	wire_put_u8(out, (uint8_t)policy->on_expiry);
	wire_put_u8(out, policy->always);
	crossing_put_policies(out, &policy, 1);
}

/* Everything that a ruleset says, as bytes. */
static void
put_ruleset(struct wire_out *out, const struct ruleset *set)
{
	char *who = who_print(&set->who);
	uint32_t i;

	for (i = 0; i < set->n_policies; i++)
		put_policy(out, &set->policies[i]);
	wire_put_u8(out, (uint8_t)set->settings.engine);
	wire_put_u16(out, set->settings.nflog_group);
	wire_put_u8(out, set->settings.self_service);
	wire_put_string(out, who);
	out->failed |= !who;
	put_entries(out, set->who.users, set->who.n_users);
	put_entries(out, set->who.groups, set->who.n_groups);
	wire_put_u32(out, set->who.others ? set->who.others_policy : WHO_NO_POLICY);
	free(who);
}

static bool
same(struct wire_out *one, struct wire_out *other)
{
	bool equal = !one->failed && !other->failed && one->used == other->used &&
		     !memcmp(one->data, other->data, one->used);

	wire_out_free(one);
	wire_out_free(other);
	return equal;
}

bool
rules_same_policy(const struct policy *one, const struct policy *other)
{
	struct wire_out a = { 0 }, b = { 0 };

	put_policy(&a, one);
	put_policy(&b, other);
	return same(&a, &b);
}

bool
rules_equal(const struct ruleset *one, const struct ruleset *other)
{
	struct wire_out a = { 0 }, b = { 0 };

	put_ruleset(&a, one);
	put_ruleset(&b, other);
	return same(&a, &b);
}
