/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/written.h"

#include <string.h>

#include "policy/lint.h"
#include "policy/policy_key.h"
#include "verdict/tests.h"

#define EXAMPLE "a policy's name, or a mapping with 'egress:' ('egress: []' allows nothing)"

static int
unknown_policy(struct reader *reader, const struct node *value)
{
	struct nearest nearest = { .wanted = value->text };

	if (reader->open)
		return -EINVAL;
	nearest_offer_all(&nearest, reader->named.names);
	if (nearest.best)
		return report_error(reader->reporter, value->mark,
		    "there is no policy '%s': did you mean '%s'?", quote(value->text).text,
		    nearest.best);
	return report_error(reader->reporter, value->mark,
	    "there is no policy '%s' under 'policies'", quote(value->text).text);
}

static int resolve_named(struct reader *reader, struct entry *entry, unsigned int depth);

int
written_find(
    struct reader *reader, const struct node *value, unsigned int depth, struct entry **entry)
{
	struct entry *base;
	int result;

	if (!keys_text(reader, value, "a policy's name", &result))
		return result;
	base = names_get(reader->named.names, value->text);
	if (!base)
		return unknown_policy(reader, value);
	if (base->progress == PROGRESS_BUSY)
		return report_error(reader->reporter, value->mark,
		    "the policy '%s' goes round in a circle: it is already being asked for at %s",
		    base->name, place(base->mark).text);
	if (depth >= DOCUMENT_DEPTH_MAX ||
	    (base->progress == PROGRESS_GOOD && base->height >= DOCUMENT_DEPTH_MAX))
		return report_error(reader->reporter, value->mark,
		    "policies that build on one another more than %d deep", DOCUMENT_DEPTH_MAX);
	*entry = base;
	return resolve_named(reader, base, depth + 1);
}

/* The policy that `user` is to have, or to change. */
static int
find_base(struct reader *reader, const struct node *value, struct entry *user, unsigned int depth,
    const struct policy **policy)
{
	struct entry *base = NULL;
	int result = written_find(reader, value, depth, &base);

	if (result)
		return result;
	user->height = base->height + 1;
	user->policy = base->policy;
	user->precedence = base->precedence;
	*policy = &reader->policies[base->policy];
	return 0;
}

/* All that a base says; whose policy it is and where it stands remain. The base's tests hold for
 * the base: what replaces a part of it is there to say something else. */
static void
inherit(struct policy *policy, const struct policy *base)
{
	struct policy own = *policy;

	*policy = *base;
	policy->name = own.name;
	policy->file = own.file;
	policy->line = own.line;
	policy->tests = own.tests;
	policy->n_tests = own.n_tests;
}

/* Nobody can list whom `others` takes, as a directory may add to them at any time. */
static int
check_others(
    struct reader *reader, const struct entry *entry, const struct policy *policy, struct mark mark)
{
	if (entry != reader->others || !policy->always)
		return 0;
	return report_error(reader->reporter, mark,
	    "'always' cannot be for 'others', whom nobody could list at the start: name users or "
	    "groups");
}

/* What only all of the keys together show. */
static int
check_together(struct reader *reader, const struct entry *entry, const struct policy_draft *draft)
{
	const struct node *always = node_get(entry->value, "always");
	const struct node *base = node_get(entry->value, "policy");
	const struct node *expiry = node_get(entry->value, "on-expiry");
	int result = check_others(reader, entry, &draft->policy,
	    always ? always->key->mark : (base ? base->mark : entry->mark));

	if (expiry && draft->policy.on_expiry && !draft->policy.max_session)
		result = worse(result, report_warning(reader->reporter, expiry->key->mark,
					   "'on-expiry' has no effect without 'max-session'"));
	return result;
}

static int
read_mapping(
    struct reader *reader, struct entry *entry, unsigned int depth, struct policy_draft *draft)
{
	const struct node *value = entry->value, *base_value = node_get(value, "policy");
	const struct policy *base;
	bool strange;
	int result = 0, one;

	if (base_value && base_value->kind != NODE_BAD) {
		result = find_base(reader, base_value, entry, depth, &base);
		if (!result)
			inherit(&draft->policy, base);
	}
	one = keys_read(reader, value, policy_keys, "a policy", draft, &strange);
	if (!strange && !value->cut && !base_value && !node_get(value, "egress"))
		one = worse(one,
		    report_error(reader->reporter, entry->mark.line ? entry->mark : value->mark,
			"the policy says neither 'egress:' nor 'policy: NAME' ('egress: []' allows "
			"nothing)"));
	result = worse(result, one);
	if (!result)
		result = check_together(reader, entry, draft);
	return value->cut ? worse(result, -EINVAL) : result;
}

struct holding {
	struct reader *reader;
	const struct source *source;
};

static int
report_test(
    const struct policy *policy, const struct policy_test *test, const char *text, void *data)
{
	const struct holding *holding = data;
	struct mark mark = { holding->source, test->line, test->column };

	(void)policy;
	/* The other tests are looked at as well. */
	return report_error(holding->reader->reporter, mark, "%s", text) == -ENOMEM ? -ENOMEM : 0;
}

/* Whether the policy does what it says of itself. */
static int
hold_tests(struct reader *reader, const struct entry *entry, const struct policy *policy)
{
	struct holding holding = { reader, entry->value->mark.source };
	uint32_t before = report_errors(reader->reporter);
	int result = tests_hold(policy, report_test, &holding);

	return !result && report_errors(reader->reporter) != before ? -EINVAL : result;
}

/* The bounds that codecs and engines are promised. */
static int
add_policy(struct reader *reader, struct entry *entry, const struct policy *policy)
{
	bool full = reader->addresses > POLICY_ADDRESSES_MAX;
	const struct rule *rule;
	uint32_t i, n;

	/* One that has no address today counts as well: it is a rule to keep. */
	for (i = 0; i < policy->n_egress && reader->addresses <= POLICY_ADDRESSES_MAX; i++) {
		rule = &policy->egress[i];
		n = rule->n_to[FAMILY_IPV4] + rule->n_to[FAMILY_IPV6];
		reader->addresses += n ? n : 1;
	}
	if (full)
		return -EINVAL;
	if (reader->addresses > POLICY_ADDRESSES_MAX)
		return report_error(reader->reporter, entry->mark,
		    "here the rules reach more than %d addresses, prefixes and ranges in all",
		    POLICY_ADDRESSES_MAX);
	if (reader->n_policies == POLICY_COUNT_MAX)
		return report_error(
		    reader->reporter, entry->mark, "more than %d policies", POLICY_COUNT_MAX);
	entry->policy = reader->n_policies;
	reader->policies[reader->n_policies++] = *policy;
	return 0;
}

/* own: whether a name alone makes a policy of its own, too. */
static int
resolve(struct reader *reader, struct entry *entry, const char *name, bool own, unsigned int depth)
{
	struct policy_draft draft = {
		.entry = entry,
		.depth = depth,
		.policy = {
			.name = name,
			.file = entry->mark.source->name,
			.line = entry->mark.line ? entry->mark.line : entry->value->mark.line,
			.unmatched = ACTION_REJECT,
			.serve = { .kind = PASSAGE_NONE },
			.loopback = { .kind = PASSAGE_ALL },
		},
	};
	const struct policy *base;
	int result;

	switch (entry->value->kind) {
	case NODE_TEXT:
		result = find_base(reader, entry->value, entry, depth, &base);
		if (!result)
			result = check_others(reader, entry, base, entry->value->mark);
		if (result || !own)
			return result;
		inherit(&draft.policy, base);
		break;
	case NODE_MAP:
		result = read_mapping(reader, entry, depth, &draft);
		if (result)
			return result;
		break;
	case NODE_EMPTY:
		return report_error(reader->reporter, entry->mark, "'%s' has no policy: write %s",
		    quote(entry->name).text, EXAMPLE);
	case NODE_LIST:
		return report_error(reader->reporter, entry->value->mark,
		    "a list where a policy is expected: its rules stand below 'egress:'");
	default:
		return -EINVAL;
	}
	result = add_policy(reader, entry, &draft.policy);
	if (!result)
		result = lint_rules(reader, &draft);
	return result ? result : hold_tests(reader, entry, &draft.policy);
}

static int
resolve_entry(
    struct reader *reader, struct entry *entry, const char *name, bool own, unsigned int depth)
{
	int result;

	if (entry->progress == PROGRESS_GOOD)
		return 0;
	if (entry->progress == PROGRESS_BAD)
		return -EINVAL;
	entry->progress = PROGRESS_BUSY;
	entry->height = 1;
	result = resolve(reader, entry, name, own, depth);
	entry->progress = result ? PROGRESS_BAD : PROGRESS_GOOD;
	return result;
}

static int
resolve_named(struct reader *reader, struct entry *entry, unsigned int depth)
{
	return resolve_entry(reader, entry, entry->name, true, depth);
}

int
written_named(struct reader *reader)
{
	struct entry *entry;
	int result = 0;

	for (entry = reader->named.first; entry; entry = entry->next)
		result = worse(result, resolve_named(reader, entry, 1));
	return result;
}

int
written_read(struct reader *reader, struct entry *entry, const char *name)
{
	return resolve_entry(reader, entry, name, false, 1);
}
