/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct names {
	const char **list;
	uint32_t n;
};

static bool
add_name(struct user *user, void *data)
{
	struct names *names = data;

	names->list[names->n++] = user->name;
	return true;
}

bool
names_ask_groups(struct resolver *resolver, const struct table *table)
{
	struct names names = { .list = calloc(table_users(table) + 1, sizeof(*names.list)) };
	bool asked;

	if (names.list)
		table_each(table, add_name, &names);
	asked = names.n && resolver_ask(resolver, names.list, names.n, NULL, 0);
	free(names.list);
	return asked;
}

bool
names_ask_uids(struct resolver *resolver, const uint32_t *uids, uint32_t n)
{
	struct names names = { .list = calloc(n + 1, sizeof(*names.list)) };
	char(*texts)[16] = calloc(n + 1, sizeof(*texts));
	bool asked = false;
	uint32_t i;

	for (i = 0; names.list && texts && i < n; i++) {
		snprintf(texts[i], sizeof(texts[i]), "#%" PRIu32, uids[i]);
		names.list[names.n++] = texts[i];
	}
	if (names.n)
		asked = resolver_ask(resolver, names.list, names.n, NULL, 0);
	free(names.list);
	free(texts);
	return asked;
}

/* The names of the entries whose policy has `always`. */
static struct names
always(const struct rules *rules, const struct who_entry *entries, uint32_t n)
{
	struct names names = { .list = calloc(n + 1, sizeof(*names.list)) };
	uint32_t i;

	for (i = 0; names.list && i < n; i++)
		if (rules->policies[entries[i].policy]->always)
			names.list[names.n++] = entries[i].name;
	return names;
}

bool
names_ask_always(struct resolver *resolver, const struct rules *rules, bool *nobody)
{
	const struct who *who = &rules->set->who;
	struct names users = always(rules, who->users, who->n_users);
	struct names groups = always(rules, who->groups, who->n_groups);
	bool asked = false;

	*nobody = users.list && groups.list && !users.n && !groups.n;
	if (users.list && groups.list && !*nobody)
		asked = resolver_ask(resolver, users.list, users.n, groups.list, groups.n);
	free(users.list);
	free(groups.list);
	return asked;
}
