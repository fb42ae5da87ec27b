/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mistakes that are made most: each is met with its place and its mend, in one line, the first
 * time that the rules are checked; and all of them together, where YAML itself lets them through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

#define EGRESS        \
	"policies:\n" \
	"  vendor:\n" \
	"    egress:\n"
#define VENDOR                    \
	EGRESS                    \
	"      - allow: tcp/22\n" \
	"        to: 192.0.2.1\n"

/* said: behind "netfence.yaml:"; more than a line only where there is more than one mistake. */
static const struct {
	const char *text;
	const char *said;
} mistakes[] = {
	{ EGRESS "      - deny: any\n"
		 "        to: any\n",
	    "4:9: error: 'deny' is not a key of a rule: write 'reject' (the program is told) or "
	    "'drop' (it is not)" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        destination: 192.0.2.1\n",
	    "5:9: error: 'destination' is not a key of a rule: write 'to'" },
	{ EGRESS "      - allow: tcp\n"
		 "        to: 192.0.2.1\n"
		 "        ports: 22\n",
	    "6:9: error: 'ports' is not a key of a rule: ports stand with their protocol in the "
	    "action, as in 'allow: tcp/22'" },
	{ EGRESS "      - allow: tcp/22\n",
	    "4:9: error: the rule has no 'to:': write 'to: any' if everywhere is meant" },
	{ EGRESS "      - allow: 22/80\n"
		 "        to: any\n",
	    "4:16: error: '22/80': which is the protocol? write 'tcp/PORT' or 'udp/PORT'" },
	{ EGRESS "      - allow: 8080\n"
		 "        to: any\n",
	    "4:16: error: '8080' is not a protocol (1 to 255): for a port write 'tcp/8080'" },
	{ EGRESS "      - allow: tcp:443\n"
		 "        to: any\n",
	    "4:16: error: 'tcp:443': write 'tcp/443'" },
	{ EGRESS "      - allow: tcp/99999\n"
		 "        to: any\n",
	    "4:16: error: '99999' is not a port: the highest is 65535" },
	{ EGRESS "      - allow: tcp/8080-8000\n"
		 "        to: any\n",
	    "4:16: error: '8080-8000' is reversed: write '8000-8080'" },
	{ EGRESS "      - allow: htps\n"
		 "        to: any\n",
	    "4:16: error: 'htps' is neither a protocol nor a service of /etc/services: did you "
	    "mean 'https'?" },
	{ EGRESS "      - allow: tcp/22, udp/53\n"
		 "        to: any\n",
	    "4:16: error: 'udp/53' is not a port: write several as a list, [tcp/22, udp/53]" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: www.example.com\n",
	    "5:13: error: 'www.example.com' is a host name: rules know addresses only (give its "
	    "addresses a name under 'define')" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 10.0.0.1/8\n",
	    "5:13: error: '10.0.0.1/8' has bits set behind the prefix: write 10.0.0.0/8, or "
	    "10.0.0.1/32 for the one address" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 192.0.2.0/255.255.255.0\n",
	    "5:13: error: '192.0.2.0/255.255.255.0': write the netmask as a length: 192.0.2.0/24" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 192.0.2.9-192.0.2.1\n",
	    "5:13: error: '192.0.2.9-192.0.2.1' is reversed: write 192.0.2.1-192.0.2.9" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 192.0.2.1-2001:db8::1\n",
	    "5:13: error: '192.0.2.1-2001:db8::1': a range begins and ends in the same family, "
	    "IPv4 or IPv6" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 192.0.2.300\n",
	    "5:13: error: '192.0.2.300' is not an IPv4 address: 300 is more than 255" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: 192.0.2.1:22\n",
	    "5:13: error: '192.0.2.1:22': the port does not stand with the address: 'allow: "
	    "tcp/22', 'to: 192.0.2.1'" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: [::1]\n",
	    "5:14: error: a value that begins with ':' must be quoted within [ ] and { }, as in "
	    "[\"::1\"]" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: *\n",
	    "5:13: error: '*' and '&' mean something else in YAML: quote the value ('any' is "
	    "everything)" },
	{ EGRESS "      - allow: icmp\n"
		 "        to: 2001:db8::1\n",
	    "4:16: error: this rule matches nothing: icmp is IPv4's, and 'to' has IPv6 addresses "
	    "only" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: monitorin\n"
		 "define:\n"
		 "  monitoring: 192.0.2.10\n",
	    "5:13: error: 'monitorin' is not defined: did you mean 'monitoring'?" },
	{ EGRESS, "3:5: error: 'egress' has no value: write 'egress: []' to allow nothing" },
	{ EGRESS "      -allow: tcp/22\n"
		 "       to: any\n",
	    "4:7: error: a blank is missing behind the '-' with which an entry of a list begins" },
	{ EGRESS "      - allow: tcp/22\n"
		 "\tto: any\n",
	    "5:1: error: a tab: YAML is indented with blanks" },
	{ EGRESS "      - allow: tcp/22\n"
		 "       to: any\n",
	    "5:8: error: the list has a '- ' before each entry, and this line has none (or its "
	    "indentation does not fit)" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to:any\n",
	    "5:9: error: a key without its ':' and a blank behind that (or a value that must be "
	    "quoted)" },
	{ VENDOR "    mesage: hello\n",
	    "6:5: error: 'mesage' is not a key of a policy: did you mean 'message'?" },
	{ VENDOR "    message: ask: noc@example.com\n",
	    "6:17: error: a ':' within the value: quote the value" },
	{ VENDOR "    message: 'don't'\n",
	    "6:19: error: this stands behind a value that has ended already: quote the whole "
	    "value, and double a ' within single quotes" },
	{ VENDOR "    message: \"Call the helpdesk\n",
	    "6:14: error: the quotation mark is never closed" },
	{ VENDOR "    default: deny\n",
	    "6:14: error: 'deny' is not known here: write 'reject' or 'drop'" },
	{ VENDOR "    max-session: 8\n", "6:18: error: '8' has no unit: write '8s' for seconds, "
					 "'8m' for minutes or '8h' for hours" },
	{ VENDOR "    always: yes\n", "6:13: error: 'yes' is not known here: write 'true'" },
	{ VENDOR "    on-logout: terminate\n",
	    "6:16: error: 'terminate' is not known here: write 'kill'" },
	{ EGRESS "      - allow: tcp/22\n"
		 "        to: any\n"
		 "        limit: 10/sec\n",
	    "6:16: error: '10/sec': write '10/second'" },
	{ VENDOR "      - include: vendor\n",
	    "6:18: error: the policy 'vendor' goes round in a circle: it is already being asked "
	    "for at netfence.yaml:2:3" },
	{ VENDOR "    egress: []\n",
	    "6:5: error: 'egress' stands twice in one mapping: already at netfence.yaml:3:5" },
	{ VENDOR "users:\n"
		 "  alice: vendro\n",
	    "7:10: error: there is no policy 'vendro': did you mean 'vendor'?" },
	{ VENDOR "users:\n"
		 "  alice: vendor\n"
		 "  alice: vendor\n",
	    "8:3: error: 'alice' stands twice in one mapping: already at netfence.yaml:7:3" },
	{ VENDOR "users:\n"
		 "  alice: vendor\n"
		 "exempt:\n"
		 "  users: [alice]\n",
	    "9:11: error: the user 'alice' is exempt here and fenced at netfence.yaml:7:3: which "
	    "of the two?" },
	{ VENDOR "users:\n"
		 "  alice:\n",
	    "7:3: error: 'alice' has no policy: write a policy's name, or a mapping with 'egress:' "
	    "('egress: []' allows nothing)" },
	{ VENDOR "users:\n"
		 "  root: vendor\n",
	    "7:3: error: root is never fenced: a fence that root can take down is none" },
	{ VENDOR "user:\n"
		 "  alice: vendor\n",
	    "6:1: error: 'user' is not a key of the rules' top level: write 'users'" },
	{ VENDOR "users:\n"
		 "  alice: &fence vendor\n"
		 "  bob: *fence\n",
	    "netfence.yaml:7:10: error: anchors ('&') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value\n"
	    "netfence.yaml:8:8: error: aliases ('*') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value ('any' is everything)\n" },
	{ VENDOR "---\n"
		 "users:\n"
		 "  alice: vendor\n",
	    "6:1: error: a second document begins here: a file holds one" },
	{ VENDOR "    tests:\n"
		 "      - reject: tcp/22\n"
		 "        to: 192.0.2.1\n",
	    "7:9: error: the test does not hold: tcp/22 to 192.0.2.1 is allowed by 'allow tcp/22 "
	    "to 192.0.2.1' at netfence.yaml:4" },
	{ VENDOR "    always: true\n"
		 "others: vendor\n",
	    "7:9: error: 'always' cannot be for 'others', whom nobody could list at the start: "
	    "name users or groups" },
};

static void
test_each(void **state)
{
	char *expected;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		const char *end = strchr(mistakes[i].said, '\n') ? "" : "\n";
		const char *begin = *end ? "netfence.yaml:" : "";

		assert_true(asprintf(&expected, "%s%s%s", begin, mistakes[i].said, end) > 0);
		util_expect_main(mistakes[i].text, 0, expected);
		free(expected);
	}
}

static const char many[] = "version: 2\n"
			   "define:\n"
			   "  monitoring: 192.0.2.300\n"
			   "  lan: [10.0.0.1/8, ftp.example.com]\n"
			   "policies:\n"
			   "  vendor:\n"
			   "    egress:\n"
			   "      - deny: tcp/22\n"
			   "        to: any\n"
			   "      - allow: tcp/99999\n"
			   "        to: lna\n"
			   "      - allow: ssh\n"
			   "      - allow: tcp/9-1\n"
			   "        ports: 22\n"
			   "      - include: vendro\n"
			   "      - allow: icmp\n"
			   "        to: 2001:db8::1\n"
			   "      - allow: ntp\n"
			   "        to: 192.0.2.1\n"
			   "        limit: 10\n"
			   "        interface: eth+\n"
			   "    default: deny\n"
			   "    loopback: none\n"
			   "    serve: icmp\n"
			   "    mode: audit\n"
			   "    log: yes\n"
			   "    on-logout: terminate\n"
			   "    max-session: 8\n"
			   "    on-expiry: hold\n"
			   "    precedence: high\n"
			   "    always: on\n"
			   "    mesage: hello\n"
			   "    tests:\n"
			   "      - allow: htps\n"
			   "        to: any\n"
			   "users:\n"
			   "  root: vendor\n"
			   "  alice: vendor\n"
			   "  bob: []\n"
			   "groups:\n"
			   "  a/b: {egress: []}\n"
			   "  supporters:\n"
			   "exempt:\n"
			   "  users: [alice]\n"
			   "  group: wheel\n"
			   "settings:\n"
			   "  engine: pf\n"
			   "  nflog-group: 70000\n"
			   "  self_service: true\n"
			   "other: vendor\n";

static const char many_said[] =
    "netfence.yaml:1:10: error: version '2' of the rules is not known to this netfence: it reads "
    "version 1\n"
    "netfence.yaml:3:15: error: '192.0.2.300' is not an IPv4 address: 300 is more than 255\n"
    "netfence.yaml:4:9: error: '10.0.0.1/8' has bits set behind the prefix: write 10.0.0.0/8, or "
    "10.0.0.1/32 for the one address\n"
    "netfence.yaml:4:21: error: 'ftp.example.com' is a host name: rules know addresses only (give "
    "its addresses a name under 'define')\n"
    "netfence.yaml:8:9: error: 'deny' is not a key of a rule: write 'reject' (the program is told) "
    "or 'drop' (it is not)\n"
    "netfence.yaml:10:16: error: '99999' is not a port: the highest is 65535\n"
    "netfence.yaml:11:13: error: 'lna' is not defined: did you mean 'lan'?\n"
    "netfence.yaml:12:9: error: the rule has no 'to:': write 'to: any' if everywhere is meant\n"
    "netfence.yaml:13:16: error: '9-1' is reversed: write '1-9'\n"
    "netfence.yaml:14:9: error: 'ports' is not a key of a rule: ports stand with their protocol in "
    "the action, as in 'allow: tcp/22'\n"
    "netfence.yaml:15:18: error: there is no policy 'vendro': did you mean 'vendor'?\n"
    "netfence.yaml:16:16: error: this rule matches nothing: icmp is IPv4's, and 'to' has IPv6 "
    "addresses only\n"
    "netfence.yaml:20:16: error: '10': in what time? write '10/second', '10/minute', '10/hour' or "
    "'10/day'\n"
    "netfence.yaml:21:20: error: 'eth+': a rule is about one interface, written in full\n"
    "netfence.yaml:22:14: error: 'deny' is not known here: write 'reject' or 'drop'\n"
    "netfence.yaml:23:15: error: 'none' is not known here: write 'reject'\n"
    "netfence.yaml:24:12: error: 'icmp': only tcp, udp and sctp have ports to be served on\n"
    "netfence.yaml:25:11: error: 'audit' is not known here: write 'observe'\n"
    "netfence.yaml:26:10: error: 'yes' is not known here: write 'denied' or 'all'\n"
    "netfence.yaml:27:16: error: 'terminate' is not known here: write 'kill'\n"
    "netfence.yaml:28:18: error: '8' has no unit: write '8s' for seconds, '8m' for minutes or '8h' "
    "for hours\n"
    "netfence.yaml:29:16: error: 'hold' is not known here: write 'close' or 'kill', or leave "
    "'max-session' out\n"
    "netfence.yaml:30:17: error: 'high' is not a whole number: the highest wins\n"
    "netfence.yaml:31:13: error: 'on' is not known here: write 'true'\n"
    "netfence.yaml:32:5: error: 'mesage' is not a key of a policy: did you mean 'message'?\n"
    "netfence.yaml:34:16: error: 'htps' is neither a protocol nor a service of /etc/services: did "
    "you mean 'https'?\n"
    "netfence.yaml:37:3: error: root is never fenced: a fence that root can take down is none\n"
    "netfence.yaml:39:8: error: a list where a policy is expected: its rules stand below "
    "'egress:'\n"
    "netfence.yaml:41:3: error: 'a/b' cannot be the name of a user or group\n"
    "netfence.yaml:42:3: error: 'supporters' has no policy: write a policy's name, or a mapping "
    "with 'egress:' ('egress: []' allows nothing)\n"
    "netfence.yaml:44:11: error: the user 'alice' is exempt here and fenced at netfence.yaml:38:3: "
    "which of the two?\n"
    "netfence.yaml:45:3: error: 'group' is not a key of 'exempt': write 'groups'\n"
    "netfence.yaml:47:11: error: 'pf' is none of 'auto', 'iptables', 'nftables'\n"
    "netfence.yaml:48:16: error: '70000' is not within 0 to 65535\n"
    "netfence.yaml:49:3: error: 'self_service' is not a key of 'settings': did you mean "
    "'self-service'?\n"
    "netfence.yaml:50:1: error: 'other' is not a key of the rules' top level: write 'others'\n";

static void
test_all(void **state)
{
	(void)state;
	util_expect_main(many, 0, many_said);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
