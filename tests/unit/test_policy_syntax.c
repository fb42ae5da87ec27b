/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not YAML, or YAML of a kind that rules do not use, and the whole of what is said of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy_util.h"

/* length: 0 where the text ends at its NUL. */
static const struct {
	const char *text;
	size_t length;
	const char *report;
} cases[] = {
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to: any\n"
	  "        to: any\n",
	    0,
	    "netfence.yaml:6:9: error: 'to' stands twice in one mapping: already at "
	    "netfence.yaml:5:9\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to:any\n",
	    0,
	    "netfence.yaml:5:9: error: a key without its ':' and a blank behind that (or a value "
	    "that must be quoted)\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "       to: any\n",
	    0,
	    "netfence.yaml:5:8: error: the list has a '- ' before each entry, and this line has "
	    "none (or its indentation does not fit)\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "\tto: any\n",
	    0, "netfence.yaml:5:1: error: a tab: YAML is indented with blanks\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      -allow: any\n"
	  "        to: any\n",
	    0,
	    "netfence.yaml:4:7: error: a blank is missing behind the '-' with which an entry of a "
	    "list begins\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - allow: any\n"
	  "        to: any\n"
	  "        ? [a]\n"
	  "        : b\n",
	    0, "netfence.yaml:6:11: error: a list cannot be a key\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "      - {allow: any, to: any, : x}\n",
	    0,
	    "netfence.yaml:4:31: error: a value that begins with ':' must be quoted within [ ] and "
	    "{ }, as in [\"::1\"]\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    message: a: b\n",
	    0, "netfence.yaml:4:15: error: a ':' within the value: quote the value\n" },
	{ "policies:\n"
	  "  p:\n"
	  "    egress: []\n"
	  "    message: \"\\e[31mred\"\n",
	    0, "netfence.yaml:4:14: error: a control character cannot stand in a value\n" },
	{ "policies:\n"
	  "  p: {egress: []}\n"
	  "  p: {egress: []}\n",
	    0,
	    "netfence.yaml:3:3: error: 'p' stands twice in one mapping: already at "
	    "netfence.yaml:2:3\n" },
	{ "define:\n"
	  "  a: 192.0.2.1\n"
	  "  a: 192.0.2.2\n"
	  "policies:\n"
	  "  p:\n"
	  "    egress:\n"
	  "    - allow: any\n"
	  "      to: [a, b]\n",
	    0,
	    "netfence.yaml:3:3: error: 'a' stands twice in one mapping: already at "
	    "netfence.yaml:2:3\n"
	    "netfence.yaml:8:15: error: 'b' is not defined: neither an address nor a name under "
	    "'define'\n" },
	{ "version: 1\n"
	  "version: 1\n",
	    0,
	    "netfence.yaml:2:1: error: 'version' stands twice in one mapping: already at "
	    "netfence.yaml:1:1\n" },
	{ "users:\n"
	  "  a: {egress: []}\n"
	  "---\n"
	  "users:\n"
	  "  b: {egress: []}\n",
	    0, "netfence.yaml:3:1: error: a second document begins here: a file holds one\n" },
	{ "users: {a: {egress: []}}\n"
	  "...\n"
	  "more: x\n",
	    0, "netfence.yaml:3:1: error: the document has ended already: a file holds one\n" },
	{ "a: &x b\n"
	  "c: *x\n"
	  "<<: *x\n",
	    0,
	    "netfence.yaml:1:1: error: 'a' is not a key of the rules' top level\n"
	    "netfence.yaml:1:4: error: anchors ('&') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value\n"
	    "netfence.yaml:2:1: error: 'c' is not a key of the rules' top level\n"
	    "netfence.yaml:2:4: error: aliases ('*') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value ('any' is everything)\n"
	    "netfence.yaml:3:5: error: aliases ('*') are not used: give addresses a name under "
	    "'define' and rules one under 'policies'; or quote the value ('any' is everything)\n" },
	{ "%YAML 1.9\n"
	  "---\n"
	  "a: b\n",
	    0, "netfence.yaml:1:1: error: YAML 1.1 and 1.2 are known: remove this line\n" },
	{ "users:\n"
	  "    a: {egress: []}\n"
	  "  b: {egress: []}\n",
	    0,
	    "netfence.yaml:3:3: error: the indentation of this line does not fit the lines above "
	    "it\n" },
	{ "users:\n"
	  "  a: {egress: []}\n"
	  "b\n",
	    0,
	    "netfence.yaml:3:1: error: a key without its ':' and a blank behind that (or a value "
	    "that must be quoted)\n" },
	{ "users:\n"
	  "  a: {egress: []\n",
	    0, "netfence.yaml:2:6: error: the mapping is not closed: a ',' or '}' is missing\n" },
	{ "\tusers: x\n", 0, "netfence.yaml:1:1: error: a tab: YAML is indented with blanks\n" },
	{ "users: \"x\n", 0, "netfence.yaml:1:8: error: the quotation mark is never closed\n" },
	{ "users: `x\n", 0,
	    "netfence.yaml:1:8: error: a value cannot begin with this character: quote it\n" },
	{ "m: a ? b\n"
	  "? ? x\n",
	    0,
	    "netfence.yaml:1:1: error: 'm' is not a key of the rules' top level\n"
	    "netfence.yaml:2:3: error: a mapping cannot be a key\n" },
	{ "x: [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]\n", 0,
	    "netfence.yaml:1:1: error: 'x' is not a key of the rules' top level\n"
	    "netfence.yaml:1:19: error: more than 16 lists and mappings within one another\n" },
	{ "x:\n"
	  " a:\n"
	  "  a:\n"
	  "   a:\n"
	  "    a:\n"
	  "     a:\n"
	  "      a:\n"
	  "       a:\n"
	  "        a:\n"
	  "         a:\n"
	  "          a:\n"
	  "           a:\n"
	  "            a:\n"
	  "             a:\n"
	  "              a:\n"
	  "               a:\n"
	  "                a:\n"
	  "                 a:\n"
	  "                  a:\n",
	    0,
	    "netfence.yaml:1:1: error: 'x' is not a key of the rules' top level\n"
	    "netfence.yaml:17:17: error: more than 16 lists and mappings within one another\n" },
	{ "\xc3\xbc: [\xc3\xbc, x: \xc3\xbc\n", 0,
	    "netfence.yaml:1:1: error: '\xc3\xbc' is not a key of the rules' top level\n"
	    "netfence.yaml:1:4: error: the list is not closed: a ',' or ']' is missing\n" },
	{ "define:\n"
	  "  \xc3\xbc"
	  "ber: 192.0.2.1\n"
	  "  \"a\": {\"\xc3\xbc\": \"\xc3\xbc\", x: [}\n",
	    0,
	    "netfence.yaml:2:3: error: '\xc3\xbc"
	    "ber' cannot be a name here: letters, digits, '_', '-' and '.', of which the last two "
	    "do not begin it\n"
	    "netfence.yaml:3:8: error: a mapping where text or a list of texts is expected: write "
	    "an address, a prefix, a range A-B, a name from 'define', or a list of them\n"
	    "netfence.yaml:3:23: error: nothing here was opened that this could close\n" },
	{ "users:\n"
	  "  a: {egress: []} # caf\xe9\n",
	    0, "netfence.yaml:2:24: error: not UTF-8 from here on (byte 0xe9)\n" },
	{ "users:\n"
	  "  \xc3\xbc: \x07\n",
	    0,
	    "netfence.yaml:2:6: error: the character U+0007, which controls or is invisible, "
	    "cannot stand in the rules\n" },
	{ "a\xed\xa0\x80", 0, "netfence.yaml:1:2: error: not UTF-8 from here on (byte 0xed)\n" },
	{ "a\xc0\x80", 0, "netfence.yaml:1:2: error: not UTF-8 from here on (byte 0xc0)\n" },
	{ "users: \r x\n", 0,
	    "netfence.yaml:1:8: error: the character U+000D, which controls or is invisible, "
	    "cannot stand in the rules\n" },
	{ "a\x00"
	  "b",
	    3,
	    "netfence.yaml:1:2: error: the character U+0000, which controls or is invisible, "
	    "cannot stand in the rules\n" },
	{ "x: \xe2\x80\xa8y", 0,
	    "netfence.yaml:1:4: error: the character U+2028, which controls or is invisible, "
	    "cannot stand in the rules\n" },
	{ "\xff\xfeu\x00", 4, "netfence.yaml:1:1: error: not UTF-8 from here on (byte 0xff)\n" },
	{ "\xef\xbb\xbfuser: {}\n", 0,
	    "netfence.yaml:1:1: error: 'user' is not a key of the rules' top level: write "
	    "'users'\n" },
	{ "user: {}\r\n"
	  "uzers: {}\r\n",
	    0,
	    "netfence.yaml:1:1: error: 'user' is not a key of the rules' top level: write 'users'\n"
	    "netfence.yaml:2:1: error: 'uzers' is not a key of the rules' top level: did you mean "
	    "'users'?\n" },
	{ "users:\n"
	  "  a: \xed\xbf\xbf",
	    0, "netfence.yaml:2:6: error: not UTF-8 from here on (byte 0xed)\n" },
};

static void
test_syntax(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		util_expect_main(cases[i].text, cases[i].length, cases[i].report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syntax),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
