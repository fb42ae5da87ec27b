/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain/yaml.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "verdict/words.h"

#define COLUMNS 80

/* ---------------------------------------------------------------- values */

/* Text that YAML and its readers could not take for anything else. */
static bool
is_plain(const char *text)
{
	const char *at;

	if (!isalpha((unsigned char)text[0]) && text[0] != '_')
		return false;
	for (at = text; *at; at++) {
		if (!isalnum((unsigned char)*at) && !strchr("_-", *at))
			return false;
	}
	return true;
}

static void
put_text(FILE *stream, const char *text)
{
	if (is_plain(text)) {
		fputs(text, stream);
		return;
	}
	putc('"', stream);
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", stream);
		else if (*text == '\t')
			fputs("\\t", stream);
		else if (*text == '"' || *text == '\\')
			fprintf(stream, "\\%c", *text);
		else
			putc(*text, stream);
	}
	putc('"', stream);
}

/* A list under way: in brackets, broken where a line would be too long. */
struct list {
	FILE *stream;
	int indent;
	int column;
	unsigned int n;
};

static struct list
list_begin(FILE *stream, int indent, int column)
{
	putc('[', stream);
	return (struct list){ .stream = stream, .indent = indent, .column = column + 1 };
}

static void
list_add(struct list *list, const char *text, bool quoted)
{
	int length = (int)strlen(text) + (quoted ? 2 : 0);

	if (list->n++) {
		putc(',', list->stream);
		if (list->column + length + 4 > COLUMNS) {
			fprintf(list->stream, "\n%*s", list->indent, "");
			list->column = list->indent;
		} else {
			putc(' ', list->stream);
			list->column += 2;
		}
	}
	fprintf(list->stream, quoted ? "\"%s\"" : "%s", text);
	list->column += length;
}

static void
list_end(const struct list *list)
{
	putc(']', list->stream);
}

/* One member of a `what`, with all its ports. malloc'd; NULL where there is no memory. */
static char *
what_text(const struct what *what)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	words_one_what(stream, what, WORDS_ALL);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

/* A what with ports has commas in it, and stands in a list in quotes. */
static void
put_whats(FILE *stream, const struct what *what, uint32_t n, bool as_list, int indent, int column)
{
	struct list list;
	uint32_t i;
	char *text;

	if (n == 1 && !as_list) {
		words_one_what(stream, what, WORDS_ALL);
		return;
	}
	list = list_begin(stream, indent, column);
	for (i = 0; i < n; i++) {
		text = what_text(&what[i]);
		if (text)
			list_add(&list, text, strchr(text, ',') != NULL);
		free(text);
	}
	list_end(&list);
}

static void
put_to(FILE *stream, const struct rule *rule, int indent, int column)
{
	char buffer[WORDS_RANGE_SIZE];
	struct list list;
	enum family family;
	uint32_t i;

	if (words_is_everywhere(rule->n_to, rule->to)) {
		fputs("any", stream);
		return;
	}
	if (rule->n_to[FAMILY_IPV4] + rule->n_to[FAMILY_IPV6] == 1) {
		family = rule->n_to[FAMILY_IPV4] ? FAMILY_IPV4 : FAMILY_IPV6;
		words_range(family, rule->to[family], buffer);
		fprintf(stream, strchr(buffer, ':') ? "\"%s\"" : "%s", buffer);
		return;
	}
	list = list_begin(stream, indent, column);
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		for (i = 0; i < rule->n_to[family]; i++) {
			words_range(family, &rule->to[family][i], buffer);
			list_add(&list, buffer, strchr(buffer, ':') != NULL);
		}
	}
	list_end(&list);
}

static void
put_duration(FILE *stream, uint32_t seconds)
{
	static const struct {
		uint32_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i;

	for (i = 0; seconds % units[i].seconds; i++)
		;
	fprintf(stream, "%u%c", (unsigned int)(seconds / units[i].seconds), units[i].unit);
}

/* ---------------------------------------------------------------- policies */

static void
put_rule(FILE *stream, const struct policy *policy, const struct rule *rule, int indent)
{
	char limit[WORDS_LIMIT_SIZE];
	const char *action = words_action(rule->action);

	fprintf(stream, "%*s- %s: ", indent, "", action);
	indent += 2;
	put_whats(
	    stream, rule->what, rule->n_what, false, indent + 2, indent + (int)strlen(action) + 2);
	if (strcmp(rule->file, policy->file) == 0)
		fprintf(stream, " # line %u", (unsigned int)rule->line);
	else
		fprintf(stream, " # %s:%u", rule->file, (unsigned int)rule->line);
	fprintf(stream, "\n%*sto: ", indent, "");
	put_to(stream, rule, indent + 2, indent + 4);
	putc('\n', stream);
	if (rule->interface) {
		fprintf(stream, "%*sinterface: ", indent, "");
		put_text(stream, rule->interface);
		putc('\n', stream);
	}
	if (rule->limit.count)
		fprintf(stream, "%*slimit: %s\n", indent, "", words_limit(&rule->limit, limit));
	if (rule->log)
		fprintf(stream, "%*slog: true\n", indent, "");
	if (rule->comment) {
		fprintf(stream, "%*scomment: ", indent, "");
		put_text(stream, rule->comment);
		putc('\n', stream);
	}
}

static void
put_passage(FILE *stream, const char *key, const struct passage *passage, const char *all,
    const char *none, int indent)
{
	fprintf(stream, "%*s%s: ", indent, "", key);
	if (passage->kind == PASSAGE_LIST)
		put_whats(stream, passage->what, passage->n_what, true, indent + 2,
		    indent + (int)strlen(key) + 2);
	else
		fputs(passage->kind == PASSAGE_ALL ? all : none, stream);
	putc('\n', stream);
}

/* What is not as it would be without the key. */
static void
put_session_keys(FILE *stream, const struct policy *policy, int indent)
{
	static const char *const logs[] = { "denied", "all", "none" };
	static const char *const leaves[] = { "hold", "close", "kill" };

	if (policy->log != POLICY_LOG_DENIED)
		fprintf(stream, "%*slog: %s\n", indent, "", logs[policy->log]);
	if (policy->mode == POLICY_OBSERVE)
		fprintf(stream, "%*smode: observe\n", indent, "");
	if (policy->on_logout != POLICY_HOLD)
		fprintf(stream, "%*son-logout: %s\n", indent, "", leaves[policy->on_logout]);
	if (policy->always)
		fprintf(stream, "%*salways: true\n", indent, "");
	if (policy->max_session) {
		fprintf(stream, "%*smax-session: ", indent, "");
		put_duration(stream, policy->max_session);
		putc('\n', stream);
	}
	if (policy->on_expiry == POLICY_EXPIRY_KILL)
		fprintf(stream, "%*son-expiry: kill\n", indent, "");
	if (policy->message) {
		fprintf(stream, "%*smessage: ", indent, "");
		put_text(stream, policy->message);
		putc('\n', stream);
	}
}

/* A test is written as a rule is. */
static void
put_tests(FILE *stream, const struct policy *policy, int indent)
{
	uint32_t i;

	if (policy->n_tests)
		fprintf(stream, "%*stests:\n", indent, "");
	for (i = 0; i < policy->n_tests; i++) {
		const struct policy_test *test = &policy->tests[i];
		const struct rule rule = {
			.action = test->action,
			.n_what = test->n_what,
			.what = test->what,
			.n_to = { test->n_to[FAMILY_IPV4], test->n_to[FAMILY_IPV6] },
			.to = { test->to[FAMILY_IPV4], test->to[FAMILY_IPV6] },
			.interface = test->interface,
			.file = test->file,
			.line = test->line,
		};

		put_rule(stream, policy, &rule, indent + 2);
	}
}

void
yaml_policy(FILE *stream, const struct policy *policy, int indent)
{
	uint32_t i;

	fprintf(stream, "%*segress:%s\n", indent, "", policy->n_egress ? "" : " []");
	for (i = 0; i < policy->n_egress; i++)
		put_rule(stream, policy, &policy->egress[i], indent + 2);
	fprintf(stream, "%*sdefault: %s\n", indent, "", words_action(policy->unmatched));
	put_passage(stream, "serve", &policy->serve, "any", "none", indent);
	put_passage(stream, "loopback", &policy->loopback, "allow", "reject", indent);
	put_session_keys(stream, policy, indent);
	put_tests(stream, policy, indent);
}

/* ---------------------------------------------------------------- the whole */

/* Whether the policy is a named one, that any number of entries may share; the others are called
 * after the one entry that they belong to. */
static bool
is_shared(const struct policy *policy)
{
	return !strchr(policy->name, '/') && strcmp(policy->name, "others") != 0;
}

static void
put_entry(
    FILE *stream, const struct policy *policy, const char *key, int indent, int32_t precedence)
{
	fprintf(stream, "%*s", indent, "");
	put_text(stream, key);
	if (is_shared(policy) && !precedence) {
		fputs(": ", stream);
		put_text(stream, policy->name);
		putc('\n', stream);
		return;
	}
	fputs(":", stream);
	if (!is_shared(policy))
		fprintf(stream, " # %s:%u", policy->file, (unsigned int)policy->line);
	putc('\n', stream);
	indent += 2;
	if (precedence)
		fprintf(stream, "%*sprecedence: %d\n", indent, "", precedence);
	if (is_shared(policy)) {
		fprintf(stream, "%*spolicy: ", indent, "");
		put_text(stream, policy->name);
		putc('\n', stream);
	} else {
		yaml_policy(stream, policy, indent);
	}
}

static void
put_shared(FILE *stream, const struct ruleset *ruleset)
{
	uint32_t i, n = 0;

	for (i = 0; i < ruleset->n_policies; i++) {
		const struct policy *policy = &ruleset->policies[i];

		if (!is_shared(policy))
			continue;
		if (!n++)
			fputs("\npolicies:\n", stream);
		fputs("  ", stream);
		put_text(stream, policy->name);
		fprintf(stream, ": # %s:%u\n", policy->file, (unsigned int)policy->line);
		yaml_policy(stream, policy, 4);
	}
}

static void
put_groups(FILE *stream, const struct ruleset *ruleset)
{
	const struct who *who = &ruleset->who;
	uint32_t i;

	for (i = 0; i < who->n_groups; i++) {
		if (!i)
			fputs("\ngroups:\n", stream);
		put_entry(stream, &ruleset->policies[who->groups[i].policy], who->groups[i].name, 2,
		    ruleset->precedence[i]);
	}
}

static void
put_exempt(FILE *stream, const char *key, const char *const *names, uint32_t n)
{
	uint32_t i;

	if (n)
		fprintf(stream, "  %s:\n", key);
	for (i = 0; i < n; i++) {
		fputs("    - ", stream);
		put_text(stream, names[i]);
		putc('\n', stream);
	}
}

static void
put_settings(FILE *stream, const struct settings *settings)
{
	static const char *const engines[] = {
		[SETTINGS_ENGINE_AUTO] = "auto",
		[SETTINGS_ENGINE_IPTABLES] = "iptables",
		[SETTINGS_ENGINE_NFTABLES] = "nftables",
	};

	fprintf(stream, "\nsettings:\n  engine: %s\n  nflog-group: %u\n  self-service: %s\n",
	    engines[settings->engine], settings->nflog_group,
	    settings->self_service ? "true" : "false");
}

void
yaml_ruleset(FILE *stream, const struct ruleset *ruleset)
{
	const struct who *who = &ruleset->who;
	uint32_t i;

	fputs("version: 1\n", stream);
	put_shared(stream, ruleset);
	for (i = 0; i < who->n_users; i++) {
		if (!i)
			fputs("\nusers:\n", stream);
		put_entry(
		    stream, &ruleset->policies[who->users[i].policy], who->users[i].name, 2, 0);
	}
	put_groups(stream, ruleset);
	if (who->others) {
		putc('\n', stream);
		put_entry(stream, &ruleset->policies[who->others_policy], "others", 0, 0);
	}
	if (who->n_exempt_users || who->n_exempt_groups)
		fputs("\nexempt:\n", stream);
	put_exempt(stream, "users", who->exempt_users, who->n_exempt_users);
	put_exempt(stream, "groups", who->exempt_groups, who->n_exempt_groups);
	put_settings(stream, &ruleset->settings);
}
