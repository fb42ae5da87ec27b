/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "iptables/chain.h"

/* Whether what the rule denies is logged. */
static bool
logged(const struct lists *lists, const struct policy *policy, const struct rule *rule)
{
	return lists->log && (rule->log || policy->log != POLICY_LOG_NONE);
}

/* A limit counts for one rule alone, and what is observed is denied nowhere. */
static bool
may_share(const struct policy *policy, const struct rule *rule, enum family family)
{
	return policy->mode != POLICY_OBSERVE && !rule->limit.count && rule->n_to[family] > 1 &&
	       (rule->action == ACTION_REJECT || rule->action == ACTION_DROP);
}

static struct chain_name
name_of(const struct rule *rule, enum family family, bool log)
{
	const unsigned char *bytes = (const unsigned char *)rule->to[family];
	size_t size = rule->n_to[family] * sizeof(*rule->to[family]), i;
	uint64_t sum = UINT64_C(14695981039346656037); /* FNV-1a */

	sum = (sum ^ (rule->action | (unsigned int)log << 4)) * UINT64_C(1099511628211);
	for (i = 0; i < size; i++)
		sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
	return chain_name_list(sum);
}

/* Of two lists with one hash the first is in the index; the other's rules go without. */
static struct list *
find(const struct lists *lists, const struct rule *rule, bool log, const struct chain_name *name)
{
	uint32_t number = lists->n ? index_find(&lists->names, name->text) : INDEX_NONE;
	struct list *list;

	if (number == INDEX_NONE)
		return NULL;
	list = &lists->lists[number];
	return list->action == rule->action && list->log == log &&
		       list->n == rule->n_to[lists->family] &&
		       memcmp(list->to, rule->to[lists->family], list->n * sizeof(*list->to)) == 0
		   ? list
		   : NULL;
}

static void
add(struct lists *lists, const struct policy *policy, const struct rule *rule)
{
	bool log = logged(lists, policy, rule);
	struct chain_name name = name_of(rule, lists->family, log);
	struct list *list = find(lists, rule, log, &name);
	struct kchain whats = { .name = name };

	/* What is wrong with a rule is said where it is built. */
	if (chain_add_whats(&whats, rule, lists->family, NULL) == 0) {
		if (!list) {
			list = &lists->lists[lists->n];
			*list = (struct list){ name, rule->action, log, rule->n_to[lists->family],
				rule->to[lists->family], 0, LIST_NO_CHAIN };
			index_add(&lists->names, list->name.text, lists->n++);
		}
		list->whats += whats.n;
	}
	chain_clear(&whats);
}

int
lists_begin(const struct fence_plan *plan, enum family family, struct lists *lists, struct why *why)
{
	const struct policy *policy;
	uint32_t i, j, n = 0;

	*lists = (struct lists){ .family = family, .log = plan->log };
	for (i = 0; i < plan->n_policies; i++) {
		policy = plan->policies[i];
		/* The policy behind one has these rules, too, and is in the plan itself. */
		for (j = 0; !policy->behind && j < policy->n_egress; j++)
			n += may_share(policy, &policy->egress[j], family);
	}
	lists->lists = calloc((size_t)n + 1, sizeof(*lists->lists));
	if (!lists->lists || !index_begin(&lists->names, n))
		return why_errno(why, ENOMEM, "%u address lists", (unsigned int)n);
	for (i = 0; i < plan->n_policies; i++) {
		policy = plan->policies[i];
		for (j = 0; !policy->behind && j < policy->n_egress; j++) {
			if (may_share(policy, &policy->egress[j], family))
				add(lists, policy, &policy->egress[j]);
		}
	}
	return 0;
}

void
lists_end(struct lists *lists)
{
	index_free(&lists->names);
	free(lists->lists);
	*lists = (struct lists){ 0 };
}

bool
list_saves(uint64_t whats, uint64_t addresses, uint32_t more)
{
	return whats * addresses >= whats + addresses + more + LIST_SAVES;
}

struct list *
lists_find(const struct lists *lists, const struct policy *policy, const struct rule *rule)
{
	bool log = logged(lists, policy, rule);
	struct chain_name name;
	struct list *list;

	if (rule->action == ACTION_ALLOW || rule->limit.count || rule->n_to[lists->family] < 2)
		return NULL;
	name = name_of(rule, lists->family, log);
	list = find(lists, rule, log, &name);
	return list && list_saves(list->whats, list->n, LIST_CHAIN_ENTRIES) ? list : NULL;
}

bool
list_same(const struct rule *one, const struct rule *other, enum family family)
{
	return one->n_to[family] == other->n_to[family] &&
	       memcmp(one->to[family], other->to[family],
		   one->n_to[family] * sizeof(*one->to[family])) == 0;
}
