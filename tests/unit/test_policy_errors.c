/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an administrator gets wrong in the keys, names and files of the rules, and the whole of what
 * he is told: each mistake once, and no consequence of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

#define MAIN "netfence.yaml"

struct bad {
	const char *text;
	const char *report;
};

static const struct bad keys[] = {
	{ "define: {a: 192.0.2.1}\n"
	  "define: {b: 192.0.2.2}\n"
	  "others: {egress: [{allow: any, to: [a, b]}]}\n",
	    "netfence.yaml:2:1: error: 'define' stands twice in one mapping: already at "
	    "netfence.yaml:1:1\n" },
	{ "users: {\"a \": {egress: []}}\n",
	    "netfence.yaml:1:9: error: 'a ' cannot be the name of a user or group\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - deny: any\n"
	  "        to: any\n",
	    "netfence.yaml:4:9: error: 'deny' is not a key of a rule: write 'reject' (the program "
	    "is told) or 'drop' (it is not)\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - block: any\n"
	  "        destination: any\n",
	    "netfence.yaml:4:9: error: 'block' is not a key of a rule: write 'reject' (the program "
	    "is told) or 'drop' (it is not)\n"
	    "netfence.yaml:5:9: error: 'destination' is not a key of a rule: write 'to'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - accept: any\n"
	  "        ports: 22\n",
	    "netfence.yaml:4:9: error: 'accept' is not a key of a rule: write 'allow'\n"
	    "netfence.yaml:5:9: error: 'ports' is not a key of a rule: ports stand with their "
	    "protocol in the action, as in 'allow: tcp/22'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - pass: any\n"
	  "        to: any\n",
	    "netfence.yaml:4:9: error: 'pass' is not a key of a rule: write 'allow'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n",
	    "netfence.yaml:4:9: error: the rule has no 'to:': write 'to: any' if everywhere is "
	    "meant\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - to: any\n",
	    "netfence.yaml:4:9: error: the rule has no action: write 'allow:', 'reject:' or "
	    "'drop:'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        reject: any\n"
	  "        to: any\n",
	    "netfence.yaml:5:9: error: 'reject' beside 'allow': a rule has one of allow, reject, "
	    "drop; begin another with '- '\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - any\n",
	    "netfence.yaml:4:9: error: text where a rule is expected: write '- allow: tcp/22', and "
	    "'to: \xe2\x80\xa6' below it\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      -\n",
	    "netfence.yaml:4:8: error: nothing where a rule is expected: write '- allow: tcp/22', "
	    "and 'to: \xe2\x80\xa6' below it\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - []\n",
	    "netfence.yaml:4:9: error: a list where a rule is expected: write '- allow: tcp/22', "
	    "and 'to: \xe2\x80\xa6' below it\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - {}\n",
	    "netfence.yaml:4:9: error: the rule has no action: write 'allow:', 'reject:' or "
	    "'drop:'\n"
	    "netfence.yaml:4:9: error: the rule has no 'to:': write 'to: any' if everywhere is "
	    "meant\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - alow: any\n"
	  "        to: any\n",
	    "netfence.yaml:4:9: error: 'alow' is not a key of a rule: did you mean 'allow'?\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: icmp\n"
	  "        to: 2001:db8::1\n",
	    "netfence.yaml:4:16: error: this rule matches nothing: icmp is IPv4's, and 'to' has "
	    "IPv6 addresses only\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: icmpv6\n"
	  "        to: [192.0.2.1, 10.0.0.0/8]\n",
	    "netfence.yaml:4:16: error: this rule matches nothing: icmpv6 is IPv6's, and 'to' has "
	    "IPv4 addresses only\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to: any\n"
	  "        comment: [a]\n",
	    "netfence.yaml:6:18: error: a list where text is expected: write a line of text\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to: any\n"
	  "        comment: \"\"\n",
	    "netfence.yaml:6:18: error: an empty text, more than a line, or blanks at an end of "
	    "it: write a line of text\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to: any\n"
	  "        comment: \"a\\nb\"\n",
	    "netfence.yaml:6:18: error: an empty text, more than a line, or blanks at an end of "
	    "it: write a line of text\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: tcp/99999\n"
	  "        to: 10.0.0\n"
	  "      - reject: nosuch\n"
	  "        comment: x\n",
	    "netfence.yaml:4:16: error: '99999' is not a port: the highest is 65535\n"
	    "netfence.yaml:5:13: error: '10.0.0' has 3 parts where an IPv4 address has four\n"
	    "netfence.yaml:6:9: error: the rule has no 'to:': write 'to: any' if everywhere is "
	    "meant\n"
	    "netfence.yaml:6:17: error: 'nosuch' is neither a protocol nor a service of "
	    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: 22:22\n"
	  "        to: any\n",
	    "netfence.yaml:4:16: error: '22:22' is neither a protocol nor a service of "
	    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n",
	    "netfence.yaml:3:5: error: 'egress' has no value: write 'egress: []' to allow "
	    "nothing\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: allow\n",
	    "netfence.yaml:3:13: error: text where a list of rules is expected: each begins with "
	    "'- ' ('[]' allows nothing)\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: {allow: any, to: any}\n",
	    "netfence.yaml:3:13: error: a mapping where a list of rules is expected: each begins "
	    "with '- ' ('[]' allows nothing)\n" },
	{ "policies:\n"
	  "  p: {}\n",
	    "netfence.yaml:2:3: error: the policy says neither 'egress:' nor 'policy: NAME' "
	    "('egress: []' allows nothing)\n" },
	{ "policies:\n"
	  "  p:\n",
	    "netfence.yaml:2:3: error: 'p' has no policy: write a policy's name, or a mapping with "
	    "'egress:' ('egress: []' allows nothing)\n" },
	{ "policies:\n"
	  "  p: []\n",
	    "netfence.yaml:2:6: error: a list where a policy is expected: its rules stand below "
	    "'egress:'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    message: hello\n",
	    "netfence.yaml:2:3: error: the policy says neither 'egress:' nor 'policy: NAME' "
	    "('egress: []' allows nothing)\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    default: deny\n",
	    "netfence.yaml:4:14: error: 'deny' is not known here: write 'reject' or 'drop'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    default: rejct\n",
	    "netfence.yaml:4:14: error: 'rejct' is not known here: did you mean 'reject'?\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    default:\n",
	    "netfence.yaml:4:5: error: 'default' has no value: write 'reject', 'drop', 'allow'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    default: [reject]\n",
	    "netfence.yaml:4:14: error: a list where text is expected: write 'reject', 'drop', "
	    "'allow'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve: all\n",
	    "netfence.yaml:4:12: error: 'all' is not known here: write 'any'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve: [any]\n",
	    "netfence.yaml:4:13: error: 'any' within a list: write it alone, or name protocols and "
	    "ports\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve: [icmp]\n",
	    "netfence.yaml:4:13: error: 'icmp': only tcp, udp and sctp have ports to be served "
	    "on\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve: {a: b}\n",
	    "netfence.yaml:4:12: error: a mapping where text or a list of texts is expected: write "
	    "'none', 'any' or a list such as [tcp/8080]\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve: tcp/0\n",
	    "netfence.yaml:4:12: error: port 0 is none that anything could be sent to: ports are 1 "
	    "to 65535, and the protocol's name alone means every port\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    serve:\n",
	    "netfence.yaml:4:5: error: 'serve' has no value: write 'none', 'any' or a list such as "
	    "[tcp/8080]\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    loopback: any\n",
	    "netfence.yaml:4:15: error: 'any' is not known here: write 'allow'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    loopback: none\n",
	    "netfence.yaml:4:15: error: 'none' is not known here: write 'reject'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    loopback: maybe\n",
	    "netfence.yaml:4:15: error: 'maybe' is none of 'allow', 'reject'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    message: [a]\n",
	    "netfence.yaml:4:14: error: a list where the message's text is expected\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    rules: []\n",
	    "netfence.yaml:3:5: error: 'rules' is not a key of a policy: write 'egress'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egres: []\n",
	    "netfence.yaml:3:5: error: 'egres' is not a key of a policy: did you mean "
	    "'egress'?\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    allow: any\n"
	  "    to: any\n",
	    "netfence.yaml:3:5: error: 'allow' is not a key of a policy: a rule is an entry under "
	    "'egress'\n"
	    "netfence.yaml:4:5: error: 'to' is not a key of a policy: it is a key of a rule, below "
	    "'egress'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    policy: q\n",
	    "netfence.yaml:3:13: error: there is no policy 'q' under 'policies'\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    policy: q\n"
	  "    egress: nonsense\n"
	  "  pq:\n"
	  "    egress: []\n"
	  "users:\n"
	  "  a: p\n"
	  "  b: pp\n",
	    "netfence.yaml:3:13: error: there is no policy 'q' under 'policies'\n"
	    "netfence.yaml:4:13: error: text where a list of rules is expected: each begins with "
	    "'- ' ('[]' allows nothing)\n"
	    "netfence.yaml:9:6: error: there is no policy 'pp' under 'policies'\n" },
	{ "policies:\n"
	  "  p: q\n"
	  "  q: r\n"
	  "  r: p\n"
	  "users:\n"
	  "  a: q\n",
	    "netfence.yaml:4:6: error: the policy 'p' goes round in a circle: it is already being "
	    "asked for at netfence.yaml:2:3\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    policy: p\n",
	    "netfence.yaml:3:13: error: the policy 'p' goes round in a circle: it is already being "
	    "asked for at netfence.yaml:2:3\n" },
	{ "policies:\n"
	  "  vendor:\n"
	  "    egress: []\n"
	  "users:\n"
	  "  a: vender\n"
	  "  b: nobody\n"
	  "  c:\n"
	  "  d: [vendor]\n"
	  "  e: {policy: [vendor]}\n",
	    "netfence.yaml:5:6: error: there is no policy 'vender': did you mean 'vendor'?\n"
	    "netfence.yaml:6:6: error: there is no policy 'nobody' under 'policies'\n"
	    "netfence.yaml:7:3: error: 'c' has no policy: write a policy's name, or a mapping with "
	    "'egress:' ('egress: []' allows nothing)\n"
	    "netfence.yaml:8:6: error: a list where a policy is expected: its rules stand below "
	    "'egress:'\n"
	    "netfence.yaml:9:15: error: a list where text is expected: write a policy's name\n" },
	{ "policies:\n"
	  "  a b: {egress: []}\n"
	  "  x/y: {egress: []}\n"
	  "  others: {egress: []}\n"
	  "  any: {egress: []}\n"
	  "  -x: {egress: []}\n"
	  "  \"\": {egress: []}\n",
	    "netfence.yaml:2:3: error: 'a b' cannot be a name here: letters, digits, '_', '-' and "
	    "'.', of which the last two do not begin it\n"
	    "netfence.yaml:3:3: error: 'x/y' cannot be a name here: letters, digits, '_', '-' and "
	    "'.', of which the last two do not begin it\n"
	    "netfence.yaml:4:3: error: 'others' means something already: take another name\n"
	    "netfence.yaml:5:3: error: 'any' means something already: take another name\n"
	    "netfence.yaml:6:3: error: '-x' cannot be a name here: letters, digits, '_', '-' and "
	    "'.', of which the last two do not begin it\n"
	    "netfence.yaml:7:3: error: '' cannot be a name here: letters, digits, '_', '-' and "
	    "'.', of which the last two do not begin it\n" },
	{ "policies: []\n", "netfence.yaml:1:11: error: a list where a mapping is expected: write "
			    "'NAME:' below it, and below that the policy\n" },
	{ "policies: p\n", "netfence.yaml:1:11: error: text where a mapping is expected: write "
			   "'NAME:' below it, and below that the policy\n" },
	{ "policies:\n"
	  "  - p\n",
	    "netfence.yaml:2:3: error: a list where a mapping is expected: write 'NAME:' below it, "
	    "and below that the policy\n" },
	{ "define:\n"
	  "  a: b\n"
	  "  b: c\n"
	  "  c: a\n",
	    "netfence.yaml:4:6: error: 'a' goes round in a circle: it is already being asked for "
	    "at netfence.yaml:2:3\n" },
	{ "define:\n"
	  "  a: a\n",
	    "netfence.yaml:2:6: error: 'a' goes round in a circle: it is already being asked for "
	    "at netfence.yaml:2:3\n" },
	{ "define:\n"
	  "  a: [192.0.2.1, b]\n"
	  "  b: 10.1.0.0/8\n"
	  "  c: [b, a, nosuch]\n",
	    "netfence.yaml:3:6: error: '10.1.0.0/8' has bits set behind the prefix: write "
	    "10.0.0.0/8, or 10.1.0.0/32 for the one address\n"
	    "netfence.yaml:4:13: error: 'nosuch' is not defined: neither an address nor a name "
	    "under 'define'\n" },
	{ "define:\n"
	  "  any: 192.0.2.1\n"
	  "  resolvers: 192.0.2.1\n"
	  "  1st: 192.0.2.1\n"
	  "  a/b: 192.0.2.1\n",
	    "netfence.yaml:2:3: error: 'any' means something already: take another name\n"
	    "netfence.yaml:3:3: error: 'resolvers' means something already: take another name\n"
	    "netfence.yaml:4:3: error: '1st' cannot be a name for addresses: it must begin with a "
	    "letter\n"
	    "netfence.yaml:5:3: error: 'a/b' cannot be a name here: letters, digits, '_', '-' and "
	    "'.', of which the last two do not begin it\n" },
	{ "define:\n"
	  "  a:\n"
	  "  b: []\n"
	  "  c: {d: e}\n",
	    "netfence.yaml:2:3: error: 'a' has no value: write an address, a prefix, a range A-B, "
	    "a name from 'define', or a list of them\n"
	    "netfence.yaml:3:6: error: an empty list: write an address, a prefix, a range A-B, a "
	    "name from 'define', or a list of them\n"
	    "netfence.yaml:4:6: error: a mapping where text or a list of texts is expected: write "
	    "an address, a prefix, a range A-B, a name from 'define', or a list of them\n" },
	{ "define: 192.0.2.1\n"
	  "users:\n"
	  "  u:\n"
	  "    egress:\n"
	  "    - allow: any\n"
	  "      to: a\n",
	    "netfence.yaml:1:9: error: text where a mapping is expected: write 'NAME: ADDRESSES' "
	    "below it\n" },
	{ "define:\n"
	  "  d0: 192.0.2.1\n"
	  "  d1: d0\n"
	  "  d2: d1\n"
	  "  d3: d2\n"
	  "  d4: d3\n"
	  "  d5: d4\n"
	  "  d6: d5\n"
	  "  d7: d6\n"
	  "  d8: d7\n"
	  "  d9: d8\n"
	  "  d10: d9\n"
	  "  d11: d10\n"
	  "  d12: d11\n"
	  "  d13: d12\n"
	  "  d14: d13\n"
	  "  d15: d14\n"
	  "  d16: d15\n"
	  "  d17: d16\n",
	    "netfence.yaml:18:8: error: names of names of addresses more than 16 deep\n" },
	{ "define:\n"
	  "  d0: d1\n"
	  "  d1: d2\n"
	  "  d2: d3\n"
	  "  d3: d4\n"
	  "  d4: d5\n"
	  "  d5: d6\n"
	  "  d6: d7\n"
	  "  d7: d8\n"
	  "  d8: d9\n"
	  "  d9: d10\n"
	  "  d10: d11\n"
	  "  d11: d12\n"
	  "  d12: d13\n"
	  "  d13: d14\n"
	  "  d14: d15\n"
	  "  d15: d16\n"
	  "  d16: d17\n"
	  "  d17: 192.0.2.1\n",
	    "netfence.yaml:17:8: error: names of names of addresses more than 16 deep\n" },
	{ "egress: []\n", "netfence.yaml:1:1: error: 'egress' is not a key of the rules' top "
			  "level: it belongs to a policy: below a name under 'policies', 'users' "
			  "or 'groups', or in users/NAME.yaml or groups/NAME.yaml\n" },
	{ "polices:\n"
	  "  p: {egress: []}\n"
	  "users:\n"
	  "  a: p\n",
	    "netfence.yaml:1:1: error: 'polices' is not a key of the rules' top level: did you "
	    "mean 'policies'?\n" },
	{ "user:\n"
	  "  a: p\n",
	    "netfence.yaml:1:1: error: 'user' is not a key of the rules' top level: write "
	    "'users'\n" },
	{ "versoin: 1\n", "netfence.yaml:1:1: error: 'versoin' is not a key of the rules' top "
			  "level: did you mean 'version'?\n" },
	{ "version: 2\n", "netfence.yaml:1:10: error: version '2' of the rules is not known to "
			  "this netfence: it reads version 1\n" },
	{ "version: [1]\n",
	    "netfence.yaml:1:10: error: a list where text is expected: write 'version: 1'\n" },
	{ "- a\n", "netfence.yaml:1:1: error: a list where a mapping is expected: 'netfence.yaml' "
		   "begins with keys such as 'users:'\n" },
	{ "hello\n", "netfence.yaml:1:1: error: text where a mapping is expected: 'netfence.yaml' "
		     "begins with keys such as 'users:'\n" },
	{ "users:\n"
	  "  root: {egress: []}\n",
	    "netfence.yaml:2:3: error: root is never fenced: a fence that root can take down is "
	    "none\n" },
	{ "users:\n"
	  "  a/b: {egress: []}\n"
	  "  \"a:b\": {egress: []}\n"
	  "  \"..\": {egress: []}\n"
	  "  \"\": {egress: []}\n"
	  "  \" a\": {egress: []}\n"
	  "  \"a\\nb\": {egress: []}\n",
	    "netfence.yaml:2:3: error: 'a/b' cannot be the name of a user or group\n"
	    "netfence.yaml:3:3: error: 'a:b' cannot be the name of a user or group\n"
	    "netfence.yaml:4:3: error: '..' cannot be the name of a user or group\n"
	    "netfence.yaml:5:3: error: '' cannot be the name of a user or group\n"
	    "netfence.yaml:6:3: error: ' a' cannot be the name of a user or group\n"
	    "netfence.yaml:7:3: error: 'a b' cannot be the name of a user or group\n" },
	{ "exempt: [a]\n", "netfence.yaml:1:9: error: a list where a mapping is expected: write "
			   "'users: [A, B]' or 'groups: [C]' below it\n" },
	{ "exempt:\n"
	  "  user: [a]\n",
	    "netfence.yaml:2:3: error: 'user' is not a key of 'exempt': write 'users'\n" },
	{ "exempt:\n"
	  "  users: {a: b}\n",
	    "netfence.yaml:2:10: error: a mapping where text or a list of texts is expected: write "
	    "a list of names, [A, B]\n" },
	{ "exempt:\n"
	  "  users: [a, [b], \"x/y\"]\n",
	    "netfence.yaml:2:14: error: a list in a list of texts: write a list of names, [A, B]\n"
	    "netfence.yaml:2:19: error: 'x/y' cannot be the name of a user or group\n" },
	{ "others: nobody\n",
	    "netfence.yaml:1:9: error: there is no policy 'nobody' under 'policies'\n" },
	{ "others:\n", "netfence.yaml:1:1: error: 'others' has no policy: write a policy's name, "
		       "or a mapping with 'egress:' ('egress: []' allows nothing)\n" },
	{ "others: []\n", "netfence.yaml:1:9: error: a list where a policy is expected: its rules "
			  "stand below 'egress:'\n" },
	{ "users:\n"
	  "  a: {egress: []}\n"
	  "exempt:\n"
	  "  users: [b, a]\n",
	    "netfence.yaml:4:14: error: the user 'a' is exempt here and fenced at "
	    "netfence.yaml:2:3: which of the two?\n" },
	{ "groups:\n"
	  "  a: {egress: []}\n"
	  "exempt:\n"
	  "  groups: a\n",
	    "netfence.yaml:4:11: error: the group 'a' is exempt here and fenced at "
	    "netfence.yaml:2:3: which of the two?\n" },
	{ "? users\n"
	  ": [a]\n",
	    "netfence.yaml:2:3: error: a list where a mapping is expected: write 'USER: POLICY' "
	    "below it\n" },
	{ "users:\n"
	  "- a\n"
	  "b: c\n",
	    "netfence.yaml:2:1: error: a list where a mapping is expected: write 'USER: POLICY' "
	    "below it\n"
	    "netfence.yaml:3:1: error: 'b' is not a key of the rules' top level\n" },
	{ "policies:\n"
	  "  p0: {egress: []}\n"
	  "  p1: p0\n"
	  "  p2: p1\n"
	  "  p3: p2\n"
	  "  p4: p3\n"
	  "  p5: p4\n"
	  "  p6: p5\n"
	  "  p7: p6\n"
	  "  p8: p7\n"
	  "  p9: p8\n"
	  "  p10: p9\n"
	  "  p11: p10\n"
	  "  p12: p11\n"
	  "  p13: p12\n"
	  "  p14: p13\n"
	  "  p15: p14\n"
	  "  p16: p15\n"
	  "  p17: p16\n",
	    "netfence.yaml:18:8: error: policies that build on one another more than 16 deep\n" },
	{ "policies:\n"
	  "  p0: p1\n"
	  "  p1: p2\n"
	  "  p2: p3\n"
	  "  p3: p4\n"
	  "  p4: p5\n"
	  "  p5: p6\n"
	  "  p6: p7\n"
	  "  p7: p8\n"
	  "  p8: p9\n"
	  "  p9: p10\n"
	  "  p10: p11\n"
	  "  p11: p12\n"
	  "  p12: p13\n"
	  "  p13: p14\n"
	  "  p14: p15\n"
	  "  p15: p16\n"
	  "  p16: p17\n"
	  "  p17: {egress: []}\n",
	    "netfence.yaml:17:8: error: policies that build on one another more than 16 deep\n" },
	{ "users:\n"
	  "  root: {egress: [{allow: tcp/0, to: any}]}\n"
	  "define:\n"
	  "  any: 192.0.2.0/8\n",
	    "netfence.yaml:2:3: error: root is never fenced: a fence that root can take down is "
	    "none\n"
	    "netfence.yaml:2:27: error: port 0 is none that anything could be sent to: ports are 1 "
	    "to 65535, and the protocol's name alone means every port\n"
	    "netfence.yaml:4:3: error: 'any' means something already: take another name\n"
	    "netfence.yaml:4:8: error: '192.0.2.0/8' has bits set behind the prefix: write "
	    "192.0.0.0/8, or 192.0.2.0/32 for the one address\n" },
};

static const struct {
	struct util_text texts[3];
	const char *report;
} files[] = {
	{ { { MAIN,
		"users:\n"
		"  alice: {egress: []}\n",
		0 },
	      { "users/alice.yaml", "egress: []\n", 0 }, { NULL, NULL, 0 } },
	    "users/alice.yaml:1:1: error: the user 'alice' is there twice: already at "
	    "netfence.yaml:2:3\n" },
	{ { { MAIN,
		"users:\n"
		"  alice: {egress: []}\n"
		"others: p\n"
		"exempt:\n"
		"  users: [x]\n",
		0 },
	      { "rules.d/10.yaml",
		  "version: 1\n"
		  "users:\n"
		  "  alice: {egress: []}\n"
		  "others: q\n"
		  "exempt:\n"
		  "  users: [y]\n",
		  0 },
	      { NULL, NULL, 0 } },
	    "netfence.yaml:3:9: error: there is no policy 'p' under 'policies'\n"
	    "rules.d/10.yaml:3:3: error: the user 'alice' is there twice: already at "
	    "netfence.yaml:2:3\n"
	    "rules.d/10.yaml:4:1: error: 'others' is there twice: already at netfence.yaml:3:1\n"
	    "rules.d/10.yaml:6:3: error: 'users' is there twice under 'exempt': already at "
	    "netfence.yaml:5:3\n" },
	{ { { MAIN,
		"define:\n"
		"  a: 192.0.2.1\n",
		0 },
	      { "rules.d/10.yaml",
		  "define:\n"
		  "  a: 192.0.2.1\n",
		  0 },
	      { NULL, NULL, 0 } },
	    "rules.d/10.yaml:2:3: error: the name 'a' is there twice: already at "
	    "netfence.yaml:2:3\n" },
	{ { { "users/alice.yaml", "", 0 }, { "groups/g.yaml", "# nothing\n", 0 },
	      { NULL, NULL, 0 } },
	    "users/alice.yaml:1:1: error: the file is empty: write a policy's name, or 'egress: "
	    "[]' to allow nothing\n"
	    "groups/g.yaml:1:1: error: the file is empty: write a policy's name, or 'egress: []' "
	    "to allow nothing\n" },
	{ { { "users/root.yaml", "egress: []\n", 0 }, { NULL, NULL, 0 } },
	    "users/root.yaml:1:1: error: root is never fenced: a fence that root can take down is "
	    "none\n" },
	{ { { "users/a.yaml",
		"version: 1\n"
		"users: {}\n"
		"egress: []\n",
		0 },
	      { NULL, NULL, 0 } },
	    "users/a.yaml:1:1: error: 'version' is not a key of a policy: it stands in "
	    "netfence.yaml or a file in rules.d, outside of any policy\n"
	    "users/a.yaml:2:1: error: 'users' is not a key of a policy: it stands in netfence.yaml "
	    "or a file in rules.d, outside of any policy\n" },
	{ { { "groups/a.yaml",
		"- allow: any\n"
		"  to: any\n",
		0 },
	      { NULL, NULL, 0 } },
	    "groups/a.yaml:1:1: error: a list where a policy is expected: its rules stand below "
	    "'egress:'\n" },
	{ { { MAIN,
		"policies:\n"
		"  p: {egress: [\n",
		0 },
	      { "users/alice.yaml", "p\n", 0 }, { NULL, NULL, 0 } },
	    "netfence.yaml:3:1: error: the file ends before a '[' or '{' has been closed\n" },
	{ { { MAIN, "\xff", 0 },
	      { "users/alice.yaml",
		  "egress:\n"
		  "- allow: any\n"
		  "  to: nosuch\n"
		  "- allow: nosuch\n"
		  "  to: any\n",
		  0 },
	      { NULL, NULL, 0 } },
	    "netfence.yaml:1:1: error: not UTF-8 from here on (byte 0xff)\n"
	    "users/alice.yaml:4:10: error: 'nosuch' is neither a protocol nor a service of "
	    "/etc/services: write 'tcp/PORT' or 'udp/PORT'\n" },
	{ { { MAIN,
		"define:\n"
		"  a: 192.0.2.1\n",
		0 },
	      { "users/alice.yaml",
		  "egress:\n"
		  "- allow: any\n"
		  "  to: b\n",
		  0 },
	      { NULL, NULL, 0 } },
	    "users/alice.yaml:3:7: error: 'b' is not defined: neither an address nor a name under "
	    "'define'\n" },
	{ { { MAIN, "- a\n", 0 }, { "users/alice.yaml", "vendor\n", 0 }, { NULL, NULL, 0 } },
	    "netfence.yaml:1:1: error: a list where a mapping is expected: 'netfence.yaml' begins "
	    "with keys such as 'users:'\n" },
	{ { { MAIN,
		"version: 1\n"
		"exempt:\n"
		"  users: alice\n",
		0 },
	      { "users/alice.yaml", "egress: []\n", 0 }, { NULL, NULL, 0 } },
	    "netfence.yaml:3:10: error: the user 'alice' is exempt here and fenced at "
	    "users/alice.yaml: which of the two?\n" },
};

static void
test_keys(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		util_expect_main(keys[i].text, 0, keys[i].report);
}

static void
test_files(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		util_expect(files[i].texts, files[i].report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
