/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/egress.h"

#include <string.h>

#include "policy/define.h"
#include "policy/keys.h"
#include "policy/text.h"
#include "policy/what.h"

#define COMMENT_MAX 255 /* bytes: what iptables' comment match can hold */

#define EXAMPLE "'any', 'tcp/22', a service such as 'https', or a list of them"

/* One entry while it is read. */
struct draft {
	struct rule *rule;
	const struct node *action; /* the value of the first of allow, reject, drop */
};

struct what_reading {
	struct what_list list;
	bool ports_only;
};

static int
read_one_what(struct reader *reader, const struct node *value, void *into)
{
	struct what_reading *reading = into;
	uint32_t before = reading->list.n;
	struct why why = { .text = "" };
	int result;

	if (reading->ports_only && strcmp(value->text, "any") == 0)
		return report_error(reader->reporter, value->mark,
		    "'any' within a list: write it alone, or name protocols and ports");
	result = what_parse(reader->arena, reader->services, value->text, &reading->list, &why);
	if (result == -ENOMEM)
		return result;
	if (result)
		return report_error(reader->reporter, value->mark, "%s", why.text);
	if (reading->ports_only && !what_has_ports(&reading->list, before))
		return report_error(reader->reporter, value->mark,
		    "'%s': only tcp, udp and sctp have ports to be served on",
		    quote(value->text).text);
	if (what_seems_port(value->text))
		return report_warning(reader->reporter, value->mark,
		    "'%s' alone is the IP protocol of that number: for the port write 'tcp/%s'",
		    value->text, value->text);
	return 0;
}

int
egress_read_what(struct reader *reader, const struct node *value, bool ports_only,
    const char *example, struct what **what, uint32_t *n_what)
{
	struct what_reading reading = { .ports_only = ports_only };
	int result = keys_each_text(reader, value, example, read_one_what, &reading);

	return worse(result, what_merge(reader->arena, &reading.list, what, n_what));
}

bool
egress_is_what(struct reader *reader, const char *text)
{
	struct what_list list = { .n = 0 };

	return strcmp(text, "any") != 0 &&
	       what_parse(reader->arena, reader->services, text, &list, NULL) == 0;
}

static int
read_action(
    struct reader *reader, const struct node *value, struct draft *draft, enum action action)
{
	struct rule *rule = draft->rule;

	if (draft->action)
		return report_error(reader->reporter, value->key->mark,
		    "'%s' beside '%s': a rule has one of allow, reject, drop; begin another "
		    "with '- '",
		    value->key->text, draft->action->key->text);
	draft->action = value;
	rule->action = action;
	return egress_read_what(reader, value, false, EXAMPLE, &rule->what, &rule->n_what);
}

static int
read_allow(struct reader *reader, const struct node *value, void *into)
{
	return read_action(reader, value, into, ACTION_ALLOW);
}

static int
read_reject(struct reader *reader, const struct node *value, void *into)
{
	return read_action(reader, value, into, ACTION_REJECT);
}

static int
read_drop(struct reader *reader, const struct node *value, void *into)
{
	return read_action(reader, value, into, ACTION_DROP);
}

static int
read_to(struct reader *reader, const struct node *value, void *into)
{
	struct rule *rule = ((struct draft *)into)->rule;
	struct addresses addresses = { .n = { 0 } };
	int result = define_read_to(reader, value, &addresses);

	memcpy(rule->n_to, addresses.n, sizeof(rule->n_to));
	memcpy(rule->to, addresses.ranges, sizeof(rule->to));
	return result;
}

static int
read_comment(struct reader *reader, const struct node *value, void *into)
{
	struct rule *rule = ((struct draft *)into)->rule;
	int result;
	const char *text = keys_text(reader, value, "a line of text", &result);

	if (text && strlen(text) > COMMENT_MAX)
		return report_error(
		    reader->reporter, value->mark, "a comment has at most %d bytes", COMMENT_MAX);
	rule->comment = text;
	return result;
}

#define PORTS_IN_ACTION "ports stand with their protocol in the action, as in 'allow: tcp/22'"
#define NO_SOURCE       "rules are about what the user sends: they name where to, not where from"

static const struct key rule_keys[] = {
	{ "allow", read_allow, NULL },
	{ "reject", read_reject, NULL },
	{ "drop", read_drop, NULL },
	{ "to", read_to, NULL },
	{ "comment", read_comment, NULL },
	{ "include", NULL, NULL },
	{ "log", NULL, NULL },
	{ "limit", NULL, NULL },
	{ "interface", NULL, NULL },

	{ "accept", NULL, "write 'allow'" },
	{ "pass", NULL, "write 'allow'" },
	{ "permit", NULL, "write 'allow'" },
	{ "deny", NULL, "write 'reject' (the program is told) or 'drop' (it is not)" },
	{ "block", NULL, "write 'reject' (the program is told) or 'drop' (it is not)" },
	{ "refuse", NULL, "write 'reject'" },
	{ "destination", NULL, "write 'to'" },
	{ "dest", NULL, "write 'to'" },
	{ "dst", NULL, "write 'to'" },
	{ "daddr", NULL, "write 'to'" },
	{ "target", NULL, "write 'to'" },
	{ "host", NULL, "write 'to'" },
	{ "hosts", NULL, "write 'to'" },
	{ "address", NULL, "write 'to'" },
	{ "port", NULL, PORTS_IN_ACTION },
	{ "ports", NULL, PORTS_IN_ACTION },
	{ "dport", NULL, PORTS_IN_ACTION },
	{ "proto", NULL, PORTS_IN_ACTION },
	{ "protocol", NULL, PORTS_IN_ACTION },
	{ "service", NULL, "a service stands in the action, as in 'allow: https'" },
	{ "from", NULL, NO_SOURCE },
	{ "source", NULL, NO_SOURCE },
	{ "src", NULL, NO_SOURCE },
	{ "saddr", NULL, NO_SOURCE },
	{ "sport", NULL, NO_SOURCE },
	{ "name", NULL, "write 'comment'" },
	{ "description", NULL, "write 'comment'" },
	{ "action", NULL, "the action is the key: 'allow: tcp/22'" },
	{ NULL, NULL, NULL },
};

/* Some family must have both an address to go to and something to go there with. */
static int
check_families(struct reader *reader, const struct draft *draft)
{
	const struct rule *rule = draft->rule;
	uint32_t i;

	for (i = 0; i < rule->n_what; i++) {
		if ((what_in_family(&rule->what[i], FAMILY_IPV4) && rule->n_to[FAMILY_IPV4]) ||
		    (what_in_family(&rule->what[i], FAMILY_IPV6) && rule->n_to[FAMILY_IPV6]))
			return 0;
	}
	return report_error(reader->reporter, draft->action->mark, "this rule matches nothing: %s",
	    rule->n_to[FAMILY_IPV4] ? "icmpv6 is IPv6's, and 'to' has IPv4 addresses only"
				    : "icmp is IPv4's, and 'to' has IPv6 addresses only");
}

static int
read_rule(struct reader *reader, const struct node *value, struct rule *rule)
{
	struct draft draft = { .rule = rule };
	bool strange;
	int result;

	rule->file = value->mark.source->name;
	rule->line = value->mark.line;
	if (value->kind == NODE_BAD)
		return -EINVAL;
	if (value->kind != NODE_MAP)
		return report_error(reader->reporter, value->mark,
		    "%s where a rule is expected: write '- allow: tcp/22', and 'to: …' below it",
		    node_kind_name(value));
	result = keys_read(reader, value, rule_keys, "a rule", &draft, &strange);
	if (strange || value->cut)
		return worse(result, -EINVAL);
	if (!node_get(value, "allow") && !node_get(value, "reject") && !node_get(value, "drop"))
		result = worse(
		    result, report_error(reader->reporter, value->mark,
				"the rule has no action: write 'allow:', 'reject:' or 'drop:'"));
	if (!node_get(value, "to"))
		result = worse(
		    result, report_error(reader->reporter, value->mark,
				"the rule has no 'to:': write 'to: any' if everywhere is meant"));
	return result ? result : check_families(reader, &draft);
}

int
egress_read(struct reader *reader, const struct node *value, struct policy *policy)
{
	const struct node *one;
	uint32_t i = 0;
	int result = 0;

	if (value->kind == NODE_EMPTY)
		return report_error(reader->reporter, value->mark,
		    "'egress' has no value: write 'egress: []' to allow nothing");
	if (value->kind == NODE_MAP && value->first && value->first->key->text[0] == '-')
		return report_error(reader->reporter, value->first->key->mark,
		    "a blank is missing behind the '-' with which a rule begins");
	if (value->kind != NODE_LIST)
		return report_error(reader->reporter, value->mark,
		    "%s where a list of rules is expected: each begins with '- ' ('[]' allows "
		    "nothing)",
		    node_kind_name(value));
	if (value->n > POLICY_RULES_MAX)
		return report_error(reader->reporter, value->mark,
		    "%u rules: a policy has at most %d", value->n, POLICY_RULES_MAX);
	policy->egress = arena_new_of(reader->arena, value->n, struct rule);
	if (!policy->egress)
		return -ENOMEM;
	policy->n_egress = value->n;
	for (one = value->first; one; one = one->next)
		result = worse(result, read_rule(reader, one, &policy->egress[i++]));
	return value->cut ? worse(result, -EINVAL) : result;
}
