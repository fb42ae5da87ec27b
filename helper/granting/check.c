/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "granting/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "explain/explain.h"
#include "policy/spoken.h"
#include "policy/text.h"

/* Why nothing fences them: without who, which has been said. malloc'd; NULL: no memory. */
static char *
nothing_fences(const struct who *who, const struct question *subject)
{
	const struct explain_subject asked = { subject->user, subject->uid, subject->groups,
		subject->n_groups };
	cleanup_free char *text = explain_who(who, &asked);
	const char *words = text;
	size_t length = strlen(subject->user);
	char *whole;

	if (text && !strncmp(text, subject->user, length) && !strncmp(text + length, " is ", 4))
		words = text + length + 4;
	if (!text || asprintf(&whole, "nothing fences %s: %s", subject->user, words) < 0)
		return NULL;
	return whole;
}

static bool
is_reason(const char *text)
{
	size_t length = strlen(text);

	return !length ||
	       (length <= GRANT_REASON_MAX && text_is_clean(text, length) && text_is_line(text));
}

/* Whom it is for. */
static int
check_subject(const struct life *life, const struct question *subject, struct why *why)
{
	const struct user *live = table_find_user(life_table(life), subject->uid);
	const struct rules *rules = life_rules(life);
	cleanup_free char *words = NULL;
	uint32_t policy;

	if (!subject->uid)
		return why_set(
		    why, EPERM, "nothing fences %s: root is never fenced", subject->user);
	if (!rules)
		return why_set(why, EPERM, "there are no rules that can be used");
	if (live && strcmp(live->name, subject->user) != 0)
		return why_set(why, EPERM, "uid %u is fenced as %s: name that account",
		    (unsigned int)subject->uid, live->name);
	policy = live && !live->is_free ? live->policy
					: who_match(&rules->set->who, subject->user, subject->uid,
					      subject->groups, subject->n_groups)
					      .policy;
	if (policy != WHO_NO_POLICY)
		return 0;
	words = nothing_fences(&rules->set->who, subject);
	return why_set(why, EPERM, "%s", words ? words : "no memory");
}

static int
make_grant(const struct life *life, const struct grant_request *request, struct grant *grant,
    struct why *why)
{
	const struct rule *rule = &grant->rule;
	uint32_t i, ports = 0;
	int result;

	if (!request->seconds || request->seconds > GRANT_SECONDS_MAX)
		return why_set(why, EINVAL, "a grant lasts from a second to 30 days");
	if (!is_reason(request->reason))
		return why_set(
		    why, EINVAL, "a reason is one line of at most %d bytes", GRANT_REASON_MAX);
	result = spoken_allow(
	    life_rules(life)->set, grant->arena, request->what, request->where, &grant->rule, why);
	if (result < 0)
		return result;
	for (i = 0; i < rule->n_what; i++)
		ports += rule->what[i].n_ports;
	if (rule->n_what > GRANT_WHATS_MAX || ports > GRANT_PORTS_MAX ||
	    rule->n_to[FAMILY_IPV4] + rule->n_to[FAMILY_IPV6] > GRANT_ADDRESSES_MAX)
		return why_set(why, EINVAL,
		    "that is more than a grant may reach: at most %d protocols, %d ports and %d "
		    "addresses",
		    GRANT_WHATS_MAX, GRANT_PORTS_MAX, GRANT_ADDRESSES_MAX);
	grant->user =
	    arena_string(grant->arena, request->subject.user, strlen(request->subject.user));
	grant->uid = request->subject.uid;
	grant->what = arena_string(grant->arena, request->what, strlen(request->what));
	grant->where = arena_string(grant->arena, request->where, strlen(request->where));
	grant->reason = arena_string(grant->arena, request->reason, strlen(request->reason));
	if (!grant->user || !grant->what || !grant->where || !grant->reason)
		return why_set(why, ENOMEM, "no memory");
	grant->since = (int64_t)time(NULL);
	grant->term = term_of(request->seconds);
	return 0;
}

int
check_grant(const struct life *life, const struct grant_request *request, struct grant *grant,
    struct why *why)
{
	int result = check_subject(life, &request->subject, why);

	return result < 0 ? result : make_grant(life, request, grant, why);
}
