/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which policies may take the place of another at a login.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"
#include "verdict/narrower.h"

static const char *const bodies[] = {
	/* 0 */ "egress: []",
	/* 1 */ "egress:\n      - allow: udp/162\n        to: 192.0.2.10",
	/* 2 */ "egress:\n      - allow: udp/160-170\n        to: 192.0.2.0/24",
	/* 3 */ "egress:\n      - allow: any\n        to: any",
	/* 4 */
	("egress:\n      - reject: any\n        to: 192.0.2.10\n"
	 "      - allow: any\n        to: any"),
	/* 5 */ "egress: []\n    default: allow",
	/* 6 */ "egress: []\n    serve: [tcp/8080]",
	/* 7 */ "egress: []\n    serve: any",
	/* 8 */ "egress: []\n    loopback: reject",
	/* 9 */ "egress: []\n    mode: observe",
	/* 10 */ "egress:\n      - allow: tcp/22\n        to: 192.0.2.1\n        limit: 5/second",
	/* 11 */ "egress:\n      - allow: tcp/22\n        to: 192.0.2.1",
	/* 12 */ "egress:\n      - allow: udp/162\n        to: \"2001:db8::10\"",
};

/* Of each pair: is the first surely narrower than the second, or the same? */
static const struct {
	int one;
	int than;
	bool narrower;
} cases[] = {
	{ 0, 0, true },
	{ 0, 1, true },
	{ 1, 0, false },
	{ 1, 1, true },
	{ 1, 2, true },
	{ 2, 1, false },
	{ 2, 3, true },
	{ 3, 2, false },
	{ 4, 3, true },
	{ 3, 4, false },
	{ 2, 4, false }, /* its prefix holds the address that 4 rejects */
	{ 1, 4, false },
	{ 5, 0, false },
	{ 5, 5, true },
	{ 5, 3, false },
	{ 3, 5, true },
	{ 6, 0, false },
	{ 0, 6, true },
	{ 6, 7, true },
	{ 7, 6, false },
	{ 8, 0, true },
	{ 0, 8, false },
	{ 9, 3, false },
	{ 3, 9, true },
	{ 9, 9, true },
	{ 11, 10, false }, /* beyond the limit, 10 does not allow */
	{ 10, 11, true },
	{ 12, 2, false },
	{ 12, 3, true },
};

static struct ruleset *
policy_of(const char *body, const struct policy **policy)
{
	char text[512];
	struct ruleset *ruleset;

	snprintf(text, sizeof(text), "users:\n  alice:\n    %s\n", body);
	ruleset = util_compile(
	    (const struct util_text[]){ { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } }, false);
	if (ruleset->report.n_errors)
		fail_msg("%s", util_report(ruleset));
	*policy = &ruleset->policies[ruleset->who.users[0].policy];
	return ruleset;
}

static void
test_pairs(void **state)
{
	const struct policy *one, *than;
	struct ruleset *first, *second;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		first = policy_of(bodies[cases[i].one], &one);
		second = policy_of(bodies[cases[i].than], &than);
		if (narrower(one, than) != cases[i].narrower)
			fail_msg(
			    "%d than %d: not %d", cases[i].one, cases[i].than, cases[i].narrower);
		ruleset_free(first);
		ruleset_free(second);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_pairs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
