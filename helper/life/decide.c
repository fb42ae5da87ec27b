/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <inttypes.h>

#include "life/inside.h"
#include "verdict/narrower.h"

#define OFF "netfence is off"

static struct who_answer
match(const struct rules *rules, const char *name, uint32_t uid, char **groups, uint32_t n)
{
	return who_match(&rules->set->who, name, uid, (const char *const *)groups, n);
}

static bool
may_replace(const struct life *life, uint32_t live, uint32_t policy)
{
	return policy != WHO_NO_POLICY && (policy == live || narrower(life->rules->policies[policy],
								 life->rules->policies[live]));
}

bool
decide_is_here(const struct life *life, const struct open_request *request)
{
	const struct netns_name *own = life->setup.netns, *netns = &request->netns;

	return (netns->device == own[0].device && netns->inode == own[0].inode) ||
	       (netns->device == own[1].device && netns->inode == own[1].inode);
}

enum verdict
decide(const struct life *life, const struct open_request *request, uint32_t *policy,
    enum life_refusal *refusal, struct why *why)
{
	const struct user *live = table_find_user(life->table, request->uid), *other;
	const struct uid_range own = { request->uid, request->uid };
	struct who_answer answer;
	const char *reason;
	uint32_t i;

	if (!request->uid) {
		why_set(why, 0, "root is never fenced");
		return VERDICT_FREE;
	}
	if (!life->rules && life->off) {
		why_set(why, 0, OFF);
		return VERDICT_OFF;
	}
	if (!life->rules) {
		why_set(why, EAGAIN, "there are no rules that can be used; netfenced -t says why");
		*refusal = LIFE_NO_RULES;
		return VERDICT_REFUSE;
	}
	answer =
	    match(life->rules, request->user, request->uid, request->groups, request->n_groups);
	*policy = answer.policy;
	/* A login never widens a fence that stands: what it would gain comes with a reload. */
	if (live && live->policy != WHO_NO_POLICY && !may_replace(life, live->policy, *policy))
		*policy = live->policy;
	if (*policy == WHO_NO_POLICY) {
		why_set(why, 0, "%s%s",
		    answer.reason == WHO_EXEMPT_USER    ? "exempt"
		    : answer.reason == WHO_EXEMPT_GROUP ? "exempt as a member of "
							: "no rule applies",
		    answer.reason == WHO_EXEMPT_GROUP ? answer.name : "");
		return VERDICT_FREE;
	}
	if (live && live->kept_out) {
		why_set(
		    why, EPERM, "%s is just being ended (netfencectl terminate)", request->user);
		*refusal = LIFE_OTHER;
		return VERDICT_REFUSE;
	}
	if (life->off) {
		why_set(why, 0, OFF);
		return VERDICT_OFF;
	}
	if (life->health.contested) {
		why_set(why, EAGAIN, "another program keeps changing netfence's rules (contested)");
		*refusal = LIFE_CONTESTED;
		return VERDICT_REFUSE;
	}
	if (live && live->expired) {
		why_set(why, EPERM, "the time of %s is over (max-session)", request->user);
		*refusal = LIFE_EXPIRED;
		return VERDICT_REFUSE;
	}
	if (request->flaw[0]) {
		why_set(why, EPERM, "%s", request->flaw);
		*refusal = LIFE_IDENTITY;
		return VERDICT_REFUSE;
	}
	if (!decide_is_here(life, request)) {
		why_set(why, EPERM,
		    "the login is in another network namespace than netfenced: it cannot be "
		    "fenced");
		*refusal = LIFE_NETWORK;
		return VERDICT_REFUSE;
	}
	/* The module has looked at these; we do not rely on that. */
	for (i = 0; i < request->n_ranges; i++)
		if (request->ranges[i].first < 65536) {
			why_set(why, EPERM,
			    "the subordinate uids %" PRIu32 "-%" PRIu32 " begin below 65536",
			    request->ranges[i].first, request->ranges[i].last);
			*refusal = LIFE_IDENTITY;
			return VERDICT_REFUSE;
		}
	other = table_overlap(life->table, request->ranges, request->n_ranges, request->uid);
	if (!other)
		other = table_overlap(life->table, &own, 1, request->uid);
	for (i = 0; i < FAMILIES; i++)
		if (engines_condition(life->engines, (enum family)i, &reason) == ENGINE_BROKEN) {
			why_set(why, EIO, "%s", reason);
			*refusal = LIFE_TABLES;
			return VERDICT_REFUSE;
		}
	if (other) {
		why_set(
		    why, EPERM, "subordinate uids are shared with the fenced user %s", other->name);
		*refusal = LIFE_IDENTITY;
		return VERDICT_REFUSE;
	}
	return VERDICT_FENCE;
}

enum life_answer
life_would_answer(const struct life *life, const struct open_request *request,
    const struct policy **policy, struct why *why)
{
	uint32_t index = WHO_NO_POLICY;
	enum life_refusal refusal;

	*policy = NULL;
	switch (decide(life, request, &index, &refusal, why)) {
	case VERDICT_FREE:
	case VERDICT_OFF:
		return LIFE_FREE;
	case VERDICT_FENCE:
		*policy = life->rules->policies[index];
		return LIFE_FENCED;
	case VERDICT_REFUSE:
		break;
	}
	return LIFE_REFUSED;
}

uint32_t
decide_policy(const struct rules *rules, const struct user *user)
{
	return match(rules, user->name, user->uid, user->groups, user->n_groups).policy;
}

uint64_t
life_refused(const struct life *life, enum life_refusal refusal)
{
	return life->refused[refusal];
}
