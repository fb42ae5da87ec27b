/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/compile.h"

#include <stdlib.h>
#include <string.h>

#include "policy/config.h"
#include "policy/define.h"
#include "policy/resolvers.h"
#include "policy/settings.h"
#include "policy/written.h"

static int
begin(struct reader *reader, const struct compile_input *input)
{
	struct section *sections[] = { &reader->define, &reader->named, &reader->users,
		&reader->groups };
	size_t i;

	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		sections[i]->names = names_new(reader->arena);
		if (!sections[i]->names)
			return -ENOMEM;
	}
	return resolvers_parse(
	    reader->arena, input->resolv_conf_text, input->resolv_conf_length, &reader->resolvers);
}

static int
gather(struct reader *reader, const struct compile_input *input)
{
	struct source *source;
	struct node *root;
	int result = 0, one;
	uint32_t i;

	for (i = 0; i < input->n; i++) {
		source = &input->sources[i];
		one = document_read(reader->arena, reader->reporter, source, &root);
		result = worse(result, one);
		result = worse(result, config_add(reader, source, root, one != 0));
	}
	return result;
}

static int
read_accounts(struct reader *reader, struct section *section, const char *folder)
{
	struct entry *entry;
	const char *name;
	int result = 0;

	for (entry = section->first; entry; entry = entry->next) {
		name = arena_printf(reader->arena, "%s/%s", folder, entry->name);
		if (!name)
			return -ENOMEM;
		result = worse(result, written_read(reader, entry, name));
	}
	return result;
}

static int
read_policies(struct reader *reader)
{
	uint32_t room = reader->named.n + reader->users.n + reader->groups.n + 1;
	int result;

	reader->policies = arena_new_of(reader->arena, room, struct policy);
	if (!reader->policies)
		return -ENOMEM;
	result = written_named(reader);
	result = worse(result, read_accounts(reader, &reader->users, "users"));
	result = worse(result, read_accounts(reader, &reader->groups, "groups"));
	if (reader->others)
		result = worse(result, written_read(reader, reader->others, "others"));
	return result;
}

static int
check_exempt(struct reader *reader, const struct exempt *exempt, const struct section *section,
    const char *what)
{
	const struct entry *entry;
	int result = 0;

	for (; exempt; exempt = exempt->next) {
		entry = names_get(section->names, exempt->name);
		if (entry)
			result = worse(result,
			    report_error(reader->reporter, exempt->mark,
				"the %s '%s' is exempt here and fenced at %s: which of the two?",
				what, quote(exempt->name).text, place(entry->mark).text));
	}
	return result;
}

static int
by_entry_name(const void *left, const void *right)
{
	const struct entry *const *a = left, *const *b = right;

	return strcmp((*a)->name, (*b)->name);
}

/* The order in which groups decide. */
static int
by_precedence(const void *left, const void *right)
{
	const struct entry *const *a = left, *const *b = right;

	if ((*a)->precedence != (*b)->precedence)
		return (*a)->precedence > (*b)->precedence ? -1 : 1;
	return by_entry_name(left, right);
}

static int
by_string(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int
list_entries(struct arena *arena, const struct section *section,
    int (*order)(const void *, const void *), struct who_entry **entries, int32_t **precedence,
    uint32_t *n)
{
	struct entry **sorted = arena_new_of(arena, section->n, struct entry *), *entry;
	uint32_t i;

	*entries = arena_new_of(arena, section->n, struct who_entry);
	*precedence = arena_new_of(arena, section->n, int32_t);
	*n = 0;
	if (!*entries || !*precedence || !sorted)
		return -ENOMEM;
	for (entry = section->first; entry; entry = entry->next) {
		if (entry->progress == PROGRESS_GOOD)
			sorted[(*n)++] = entry;
	}
	if (*n)
		qsort(sorted, *n, sizeof(struct entry *), order);
	for (i = 0; i < *n; i++) {
		(*entries)[i] = (struct who_entry){
			.name = sorted[i]->name,
			.policy = sorted[i]->policy,
		};
		(*precedence)[i] = sorted[i]->precedence;
	}
	return 0;
}

static int
list_exempt(struct arena *arena, const struct exempt *exempt, const char ***names, uint32_t *n)
{
	const struct exempt *one;
	uint32_t count = 0, i;

	for (one = exempt; one; one = one->next)
		count++;
	*names = arena_new_of(arena, count, const char *);
	*n = 0;
	if (!*names)
		return -ENOMEM;
	for (one = exempt, i = 0; one; one = one->next)
		(*names)[i++] = one->name;
	if (count)
		qsort(*names, count, sizeof(**names), by_string);
	for (i = 0; i < count; i++) {
		if (*n == 0 || strcmp((*names)[*n - 1], (*names)[i]) != 0)
			(*names)[(*n)++] = (*names)[i];
	}
	return 0;
}

static int
list_who(struct reader *reader, struct ruleset *ruleset)
{
	struct arena *arena = reader->arena;
	struct who *who = &ruleset->who;
	int32_t *of_users;
	int result;

	result = list_entries(
	    arena, &reader->users, by_entry_name, &who->users, &of_users, &who->n_users);
	result = worse(result, list_entries(arena, &reader->groups, by_precedence, &who->groups,
				   &ruleset->precedence, &who->n_groups));
	result = worse(result,
	    list_exempt(arena, reader->exempt_users, &who->exempt_users, &who->n_exempt_users));
	result = worse(result,
	    list_exempt(arena, reader->exempt_groups, &who->exempt_groups, &who->n_exempt_groups));
	who->others = reader->others && reader->others->progress == PROGRESS_GOOD;
	who->others_policy = who->others ? reader->others->policy : WHO_NO_POLICY;
	return result;
}

int
compile(struct arena *arena, struct reporter *reporter, const struct compile_input *input,
    struct ruleset *ruleset)
{
	struct reader *reader = arena_new_of(arena, 1, struct reader);
	int result;

	if (!reader)
		return -ENOMEM;
	*reader = (struct reader){
		.arena = arena,
		.reporter = reporter,
		.services = input->services,
		.open = input->open,
		.settings = settings_default(),
		.resolv_conf = input->resolv_conf,
	};
	result = begin(reader, input);
	if (result)
		return result;
	result = gather(reader, input);
	result = worse(result, define_all(reader));
	result = worse(result, read_policies(reader));
	result = worse(result, check_exempt(reader, reader->exempt_users, &reader->users, "user"));
	result =
	    worse(result, check_exempt(reader, reader->exempt_groups, &reader->groups, "group"));
	result = worse(result, list_who(reader, ruleset));
	ruleset->reader = reader;
	ruleset->who.uid_min = input->uid_min;
	ruleset->policies = reader->policies;
	ruleset->n_policies = reader->n_policies;
	ruleset->n_files = input->n;
	ruleset->settings = reader->settings;
	if (reader->resolvers_named) {
		ruleset->resolv_conf = reader->resolv_conf;
		memcpy(ruleset->n_resolvers, reader->resolvers.n, sizeof(ruleset->n_resolvers));
		memcpy(ruleset->resolvers, reader->resolvers.ranges, sizeof(ruleset->resolvers));
	}
	return result;
}
