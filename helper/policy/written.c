/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/written.h"

#include <string.h>

#include "policy/egress.h"
#include "policy/keys.h"

#define EXAMPLE "a policy's name, or a mapping with 'egress:' ('egress: []' allows nothing)"

/* A policy while it is read; its name and place are there, and what a base has said. */
struct draft {
	struct policy policy;
};

/* Has been read before the others, which replace what it says. */
static int
read_base(struct reader *reader, const struct node *value, void *into)
{
	(void)reader;
	(void)value;
	(void)into;
	return 0;
}

static int
read_egress(struct reader *reader, const struct node *value, void *into)
{
	struct draft *draft = into;

	return egress_read(reader, value, &draft->policy);
}

static int
read_default(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "reject", ACTION_REJECT, NULL },
		{ "drop", ACTION_DROP, NULL },
		{ "allow", ACTION_ALLOW, NULL },
		{ "deny", 0, "'reject' or 'drop'" },
		{ "block", 0, "'reject' or 'drop'" },
		{ "accept", 0, "'allow'" },
		{ "pass", 0, "'allow'" },
		{ NULL, 0, NULL },
	};
	struct draft *draft = into;
	int action = ACTION_REJECT;
	int result = keys_choose(reader, value, choices, &action);

	draft->policy.unmatched = (enum action)action;
	return result;
}

/* A word, or what may pass. */
static int
read_passage(struct reader *reader, const struct node *value, const struct choice *choices,
    bool ports_only, const char *example, struct passage *passage)
{
	int kind = PASSAGE_NONE;
	int result;

	*passage = (struct passage){ .kind = PASSAGE_NONE };
	if (value->kind == NODE_LIST && !value->n && !value->cut)
		return 0;
	if (value->kind == NODE_TEXT && !egress_is_what(reader, value->text) &&
	    !strpbrk(value->text, "0123456789/")) {
		result = keys_choose(reader, value, choices, &kind);
		passage->kind = (enum passage_kind)kind;
		return result;
	}
	result =
	    egress_read_what(reader, value, ports_only, example, &passage->what, &passage->n_what);
	if (result)
		return result;
	passage->kind = PASSAGE_LIST;
	if (passage->what[0].protocol == WHAT_ANY)
		*passage = (struct passage){ .kind = PASSAGE_ALL };
	return 0;
}

static int
read_serve(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "none", PASSAGE_NONE, NULL },
		{ "any", PASSAGE_ALL, NULL },
		{ "allow", 0, "'any'" },
		{ "all", 0, "'any'" },
		{ "reject", 0, "'none'" },
		{ "deny", 0, "'none'" },
		{ NULL, 0, NULL },
	};
	struct draft *draft = into;

	return read_passage(reader, value, choices, true,
	    "'none', 'any' or a list such as [tcp/8080]", &draft->policy.serve);
}

static int
read_loopback(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "allow", PASSAGE_ALL, NULL },
		{ "reject", PASSAGE_NONE, NULL },
		{ "any", 0, "'allow'" },
		{ "all", 0, "'allow'" },
		{ "accept", 0, "'allow'" },
		{ "none", 0, "'reject'" },
		{ "deny", 0, "'reject'" },
		{ "block", 0, "'reject'" },
		{ "drop", 0, "'reject'" },
		{ NULL, 0, NULL },
	};
	struct draft *draft = into;

	return read_passage(reader, value, choices, false,
	    "'allow', 'reject' or a list such as [tcp/8080]", &draft->policy.loopback);
}

static int
read_message(struct reader *reader, const struct node *value, void *into)
{
	struct draft *draft = into;
	size_t length;

	if (value->kind != NODE_TEXT)
		return report_error(reader->reporter, value->mark,
		    "%s where the message's text is expected", node_kind_name(value));
	length = strlen(value->text);
	while (length && strchr(" \n", value->text[length - 1]))
		length--;
	if (length > POLICY_MESSAGE_MAX)
		return report_error(reader->reporter, value->mark,
		    "a message has at most %d bytes, this one %zu", POLICY_MESSAGE_MAX, length);
	draft->policy.message = NULL;
	if (!length)
		return 0;
	draft->policy.message = arena_string(reader->arena, value->text, length);
	return draft->policy.message ? 0 : -ENOMEM;
}

#define AT_THE_TOP "it stands in netfence.yaml or a file in rules.d, outside of any policy"

static const struct key policy_keys[] = {
	{ "policy", read_base, NULL },
	{ "egress", read_egress, NULL },
	{ "default", read_default, NULL },
	{ "serve", read_serve, NULL },
	{ "loopback", read_loopback, NULL },
	{ "message", read_message, NULL },
	{ "log", NULL, NULL },
	{ "mode", NULL, NULL },
	{ "on-logout", NULL, NULL },
	{ "always", NULL, NULL },
	{ "max-session", NULL, NULL },
	{ "on-expiry", NULL, NULL },
	{ "precedence", NULL, NULL },
	{ "tests", NULL, NULL },

	{ "rules", NULL, "write 'egress'" },
	{ "outgoing", NULL, "write 'egress'" },
	{ "outbound", NULL, "write 'egress'" },
	{ "output", NULL, "write 'egress'" },
	{ "out", NULL, "write 'egress'" },
	{ "ingress", NULL, "write 'serve' for what the user's own programs may answer to" },
	{ "incoming", NULL, "write 'serve' for what the user's own programs may answer to" },
	{ "input", NULL, "write 'serve' for what the user's own programs may answer to" },
	{ "listen", NULL, "write 'serve'" },
	{ "localhost", NULL, "write 'loopback'" },
	{ "lo", NULL, "write 'loopback'" },
	{ "inherit", NULL, "write 'policy'" },
	{ "extends", NULL, "write 'policy'" },
	{ "base", NULL, "write 'policy'" },
	{ "include", NULL, "it is an entry under 'egress'; a whole policy is 'policy: NAME'" },
	{ "banner", NULL, "write 'message'" },
	{ "motd", NULL, "write 'message'" },
	{ "allow", NULL, "a rule is an entry under 'egress'" },
	{ "reject", NULL, "a rule is an entry under 'egress'" },
	{ "drop", NULL, "a rule is an entry under 'egress'" },
	{ "version", NULL, AT_THE_TOP },
	{ "define", NULL, AT_THE_TOP },
	{ "policies", NULL, AT_THE_TOP },
	{ "users", NULL, AT_THE_TOP },
	{ "groups", NULL, AT_THE_TOP },
	{ "others", NULL, AT_THE_TOP },
	{ "exempt", NULL, AT_THE_TOP },
	{ "settings", NULL, AT_THE_TOP },
	{ NULL, NULL, NULL },
};

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

/* The policy that a value names. user: the entry whose policy it is to become, or a part of. */
static int
find_base(struct reader *reader, const struct node *value, struct entry *user, unsigned int depth,
    const struct policy **policy)
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
	result = resolve_named(reader, base, depth + 1);
	if (result)
		return result;
	user->height = base->height + 1;
	user->policy = base->policy;
	*policy = &reader->policies[base->policy];
	return 0;
}

/* All that a base says; whose policy it is and where it stands remain. */
static void
inherit(struct policy *policy, const struct policy *base)
{
	struct policy own = *policy;

	*policy = *base;
	policy->name = own.name;
	policy->file = own.file;
	policy->line = own.line;
}

static int
read_mapping(struct reader *reader, struct entry *entry, unsigned int depth, struct draft *draft)
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
	return value->cut ? worse(result, -EINVAL) : result;
}

/* The bounds that codecs and engines are promised. */
static int
add_policy(struct reader *reader, struct entry *entry, const struct policy *policy)
{
	bool full = reader->addresses > POLICY_ADDRESSES_MAX;
	uint32_t i;

	for (i = 0; i < policy->n_egress && reader->addresses <= POLICY_ADDRESSES_MAX; i++)
		reader->addresses +=
		    policy->egress[i].n_to[FAMILY_IPV4] + policy->egress[i].n_to[FAMILY_IPV6];
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
	struct draft draft = {
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
	return add_policy(reader, entry, &draft.policy);
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
