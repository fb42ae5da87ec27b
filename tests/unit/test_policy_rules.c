/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What good rules become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

#define MAIN "netfence.yaml"

static void
expect(const struct util_text *texts, const char *expected)
{
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset), *dump = util_dump(ruleset);

	assert_string_equal(report, "");
	assert_string_equal(dump, expected);
	free(report);
	free(dump);
	ruleset_free(ruleset);
}

static void
test_seed_case(void **state)
{
	const struct util_text texts[] = {
		{ MAIN,
		    "version: 1\n"
		    "define:\n"
		    "  monitoring:  [192.0.2.10, \"2001:db8::10\"]\n"
		    "  timeservers: [192.0.2.1, 192.0.2.2]\n"
		    "policies:\n"
		    "  vendor:\n"
		    "    egress:\n"
		    "      - allow: https\n"
		    "        to: 198.51.100.0/24\n"
		    "users:\n"
		    "  alice: vendor\n"
		    "  bob:\n"
		    "    policy: vendor\n"
		    "    default: drop\n"
		    "others: vendor\n"
		    "exempt:\n"
		    "  users: [backup, zoe, backup]\n"
		    "  groups: [wheel]\n",
		    0 },
		{ "groups/supporters.yaml",
		    "egress:\n"
		    "  - allow: udp/162\n"
		    "    to: monitoring\n"
		    "  - allow: ntp\n"
		    "    to: timeservers\n"
		    "  - allow: tcp/80,8000-8080\n"
		    "    to: 192.0.2.20\n"
		    "    comment: patch server\n"
		    "  - reject: any\n"
		    "    to: 10.0.0.0/8\n"
		    "  - allow: [icmp, icmpv6]\n"
		    "    to: any\n"
		    "serve: none\n"
		    "message: \"Outbound access is limited; ask noc@example.com.\"\n",
		    0 },
		{ NULL, NULL, 0 },
	};

	(void)state;
	expect(texts,
	    "vendor netfence.yaml:6 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:8 allow 6/443-443 17/443-443 -> 198.51.100.0-198.51.100.255\n"
	    "users/bob netfence.yaml:12 default=drop serve=none loopback=all\n"
	    "  netfence.yaml:8 allow 6/443-443 17/443-443 -> 198.51.100.0-198.51.100.255\n"
	    "groups/supporters groups/supporters.yaml:1 default=reject serve=none loopback=all "
	    "message=Outbound access is limited; ask noc@example.com.\n"
	    "  groups/supporters.yaml:2 allow 17/162-162 -> 192.0.2.10-192.0.2.10 "
	    "2001:db8::10-2001:db8::10\n"
	    "  groups/supporters.yaml:4 allow 17/123-123 -> 192.0.2.1-192.0.2.2\n"
	    "  groups/supporters.yaml:6 allow 6/80-80,8000-8080 -> 192.0.2.20-192.0.2.20 # patch "
	    "server\n"
	    "  groups/supporters.yaml:9 reject -1 -> 10.0.0.0-10.255.255.255\n"
	    "  groups/supporters.yaml:11 allow 1 58 -> 0.0.0.0-255.255.255.255 "
	    "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n"
	    "user alice: vendor\n"
	    "user bob: users/bob\n"
	    "group supporters: groups/supporters\n"
	    "others: vendor\n"
	    "exempt user backup\n"
	    "exempt user zoe\n"
	    "exempt group wheel\n");
}

struct pair {
	const char *value;
	const char *expected;
};

static void
expect_rule(const char *what, const char *to, const char *expected)
{
	char text[2048], dump[2048];
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };

	snprintf(text, sizeof(text),
	    "define: {a: b, b: [192.0.2.1, c], c: \"2001:db8::/32\"}\n"
	    "policies: {p: {egress: [{allow: %s, to: %s}]}}\n",
	    what, to);
	snprintf(dump, sizeof(dump),
	    "p netfence.yaml:2 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:2 allow %s\n",
	    expected);
	expect(texts, dump);
}

static void
test_what(void **state)
{
	static const struct pair pairs[] = {
		{ "any", "-1" },
		{ "[tcp/22, any, icmp]", "-1" },
		{ "tcp", "6" },
		{ "tcp/22", "6/22-22" },
		{ "22/tcp", "6/22-22" },
		{ "\"80,443/tcp\"", "6/80-80,443-443" },
		{ "[tcp/22, tcp]", "6" },
		{ "[udp/53, tcp/53, tcp/22]", "6/22-22,53-53 17/53-53" },
		{ "[tcp/1-9, tcp/10-20, tcp/5-12, tcp/22]", "6/1-20,22-22" },
		{ "tcp/65535", "6/65535-65535" },
		{ "[tcp/65535, tcp/1-65534]", "6/1-65535" },
		{ "tcp/0161", "6/161-161" },
		{ "\"tcp/80, 443\"", "6/80-80,443-443" },
		{ "tcp/http", "6/80-80" },
		{ "\"tcp/www,22\"", "6/22-22,80-80" },
		{ "www/tcp", "6/80-80" },
		{ "https", "6/443-443 17/443-443" },
		{ "snmptrap", "6/162-162 17/162-162" },
		{ "ntp", "17/123-123" },
		{ "domain/udp", "17/53-53" },
		{ "m3ua", "132/2905-2905" },
		{ "3com", "6/1106-1106" },
		{ "tcp/3com", "6/1106-1106" },
		{ "sctp/1-3", "132/1-3" },
		{ "[one, last]", "6/1-1,65535-65535" },
		{ "[tcp/9, tcp/7, tcp/5, tcp/3, tcp/1, udp/9, udp/7, udp/5, udp/3, udp/1]",
		    "6/1-1,3-3,5-5,7-7,9-9 17/1-1,3-3,5-5,7-7,9-9" },
		{ "icmp/254", "1.254" },
		{ "icmpv6/255", "58.255" },
		{ "icmp/99/255", "1.99.255" },
		{ "47", "47" },
		{ "1", "1" },
		{ "255", "255" },
		{ "6", "6" },
		{ "[1, icmp/8]", "1" },
		{ "icmp", "1" },
		{ "icmp/echo-request", "1.8" },
		{ "echo-request/icmp", "1.8" },
		{ "icmpv6/echo-request", "58.128" },
		{ "icmpv6/128", "58.128" },
		{ "\"icmp/8,0\"", "1.0 1.8" },
		{ "icmp/3/4", "1.3.4" },
		{ "icmp/fragmentation-needed", "1.3.4" },
		{ "[icmp/3/4, icmp/3, icmp/3/1, icmp/8]", "1.3 1.8" },
		{ "[icmp/3/4, icmp/3/4, icmp/3/1]", "1.3.1 1.3.4" },
		{ "[icmpv6, icmp/8, tcp/22, icmpv6/1]", "1.8 6/22-22 58" },
	};
	char expected[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(expected, sizeof(expected),
		    "%s -> 0.0.0.0-255.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    pairs[i].expected);
		expect_rule(pairs[i].value, "any", expected);
	}
}

static void
test_to(void **state)
{
	static const struct pair pairs[] = {
		{ "192.0.2.1", "192.0.2.1-192.0.2.1" },
		{ "192.0.2.0/24", "192.0.2.0-192.0.2.255" },
		{ "192.0.2.128/25", "192.0.2.128-192.0.2.255" },
		{ "192.0.2.1/32", "192.0.2.1-192.0.2.1" },
		{ "0.0.0.0/0", "0.0.0.0-255.255.255.255" },
		{ "192.0.2.1-192.0.2.9", "192.0.2.1-192.0.2.9" },
		{ "[10.0.0.2, 10.0.0.1]", "10.0.0.1-10.0.0.2" },
		{ "[10.0.0.3, 10.0.0.1]", "10.0.0.1-10.0.0.1 10.0.0.3-10.0.0.3" },
		{ "[10.0.0.0/8, 10.1.0.0/16]", "10.0.0.0-10.255.255.255" },
		{ "[10.0.0.255, 10.0.1.0]", "10.0.0.255-10.0.1.0" },
		{ "[255.255.255.255, 0.0.0.0]", "0.0.0.0-0.0.0.0 255.255.255.255-255.255.255.255" },
		{ "\"2001:db8::/32\"", "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "\"2001:db8::1\"", "2001:db8::1-2001:db8::1" },
		{ "2001:DB8::1", "2001:db8::1-2001:db8::1" },
		{ "\"::/0\"", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "\"fe80::-fe80::ff\"", "fe80::-fe80::ff" },
		{ "[\"fe80::ffff\", \"fe80::1:0\"]", "fe80::ffff-fe80::1:0" },
		{ "[\"::\", \"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\"]",
		    "::-:: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff-ffff:ffff:ffff:ffff:ffff:ffff:"
		    "ffff:ffff" },
		{ "a", "192.0.2.1-192.0.2.1 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "[a, b, 192.0.2.2]",
		    "192.0.2.1-192.0.2.2 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff" },
		{ "[10.0.0.9, 10.0.0.7, 10.0.0.5, 10.0.0.3, 10.0.0.1]",
		    "10.0.0.1-10.0.0.1 10.0.0.3-10.0.0.3 10.0.0.5-10.0.0.5 10.0.0.7-10.0.0.7 "
		    "10.0.0.9-10.0.0.9" },
		{ "10.0.0.1-10.0.0.1", "10.0.0.1-10.0.0.1" },
		{ "[any, a]",
		    "0.0.0.0-255.255.255.255 ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	};
	char expected[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(expected, sizeof(expected), "6/22-22 -> %s", pairs[i].expected);
		expect_rule("tcp/22", pairs[i].value, expected);
	}
}

static void
test_policy_keys(void **state)
{
	static const struct pair pairs[] = {
		{ "{egress: []}", "default=reject serve=none loopback=all" },
		{ "{egress: [], default: drop}", "default=drop serve=none loopback=all" },
		{ "{egress: [], default: allow}", "default=allow serve=none loopback=all" },
		{ "{egress: [], default: reject}", "default=reject serve=none loopback=all" },
		{ "{egress: [], serve: none}", "default=reject serve=none loopback=all" },
		{ "{egress: [], serve: []}", "default=reject serve=none loopback=all" },
		{ "{egress: [], loopback: allow}", "default=reject serve=none loopback=all" },
		{ "{egress: [], loopback: reject}", "default=reject serve=none loopback=none" },
		{ "{egress: [], loopback: []}", "default=reject serve=none loopback=none" },
		{ "{egress: [], loopback: tcp/8080}",
		    "default=reject serve=none loopback=list 6/8080-8080" },
		{ "{egress: [], loopback: [domain, icmp]}",
		    "default=reject serve=none loopback=list 1 6/53-53 17/53-53" },
		{ "{egress: [], loopback: [any]}", "default=reject serve=none loopback=all" },
		{ "{egress: [], message: \"a: b # c\"}",
		    "default=reject serve=none loopback=all message=a: b # c" },
		{ "{egress: [], message: \"a\\nb\\n\\n\"}",
		    "default=reject serve=none loopback=all message=a\nb" },
		{ "{egress: [], message: \"\"}",
		    "default=reject serve=none loopback=all message=" },
		{ "{egress: [], message: \"\xe0\xa0\x80\xf0\x90\x80\x80\xed\x9f\xbf\xee\x80\x80\"}",
		    "default=reject serve=none loopback=all "
		    "message=\xe0\xa0\x80\xf0\x90\x80\x80\xed\x9f\xbf\xee\x80\x80" },
		{ "{egress: [], message: no}",
		    "default=reject serve=none loopback=all message=no" },
	};
	char text[512], dump[512];
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text), "policies:\n  p: %s\n", pairs[i].value);
		snprintf(dump, sizeof(dump), "p netfence.yaml:2 %s\n", pairs[i].expected);
		expect(texts, dump);
	}
}

/* What is served has its price, which is said once. */
static void
test_serve(void **state)
{
	static const struct pair pairs[] = {
		{ "{egress: [], serve: any}", "default=reject serve=all loopback=all" },
		{ "{egress: [], serve: [tcp/8080, udp/60000-61000]}",
		    "default=reject serve=list 6/8080-8080 17/60000-61000 loopback=all" },
		{ "{egress: [], serve: tcp}", "default=reject serve=list 6 loopback=all" },
		{ "{egress: [], serve: www/tcp}",
		    "default=reject serve=list 6/80-80 loopback=all" },
	};
	char text[512], dump[512];
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset;
	char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		snprintf(text, sizeof(text), "policies:\n  p: %s\n  q: {egress: [], serve: any}\n",
		    pairs[i].value);
		snprintf(dump, sizeof(dump),
		    "p netfence.yaml:2 %s\n"
		    "q netfence.yaml:3 default=reject serve=all loopback=all\n",
		    pairs[i].expected);
		ruleset = util_compile(texts, false);
		got = util_dump(ruleset);
		assert_string_equal(got, dump);
		free(got);
		got = util_report(ruleset);
		assert_string_equal(got, "netfence.yaml:2:19: warning: 'serve' makes the kernel "
					 "track the connections of "
					 "the whole host\n");
		free(got);
		ruleset_free(ruleset);
	}
}

static void
test_bases(void **state)
{
	const struct util_text texts[] = {
		{ MAIN,
		    "users:\n"
		    "  zoe: c\n"
		    "  Anna: {policy: c, egress: []}\n"
		    "  no: {policy: c, message: \"\"}\n"
		    "policies:\n"
		    "  c: {policy: b, message: deep}\n"
		    "  b: a\n"
		    "  a:\n"
		    "    default: drop\n"
		    "    egress:\n"
		    "      - {reject: tcp/25, to: any}\n",
		    0 },
		{ "rules.d/10.yaml",
		    "version: 1\n"
		    "others: {egress: []}\n"
		    "groups:\n"
		    "  vip: b\n"
		    "  0161: a\n",
		    0 },
		{ "users/carol.yaml", "a\n", 0 },
		{ "groups/admins.yaml", "policy: a\n", 0 },
		{ NULL, NULL, 0 },
	};
#define RULE                                                            \
	"  netfence.yaml:11 reject 6/25-25 -> 0.0.0.0-255.255.255.255 " \
	"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n"

	(void)state;
	expect(texts,
	    "a netfence.yaml:8 default=drop serve=none loopback=all\n" RULE
	    "b netfence.yaml:7 default=drop serve=none loopback=all\n" RULE
	    "c netfence.yaml:6 default=drop serve=none loopback=all message=deep\n" RULE
	    "users/Anna netfence.yaml:3 default=drop serve=none loopback=all message=deep\n"
	    "users/no netfence.yaml:4 default=drop serve=none loopback=all message=\n" RULE
	    "groups/admins groups/admins.yaml:1 default=drop serve=none loopback=all\n" RULE
	    "others rules.d/10.yaml:2 default=reject serve=none loopback=all\n"
	    "user Anna: users/Anna\n"
	    "user carol: a\n"
	    "user no: users/no\n"
	    "user zoe: c\n"
	    "group 0161: a\n"
	    "group admins: groups/admins\n"
	    "group vip: b\n"
	    "others: others\n");
}

/* Sections of which everything has been commented out. */
static void
test_nothing(void **state)
{
	const struct util_text texts[] = {
		{ MAIN, "define:\npolicies:\nusers:\ngroups:\nexempt:\n  users:\n  groups: []\n",
		    0 },
		{ "rules.d/10.yaml", "# nothing\n", 0 },
		{ "rules.d/20.yaml", "---\n", 0 },
		{ "rules.d/30.yaml", "\xef\xbb\xbfversion: 1\r\n", 0 },
		{ NULL, NULL, 0 },
	};

	(void)state;
	expect(texts, "");
}

/* In a part of a configuration a name may be somebody else's; everything else is judged. */
static void
test_alone(void **state)
{
	const struct util_text texts[] = {
		{ "groups/g.yaml",
		    "policy: elsewhere\n"
		    "egress:\n"
		    "  - allow: tcp/0\n"
		    "    to: [elsewhere, 192.0.2.999]\n",
		    0 },
		{ NULL, NULL, 0 },
	};
	struct ruleset *ruleset = util_compile(texts, true);
	char *report = util_report(ruleset);

	(void)state;
	assert_string_equal(report,
	    "groups/g.yaml:3:12: error: port 0 is none that anything could be sent to: ports are 1 "
	    "to 65535, and the protocol's name alone means every port\n"
	    "groups/g.yaml:4:21: error: '192.0.2.999' is not an IPv4 address: 999 is more than "
	    "255\n");
	assert_int_equal(ruleset->report.n_errors, 2);
	assert_int_equal(ruleset->n_policies, 0);
	free(report);
	ruleset_free(ruleset);
}

static void
test_warnings(void **state)
{
	static const char text[] =
	    "policies: {p: {egress: [{allow: [22, 47, 200, 1], to: any}]}}\n";
	const struct util_text texts[] = { { MAIN, text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset);

	(void)state;
	assert_string_equal(report,
	    "netfence.yaml:1:34: warning: '22' alone is the IP protocol of that number: for the "
	    "port write 'tcp/22'\n"
	    "netfence.yaml:1:42: warning: '200' alone is the IP protocol of that number: for the "
	    "port write 'tcp/200'\n");
	assert_int_equal(ruleset->report.n_errors, 0);
	assert_int_equal(ruleset->report.n_warnings, 2);
	assert_int_equal(ruleset->n_policies, 1);
	free(report);
	ruleset_free(ruleset);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed_case),
		cmocka_unit_test(test_what),
		cmocka_unit_test(test_to),
		cmocka_unit_test(test_policy_keys),
		cmocka_unit_test(test_serve),
		cmocka_unit_test(test_bases),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
