/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is no error, and hardly meant; and what is meant, and no reason for a warning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/lint.h"
#include "policy_util.h"

struct pair {
	const char *text;
	const char *expected;
};

/* Two rules; whether the first leaves nothing to the second. */
static void
test_hidden(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		bool hidden;
	} cases[] = {
		{ "allow: tcp/22, to: 10.0.0.0/8", "reject: tcp/22, to: 10.1.0.0/16", true },
		{ "allow: tcp/22, to: 10.0.0.0/8", "allow: tcp/22, to: 10.0.0.0/8", true },
		{ "allow: tcp/22, to: 10.1.0.0/16", "reject: tcp/22, to: 10.0.0.0/8", false },
		{ "allow: tcp/22, to: 10.0.0.0/8", "reject: tcp/23, to: 10.1.0.0/16", false },
		{ "allow: tcp/22, to: 10.0.0.0/8", "reject: udp/22, to: 10.1.0.0/16", false },
		{ "allow: tcp/22, to: 10.0.0.0/8", "reject: tcp, to: 10.1.0.0/16", false },
		{ "allow: tcp, to: 10.0.0.0/8", "reject: tcp/22, to: 10.1.0.0/16", true },
		{ "allow: any, to: 10.0.0.0/8", "reject: tcp/22, to: 10.1.0.0/16", true },
		{ "allow: tcp, to: 10.0.0.0/8", "reject: any, to: 10.1.0.0/16", false },
		{ "allow: \"tcp/1-9,20-30\", to: any", "reject: \"tcp/3-4,9,22-30\", to: any",
		    true },
		{ "allow: \"tcp/1-9,20-30\", to: any", "reject: \"tcp/3-4,9,22-31\", to: any",
		    false },
		{ "allow: \"tcp/1-9,20-30\", to: any", "reject: tcp/9-20, to: any", false },
		{ "allow: [tcp, udp/53], to: any", "reject: [udp/53, tcp/53], to: any", true },
		{ "allow: [tcp, udp/53], to: any", "reject: [udp/53, udp/54], to: any", false },
		{ "allow: icmp, to: any", "reject: icmp/8, to: any", true },
		{ "allow: icmp/8, to: any", "reject: icmp, to: any", false },
		{ "allow: icmp/3, to: any", "reject: icmp/3/4, to: any", true },
		{ "allow: icmp/3/4, to: any", "reject: icmp/3, to: any", false },
		{ "allow: icmp/8, to: any", "reject: icmpv6/8, to: any", false },
		{ "allow: [icmp, icmpv6], to: any", "reject: icmpv6/128, to: any", true },
		/* Protocols of which the coarse look cannot tell one from the other. */
		{ "allow: 17, to: any", "reject: 81, to: any", false },
		/* Both families have to be hidden, of those that count. */
		{ "allow: tcp, to: 0.0.0.0/0", "reject: tcp/22, to: 10.0.0.0/8", true },
		{ "allow: tcp, to: 0.0.0.0/0", "reject: tcp/22, to: [10.0.0.0/8, \"::1:0\"]",
		    false },
		{ "allow: any, to: 0.0.0.0/0", "reject: icmp, to: [10.0.0.0/8, \"::1:0\"]", true },
		{ "allow: any, to: [0.0.0.0/0, \"2001:db8::/32\"]",
		    "reject: tcp/22, to: [10.0.0.0/8, \"2001:db8:1::/48\"]", true },
		{ "allow: any, to: [0.0.0.0/0, \"2001:db8::/32\"]",
		    "reject: tcp/22, to: [10.0.0.0/8, \"2001:db9::/48\"]", false },
		/* Alike in the leading eight bytes. */
		{ "allow: any, to: \"2001:db8::1\"", "reject: any, to: \"2001:db8::2\"", false },
		{ "allow: any, to: [10.0.0.1, 10.0.0.3]", "reject: any, to: [10.0.0.1, 10.0.0.3]",
		    true },
		{ "allow: any, to: [10.0.0.1, 10.0.0.3]", "reject: any, to: 10.0.0.1-10.0.0.3",
		    false },
		{ "allow: any, to: 10.0.0.1-10.0.0.9", "reject: any, to: [10.0.0.1, 10.0.0.9]",
		    true },
		/* Some packets go past these. */
		{ "allow: tcp, to: any, limit: 5/second", "reject: tcp, to: any", false },
		{ "allow: tcp, to: any", "reject: tcp, to: any, limit: 5/second", true },
		{ "allow: tcp, to: any, interface: eth0", "reject: tcp, to: any", false },
		{ "allow: tcp, to: any, interface: eth0", "reject: tcp, to: any, interface: eth1",
		    false },
		{ "allow: tcp, to: any, interface: eth0", "reject: tcp, to: any, interface: eth0",
		    true },
		{ "allow: tcp, to: any", "reject: tcp, to: any, interface: eth0", true },
	};
	char text[512];
	const struct util_text texts[] = { { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ruleset *ruleset;
		const struct rule *rules;
		uint32_t j, n;

		snprintf(text, sizeof(text),
		    "policies:\n p:\n  egress:\n  - {%s}\n  - {reject: sctp, to: 192.0.2.1}\n  - "
		    "{%s}\n",
		    cases[i].first, cases[i].second);
		ruleset = util_compile(texts, false);
		assert_int_equal(ruleset->report.n_errors, 0);
		rules = ruleset->policies[0].egress;
		if (lint_hides(&rules[0], &rules[2]) != cases[i].hidden)
			fail_msg("{%s} and {%s}", cases[i].first, cases[i].second);
		/* What stands between them may be hidden as well. */
		for (j = n = 0; j < ruleset->report.n; j++)
			n += ruleset->report.diagnostics[j].line == 6;
		assert_int_equal(n, cases[i].hidden);
		ruleset_free(ruleset);
	}
}

static void
test_words(void **state)
{
	static const struct pair pairs[] = {
		{ "policies:\n"
		  " p:\n"
		  "  egress:\n"
		  "  - {allow: https, to: any}\n"
		  "  - {reject: tcp/443, to: 10.0.0.0/8}\n"
		  "  - {allow: tcp/443, to: 10.0.0.1}\n",
		    "netfence.yaml:5:5: warning: this rule never decides: the one at "
		    "netfence.yaml:4, which allows, matches all of it before\n"
		    "netfence.yaml:6:5: warning: this rule never decides: the one at "
		    "netfence.yaml:4, which allows, matches all of it before\n" },
		/* One word about all that stands below. */
		{ "policies:\n"
		  " p:\n"
		  "  egress:\n"
		  "  - {allow: any, to: any}\n"
		  "  - {allow: tcp/443, to: 10.0.0.1}\n"
		  "  - {reject: any, to: 10.0.0.0/8}\n",
		    "netfence.yaml:4:5: warning: this allows everything: no rule below it ever "
		    "decides, such as the one that rejects at netfence.yaml:6\n" },
		{ "policies:\n"
		  " p:\n"
		  "  egress:\n"
		  "  - {drop: any, to: [0.0.0.0/0, \"::/0\"]}\n"
		  "  - {reject: tcp/443, to: 10.0.0.1}\n",
		    "netfence.yaml:4:5: warning: this drops everything: no rule below it ever "
		    "decides, such as the one that rejects at netfence.yaml:5\n" },
		/* At the end it is the way to say it. */
		{ "policies:\n"
		  " p:\n"
		  "  egress:\n"
		  "  - {reject: any, to: 10.0.0.0/8}\n"
		  "  - {allow: any, to: any}\n",
		    "" },
		{ "policies:\n"
		  " p: {egress: [{allow: any, to: any, limit: 5/second}, {drop: any, to: any}]}\n",
		    "" },
		/* What is included is judged where it is included, once for each include; what it
		 * hides by itself, where it is written. */
		{ "policies:\n"
		  " v:\n"
		  "  egress:\n"
		  "  - {allow: tcp/1, to: 10.0.0.1}\n"
		  "  - {allow: tcp/1, to: 10.0.0.1}\n"
		  "  - {allow: tcp/2, to: 10.0.0.1}\n"
		  " p:\n"
		  "  egress:\n"
		  "  - {reject: tcp, to: 10.0.0.0/8}\n"
		  "  - include: v\n"
		  " q:\n"
		  "  egress:\n"
		  "  - include: v\n"
		  "  - {reject: tcp/1-2, to: 10.0.0.1}\n"
		  "  - {reject: tcp/2, to: 10.0.0.1}\n",
		    "netfence.yaml:5:5: warning: this rule never decides: the one at "
		    "netfence.yaml:4, which allows, matches all of it before\n"
		    "netfence.yaml:10:14: warning: included here, the rule of netfence.yaml:4 "
		    "never "
		    "decides: the one at netfence.yaml:9, which rejects, matches all of it before\n"
		    "netfence.yaml:15:5: warning: this rule never decides: the one at "
		    "netfence.yaml:6, which allows, matches all of it before\n" },
		/* A base's rules have been judged. */
		{ "policies:\n"
		  " p: {egress: [{allow: tcp, to: any}, {allow: tcp, to: any}]}\n"
		  " q: {policy: p, log: all}\n",
		    "netfence.yaml:2:38: warning: this rule never decides: the one at "
		    "netfence.yaml:2, which allows, matches all of it before\n" },
		{ "policies:\n"
		  " p: {egress: [{allow: [tcp/22, icmp], to: \"2001:db8::1\"}]}\n",
		    "netfence.yaml:2:23: warning: a part of this rule matches nothing: icmp is "
		    "IPv4's, and 'to' has IPv6 addresses only\n" },
		{ "policies:\n"
		  " p: {egress: [{allow: [tcp/22, icmpv6], to: 192.0.2.1}]}\n",
		    "netfence.yaml:2:23: warning: a part of this rule matches nothing: icmpv6 is "
		    "IPv6's, and 'to' has IPv4 addresses only\n" },
		{ "policies:\n"
		  " p: {egress: [{allow: [tcp/22, icmp, icmpv6], to: 192.0.2.1},\n"
		  "              {allow: [tcp/22, icmp, icmpv6], to: \"2001:db8::1\"}]}\n",
		    "" },
		{ "policies:\n"
		  " p: {egress: [{allow: any, to: [127.0.0.1, 192.0.2.1]},\n"
		  "              {allow: tcp, to: \"::1\"},\n"
		  "              {allow: tcp, to: 192.0.2.1, interface: lo},\n"
		  "              {allow: udp, to: 0.0.0.0/0},\n"
		  "              {allow: sctp, to: 127.255.255.255-128.0.0.1}]}\n",
		    "netfence.yaml:2:32: warning: 127.0.0.0/8 is this host: 'loopback' decides "
		    "that, before any rule\n"
		    "netfence.yaml:3:32: warning: ::1 is this host: 'loopback' decides that, "
		    "before any rule\n"
		    "netfence.yaml:4:15: warning: this rule never decides: the one at "
		    "netfence.yaml:2, which allows, matches all of it before\n"
		    "netfence.yaml:4:54: warning: what goes through lo to this host is decided by "
		    "'loopback', before any rule\n" },
		{ "policies:\n"
		  " p:\n"
		  "  egress: []\n"
		  "  message: call \xc3\xa4rger, room #12\n",
		    "netfence.yaml:4:12: warning: the message ends before the '#', where a comment "
		    "begins: quote the message if that belongs to it\n" },
		{ "policies:\n"
		  " p:\n"
		  "  egress: []\n"
		  "  message: one\n"
		  "    two \t # three\n",
		    "netfence.yaml:4:12: warning: the message ends before the '#', where a comment "
		    "begins: quote the message if that belongs to it\n" },
		{ "policies:\n"
		  " p:\n"
		  "  egress: []\n"
		  "  message: room#12\n"
		  "  # a comment\n"
		  " q:\n"
		  "  egress: []\n"
		  "  message: \"room #12\" # one that is meant\n"
		  " r:\n"
		  "  egress: []\n"
		  "  message: |\n"
		  "    room #12\n"
		  " s: {egress: [], message: room}  # one more\n"
		  " t: {egress: [], default: drop, # or reject?\n"
		  "     message: last }\n",
		    "" },
		{ "policies:\n"
		  " p: {egress: []}\n"
		  " q: {egress: [], serve: any}\n"
		  " r: {egress: [], serve: tcp/80}\n",
		    "netfence.yaml:3:18: warning: 'serve' makes the kernel track the connections "
		    "of the whole host\n" },
		/* Errors, since to the kernel these are everything. */
		{ "policies: {p: {egress: [{allow: [0, icmp/255, icmp/255/0, 000], to: any}]}}\n",
		    "netfence.yaml:1:34: error: '0': to the kernel the protocol 0 is all of them: "
		    "write 'any'\n"
		    "netfence.yaml:1:37: error: '255': to the kernel icmp's type 255 is all of "
		    "them: write 'icmp'\n"
		    "netfence.yaml:1:47: error: '255/0': to the kernel icmp's type 255 is all of "
		    "them: write 'icmp'\n"
		    "netfence.yaml:1:59: error: '000': to the kernel the protocol 0 is all of "
		    "them: write 'any'\n" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		util_expect_main(pairs[i].text, 0, pairs[i].expected);
}

/* A policy that does not do what its tests say is not used. */
static void
test_tests(void **state)
{
	static const char text[] = "policies:\n"
				   " p:\n"
				   "  egress:\n"
				   "  - {allow: tcp/80, to: 192.0.2.0/24}\n"
				   "  tests:\n"
				   "  - {allow: tcp/80, to: 192.0.2.7}\n"
				   "  - {reject: tcp/80, to: 192.0.2.9}\n"
				   "  - {allow: udp/53, to: 198.51.100.1}\n"
				   " q: {policy: p, egress: []}\n"
				   "users: {alice: p}\n";
	const struct util_text texts[] = { { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset = util_compile(texts, false);
	uint32_t i;

	(void)state;
	assert_int_equal(ruleset->report.n_errors, 2);
	assert_int_equal(ruleset->report.n, 2);
	for (i = 0; i < 2; i++) {
		assert_int_equal(ruleset->report.diagnostics[i].line, 7 + i);
		assert_int_equal(ruleset->report.diagnostics[i].column, 5);
		assert_non_null(strstr(ruleset->report.diagnostics[i].text, "does not hold: "));
	}
	ruleset_free(ruleset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_tests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
