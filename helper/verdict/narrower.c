/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verdict/narrower.h"

#include <string.h>

#include "verdict/tests.h"

/* More rules than that are not compared: this is asked at a login, and has to be quick. */
#define RULES_MAX 128

static int
on_failed(const struct policy *policy, const struct policy_test *test, const char *text, void *data)
{
	(void)policy;
	(void)test;
	(void)text;
	(void)data;
	return 1;
}

/* Everything that the rule names is allowed by the policy. */
static bool
allows(const struct policy *policy, const struct rule *rule)
{
	struct policy_test test = { .action = ACTION_ALLOW,
		.n_what = rule->n_what,
		.what = rule->what,
		.interface = rule->interface };
	struct policy tested = *policy;
	int family;

	for (family = 0; family < FAMILIES; family++) {
		test.n_to[family] = rule->n_to[family];
		test.to[family] = rule->to[family];
	}
	tested.n_tests = 1;
	tested.tests = &test;
	return tests_hold(&tested, on_failed, NULL) == 0;
}

static bool
in_ports(const struct ports *ports, const struct what *what)
{
	uint32_t i;

	for (i = 0; i < what->n_ports; i++)
		if (ports->first >= what->ports[i].first && ports->last <= what->ports[i].last)
			return true;
	return !what->n_ports;
}

static bool
covers(const struct what *wide, const struct what *what)
{
	uint32_t i;

	if (wide->protocol == WHAT_ANY)
		return true;
	if (wide->protocol != what->protocol ||
	    (wide->icmp_type != WHAT_ANY && wide->icmp_type != what->icmp_type) ||
	    (wide->icmp_code != WHAT_ANY && wide->icmp_code != what->icmp_code) ||
	    (wide->n_ports && !what->n_ports))
		return false;
	for (i = 0; i < what->n_ports; i++)
		if (!in_ports(&what->ports[i], wide))
			return false;
	return true;
}

static bool
passage_narrower(const struct passage *one, const struct passage *than)
{
	uint32_t i, k;

	if (one->kind == PASSAGE_NONE || than->kind == PASSAGE_ALL)
		return true;
	if (one->kind == PASSAGE_ALL || than->kind == PASSAGE_NONE)
		return false;
	for (i = 0; i < one->n_what; i++) {
		for (k = 0; k < than->n_what && !covers(&than->what[k], &one->what[i]); k++)
			;
		if (k == than->n_what)
			return false;
	}
	return true;
}

bool
narrower(const struct policy *one, const struct policy *than)
{
	uint32_t i;

	if (than->mode == POLICY_OBSERVE)
		return true;
	if (one->n_egress > RULES_MAX || than->n_egress > RULES_MAX)
		return false;
	/* An allow at the end is everything that nobody has named; only the same lets that out. */
	if (one->mode == POLICY_OBSERVE ||
	    (one->unmatched == ACTION_ALLOW && (than->unmatched != ACTION_ALLOW || than->n_egress)))
		return false;
	if (!passage_narrower(&one->serve, &than->serve) ||
	    !passage_narrower(&one->loopback, &than->loopback))
		return false;
	/* What a limit lets out now and then is no reason to let it out always. */
	for (i = 0; i < than->n_egress; i++)
		if (than->egress[i].action == ACTION_ALLOW && than->egress[i].limit.count)
			return one == than;
	for (i = 0; i < one->n_egress; i++)
		if (one->egress[i].action == ACTION_ALLOW && !allows(than, &one->egress[i]))
			return false;
	return true;
}
