/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct questions {
	struct resolver_question *list;
	uint32_t n;
};

static bool
add_user(struct user *user, void *data)
{
	struct questions *questions = data;

	questions->list[questions->n++] = (struct resolver_question){
		.name = user->name,
		.groups = user->groups,
		.n_groups = user->n_groups,
	};
	return true;
}

bool
names_ask_groups(struct resolver *resolver, const struct table *table)
{
	struct questions questions = {
		.list = calloc(table_users(table) + 1, sizeof(*questions.list)),
	};
	bool asked;

	if (questions.list)
		table_each(table, add_user, &questions);
	asked = questions.n && resolver_ask(resolver, questions.list, questions.n, NULL, 0);
	free(questions.list);
	return asked;
}

bool
names_ask_uids(struct resolver *resolver, const uint32_t *uids, uint32_t n)
{
	struct resolver_question *list = calloc(n + 1, sizeof(*list));
	char(*texts)[16] = calloc(n + 1, sizeof(*texts));
	bool asked = false;
	uint32_t i;

	for (i = 0; list && texts && i < n; i++) {
		snprintf(texts[i], sizeof(texts[i]), "#%" PRIu32, uids[i]);
		list[i].name = texts[i];
	}
	if (list && texts && n)
		asked = resolver_ask(resolver, list, n, NULL, 0);
	free(list);
	free(texts);
	return asked;
}

bool
names_ask_always(struct resolver *resolver, const struct rules *rules, bool *nobody)
{
	const struct who *who = &rules->set->who;
	struct resolver_question *users = calloc(who->n_users + 1, sizeof(*users));
	const char **groups = calloc(who->n_groups + 1, sizeof(*groups));
	uint32_t i, n_users = 0, n_groups = 0;
	bool asked = false;

	for (i = 0; users && i < who->n_users; i++)
		if (rules->policies[who->users[i].policy]->always)
			users[n_users++].name = who->users[i].name;
	for (i = 0; groups && i < who->n_groups; i++)
		if (rules->policies[who->groups[i].policy]->always)
			groups[n_groups++] = who->groups[i].name;
	*nobody = users && groups && !n_users && !n_groups;
	if (users && groups && !*nobody)
		asked = resolver_ask(resolver, users, n_users, groups, n_groups);
	free(users);
	free(groups);
	return asked;
}
