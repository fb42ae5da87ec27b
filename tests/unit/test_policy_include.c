/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The keys of a rule beside what and where to, the rules of other policies among one's own, and
 * the tests of a policy.
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

static void
expect(const struct util_text *texts, const char *dumped, const char *reported)
{
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
expect_main(const char *text, const char *dumped, const char *reported)
{
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };

	expect(texts, dumped, reported);
}

static void
test_good_keys(void **state)
{
	static const struct pair pairs[] = {
		{ "log: true", " log" },
		{ "log: false", "" },
		{ "limit: 10/second", " limit=10/1" },
		{ "limit: 1/minute", " limit=1/60" },
		{ "limit: 007/hour", " limit=7/3600" },
		{ "limit: 10000/day", " limit=10000/86400" },
		{ "interface: eth0", " interface=eth0" },
		{ "interface: no", " interface=no" },
		{ "interface: fifteen-letters", " interface=fifteen-letters" },
		{ "interface: eth0.7", " interface=eth0.7" },
		{ "{log: true, limit: 5/day, interface: a, comment: b}",
		    " interface=a limit=5/86400 log # b" },
	};
	char text[256], dump[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		bool map = pairs[i].text[0] == '{';

		snprintf(text, sizeof(text),
		    "policies: {p: {egress: [{allow: any, to: 192.0.2.1, %.*s}]}}\n",
		    (int)strlen(pairs[i].text) - 2 * map, pairs[i].text + map);
		snprintf(dump, sizeof(dump),
		    "p netfence.yaml:1 default=reject serve=none loopback=all\n"
		    "  netfence.yaml:1 allow -1 -> 192.0.2.1-192.0.2.1%s\n",
		    pairs[i].expected);
		expect_main(text, dump, "");
	}
}

/* The text stands in line 6, column 5. */
static void
test_bad_keys(void **state)
{
	static const struct pair pairs[] = {
		{ "log: denied", "6:10: error: 'denied' is none of 'true', 'false'" },
		{ "log: yes", "6:10: error: 'yes' is not known here: write 'true'" },
		{ "limit: 10", "6:12: error: '10': in what time? write '10/second', '10/minute', "
			       "'10/hour' or '10/day'" },
		{ "limit: 10/s", "6:12: error: '10/s': write '10/second'" },
		{ "limit: 10 second", "6:12: error: '10 second': write '10/second'" },
		{ "limit: 10/ second", "6:12: error: '10/ second': write '10/second'" },
		{ "limit: 10//second", "6:12: error: '10//second': write '10/second'" },
		{ "limit: 10second", "6:12: error: '10second': write '10/second'" },
		{ "limit: 10/secnod", "6:12: error: '10/secnod' is not a limit: did you mean "
				      "'/second'?" },
		{ "limit: 10/week", "6:12: error: '10/week' is not a limit: it is per second, "
				    "minute, hour or day" },
		{ "limit: 0/second", "6:12: error: '0/second' would never match: leave the rule "
				     "out, or allow at least 1" },
		{ "limit: 10001/second",
		    "6:12: error: '10001/second': a limit counts at most 10000 per second" },
		{ "limit: 99999999999999999999/second",
		    "6:12: error: '99999999999999999999/second': a limit counts at most 10000 per "
		    "second" },
		{ "limit: 1.5/second", "6:12: error: '1.5/second' is not a limit: write "
				       "COUNT/UNIT, as in '10/second' or '3/minute'" },
		{ "limit: none", "6:12: error: 'none' is not a limit: write COUNT/UNIT, as in "
				 "'10/second' or '3/minute'" },
		{ "limit:", "6:5: error: 'limit' has no value: write a limit such as '10/second'" },
		{ "interface: [eth0, eth1]", "6:16: error: a list where text is expected: write an "
					     "interface's name, such as 'eth0'" },
		{ "interface: eth0, eth1",
		    "6:16: error: 'eth0, eth1': a rule is about one interface: write a rule for "
		    "each" },
		{ "interface: eth+",
		    "6:16: error: 'eth+': a rule is about one interface, written in full" },
		{ "interface: eth0:1", "6:16: error: 'eth0:1' is another address of the interface "
				       "'eth0': write that" },
		{ "interface: sixteen--letters",
		    "6:16: error: 'sixteen--letters' is too long for an interface: a name has at "
		    "most 15 bytes" },
		{ "interface: a/b", "6:16: error: 'a/b' cannot be the name of an interface" },
		{ "interface: ..", "6:16: error: '..' cannot be the name of an interface" },
		{ "iface: eth0", "6:5: error: 'iface' is not a key of a rule: write 'interface'" },
		{ "include: q", "4:5: error: 'allow' beside 'include', which stands alone: begin "
				"another entry with '- '" },
	};
	char text[256], report[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text),
		    "policies:\n p:\n  egress:\n  - allow: any\n    to: 192.0.2.1\n    %s\n",
		    pairs[i].text);
		snprintf(report, sizeof(report), "netfence.yaml:%s\n", pairs[i].expected);
		expect_main(text, NULL, report);
	}
}

/* Each rule keeps its own place. */
static void
test_include(void **state)
{
	static const struct util_text texts[] = {
		{ MAIN,
		    "policies:\n"
		    "  a:\n"
		    "    default: drop\n"
		    "    egress:\n"
		    "      - {allow: tcp/1, to: 192.0.2.1, log: true}\n"
		    "      - {allow: tcp/2, to: 192.0.2.2}\n"
		    "  none: {egress: []}\n"
		    "  b:\n"
		    "    egress:\n"
		    "      - include: c\n"
		    "      - {reject: any, to: 192.0.2.3}\n"
		    "      - include: [a, none]\n"
		    "  c:\n"
		    "    policy: a\n"
		    "    egress: [{drop: any, to: 192.0.2.4}]\n"
		    "  d: {policy: b, default: allow}\n",
		    0 },
		{ "groups/g.yaml",
		    "egress:\n"
		    "  - include: d\n",
		    0 },
		{ NULL, NULL, 0 },
	};

#define A                                                            \
	"  netfence.yaml:5 allow 6/1-1 -> 192.0.2.1-192.0.2.1 log\n" \
	"  netfence.yaml:6 allow 6/2-2 -> 192.0.2.2-192.0.2.2\n"
#define C "  netfence.yaml:15 drop -1 -> 192.0.2.4-192.0.2.4\n"
#define B C "  netfence.yaml:11 reject -1 -> 192.0.2.3-192.0.2.3\n" A

	(void)state;
	expect(texts,
	    "a netfence.yaml:2 default=drop serve=none loopback=all\n" A
	    "none netfence.yaml:7 default=reject serve=none loopback=all\n"
	    "c netfence.yaml:13 default=drop serve=none loopback=all\n" C
	    "b netfence.yaml:8 default=reject serve=none loopback=all\n" B
	    "d netfence.yaml:16 default=allow serve=none loopback=all\n" B
	    "groups/g groups/g.yaml:1 default=reject serve=none loopback=all\n" B
	    "group g: groups/g\n",
	    "");
}

static void
test_bad_include(void **state)
{
	static const struct pair pairs[] = {
		{ "policies:\n"
		  "  p:\n"
		  "    egress:\n"
		  "      - include: p\n",
		    "netfence.yaml:4:18: error: the policy 'p' goes round in a circle: it is "
		    "already being asked for at netfence.yaml:2:3\n" },
		{ "policies:\n"
		  "  a: {egress: [{include: b}]}\n"
		  "  b: {policy: c, log: all}\n"
		  "  c: {egress: [{include: a}]}\n"
		  "users: {u: a, v: {egress: [{include: c}]}}\n",
		    "netfence.yaml:4:26: error: the policy 'a' goes round in a circle: it is "
		    "already being asked for at netfence.yaml:2:3\n" },
		{ "policies:\n"
		  "  vendor: {egress: []}\n"
		  "  p: {egress: [{include: vendro}]}\n",
		    "netfence.yaml:3:26: error: there is no policy 'vendro': did you mean "
		    "'vendor'?\n" },
		{ "policies:\n"
		  "  p: {egress: [{include: nosuch}, {include: }, {include: {a: b}}, {include: "
		  "[]}]}\n",
		    "netfence.yaml:2:26: error: there is no policy 'nosuch' under 'policies'\n"
		    "netfence.yaml:2:36: error: 'include' has no value: write a policy's name\n"
		    "netfence.yaml:2:58: error: a mapping where text or a list of texts is "
		    "expected: write a policy's name\n"
		    "netfence.yaml:2:77: error: an empty list: write a policy's name\n" },
		{ "policies:\n"
		  "  p: {include: q, egress: []}\n",
		    "netfence.yaml:2:7: error: 'include' is not a key of a policy: it is an entry "
		    "under 'egress'; a whole policy is 'policy: NAME'\n" },
		{ "policies:\n"
		  "  q: {egress: []}\n"
		  "  p: {egress: [{include: q, comment: all of it}]}\n",
		    "netfence.yaml:3:29: error: 'comment' beside 'include', which stands alone: "
		    "begin another entry with '- '\n" },
		{ "policies:\n"
		  "  q: {egress: []}\n"
		  "  p: {egress: [{policy: q}]}\n",
		    "netfence.yaml:3:17: error: 'policy' is not a key of a rule: write 'include' "
		    "for the rules of another policy\n" },
		{ "policies:\n"
		  "  q: {egress: [{allow: tcp/0, to: any}]}\n"
		  "  p: {egress: [{include: q}]}\n"
		  "users: {u: p}\n",
		    "netfence.yaml:2:24: error: port 0 is none that anything could be sent to: "
		    "ports are 1 to 65535, and the protocol's name alone means every port\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect_main(pairs[i].text, NULL, pairs[i].expected);
}

static char *
text_of(FILE *stream, char **text)
{
	fclose(stream);
	return *text;
}

static unsigned int
count_errors(const char *text, const char *words)
{
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset = util_compile(texts, false);
	unsigned int n = 0;
	uint32_t i;

	for (i = 0; i < ruleset->report.n; i++)
		n += strstr(ruleset->report.diagnostics[i].text, words) != NULL;
	ruleset_free(ruleset);
	return n;
}

static void
test_include_bounds(void **state)
{
	char *text;
	size_t length;
	FILE *stream;
	int i, n;

	(void)state;
	/* 64 rules, 64 times, and then one more. */
	for (n = 0; n <= 1; n++) {
		stream = open_memstream(&text, &length);
		fputs("policies:\n a: {egress: [", stream);
		for (i = 1; i <= 64; i++)
			fprintf(stream, "{allow: tcp/%d, to: 192.0.2.1},", i);
		fputs("]}\n p:\n  egress:\n", stream);
		for (i = 0; i < 64; i++)
			fputs("  - include: a\n", stream);
		if (n)
			fputs("  - {allow: udp, to: 192.0.2.1}\n", stream);
		text_of(stream, &text);
		if (n) {
			expect_main(text, NULL,
			    "netfence.yaml:69:5: error: with what is included the policy has more "
			    "than 4096 rules here\n");
		} else {
			struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
			struct ruleset *ruleset = util_compile(texts, false);

			assert_int_equal(ruleset->report.n_errors, 0);
			assert_int_equal(ruleset->policies[1].n_egress, 4096);
			ruleset_free(ruleset);
		}
		free(text);
	}
	/* As many in all as could be kept, and then more; the policies need not even be good. */
	for (n = 16; n <= 17; n++) {
		stream = open_memstream(&text, &length);
		fputs("policies:\n a: {egress: [", stream);
		for (i = 1; i <= 4096; i++)
			fprintf(stream, "{allow: tcp/%d, to: 192.0.2.1},", i);
		fputs("]}\n", stream);
		for (i = 1; i <= n; i++)
			fprintf(stream, " p%d: {egress: [{include: a}], log: x}\n", i);
		text_of(stream, &text);
		assert_int_equal(count_errors(text, "rules that are included"), n == 17);
		free(text);
	}
	/* As deep as names of names may go, and one deeper: from above and from below. */
	for (n = 15; n <= 16; n++) {
		stream = open_memstream(&text, &length);
		fputs("policies:\n", stream);
		for (i = 0; i < n; i++)
			fprintf(stream, " p%d: {egress: [{include: p%d}]}\n", i, i + 1);
		fprintf(stream, " p%d: {egress: []}\n", n);
		text_of(stream, &text);
		expect_main(text, NULL,
		    n == 15 ? ""
			    : "netfence.yaml:17:27: error: policies that build on one another more "
			      "than 16 deep\n");
		free(text);
		stream = open_memstream(&text, &length);
		fputs("policies:\n p0: {egress: []}\n q0: {egress: []}\n", stream);
		for (i = 1; i <= n; i++)
			fprintf(stream, " p%d: {egress: [{include: [p%d, q0]}]}\n", i, i - 1);
		text_of(stream, &text);
		expect_main(text, NULL,
		    n == 15 ? ""
			    : "netfence.yaml:19:28: error: policies that build on one another more "
			      "than 16 deep\n");
		free(text);
	}
}

/* Tests are the policy's own, and stay with it. */
static void
test_tests(void **state)
{
	(void)state;
	expect_main("policies:\n"
		    "  p:\n"
		    "    egress: [{allow: https, to: 192.0.2.0/24}]\n"
		    "    tests:\n"
		    "      - allow: [https]\n"
		    "        to: [192.0.2.1, 192.0.2.9]\n"
		    "        interface: eth0\n"
		    "      - {reject: any, to: \"2001:db8::1\", comment: nothing there}\n"
		    "  q: {policy: p, default: drop}\n"
		    "  r: p\n"
		    "  s: {egress: [], tests: []}\n",
	    "p netfence.yaml:2 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:3 allow 6/443-443 17/443-443 -> 192.0.2.0-192.0.2.255\n"
	    "  test at column 9:  netfence.yaml:5 allow 6/443-443 17/443-443 -> "
	    "192.0.2.1-192.0.2.1 192.0.2.9-192.0.2.9 interface=eth0\n"
	    "  test at column 9:  netfence.yaml:8 reject -1 -> 2001:db8::1-2001:db8::1\n"
	    "q netfence.yaml:9 default=drop serve=none loopback=all\n"
	    "  netfence.yaml:3 allow 6/443-443 17/443-443 -> 192.0.2.0-192.0.2.255\n"
	    "r netfence.yaml:10 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:3 allow 6/443-443 17/443-443 -> 192.0.2.0-192.0.2.255\n"
	    "s netfence.yaml:11 default=reject serve=none loopback=all\n",
	    "");
}

static void
test_bad_tests(void **state)
{
	static const struct pair pairs[] = {
		{ "tests:\n", "4:3: error: 'tests' has no value: write a list as under 'egress', "
			      "or leave the key out" },
		{ "tests: {allow: any, to: any}\n",
		    "4:10: error: a mapping where a list of tests is expected: each begins with "
		    "'- ' ('[]' is none)" },
		{ "tests: [any]\n", "4:11: error: text where a test is expected: write '- allow: "
				    "tcp/22', and 'to: \xe2\x80\xa6' below it" },
		{ "tests: [{allow: any}]\n", "4:11: error: the test has no 'to:': write 'to: any' "
					     "if everywhere is meant" },
		{ "tests: [{to: any}]\n", "4:11: error: the test has no action: write 'allow:', "
					  "'reject:' or 'drop:'" },
		{ "tests: [{allow: icmp, to: \"::1\"}]\n",
		    "4:19: error: this test matches nothing: icmp is IPv4's, and 'to' has IPv6 "
		    "addresses only" },
		{ "tests: [{include: p}]\n",
		    "4:12: error: 'include' is not a key of a test: a test says what meets "
		    "'allow', 'reject' or 'drop', and 'to' where" },
		{ "tests: [{deny: any, to: any}]\n",
		    "4:12: error: 'deny' is not a key of a test: write 'reject' (the program is "
		    "told) or 'drop' (it is not)" },
		{ "tests: [{allow: tcp/22, to: any, limit: 5/day}]\n",
		    "4:36: error: 'limit' is not a key of a test: a test says what meets 'allow', "
		    "'reject' or 'drop', and 'to' where" },
	};
	char text[256], report[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text), "policies:\n p:\n  egress: []\n  %s\n", pairs[i].text);
		snprintf(report, sizeof(report), "netfence.yaml:%s\n", pairs[i].expected);
		expect_main(text, NULL, report);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_keys),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_bad_include),
		cmocka_unit_test(test_include_bounds),
		cmocka_unit_test(test_tests),
		cmocka_unit_test(test_bad_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
