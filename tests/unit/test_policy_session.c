/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a policy that are about sessions and people rather than packets: what they become,
 * and what is said of those that are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

#define MAIN "netfence.yaml"

struct pair {
	const char *text;
	const char *expected;
};

/* A dump, if the text is without fault, or the report. */
static void
expect(const char *text, const char *dumped, const char *reported)
{
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset), *dump = util_dump(ruleset);

	assert_string_equal(report, reported);
	if (dumped)
		assert_string_equal(dump, dumped);
	free(report);
	free(dump);
	ruleset_free(ruleset);
}

static void
test_good(void **state)
{
	static const struct pair pairs[] = {
		{ "log: denied", "" },
		{ "log: all", " log=all" },
		{ "log: none", " log=none" },
		{ "mode: enforce", "" },
		{ "mode: observe", " mode=observe" },
		{ "on-logout: hold", "" },
		{ "on-logout: close", " on-logout=close" },
		{ "on-logout: kill", " on-logout=kill" },
		{ "max-session: none", "" },
		{ "max-session: 90s", " max-session=90" },
		{ "max-session: 0161s", " max-session=161" },
		{ "max-session: 30m", " max-session=1800" },
		{ "max-session: 8h", " max-session=28800" },
		{ "max-session: 2d", " max-session=172800" },
		{ "max-session: 366d", " max-session=31622400" },
		{ "max-session: 31622400s", " max-session=31622400" },
		{ "max-session: 8h\n  on-expiry: kill", " max-session=28800 on-expiry=kill" },
		{ "on-expiry: close\n  max-session: 8h", " max-session=28800" },
		{ "always: true", " always" },
		{ "always: false", "" },
		{ "precedence: 7", "" },
	};
	char text[256], dump[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text), "policies:\n p:\n  egress: []\n  %s\n", pairs[i].text);
		snprintf(dump, sizeof(dump),
		    "p netfence.yaml:2 default=reject serve=none loopback=all%s\n",
		    pairs[i].expected);
		expect(text, dump, "");
	}
}

/* The text stands in line 4, column 3. */
static void
test_bad(void **state)
{
	static const struct pair pairs[] = {
		{ "log: denyed", "4:8: error: 'denyed' is not known here: did you mean 'denied'?" },
		{ "log: true", "4:8: error: 'true' is not known here: write 'denied' or 'all' "
			       "('true' is for a rule)" },
		{ "log: verbose", "4:8: error: 'verbose' is none of 'denied', 'all', 'none'" },
		{ "log: [all]", "4:8: error: a list where text is expected: write 'denied', 'all', "
				"'none'" },
		{ "log:", "4:3: error: 'log' has no value: write 'denied', 'all', 'none'" },
		{ "mode: permissive",
		    "4:9: error: 'permissive' is not known here: write 'observe'" },
		{ "mode: observ", "4:9: error: 'observ' is not known here: did you mean "
				  "'observe'?" },
		{ "on-logout: terminate",
		    "4:14: error: 'terminate' is not known here: write 'kill'" },
		{ "on-logout: logout", "4:14: error: 'logout' is none of 'hold', 'close', 'kill'" },
		{ "max-session: 8", "4:16: error: '8' has no unit: write '8s' for seconds, '8m' "
				    "for minutes or '8h' for hours" },
		{ "max-session: 8 h", "4:16: error: '8 h': write '8h'" },
		{ "max-session: 8 hours", "4:16: error: '8 hours': write '8h'" },
		{ "max-session: 8hours", "4:16: error: '8hours': write '8h'" },
		{ "max-session: 1h30m", "4:16: error: '1h30m' is not a time: one number and one of "
					"s, m, h and d, as in '90m'" },
		{ "max-session: 0s", "4:16: error: '0s' is no time: write 'none' for without end" },
		{ "max-session: -1h", "4:16: error: '-1h' is not a time: write a number and s, m, "
				      "h or d, as in '8h', or 'none'" },
		{ "max-session: forever",
		    "4:16: error: 'forever' is not a time: write a number and s, m, h or d, as in "
		    "'8h', or 'none'" },
		{ "max-session: 367d", "4:16: error: '367d' is too long: at most 366d, or 'none'" },
		{ "max-session: 31622401s",
		    "4:16: error: '31622401s' is too long: at most 366d, or 'none'" },
		{ "max-session: 99999999999999999999s",
		    "4:16: error: '99999999999999999999s' is too long: at most 366d, or 'none'" },
		{ "max-session:",
		    "4:3: error: 'max-session' has no value: write a time such as '8h', or "
		    "'none'" },
		{ "max-sessions: 8h",
		    "4:3: error: 'max-sessions' is not a key of a policy: did you mean "
		    "'max-session'?" },
		{ "on-expiry: hold", "4:14: error: 'hold' is not known here: write 'close' or "
				     "'kill', or leave 'max-session' out" },
		{ "on-expiry: kill",
		    "4:3: warning: 'on-expiry' has no effect without 'max-session'" },
		{ "always: yes", "4:11: error: 'yes' is not known here: write 'true'" },
		{ "always: off", "4:11: error: 'off' is not known here: write 'false'" },
		{ "always: True", "4:11: error: 'True' is not known here: did you mean 'true'?" },
		{ "precedence: high",
		    "4:15: error: 'high' is not a whole number: the highest wins" },
		{ "precedence: 1.5", "4:15: error: '1.5' is not a whole number: the highest wins" },
		{ "precedence: 1000001", "4:15: error: '1000001' is not within -1000000 to "
					 "1000000: the highest wins" },
		{ "precedence: -99999999999999999999",
		    "4:15: error: '-99999999999999999999' is not within -1000000 to 1000000: the "
		    "highest wins" },
		{ "priority: 5", "4:3: error: 'priority' is not a key of a policy: write "
				 "'precedence'" },
	};
	char text[256], report[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text), "policies:\n p:\n  egress: []\n  %s\n", pairs[i].text);
		snprintf(report, sizeof(report), "netfence.yaml:%s\n", pairs[i].expected);
		expect(text, NULL, report);
	}
}

/* Whom they concern. */
static void
test_where(void **state)
{
	(void)state;
	expect("others: {egress: [], always: true}\n", NULL,
	    "netfence.yaml:1:22: error: 'always' cannot be for 'others', whom nobody could list at "
	    "the start: name users or groups\n");
	expect("policies: {p: {egress: [], always: true}}\nothers: p\n", NULL,
	    "netfence.yaml:2:9: error: 'always' cannot be for 'others', whom nobody could list at "
	    "the start: name users or groups\n");
	expect("policies: {p: {egress: [], always: true}}\nothers: {policy: p, log: all}\n", NULL,
	    "netfence.yaml:2:18: error: 'always' cannot be for 'others', whom nobody could list "
	    "at the start: name users or groups\n");
	expect("policies: {p: {egress: [], always: true}}\nothers: {policy: p, always: false}\n",
	    NULL, "");
	expect("users: {u: {egress: [], precedence: 1}}\n", NULL,
	    "netfence.yaml:1:25: warning: 'precedence' decides between groups only: a user's own "
	    "entry goes before all of them\n");
	expect("others: {egress: [], precedence: 1}\n", NULL,
	    "netfence.yaml:1:22: warning: 'precedence' decides between groups only: 'others' comes "
	    "after all of them\n");
}

/* The groups stand in the order in which they decide. */
static void
test_precedence(void **state)
{
	(void)state;
	expect("policies:\n"
	       "  low: {egress: [], precedence: -3}\n"
	       "  high: {policy: low, precedence: 5}\n"
	       "  same: high\n"
	       "groups:\n"
	       "  a: low\n"
	       "  b: {egress: []}\n"
	       "  c: high\n"
	       "  d: {policy: low, precedence: 6}\n"
	       "  B: {egress: [], precedence: 0}\n"
	       "  e: same\n"
	       "  f: {policy: same, log: none}\n"
	       "users:\n"
	       "  u: high\n",
	    "low netfence.yaml:2 default=reject serve=none loopback=all\n"
	    "high netfence.yaml:3 default=reject serve=none loopback=all\n"
	    "same netfence.yaml:4 default=reject serve=none loopback=all\n"
	    "groups/b netfence.yaml:7 default=reject serve=none loopback=all\n"
	    "groups/d netfence.yaml:9 default=reject serve=none loopback=all\n"
	    "groups/B netfence.yaml:10 default=reject serve=none loopback=all\n"
	    "groups/f netfence.yaml:12 default=reject serve=none loopback=all log=none\n"
	    "user u: high\n"
	    "group d: groups/d\n"
	    "group c: high\n"
	    "group e: same\n"
	    "group f: groups/f\n"
	    "group B: groups/B\n"
	    "group b: groups/b\n"
	    "group a: low\n",
	    "");
}

/* A base's keys hold where they are not replaced. */
static void
test_inherited(void **state)
{
	(void)state;
	expect("policies:\n"
	       "  p: {egress: [], log: all, mode: observe, on-logout: kill, max-session: 1h,\n"
	       "      on-expiry: kill, always: true}\n"
	       "users:\n"
	       "  a: {policy: p, on-expiry: close}\n"
	       "  b: {policy: p, log: denied, mode: enforce, on-logout: hold, max-session: none,\n"
	       "      on-expiry: close, always: false}\n",
	    "p netfence.yaml:2 default=reject serve=none loopback=all log=all mode=observe "
	    "on-logout=kill max-session=3600 on-expiry=kill always\n"
	    "users/a netfence.yaml:5 default=reject serve=none loopback=all log=all mode=observe "
	    "on-logout=kill max-session=3600 always\n"
	    "users/b netfence.yaml:6 default=reject serve=none loopback=all\n"
	    "user a: users/a\n"
	    "user b: users/b\n",
	    "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
