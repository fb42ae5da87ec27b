/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that stand in no file: what was typed, and what it means by which names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/spoken.h"
#include "policy_util.h"
#include "verdict/words.h"

static const char main_text[] = "version: 1\n"
				"define:\n"
				"  monitoring: [192.0.2.10, \"2001:db8::10\"]\n"
				"  both: [monitoring, 192.0.2.11]\n"
				"users:\n"
				"  alice:\n"
				"    egress: []\n";

static struct ruleset *
defined(void)
{
	const struct util_text texts[] = { { "netfence.yaml", main_text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset = util_compile(texts, false);

	assert_int_equal(ruleset->report.n, 0);
	return ruleset;
}

/* What comes of the two, in words, or why nothing does; twice, since nothing may have changed. */
static void
expect(const char *what, const char *where, const char *words)
{
	struct ruleset *ruleset = defined();
	int again;

	for (again = 0; again < 2; again++) {
		struct arena *arena = arena_new();
		struct rule rule;
		struct why why = { "" };
		char *text = NULL;
		size_t size;
		FILE *stream = open_memstream(&text, &size);
		int result = spoken_allow(ruleset, arena, what, where, &rule, &why);

		if (result == 0) {
			assert_int_equal(rule.action, ACTION_ALLOW);
			words_rule(stream, &rule);
		} else {
			assert_int_equal(result, -EINVAL);
			fputs(why.text, stream);
		}
		fclose(stream);
		assert_string_equal(text, words);
		free(text);
		arena_free(arena);
		assert_int_equal(ruleset->report.n, 0);
	}
	ruleset_free(ruleset);
}

static void
what_is_typed_is_a_rule(void **state)
{
	(void)state;
	expect("tcp/22", "10.0.0.5", "allow tcp/22 to 10.0.0.5");
	expect("22/tcp", "10.0.0.5", "allow tcp/22 to 10.0.0.5");
	expect("ssh", "10.0.0.0/8", "allow tcp/22 to 10.0.0.0/8");
	expect("tcp/80,8000-8080", "::1", "allow tcp/80,8000-8080 to ::1");
	expect("domain", "10.0.0.1-10.0.0.9", "allow [tcp/53, udp/53] to 10.0.0.1-10.0.0.9");
	expect("any", "any", "allow any to any");
	expect("icmp", "127.0.0.1", "allow icmp to 127.0.0.1");
	expect("[tcp/22, udp/53,123, ntp]", "[10.0.0.5, 2001:db8::5]",
	    "allow [tcp/22, udp/53,123] to 10.0.0.5, 2001:db8::5");
	expect("[tcp/22]", "[10.0.0.5]", "allow tcp/22 to 10.0.0.5");
}

static void
names_are_what_they_stand_for(void **state)
{
	(void)state;
	expect("snmp-trap", "monitoring", "allow [tcp/162, udp/162] to 192.0.2.10, 2001:db8::10");
	expect("tcp/22", "both", "allow tcp/22 to 192.0.2.10/31, 2001:db8::10");
	expect(
	    "tcp/22", "[both, 10.0.0.5]", "allow tcp/22 to 10.0.0.5, 192.0.2.10/31, 2001:db8::10");
	expect("domain", "resolvers", "allow [tcp/53, udp/53] to 192.0.2.53");
}

static void
what_is_none_is_said(void **state)
{
	(void)state;
	expect("tcp/22", "host.example.net",
	    "'host.example.net' is a host name: rules know addresses only (give its addresses a "
	    "name under 'define')");
	expect("tcp/22", "monitorin", "'monitorin' is not defined: did you mean 'monitoring'?");
	expect("tcp/70000", "10.0.0.5", "'70000' is not a port: the highest is 65535");
	expect("tpc/22", "10.0.0.5", "'tpc/22' is not a protocol: did you mean 'tcp'?");
	expect("tcp/22", "10.0.0.5/8",
	    "'10.0.0.5/8' has bits set behind the prefix: write 10.0.0.0/8, or 10.0.0.5/32 for "
	    "the one address");
	expect(
	    "tcp/22", "10.0.0.5,10.0.0.6", "'10.0.0.5,10.0.0.6': write several as a list, [A, B]");
	expect("icmpv6", "10.0.0.5",
	    "this grant matches nothing: icmpv6 is IPv6's, and 'to' has IPv4 addresses only");
	expect("[]", "10.0.0.5",
	    "an empty list: write 'any', 'tcp/22', a service such as 'https', or a list of them");
	expect("22", "10.0.0.5",
	    "'22' alone is the IP protocol of that number: for the port write 'tcp/22'");
	expect("tcp/22\nto: any", "10.0.0.5",
	    "an empty text, blanks at an end of it, what does not print, or more than 1024 bytes");
	expect("tcp/22", "",
	    "an empty text, blanks at an end of it, what does not print, or more than 1024 bytes");
	expect("tcp/22", "10.0.0.5\033[31m",
	    "an empty text, blanks at an end of it, what does not print, or more than 1024 bytes");
}

static void
name_servers_may_be_none(void **state)
{
	const char *before = util_resolv_conf;

	(void)state;
	util_resolv_conf = "";
	expect("domain", "resolvers", "'resolvers' is nobody now");
	util_resolv_conf = before;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_typed_is_a_rule),
		cmocka_unit_test(names_are_what_they_stand_for),
		cmocka_unit_test(what_is_none_is_said),
		cmocka_unit_test(name_servers_may_be_none),
	};

	return cmocka_run_group_tests_name("spoken rules", tests, NULL, NULL);
}
