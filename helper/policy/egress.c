/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/egress.h"

#include <string.h>

#include "policy/keys.h"
#include "policy/rule.h"
#include "policy/written.h"

/* The rules of a policy as they come together. */
struct gathering {
	struct policy_draft *draft;
	uint32_t room;
	bool full; /* said once */
};

static int
add(struct reader *reader, struct gathering *gathering, const struct rule *rule, struct mark mark)
{
	struct policy_draft *draft = gathering->draft;
	struct policy *policy = &draft->policy;
	uint32_t room = gathering->room, n = policy->n_egress;
	struct rule *rules;
	struct mark *marks;

	if (n == POLICY_RULES_MAX) {
		if (gathering->full)
			return -EINVAL;
		gathering->full = true;
		return report_error(reader->reporter, mark,
		    "with what is included the policy has more than %d rules here",
		    POLICY_RULES_MAX);
	}
	if (n == room) {
		room = room ? room * 2 : 16;
		rules = arena_new_of(reader->arena, room, struct rule);
		marks = arena_new_of(reader->arena, room, struct mark);
		if (!rules || !marks)
			return -ENOMEM;
		if (n) {
			memcpy(rules, policy->egress, n * sizeof(*rules));
			memcpy(marks, draft->marks, n * sizeof(*marks));
		}
		policy->egress = rules;
		draft->marks = marks;
		gathering->room = room;
	}
	policy->egress[n] = *rule;
	draft->marks[n] = mark;
	policy->n_egress++;
	return 0;
}

/* The rules of a policy, here, as they stand there. */
static int
include(struct reader *reader, const struct node *value, void *into)
{
	struct gathering *gathering = into;
	struct policy_draft *draft = gathering->draft;
	const struct policy *policy = NULL;
	struct entry *entry = NULL;
	uint32_t i;
	int result = written_find(reader, value, draft->depth, &entry);

	if (result || reader->included > POLICY_ADDRESSES_MAX)
		return result ? result : -EINVAL; /* said once */
	if (draft->entry->height <= entry->height)
		draft->entry->height = entry->height + 1;
	policy = &reader->policies[entry->policy];
	/* Each has an address at least. */
	reader->included += policy->n_egress;
	if (reader->included > POLICY_ADDRESSES_MAX)
		return report_error(reader->reporter, value->mark,
		    "here the rules that are included are more than %d in all",
		    POLICY_ADDRESSES_MAX);
	for (i = 0; i < policy->n_egress && !result && !gathering->full; i++)
		result = add(reader, gathering, &policy->egress[i], value->mark);
	return result;
}

static int
read_entry(struct reader *reader, const struct node *value, struct gathering *gathering)
{
	struct rule_draft draft = { .followed = false };
	int result = rule_read(reader, value, &draft);

	if (result)
		return result;
	if (draft.include)
		return keys_each_text(reader, draft.include, "a policy's name", include, gathering);
	return add(reader, gathering, &draft.rule, value->mark);
}

/* What a list of rules or tests can be, before its members are looked at. */
static int
check_list(struct reader *reader, const struct node *value, const char *name)
{
	bool dash = value->kind == NODE_MAP && value->first && value->first->key->text[0] == '-';

	if (dash && value->cut && value->n == 1)
		return -EINVAL; /* that is what it was cut for */
	if (dash)
		return report_error(reader->reporter, value->first->key->mark,
		    "a blank is missing behind the '-' with which a %s begins", name);
	if (value->kind != NODE_LIST)
		return report_error(reader->reporter, value->mark,
		    "%s where a list of %ss is expected: each begins with '- ' ('[]' %s)",
		    node_kind_name(value), name,
		    strcmp(name, "rule") == 0 ? "allows nothing" : "is none");
	if (value->n > POLICY_RULES_MAX)
		return report_error(reader->reporter, value->mark,
		    "%u %ss: a policy has at most %d", value->n, name, POLICY_RULES_MAX);
	return 0;
}

int
egress_read(struct reader *reader, const struct node *value, struct policy_draft *draft)
{
	struct gathering gathering = { .draft = draft };
	const struct node *one;
	int result;

	if (value->kind == NODE_EMPTY)
		return report_error(reader->reporter, value->mark,
		    "'egress' has no value: write 'egress: []' to allow nothing");
	result = check_list(reader, value, "rule");
	if (result)
		return result;
	draft->policy.egress = NULL;
	draft->policy.n_egress = 0;
	for (one = value->first; one; one = one->next)
		result = worse(result, read_entry(reader, one, &gathering));
	return value->cut ? worse(result, -EINVAL) : result;
}

int
egress_read_tests(struct reader *reader, const struct node *value, struct policy *policy)
{
	const struct node *one;
	uint32_t i = 0;
	int result;

	if (value->kind == NODE_EMPTY)
		return report_error(reader->reporter, value->mark,
		    "'tests' has no value: write a list as under 'egress', or leave the key out");
	result = check_list(reader, value, "test");
	if (result)
		return result;
	policy->tests = arena_new_of(reader->arena, value->n, struct policy_test);
	if (!policy->tests)
		return -ENOMEM;
	policy->n_tests = value->n;
	for (one = value->first; one; one = one->next)
		result = worse(result, rule_read_test(reader, one, &policy->tests[i++]));
	return value->cut ? worse(result, -EINVAL) : result;
}
