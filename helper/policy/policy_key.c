/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/policy_key.h"

#include <string.h>

#include "policy/amount.h"
#include "policy/egress.h"
#include "policy/rule.h"

#define PRECEDENCE_MAX 1000000 /* and as far below 0 */

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
	struct policy_draft *draft = into;

	return egress_read(reader, value, draft);
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
	struct policy_draft *draft = into;
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
	if (value->kind == NODE_TEXT && !rule_is_what(reader, value->text) &&
	    !strpbrk(value->text, "0123456789/")) {
		result = keys_choose(reader, value, choices, &kind);
		passage->kind = (enum passage_kind)kind;
		return result;
	}
	result =
	    rule_read_what(reader, value, ports_only, example, &passage->what, &passage->n_what);
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
	struct policy_draft *draft = into;

	int result = read_passage(reader, value, choices, true,
	    "'none', 'any' or a list such as [tcp/8080]", &draft->policy.serve);

	if (result || reader->serve_warned || draft->policy.serve.kind == PASSAGE_NONE)
		return result;
	reader->serve_warned = true;
	return report_warning(reader->reporter, value->key->mark,
	    "'serve' makes the kernel track the connections of the whole host");
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
	struct policy_draft *draft = into;

	return read_passage(reader, value, choices, false,
	    "'allow', 'reject' or a list such as [tcp/8080]", &draft->policy.loopback);
}

static int
read_message(struct reader *reader, const struct node *value, void *into)
{
	struct policy_draft *draft = into;
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
	if (document_is_cut(value) &&
	    report_warning(reader->reporter, value->mark,
		"the message ends before the '#', where a comment begins: quote the message if "
		"that belongs to it"))
		return -ENOMEM;
	draft->policy.message = arena_string(reader->arena, value->text, length);
	return draft->policy.message ? 0 : -ENOMEM;
}

static int
read_log(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "denied", POLICY_LOG_DENIED, NULL },
		{ "all", POLICY_LOG_ALL, NULL },
		{ "none", POLICY_LOG_NONE, NULL },
		{ "true", 0, "'denied' or 'all' ('true' is for a rule)" },
		{ "yes", 0, "'denied' or 'all'" },
		{ "on", 0, "'denied' or 'all'" },
		{ "any", 0, "'all'" },
		{ "reject", 0, "'denied'" },
		{ "false", 0, "'none'" },
		{ "no", 0, "'none'" },
		{ "off", 0, "'none'" },
		{ NULL, 0, NULL },
	};
	struct policy_draft *draft = into;
	int log = POLICY_LOG_DENIED;
	int result = keys_choose(reader, value, choices, &log);

	draft->policy.log = (enum policy_log)log;
	return result;
}

static int
read_mode(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "enforce", POLICY_ENFORCE, NULL },
		{ "observe", POLICY_OBSERVE, NULL },
		{ "enforcing", 0, "'enforce'" },
		{ "permissive", 0, "'observe'" },
		{ "audit", 0, "'observe'" },
		{ "monitor", 0, "'observe'" },
		{ "log", 0, "'observe'" },
		{ NULL, 0, NULL },
	};
	struct policy_draft *draft = into;
	int mode = POLICY_ENFORCE;
	int result = keys_choose(reader, value, choices, &mode);

	draft->policy.mode = (enum policy_mode)mode;
	return result;
}

static int
read_on_logout(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "hold", POLICY_HOLD, NULL },
		{ "close", POLICY_CLOSE, NULL },
		{ "kill", POLICY_KILL, NULL },
		{ "keep", 0, "'hold'" },
		{ "none", 0, "'hold'" },
		{ "reject", 0, "'close'" },
		{ "terminate", 0, "'kill'" },
		{ NULL, 0, NULL },
	};
	struct policy_draft *draft = into;
	int leave = POLICY_HOLD;
	int result = keys_choose(reader, value, choices, &leave);

	draft->policy.on_logout = (enum policy_leave)leave;
	return result;
}

static int
read_always(struct reader *reader, const struct node *value, void *into)
{
	struct policy_draft *draft = into;

	return keys_bool(reader, value, &draft->policy.always);
}

static int
read_max_session(struct reader *reader, const struct node *value, void *into)
{
	struct policy_draft *draft = into;
	struct why why;
	int result;
	const char *text = keys_text(reader, value, "a time such as '8h', or 'none'", &result);

	if (text && amount_duration(text, &draft->policy.max_session, &why))
		return report_error(reader->reporter, value->mark, "%s", why.text);
	return result;
}

static int
read_on_expiry(struct reader *reader, const struct node *value, void *into)
{
	static const struct choice choices[] = {
		{ "close", POLICY_EXPIRY_CLOSE, NULL },
		{ "kill", POLICY_EXPIRY_KILL, NULL },
		{ "hold", 0, "'close' or 'kill', or leave 'max-session' out" },
		{ "none", 0, "'close' or 'kill', or leave 'max-session' out" },
		{ "reject", 0, "'close'" },
		{ "terminate", 0, "'kill'" },
		{ "logout", 0, "'kill'" },
		{ NULL, 0, NULL },
	};
	struct policy_draft *draft = into;
	int expiry = POLICY_EXPIRY_CLOSE;
	int result = keys_choose(reader, value, choices, &expiry);

	draft->policy.on_expiry = (enum policy_expiry)expiry;
	return result;
}

static int
read_precedence(struct reader *reader, const struct node *value, void *into)
{
	struct policy_draft *draft = into;
	struct entry *entry = draft->entry;
	struct why why;
	long number = 0;
	int result;
	const char *text = keys_text(reader, value, "a number", &result);

	if (!text)
		return result;
	if (amount_number(text, -PRECEDENCE_MAX, PRECEDENCE_MAX, &number, &why))
		return report_error(
		    reader->reporter, value->mark, "%s: the highest wins", why.text);
	entry->precedence = (int32_t)number;
	if (entry == reader->others || names_get(reader->users.names, entry->name) == entry)
		return report_warning(reader->reporter, value->key->mark,
		    "'precedence' decides between groups only: %s",
		    entry == reader->others ? "'others' comes after all of them"
					    : "a user's own entry goes before all of them");
	return 0;
}

static int
read_tests(struct reader *reader, const struct node *value, void *into)
{
	struct policy_draft *draft = into;

	return egress_read_tests(reader, value, &draft->policy);
}

#define AT_THE_TOP "it stands in netfence.yaml or a file in rules.d, outside of any policy"

const struct key policy_keys[] = {
	{ "policy", read_base, NULL },
	{ "egress", read_egress, NULL },
	{ "default", read_default, NULL },
	{ "serve", read_serve, NULL },
	{ "loopback", read_loopback, NULL },
	{ "message", read_message, NULL },
	{ "log", read_log, NULL },
	{ "mode", read_mode, NULL },
	{ "on-logout", read_on_logout, NULL },
	{ "always", read_always, NULL },
	{ "max-session", read_max_session, NULL },
	{ "on-expiry", read_on_expiry, NULL },
	{ "precedence", read_precedence, NULL },
	{ "tests", read_tests, NULL },

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
	{ "logging", NULL, "write 'log'" },
	{ "priority", NULL, "write 'precedence'" },
	{ "timeout", NULL, "write 'max-session'" },
	{ "max_session", NULL, "write 'max-session'" },
	{ "on_logout", NULL, "write 'on-logout'" },
	{ "on_expiry", NULL, "write 'on-expiry'" },
	{ "test", NULL, "write 'tests'" },
	{ "limit", NULL, "it is a key of a rule, below 'egress'" },
	{ "interface", NULL, "it is a key of a rule, below 'egress'" },
	{ "to", NULL, "it is a key of a rule, below 'egress'" },
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
