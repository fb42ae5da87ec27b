/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/spoken.h"

#include <errno.h>
#include <string.h>

#include "policy/files.h"
#include "policy/reader.h"
#include "policy/resolvers.h"
#include "policy/rule.h"
#include "policy/text.h"
#include "policy/what.h"

static const struct source nowhere = { .name = "", .as = "" };

static struct node *
new_node(struct arena *arena, enum node_kind kind, const char *text, size_t length)
{
	struct node *node = arena_new_of(arena, 1, struct node);
	const char *copy = arena_string(arena, text, length);

	if (!node || !copy)
		return NULL;
	node->kind = kind;
	node->text = copy;
	node->mark = (struct mark){ &nowhere, 1, 1 };
	return node;
}

static void
add(struct node *list, struct node *member)
{
	if (list->last)
		list->last->next = member;
	else
		list->first = member;
	list->last = member;
	list->n++;
}

/* What YAML would make of it: a text, or a list of texts, which goes on from comma to comma where
 * a blank follows; those of "tcp/80,443" are the text's own. */
static struct node *
value_of(struct arena *arena, const char *text)
{
	size_t length = strlen(text), one;
	struct node *list, *member;

	if (text[0] != '[' || text[length - 1] != ']')
		return new_node(arena, NODE_TEXT, text, length);
	list = new_node(arena, NODE_LIST, text, length);
	for (text++, length -= 2; list && length; text += one, length -= one) {
		const char *end = memmem(text, length, ", ", 2);

		one = end ? (size_t)(end - text) : length;
		member = new_node(arena, NODE_TEXT, text, one);
		if (!member)
			return NULL;
		add(list, member);
		one += end ? 2 : 0;
	}
	return list;
}

static struct node *
entry_of(struct arena *arena, const char *what, const char *where)
{
	struct node *map = new_node(arena, NODE_MAP, "", 0);
	struct node *allow = value_of(arena, what), *to = value_of(arena, where);

	if (!map || !allow || !to)
		return NULL;
	allow->key = new_node(arena, NODE_TEXT, "allow", 5);
	to->key = new_node(arena, NODE_TEXT, "to", 2);
	if (!allow->key || !to->key)
		return NULL;
	add(map, allow);
	add(map, to);
	return map;
}

/* Rules that do not name them do not follow them either: the file knows better. */
static int
renew_resolvers(struct reader *reader)
{
	struct addresses now = { .followed = true };
	const char *text = NULL;
	size_t length = 0;
	int result = files_read(
	    reader->arena, reader->resolv_conf, RESOLVERS_LENGTH_MAX, &text, &length, NULL);

	if (result)
		return result == -ENOMEM ? result : 0;
	result = resolvers_parse(reader->arena, text, length, &now);
	if (!result)
		reader->resolvers = now;
	return result;
}

/* What has been reported, an error before a warning. */
static int
say(struct reporter *reporter, struct why *why)
{
	struct report report;
	const char *text = "it cannot be understood";
	uint32_t i;

	if (report_finish(reporter, &report))
		return why_set(why, ENOMEM, "no memory");
	for (i = report.n; i-- > 0;)
		if (report.diagnostics[i].severity == SEVERITY_ERROR || !report.n_errors)
			text = report.diagnostics[i].text;
	return why_set(why, EINVAL, "%s", text);
}

static bool
is_typed(const char *text)
{
	size_t length = strlen(text);

	return length <= SPOKEN_MAX && text_is_clean(text, length) && text_is_line(text);
}

int
spoken_allow(const struct ruleset *ruleset, struct arena *arena, const char *what,
    const char *where, struct rule *rule, struct why *why)
{
	struct reader reader = *ruleset->reader;
	struct rule_draft draft = { .action = NULL };
	const struct node *entry;
	int result;

	if (!is_typed(what) || !is_typed(where))
		return why_set(why, EINVAL,
		    "an empty text, blanks at an end of it, what does not print, or more than %d "
		    "bytes",
		    SPOKEN_MAX);
	/* Everything that the ruleset defines has been read, and is only copied. */
	reader.arena = arena;
	reader.reporter = reporter_new(arena);
	reader.expanded = 0;
	reader.open = false;
	entry = reader.reporter ? entry_of(arena, what, where) : NULL;
	result = entry ? renew_resolvers(&reader) : -ENOMEM;
	if (!result)
		result = rule_read_grant(&reader, entry, &draft);
	if (result == -ENOMEM)
		return why_set(why, ENOMEM, "no memory");
	if (result)
		return say(reader.reporter, why);
	*rule = draft.rule;
	rule->file = NULL;
	rule->line = 0;
	if (what_seems_port(what))
		return say(reader.reporter, why);
	if (!rule->n_to[FAMILY_IPV4] && !rule->n_to[FAMILY_IPV6])
		return why_set(why, EINVAL, "'%s' is nobody now", quote(where).text);
	return 0;
}
