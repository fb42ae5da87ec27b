/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator gets wrong in the values of a rule, and the whole of what he is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

struct bad {
	const char *value;
	const char *report;
};

static const struct bad whats[] = {
	{ "443", "netfence.yaml:4:16: error: '443' is not a protocol (1 to 255): for a port write "
		 "'tcp/443'\n" },
	{ "tpc/22",
	    "netfence.yaml:4:16: error: 'tpc/22' is not a protocol: did you mean 'tcp'?\n" },
	{ "22/tpc",
	    "netfence.yaml:4:16: error: '22/tpc' is not a protocol: did you mean 'tcp'?\n" },
	{ "TCP/22",
	    "netfence.yaml:4:16: error: 'TCP/22' is not a protocol: did you mean 'tcp'?\n" },
	{ "tcp/0", "netfence.yaml:4:16: error: port 0 is none that anything could be sent to: "
		   "ports are 1 to 65535, and the protocol's name alone means every port\n" },
	{ "tcp/80-70", "netfence.yaml:4:16: error: '80-70' is reversed: write '70-80'\n" },
	{ "tcp/65536", "netfence.yaml:4:16: error: '65536' is not a port: the highest is 65535\n" },
	{ "tcp/", "netfence.yaml:4:16: error: a port is missing: 'tcp/PORT', or 'tcp' alone for "
		  "every port\n" },
	{ "tcp/80,", "netfence.yaml:4:16: error: a port is missing: 'tcp/PORT', or 'tcp' alone for "
		     "every port\n" },
	{ "any/80", "netfence.yaml:4:16: error: 'any/80': 'any' has no ports, write a list: "
		    "[tcp/80, udp/80]\n" },
	{ "6/22", "netfence.yaml:4:16: error: '6/22': which is the protocol? write 'tcp/PORT' or "
		  "'udp/PORT'\n" },
	{ "tcp/ntp", "netfence.yaml:4:16: error: 'ntp' is not a port: /etc/services has no such "
		     "service for tcp\n" },
	{ "tcp 22", "netfence.yaml:4:16: error: 'tcp 22': write 'tcp/22'\n" },
	{ "tcp:22", "netfence.yaml:4:16: error: 'tcp:22': write 'tcp/22'\n" },
	{ "all", "netfence.yaml:4:16: error: 'all' is not known: write 'any'\n" },
	{ "gre", "netfence.yaml:4:16: error: 'gre' is not known: write its number, 47\n" },
	{ "ping", "netfence.yaml:4:16: error: 'ping' is not known: write [icmp/echo-request, "
		  "icmpv6/echo-request]\n" },
	{ "htps", "netfence.yaml:4:16: error: 'htps' is neither a protocol nor a service of "
		  "/etc/services: did you mean 'https'?\n" },
	{ "HTTPS", "netfence.yaml:4:16: error: 'HTTPS' is neither a protocol nor a service of "
		   "/etc/services: did you mean 'https'?\n" },
	{ "tcp/22, udp/23", "netfence.yaml:4:16: error: 'udp/23' is not a port: write several as a "
			    "list, [tcp/22, udp/53]\n" },
	{ "icmp/300", "netfence.yaml:4:16: error: '300': a type of icmp is a number from 0 to 254, "
		      "with a code TYPE/CODE\n" },
	{ "icmp/ecko-request", "netfence.yaml:4:16: error: 'ecko-request' is not a type of icmp: "
			       "did you mean 'echo-request'?\n" },
	{ "icmp/3/999", "netfence.yaml:4:16: error: '3/999': a type of icmp is a number from 0 to "
			"254, with a code TYPE/CODE\n" },
	{ "icmp/ping", "netfence.yaml:4:16: error: 'ping' is icmp/echo-request\n" },
	{ "tcp/1:5", "netfence.yaml:4:16: error: '1:5': write the range as '1-5'\n" },
	{ "tcp/any", "netfence.yaml:4:16: error: 'any': for every port write 'tcp' alone\n" },
	{ "tcp/udp", "netfence.yaml:4:16: error: 'udp' is a protocol, not a port: write a list, "
		     "[tcp, udp]\n" },
	{ "80,443", "netfence.yaml:4:16: error: '80,443': a port stands with its protocol, "
		    "'tcp/80,443'\n" },
	{ "80-90",
	    "netfence.yaml:4:16: error: '80-90': a port stands with its protocol, 'tcp/80-90'\n" },
	{ "[]", "netfence.yaml:4:16: error: an empty list: write 'any', 'tcp/22', a service such "
		"as 'https', or a list of them\n" },
	{ "", "netfence.yaml:4:9: error: 'allow' has no value: write 'any', 'tcp/22', a service "
	      "such as 'https', or a list of them\n" },
	{ "{a: b}",
	    "netfence.yaml:4:16: error: a mapping where text or a list of texts is expected: write "
	    "'any', 'tcp/22', a service such as 'https', or a list of them\n" },
	{ "[tcp/22, [udp/1]]", "netfence.yaml:4:25: error: a list in a list of texts: write 'any', "
			       "'tcp/22', a service such as 'https', or a list of them\n" },
	{ "deny", "netfence.yaml:4:16: error: 'deny' is neither a protocol nor a service of "
		  "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "99999999999", "netfence.yaml:4:16: error: '99999999999' is not a protocol (1 to 255): "
			 "for a port write 'tcp/99999999999'\n" },
	{ "tcp/10-",
	    "netfence.yaml:4:16: error: '10-' is not a range of ports: write FIRST-LAST\n" },
	{ "rtmp", "netfence.yaml:4:16: error: 'rtmp' is neither a protocol nor a service of "
		  "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "broken", "netfence.yaml:4:16: error: 'broken' is neither a protocol nor a service of "
		    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "tcp/ssh-http", "netfence.yaml:4:16: error: 'ssh-http' is not a port: /etc/services has "
			  "no such service for tcp\n" },
	{ "[tcp/22, tcp/0, foo]",
	    "netfence.yaml:4:25: error: port 0 is none that anything could be sent to: ports are 1 "
	    "to 65535, and the protocol's name alone means every port\n"
	    "netfence.yaml:4:32: error: 'foo' is neither a protocol nor a service of "
	    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "icmpv6/256", "netfence.yaml:4:16: error: '256': a type of icmpv6 is a number from 0 to "
			"255, with a code TYPE/CODE\n" },
	{ "udp/ssh", "netfence.yaml:4:16: error: 'ssh' is not a port: /etc/services has no such "
		     "service for udp\n" },
	{ "22/tcp/udp", "netfence.yaml:4:16: error: '22/tcp' is not a port: write several as a "
			"list, [tcp/22, udp/53]\n" },
	{ "icmp/", "netfence.yaml:4:16: error: a type is missing: 'icmp/TYPE', or 'icmp' alone for "
		   "all\n" },
	{ "\"*\"", "netfence.yaml:4:16: error: '*' is not known: write 'any'\n" },
	{ "[tcp/0, tcp/22]",
	    "netfence.yaml:4:17: error: port 0 is none that anything could be sent to: ports are 1 "
	    "to 65535, and the protocol's name alone means every port\n" },
	{ "tcp/all", "netfence.yaml:4:16: error: 'all': for every port write 'tcp' alone\n" },
	{ "\"tcp/*\"", "netfence.yaml:4:16: error: '*': for every port write 'tcp' alone\n" },
	{ "bare", "netfence.yaml:4:16: error: 'bare' is neither a protocol nor a service of "
		  "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "zero", "netfence.yaml:4:16: error: 'zero' is neither a protocol nor a service of "
		  "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "beyond", "netfence.yaml:4:16: error: 'beyond' is neither a protocol nor a service of "
		    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "lonely", "netfence.yaml:4:16: error: 'lonely' is neither a protocol nor a service of "
		    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "icmp/0008", "netfence.yaml:4:16: error: '0008': a type of icmp is a number from 0 to "
		       "254, with a code TYPE/CODE\n" },
	{ "icmp/8x", "netfence.yaml:4:16: error: '8x': a type of icmp is a number from 0 to 254, "
		     "with a code TYPE/CODE\n" },
	{ "icmp/3/", "netfence.yaml:4:16: error: '3/': a type of icmp is a number from 0 to 254, "
		     "with a code TYPE/CODE\n" },
	{ "tcp/22x", "netfence.yaml:4:16: error: '22x' is not a port: /etc/services has no such "
		     "service for tcp\n" },
};

static const struct bad tos[] = {
	{ "10.1.2.3/8", "netfence.yaml:7:13: error: '10.1.2.3/8' has bits set behind the prefix: "
			"write 10.0.0.0/8, or 10.1.2.3/32 for the one address\n" },
	{ "10.0.0.0/33",
	    "netfence.yaml:7:13: error: '10.0.0.0/33': a prefix has at most 32 bits in IPv4\n" },
	{ "10.0.0.0/255.0.0.0", "netfence.yaml:7:13: error: '10.0.0.0/255.0.0.0': write the "
				"netmask as a length: 10.0.0.0/8\n" },
	{ "10.0.0.0/255.0.255.0", "netfence.yaml:7:13: error: '10.0.0.0/255.0.255.0': "
				  "'255.0.255.0' is not a prefix length\n" },
	{ "10.0.0",
	    "netfence.yaml:7:13: error: '10.0.0' has 3 parts where an IPv4 address has four\n" },
	{ "10.0.0.256", "netfence.yaml:7:13: error: '10.0.0.256' is not an IPv4 address: 256 is "
			"more than 255\n" },
	{ "010.0.0.1", "netfence.yaml:7:13: error: '010.0.0.1': write the address without leading "
		       "zeros, which some programs read as octal\n" },
	{ "10.0.0.1-5", "netfence.yaml:7:13: error: '10.0.0.1-5': write the range's end in full: "
			"10.0.0.1-10.0.0.5\n" },
	{ "10.0.0.9-10.0.0.1", "netfence.yaml:7:13: error: '10.0.0.9-10.0.0.1' is reversed: write "
			       "10.0.0.1-10.0.0.9\n" },
	{ "10.0.0.1-::2", "netfence.yaml:7:13: error: '10.0.0.1-::2': a range begins and ends in "
			  "the same family, IPv4 or IPv6\n" },
	{ "::2-10.0.0.1", "netfence.yaml:7:13: error: '::2-10.0.0.1': a range begins and ends in "
			  "the same family, IPv4 or IPv6\n" },
	{ "ff02::1-3", "netfence.yaml:7:13: error: 'ff02::1-3': write the range's end in full\n" },
	{ "fe80::1%eth0", "netfence.yaml:7:13: error: 'fe80::1%eth0': an address in the rules has "
			  "no zone, remove %eth0\n" },
	{ "::ffff:192.0.2.1", "netfence.yaml:7:13: error: '::ffff:192.0.2.1' is an IPv4 address in "
			      "IPv6 clothes: write 192.0.2.1\n" },
	{ "::ffff:0:0/96", "netfence.yaml:7:13: error: '::ffff:0:0' is an IPv4 address in IPv6 "
			   "clothes: write 0.0.0.0\n" },
	{ "10.0.0.1:22", "netfence.yaml:7:13: error: '10.0.0.1:22': the port does not stand with "
			 "the address: 'allow: tcp/22', 'to: 10.0.0.1'\n" },
	{ "\"[::1]:22\"", "netfence.yaml:7:13: error: '[::1]:22': write the address without "
			  "brackets, and a port as 'allow: tcp/PORT'\n" },
	{ "www.example.com", "netfence.yaml:7:13: error: 'www.example.com' is a host name: rules "
			     "know addresses only (give its addresses a name under 'define')\n" },
	{ "foo-bar.example.com",
	    "netfence.yaml:7:13: error: 'foo-bar.example.com' is a host name: rules know addresses "
	    "only (give its addresses a name under 'define')\n" },
	{ "resolver", "netfence.yaml:7:13: error: 'resolver' is not defined: did you mean "
		      "'resolvers'?\n" },
	{ "nameservers", "netfence.yaml:7:13: error: 'nameservers' is not defined: write "
			 "'resolvers'\n" },
	{ "localhost", "netfence.yaml:7:13: error: 'localhost' is a host name; what may reach this "
		       "host itself says 'loopback'\n" },
	{ "munitoring", "netfence.yaml:7:13: error: 'munitoring' is not defined: neither an "
			"address nor a name under 'define'\n" },
	{ "mom", "netfence.yaml:7:13: error: 'mom' is not defined: did you mean 'mon'?\n" },
	{ "all", "netfence.yaml:7:13: error: 'all' is not defined: write 'any'\n" },
	{ "http://example.com/", "netfence.yaml:7:13: error: 'http://example.com/' is a URL: rules "
				 "know addresses only\n" },
	{ "10.0.0.1, 10.0.0.2",
	    "netfence.yaml:7:13: error: '10.0.0.1, 10.0.0.2': write several as a list, [A, B]\n" },
	{ "mon mon", "netfence.yaml:7:13: error: 'mon mon': write several as a list, [A, B]\n" },
	{ "\"!10.0.0.0/8\"", "netfence.yaml:7:13: error: '!10.0.0.0/8': there is no 'not': put a "
			     "rule for these addresses before this one\n" },
	{ "!10.0.0.0/8", "netfence.yaml:7:13: error: tags ('!') are not used, every value is text: "
			 "if the '!' belongs to it, quote it\n" },
	{ "*", "netfence.yaml:7:13: error: '*' and '&' mean something else in YAML: quote the "
	       "value ('any' is everything)\n" },
	{ "10.*", "netfence.yaml:7:13: error: '10.*': write a prefix, such as 192.0.2.0/24\n" },
	{ "tcp/22", "netfence.yaml:7:13: error: 'tcp/22' is not an address: protocols and ports "
		    "stand in the action, as in 'allow: tcp/22'\n" },
	{ "2001:db8::/129", "netfence.yaml:7:13: error: '2001:db8::/129': a prefix has at most 128 "
			    "bits in IPv6\n" },
	{ "2001:db8::1/32",
	    "netfence.yaml:7:13: error: '2001:db8::1/32' has bits set behind the prefix: write "
	    "2001:db8::/32, or 2001:db8::1/128 for the one address\n" },
	{ "2001:db8:::1", "netfence.yaml:7:13: error: '2001:db8:::1' is not an IPv6 address\n" },
	{ "fe80::", "netfence.yaml:7:18: error: a ':' within the value: quote the value\n" },
	{ "[::1]", "netfence.yaml:7:14: error: a value that begins with ':' must be quoted within "
		   "[ ] and { }, as in [\"::1\"]\n" },
	{ "[mon, fe80::, 1.2.3.4]",
	    "netfence.yaml:7:24: error: a ':' at the end of the value: quote the value\n" },
	{ "@x", "netfence.yaml:7:13: error: a value cannot begin with this character: quote it\n" },
	{ "%x", "netfence.yaml:7:13: error: a value cannot begin with this character: quote it\n" },
	{ "10.0.0.0/", "netfence.yaml:7:13: error: '10.0.0.0/': '' is not a prefix length\n" },
	{ "10.0.0.1/32-10.0.0.2", "netfence.yaml:7:13: error: '10.0.0.1/32-10.0.0.2': either a "
				  "prefix, A/LENGTH, or a range, A-B\n" },
	{ "- 10.0.0.1", "netfence.yaml:7:13: error: a list begins on a line of its own, or stands "
			"within [ ]\n" },
	{ "{x: y}",
	    "netfence.yaml:7:13: error: a mapping where text or a list of texts is expected: write "
	    "'any', an address, a prefix, a range A-B, a name from 'define', or a list of them\n" },
	{ "[]", "netfence.yaml:7:13: error: an empty list: write 'any', an address, a prefix, a "
		"range A-B, a name from 'define', or a list of them\n" },
	{ "[any, []]",
	    "netfence.yaml:7:19: error: a list in a list of texts: write 'any', an address, a "
	    "prefix, a range A-B, a name from 'define', or a list of them\n" },
	{ "", "netfence.yaml:7:9: error: 'to' has no value: write 'any', an address, a prefix, a "
	      "range A-B, a name from 'define', or a list of them\n" },
	{ "\"10.0.0.1\\x01\"",
	    "netfence.yaml:7:13: error: a control character cannot stand in a value\n" },
	{ "\"10.0.0.1\\0\"",
	    "netfence.yaml:7:13: error: a control character cannot stand in a value\n" },
	{ "*mon",
	    "netfence.yaml:7:13: error: aliases ('*') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value ('any' is everything)\n" },
	{ "&m 10.0.0.1",
	    "netfence.yaml:7:13: error: anchors ('&') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value\n" },
	{ "!!str 10.0.0.1", "netfence.yaml:7:13: error: tags ('!') are not used, every value is "
			    "text: if the '!' belongs to it, quote it\n" },
	{ "[10.0.0.1",
	    "netfence.yaml:7:13: error: the list is not closed: a ',' or ']' is missing\n" },
	{ "\"10.0.0.1", "netfence.yaml:7:13: error: the quotation mark is never closed\n" },
	{ "\"\\q\"", "netfence.yaml:7:14: error: within double quotes '\\' begins an escape: use "
		     "single quotes, or double it\n" },
	{ "'it's'", "netfence.yaml:7:17: error: this stands behind a value that has ended already: "
		    "quote the whole value, and double a ' within single quotes\n" },
	{ "\"a\" b", "netfence.yaml:7:17: error: this stands behind a value that has ended "
		     "already: quote the whole value, and double a ' within single quotes\n" },
	{ "[a, b}",
	    "netfence.yaml:7:13: error: the list is not closed: a ',' or ']' is missing\n" },
	{ "10.0.0.1-", "netfence.yaml:7:13: error: '' is not an IPv4 address\n" },
	{ "\"\"", "netfence.yaml:7:13: error: '' is not an IPv4 address\n" },
	{ "Mon", "netfence.yaml:7:13: error: 'Mon' is not defined: did you mean 'mon'?\n" },
};

/* Each value between the two texts. */
static void
try_each(const struct bad *bad, size_t n, const char *before, const char *behind)
{
	char text[1024];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "%s%s%s", before, bad[i].value, behind);
		util_expect_main(text, 0, bad[i].report);
	}
}

static void
test_what(void **state)
{
	(void)state;
	try_each(whats, sizeof(whats) / sizeof(whats[0]),
	    "policies:\n"
	    "  p:\n"
	    "    egress:\n"
	    "      - allow: ",
	    "\n"
	    "        to: any\n");
}

static void
test_to(void **state)
{
	(void)state;
	try_each(tos, sizeof(tos) / sizeof(tos[0]),
	    "define:\n"
	    "  mon: 192.0.2.10\n"
	    "policies:\n"
	    "  p:\n"
	    "    egress:\n"
	    "      - allow: any\n"
	    "        to: ",
	    "\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what),
		cmocka_unit_test(test_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
