/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crowd's fences and their policies, as an engine gets them.
 */
#ifndef NETFENCE_BENCH_PLANS_H
#define NETFENCE_BENCH_PLANS_H

#include <netinet/in.h>
#include <string.h>

#include "base/arena.h"
#include "clock.h"
#include "crowd.h"
#include "fence/fence.h"
#include "fence/plan.h"

#define RULES 20

/* A policy of twenty rules: ports of one host each. */
static inline const struct policy *
make_policy(struct arena *arena, uint32_t number)
{
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	struct rule *rules = arena_new_of(arena, RULES, struct rule);
	struct what *what = arena_new_of(arena, RULES, struct what);
	struct ports *ports = arena_new_of(arena, RULES, struct ports);
	uint32_t i;
	int family;

	for (i = 0; i < RULES; i++) {
		ports[i] = (struct ports){ (uint16_t)(100 + i), (uint16_t)(100 + i) };
		what[i] = (struct what){ IPPROTO_UDP, WHAT_ANY, WHAT_ANY, 1, &ports[i] };
		rules[i] = (struct rule){
			.action = ACTION_ALLOW, .n_what = 1, .what = &what[i], .file = "bench"
		};
		for (family = 0; family < FAMILIES; family++) {
			rules[i].n_to[family] = 1;
			rules[i].to[family] = arena_new_of(arena, 1, struct address_range);
			rules[i].to[family][0].first[0] = rules[i].to[family][0].last[0] = 10;
			rules[i].to[family][0].first[3] = rules[i].to[family][0].last[3] =
			    (uint8_t)(i + 1);
		}
	}
	*policy = (struct policy){ .name = arena_printf(arena, "groups/policy-%u", number),
		.file = "bench",
		.n_egress = RULES,
		.egress = rules,
		.unmatched = ACTION_REJECT,
		.loopback.kind = PASSAGE_ALL };
	return policy;
}

/* The crowd's fences; with `more` one user's more, somewhere among them. */
static inline void
make_plan(struct plan *plan, uint32_t sessions, uint32_t policies, bool more)
{
	uint32_t i;

	memset(plan, 0, sizeof(*plan));
	for (i = 0; i < sessions; i++) {
		plan_add(plan, crowd_uid(i), crowd_uid(i), i % policies);
		if (crowd_has_range(i))
			plan_add(
			    plan, crowd_range(i), crowd_range(i) + CROWD_RANGE - 1, i % policies);
	}
	if (more) {
		plan_add(plan, crowd_uid(sessions / 3) + 1, crowd_uid(sessions / 3) + 1,
		    (sessions / 3 + 1) % policies);
	}
	if (plan_finish(plan) < 0)
		bench_die("plan");
}

#endif
