/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/rule.h"

#include <string.h>

#include "policy/amount.h"
#include "policy/define.h"
#include "policy/keys.h"
#include "policy/text.h"
#include "policy/what.h"

#define COMMENT_MAX 255 /* bytes: what iptables' comment match can hold */

#define EXAMPLE "'any', 'tcp/22', a service such as 'https', or a list of them"

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
rule_read_what(struct reader *reader, const struct node *value, bool ports_only,
    const char *example, struct what **what, uint32_t *n_what)
{
	struct what_reading reading = { .ports_only = ports_only };
	int result = keys_each_text(reader, value, example, read_one_what, &reading);

	return worse(result, what_merge(reader->arena, &reading.list, what, n_what));
}

bool
rule_is_what(struct reader *reader, const char *text)
{
	struct what_list list = { .n = 0 };

	return strcmp(text, "any") != 0 &&
	       what_parse(reader->arena, reader->services, text, &list, NULL) == 0;
}

static int
read_action(
    struct reader *reader, const struct node *value, struct rule_draft *draft, enum action action)
{
	struct rule *rule = &draft->rule;

	if (draft->action)
		return report_error(reader->reporter, value->key->mark,
		    "'%s' beside '%s': a rule has one of allow, reject, drop; begin another "
		    "with '- '",
		    value->key->text, draft->action->key->text);
	draft->action = value;
	rule->action = action;
	return rule_read_what(reader, value, false, EXAMPLE, &rule->what, &rule->n_what);
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
	struct rule_draft *draft = into;
	struct addresses addresses = { .n = { 0 } };
	int result = define_read_to(reader, value, &addresses);

	memcpy(draft->rule.n_to, addresses.n, sizeof(draft->rule.n_to));
	memcpy(draft->rule.to, addresses.ranges, sizeof(draft->rule.to));
	draft->followed = addresses.followed;
	return result;
}

static int
read_comment(struct reader *reader, const struct node *value, void *into)
{
	struct rule_draft *draft = into;
	int result;
	const char *text = keys_text(reader, value, "a line of text", &result);

	if (text && strlen(text) > COMMENT_MAX)
		return report_error(
		    reader->reporter, value->mark, "a comment has at most %d bytes", COMMENT_MAX);
	draft->rule.comment = text;
	return result;
}

static int
read_include(struct reader *reader, const struct node *value, void *into)
{
	struct rule_draft *draft = into;

	(void)reader;
	draft->include = value;
	return 0;
}

static int
read_log(struct reader *reader, const struct node *value, void *into)
{
	struct rule_draft *draft = into;

	return keys_bool(reader, value, &draft->rule.log);
}

static int
read_limit(struct reader *reader, const struct node *value, void *into)
{
	struct rule_draft *draft = into;
	struct why why;
	int result;
	const char *text = keys_text(reader, value, "a limit such as '10/second'", &result);

	if (text && amount_limit(text, &draft->rule.limit, &why))
		return report_error(reader->reporter, value->mark, "%s", why.text);
	return result;
}

/* What the kernel would not have for a name of an interface, and what it would have for more. */
static int
read_interface(struct reader *reader, const struct node *value, void *into)
{
	struct rule_draft *draft = into;
	int result;
	const char *text = keys_text(reader, value, "an interface's name, such as 'eth0'", &result);

	if (!text)
		return result;
	if (strpbrk(text, "+*"))
		return report_error(reader->reporter, value->mark,
		    "'%s': a rule is about one interface, written in full", quote(text).text);
	if (strpbrk(text, " ,"))
		return report_error(reader->reporter, value->mark,
		    "'%s': a rule is about one interface: write a rule for each", quote(text).text);
	if (strlen(text) > RULE_INTERFACE_MAX)
		return report_error(reader->reporter, value->mark,
		    "'%s' is too long for an interface: a name has at most %d bytes",
		    quote(text).text, RULE_INTERFACE_MAX);
	if (strchr(text, ':'))
		return report_error(reader->reporter, value->mark,
		    "'%s' is another address of the interface '%.*s': write that", quote(text).text,
		    (int)strcspn(text, ":"), text);
	if (strpbrk(text, "/\"'\\") || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
		return report_error(reader->reporter, value->mark,
		    "'%s' cannot be the name of an interface", quote(text).text);
	draft->rule.interface = text;
	return 0;
}

#define PORTS_IN_ACTION "ports stand with their protocol in the action, as in 'allow: tcp/22'"
#define NO_SOURCE       "rules are about what the user sends: they name where to, not where from"

/* What people write, and what it is called here: in rules and in tests. */
/* clang-format off */
#define SYNONYMS										\
	{ "accept", NULL, "write 'allow'" },							\
	{ "pass", NULL, "write 'allow'" },							\
	{ "permit", NULL, "write 'allow'" },							\
	{ "deny", NULL, "write 'reject' (the program is told) or 'drop' (it is not)" },		\
	{ "block", NULL, "write 'reject' (the program is told) or 'drop' (it is not)" },	\
	{ "refuse", NULL, "write 'reject'" },							\
	{ "destination", NULL, "write 'to'" },							\
	{ "dest", NULL, "write 'to'" },								\
	{ "dst", NULL, "write 'to'" },								\
	{ "daddr", NULL, "write 'to'" },							\
	{ "target", NULL, "write 'to'" },							\
	{ "host", NULL, "write 'to'" },								\
	{ "hosts", NULL, "write 'to'" },							\
	{ "address", NULL, "write 'to'" },							\
	{ "port", NULL, PORTS_IN_ACTION },							\
	{ "ports", NULL, PORTS_IN_ACTION },							\
	{ "dport", NULL, PORTS_IN_ACTION },							\
	{ "proto", NULL, PORTS_IN_ACTION },							\
	{ "protocol", NULL, PORTS_IN_ACTION },							\
	{ "service", NULL, "a service stands in the action, as in 'allow: https'" },		\
	{ "from", NULL, NO_SOURCE },								\
	{ "source", NULL, NO_SOURCE },								\
	{ "src", NULL, NO_SOURCE },								\
	{ "saddr", NULL, NO_SOURCE },								\
	{ "sport", NULL, NO_SOURCE },								\
	{ "name", NULL, "write 'comment'" },							\
	{ "description", NULL, "write 'comment'" },						\
	{ "action", NULL, "the action is the key: 'allow: tcp/22'" },				\
	{ "logging", NULL, "write 'log'" },							\
	{ "rate", NULL, "write 'limit'" },							\
	{ "iface", NULL, "write 'interface'" },							\
	{ "dev", NULL, "write 'interface'" },							\
	{ "oif", NULL, "write 'interface'" },							\
	{ "out-interface", NULL, "write 'interface'" },						\
	{ "policy", NULL, "write 'include' for the rules of another policy" }
/* clang-format on */

static const struct key rule_keys[] = {
	{ "allow", read_allow, NULL },
	{ "reject", read_reject, NULL },
	{ "drop", read_drop, NULL },
	{ "to", read_to, NULL },
	{ "comment", read_comment, NULL },
	{ "include", read_include, NULL },
	{ "log", read_log, NULL },
	{ "limit", read_limit, NULL },
	{ "interface", read_interface, NULL },
	SYNONYMS,
	{ NULL, NULL, NULL },
};

#define TEST_ONLY "a test says what meets 'allow', 'reject' or 'drop', and 'to' where"

static const struct key test_keys[] = {
	{ "allow", read_allow, NULL },
	{ "reject", read_reject, NULL },
	{ "drop", read_drop, NULL },
	{ "to", read_to, NULL },
	{ "comment", read_comment, NULL },
	{ "interface", read_interface, NULL },

	{ "include", NULL, TEST_ONLY },
	{ "log", NULL, TEST_ONLY },
	{ "limit", NULL, TEST_ONLY },
	SYNONYMS,
	{ NULL, NULL, NULL },
};

/* Which of a rule's parts some family has an address for. */
struct carried {
	bool some;
	bool icmp;
	bool icmpv6;
};

static struct carried
find_carried(const struct rule *rule)
{
	struct carried carried = { .some = false };
	uint32_t i;

	for (i = 0; i < rule->n_what; i++) {
		carried.some |=
		    (what_in_family(&rule->what[i], FAMILY_IPV4) && rule->n_to[FAMILY_IPV4]) ||
		    (what_in_family(&rule->what[i], FAMILY_IPV6) && rule->n_to[FAMILY_IPV6]);
		carried.icmp |= rule->what[i].protocol == 1;
		carried.icmpv6 |= rule->what[i].protocol == 58;
	}
	return carried;
}

/* Some family must have both an address to go to and something to go there with. That one of icmp
 * and icmpv6 finds no address is nothing to speak of, where the other stands beside it. */
static int
check_families(struct reader *reader, const struct rule_draft *draft, const char *name)
{
	const struct rule *rule = &draft->rule;
	struct carried carried = find_carried(rule);
	const char *words = rule->n_to[FAMILY_IPV4]
				? "icmpv6 is IPv6's, and 'to' has IPv4 addresses only"
				: "icmp is IPv4's, and 'to' has IPv6 addresses only";

	if (draft->followed)
		return 0;
	if (!carried.some)
		return report_error(reader->reporter, draft->action->mark,
		    "this %s matches nothing: %s", name, words);
	if ((carried.icmp && !carried.icmpv6 && !rule->n_to[FAMILY_IPV4]) ||
	    (carried.icmpv6 && !carried.icmp && !rule->n_to[FAMILY_IPV6]))
		return report_warning(reader->reporter, draft->action->mark,
		    "a part of this %s matches nothing: %s", name, words);
	return 0;
}

static bool
is_own(const struct address_range *range, enum family family)
{
	static const uint8_t local[16] = { [15] = 1 };

	if (family == FAMILY_IPV4)
		return range->first[0] == 127 && range->last[0] == 127;
	return memcmp(range->first, local, sizeof(local)) == 0 &&
	       memcmp(range->last, local, sizeof(local)) == 0;
}

/* What a rule cannot decide, as `loopback` has done so before. */
static int
check_loopback(struct reader *reader, const struct node *value, const struct rule_draft *draft)
{
	const struct rule *rule = &draft->rule;
	enum family family;
	uint32_t i;

	if (rule->interface && strcmp(rule->interface, "lo") == 0)
		return report_warning(reader->reporter, node_get(value, "interface")->mark,
		    "what goes through lo to this host is decided by 'loopback', before any rule");
	for (family = FAMILY_IPV4; family < FAMILIES && !draft->followed; family++) {
		for (i = 0; i < rule->n_to[family]; i++) {
			if (is_own(&rule->to[family][i], family))
				return report_warning(reader->reporter, node_get(value, "to")->mark,
				    "%s is this host: 'loopback' decides that, before any rule",
				    family == FAMILY_IPV4 ? "127.0.0.0/8" : "::1");
		}
	}
	return 0;
}

/* `include` stands alone. */
static int
check_include(struct reader *reader, const struct node *value, const struct node *include)
{
	const struct node *other = value->first == include ? include->next : value->first;

	if (!other)
		return 0;
	return report_error(reader->reporter, other->key->mark,
	    "'%s' beside 'include', which stands alone: begin another entry with '- '",
	    quote(other->key->text).text);
}

/* what: "a rule", "a test". */
static int
read_entry(struct reader *reader, const struct node *value, const struct key *keys,
    const char *what, struct rule_draft *draft)
{
	const char *name = what + 2;
	bool strange;
	int result;

	draft->rule.file = value->mark.source->name;
	draft->rule.line = value->mark.line;
	if (value->kind == NODE_BAD)
		return -EINVAL;
	if (value->kind != NODE_MAP)
		return report_error(reader->reporter, value->mark,
		    "%s where %s is expected: write '- allow: tcp/22', and 'to: …' below it",
		    node_kind_name(value), what);
	result = keys_read(reader, value, keys, what, draft, &strange);
	if (strange || value->cut)
		return worse(result, -EINVAL);
	if (draft->include)
		return worse(result, check_include(reader, value, draft->include));
	if (!node_get(value, "allow") && !node_get(value, "reject") && !node_get(value, "drop"))
		result = worse(result,
		    report_error(reader->reporter, value->mark,
			"the %s has no action: write 'allow:', 'reject:' or 'drop:'", name));
	if (!node_get(value, "to"))
		result = worse(result,
		    report_error(reader->reporter, value->mark,
			"the %s has no 'to:': write 'to: any' if everywhere is meant", name));
	return result ? result : check_families(reader, draft, name);
}

int
rule_read(struct reader *reader, const struct node *value, struct rule_draft *draft)
{
	int result = read_entry(reader, value, rule_keys, "a rule", draft);

	return result || draft->include ? result : check_loopback(reader, value, draft);
}

int
rule_read_grant(struct reader *reader, const struct node *value, struct rule_draft *draft)
{
	return read_entry(reader, value, rule_keys, "a grant", draft);
}

int
rule_read_test(struct reader *reader, const struct node *value, struct policy_test *test)
{
	struct rule_draft draft = { .followed = false };
	int result = read_entry(reader, value, test_keys, "a test", &draft);

	*test = (struct policy_test){
		.action = draft.rule.action,
		.n_what = draft.rule.n_what,
		.what = draft.rule.what,
		.interface = draft.rule.interface,
		.file = draft.rule.file,
		.line = value->mark.line,
		.column = value->mark.column,
	};
	memcpy(test->n_to, draft.rule.n_to, sizeof(test->n_to));
	memcpy(test->to, draft.rule.to, sizeof(test->to));
	return result;
}
