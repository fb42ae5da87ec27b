/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reload/inside.h"
#include "reload/names.h"

/* Whom a reload may have made so, or a start has to find. */
void
asking_always(struct reload *reload)
{
	const struct rules *rules = life_rules(reload->setup.life);
	bool nobody;

	if (!rules)
		return;
	reload->always_missed = true;
	if (reload->asked != ASKED_NOTHING)
		return;
	if (names_ask_always(reload->resolver, rules, &nobody)) {
		reload->asked = ASKED_ALWAYS;
		reload->always_missed = false;
	} else if (nobody) {
		life_always(reload->setup.life, NULL, 0, true);
		reload->always_missed = false;
	}
}

/* The groups of live users may have changed; where the name service does not say, what was last
 * known stands. */
void
asking_groups(struct reload *reload)
{
	reload->groups_next = false;
	if (names_ask_groups(reload->resolver, life_table(reload->setup.life)))
		reload->asked = ASKED_GROUPS;
	else
		reload_use(reload);
}

void
asking_answered(struct resolved *list, uint32_t n, bool complete, void *data)
{
	struct reload *reload = data;
	enum asked asked = reload->asked;

	reload->asked = ASKED_NOTHING;
	if (asked == ASKED_GROUPS) {
		if (list)
			life_renew(reload->setup.life, list, n);
		reload_use(reload);
		return;
	}
	/* Without an answer the next process is asked; life waits for so long and no longer. */
	if (asked == ASKED_DAMAGED && list)
		life_recover(reload->setup.life, list, n);
	if (asked == ASKED_LOGINS)
		life_answered(reload->setup.life, list, n);
	if (asked == ASKED_ALWAYS)
		reload->always_missed |=
		    !list || !life_always(reload->setup.life, list, n, complete);
	if (reload->asked != ASKED_NOTHING)
		return; /* the next one is under way */
	if (reload->groups_next)
		asking_groups(reload);
	else if (reload->always_missed && asked != ASKED_ALWAYS)
		asking_always(reload);
}

void
reload_ask_damaged(struct reload *reload)
{
	uint32_t n;
	const uint32_t *damaged = life_damaged(reload->setup.life, &n);

	if (reload->asked == ASKED_NOTHING && names_ask_uids(reload->resolver, damaged, n))
		reload->asked = ASKED_DAMAGED;
}

bool
reload_ask_logins(struct reload *reload, const struct resolver_question *users, uint32_t n)
{
	if (reload->asked != ASKED_NOTHING || reload->groups_next ||
	    !resolver_ask(reload->resolver, users, n, NULL, 0))
		return false;
	reload->asked = ASKED_LOGINS;
	return true;
}

void
reload_set_resolver(struct reload *reload, int sock)
{
	resolver_adopt(reload->resolver, sock);
	reload_ask_damaged(reload);
	if (reload->asked == ASKED_NOTHING && reload->always_missed)
		asking_always(reload);
}
