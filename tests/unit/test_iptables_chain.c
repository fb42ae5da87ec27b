/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../engine/sketch.h"
#include "iptables/chain.h"
#include "iptables/layout.h"
#include "iptables/text.h"

/* The policy's chains as in a plan that has no other; the first is number 0. layout_clear() lets go
 * of them, also after an error. */
static int
build(const struct policy *policy, enum family family, struct layout *layout, struct why *why)
{
	const struct fence fence = { 1000, 1000, 0 };
	const struct fence_plan plan = { 1, &policy, 1, &fence, false, 0, 0 };

	return layout_build(&plan, family, layout, why);
}

/* The chain of a policy, a line for each rule, without "-A C "; malloc'd. */
static char *
chain_text(const char *policy_text, enum family family)
{
	struct arena *arena = arena_new();
	const struct kchain *chain;
	struct layout layout;
	struct why why;
	char *text = NULL, *to, *from;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	uint32_t i;

	if (build(sketch(arena, "p", policy_text), family, &layout, &why))
		fail_msg("%s", why.text);
	chain = &layout.chains[0];
	for (i = 0; i < chain->n; i++)
		text_rule("C", &chain->rules[i], family, out);
	fclose(out);
	for (to = text, from = text; *from;) {
		from += strlen("-A C ");
		while (*from && (*to++ = *from++) != '\n')
			;
	}
	*to = '\0';
	layout_clear(&layout);
	arena_free(arena);
	return text;
}

#define R4     "-j REJECT --reject-with icmp-admin-prohibited\n"
#define R6     "-j REJECT --reject-with icmp6-adm-prohibited\n"
#define HEADER "-m ipv6header --header ipv6-route --soft " R6
#define LOCAL  "-o lo -m addrtype --dst-type LOCAL "
#define REPLY  "-m conntrack --ctstate ESTABLISHED --ctdir REPLY "

static const struct {
	const char *policy;
	const char *ipv4;
	const char *ipv6;
} chains[] = {
	{ "", LOCAL "-j RETURN\n" R4, HEADER LOCAL "-j RETURN\n" R6 },
	{ "default allow; loopback none", LOCAL R4, HEADER LOCAL R6 },
	{ "default drop; loopback tcp/1+udp/2-3",
	    "-o lo -p tcp -m tcp --dport 1 -m addrtype --dst-type LOCAL -j RETURN\n"
	    "-o lo -p udp -m udp --dport 2:3 -m addrtype --dst-type LOCAL -j RETURN\n" LOCAL R4
	    "-j DROP\n",
	    HEADER
	    "-o lo -p tcp -m tcp --dport 1 -m addrtype --dst-type LOCAL -j RETURN\n"
	    "-o lo -p udp -m udp --dport 2:3 -m addrtype --dst-type LOCAL -j RETURN\n" LOCAL R6
	    "-j DROP\n" },
	{ "serve all; default allow", REPLY "-j RETURN\n" LOCAL "-j RETURN\n",
	    HEADER REPLY "-j RETURN\n" LOCAL "-j RETURN\n" },
	{ "serve tcp/8080+udp/1,2; default allow",
	    "-p tcp -m tcp --sport 8080 " REPLY "-j RETURN\n"
	    "-p udp -m multiport --sports 1,2 " REPLY "-j RETURN\n" LOCAL "-j RETURN\n",
	    HEADER "-p tcp -m tcp --sport 8080 " REPLY "-j RETURN\n"
		   "-p udp -m multiport --sports 1,2 " REPLY "-j RETURN\n" LOCAL "-j RETURN\n" },
	/* Each what with each address, addresses outside, and each in its own family. */
	{ "allow tcp/22+udp/53 10.0.0.0/8 192.0.2.1 2001:db8::/32; default allow",
	    LOCAL "-j RETURN\n"
		  "-d 10.0.0.0/8 -p tcp -m tcp --dport 22 -j RETURN\n"
		  "-d 10.0.0.0/8 -p udp -m udp --dport 53 -j RETURN\n"
		  "-d 192.0.2.1/32 -p tcp -m tcp --dport 22 -j RETURN\n"
		  "-d 192.0.2.1/32 -p udp -m udp --dport 53 -j RETURN\n",
	    HEADER LOCAL "-j RETURN\n"
			 "-d 2001:db8::/32 -p tcp -m tcp --dport 22 -j RETURN\n"
			 "-d 2001:db8::/32 -p udp -m udp --dport 53 -j RETURN\n" },
	{ "allow icmp/8+icmpv6/1/2 any; drop any any; default allow",
	    LOCAL "-j RETURN\n-p icmp -m icmp --icmp-type 8 -j RETURN\n-j DROP\n",
	    HEADER LOCAL
	    "-j RETURN\n-p ipv6-icmp -m icmp6 --icmpv6-type 1/2 -j RETURN\n-j DROP\n" },
	{ "serve icmp; loopback icmpv6; default allow", "-p icmp " REPLY "-j RETURN\n" LOCAL R4,
	    HEADER "-o lo -p ipv6-icmp -m addrtype --dst-type LOCAL -j RETURN\n" LOCAL R6 },
	/* Ranges: a prefix where it is one. */
	{ "reject any 10.0.0.1-10.0.0.6 10.1.0.0-10.1.255.255 ::1-::2; default allow",
	    LOCAL "-j RETURN\n-m iprange --dst-range 10.0.0.1-10.0.0.6 " R4 "-d 10.1.0.0/16 " R4,
	    HEADER LOCAL "-j RETURN\n-m iprange --dst-range ::1-::2 " R6 },
	/* Nearly everywhere is not everywhere. */
	{ "allow any 0.0.0.1-255.255.255.255 0.0.0.0-255.255.255.254 ::1-"
	  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff; allow any any; default allow",
	    LOCAL "-j RETURN\n-m iprange --dst-range 0.0.0.1-255.255.255.255 -j RETURN\n"
		  "-m iprange --dst-range 0.0.0.0-255.255.255.254 -j RETURN\n-j RETURN\n",
	    HEADER LOCAL
	    "-j RETURN\n-m iprange --dst-range ::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	    "-j RETURN\n-j RETURN\n" },
	/* Fifteen slots, a range takes two and is never torn. */
	{ "allow tcp/1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 any; default allow",
	    LOCAL "-j RETURN\n-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 "
		  "-j RETURN\n",
	    NULL },
	{ "allow tcp/1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 any; default allow",
	    LOCAL "-j RETURN\n-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 "
		  "-j RETURN\n-p tcp -m tcp --dport 16 -j RETURN\n",
	    NULL },
	{ "allow udp/1,2,3,4,5,6,7,8,9,10,11,12,13,14,15-16,17 any; default allow",
	    LOCAL "-j RETURN\n-p udp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14 "
		  "-j RETURN\n-p udp -m multiport --dports 15:16,17 -j RETURN\n",
	    NULL },
	{ "allow udp/1-2,4-5,7-8,10-11,13-14,16-17,19-20,22,24 any; default allow",
	    LOCAL "-j RETURN\n"
		  "-p udp -m multiport --dports 1:2,4:5,7:8,10:11,13:14,16:17,19:20,22 -j RETURN\n"
		  "-p udp -m udp --dport 24 -j RETURN\n",
	    NULL },
	{ "allow sctp/5 any; allow sctp/5-6 any; allow 47+99 any; default allow",
	    LOCAL
	    "-j RETURN\n-p sctp -m multiport --dports 5 -j RETURN\n"
	    "-p sctp -m multiport --dports 5:6 -j RETURN\n-p gre -j RETURN\n-p 99 -j RETURN\n",
	    NULL },
	{ "allow tcp/0-65535+udp/0-65534+tcp/65535+udp/0 any; default allow",
	    LOCAL "-j RETURN\n-p tcp -j RETURN\n-p udp -m udp --dport 0:65534 -j RETURN\n"
		  "-p tcp -m tcp --dport 65535 -j RETURN\n-p udp -m udp --dport 0 -j RETURN\n",
	    NULL },
};

static void
policies_become_chains(void **state)
{
	size_t i;
	char *text;

	(void)state;
	for (i = 0; i < sizeof(chains) / sizeof(*chains); i++) {
		text = chain_text(chains[i].policy, FAMILY_IPV4);
		assert_string_equal(text, chains[i].ipv4);
		free(text);
		if (!chains[i].ipv6)
			continue;
		text = chain_text(chains[i].policy, FAMILY_IPV6);
		assert_string_equal(text, chains[i].ipv6);
		free(text);
	}
}

/* To the kernel these would be "any": an error at the place of writing, and in no case a rule. */
static void
what_cannot_be_said_is_an_error(void **state)
{
	static const struct {
		const char *policy;
		enum family family;
		const char *words;
	} cases[] = {
		{ "allow tcp any; allow 0 any", FAMILY_IPV4, "test.yaml:3: protocol 0" },
		{ "allow 0 any", FAMILY_IPV6, "test.yaml:2: protocol 0" },
		{ "serve 0", FAMILY_IPV4, "test.yaml:1: protocol 0" },
		{ "loopback 0", FAMILY_IPV6, "test.yaml:1: protocol 0" },
		{ "allow icmp/255 any", FAMILY_IPV4, "test.yaml:2: ICMP type 255" },
		{ "allow 256 any", FAMILY_IPV4, "test.yaml:2: there is no protocol 256" },
		{ "allow 47/22 any", FAMILY_IPV4, "test.yaml:2: protocol 47 has no ports" },
		{ "allow any/22 any", FAMILY_IPV4, "test.yaml:2: protocol -1 has no ports" },
	};
	struct arena *arena = arena_new();
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct layout layout;

		assert_int_equal(
		    build(sketch(arena, "p", cases[i].policy), cases[i].family, &layout, &why),
		    -EINVAL);
		if (!strstr(why.text, cases[i].words))
			fail_msg("%s: %s", cases[i].policy, why.text);
		layout_clear(&layout);
	}
	/* Type 255 is a type like others in IPv6, and in IPv6 icmp is nothing. */
	free(chain_text("allow icmpv6/255 any", FAMILY_IPV6));
	free(chain_text("allow icmp/255 any", FAMILY_IPV6));
	arena_free(arena);
}

/* 600 times 600 rules are more than a chain may have; an error, and no endless memory. Observed,
 * since otherwise they would be 1200 rules. */
static void
too_many_rules(void **state)
{
	static struct what what[600];
	static struct address_range to[600];
	struct rule rule = { .n_what = 600, .what = what, .file = "f", .line = 1 };
	struct policy policy = {
		.name = "p", .n_egress = 1, .egress = &rule, .mode = POLICY_OBSERVE
	};
	struct layout layout;
	struct why why;
	int i;

	(void)state;
	for (i = 0; i < 600; i++) {
		what[i] = (struct what){ .protocol = 99, .icmp_type = -1, .icmp_code = -1 };
		to[i].first[0] = to[i].last[0] = 1;
	}
	rule.n_to[FAMILY_IPV4] = 600;
	rule.to[FAMILY_IPV4] = to;
	assert_int_equal(build(&policy, FAMILY_IPV4, &layout, &why), -E2BIG);
	layout_clear(&layout);
	policy.mode = POLICY_ENFORCE;
	assert_int_equal(build(&policy, FAMILY_IPV4, &layout, &why), 0);
	layout_clear(&layout);
}

/* Observed, the same rules deny nothing. */
static void
observing_denies_nothing(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p",
	    "serve all; loopback tcp/1; reject any 10.0.0.0/8 fd00::/8; drop udp any; default "
	    "drop");
	struct layout one, other;
	struct kchain *enforced, *observed;
	enum family family;
	uint32_t i;

	(void)state;
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		policy->mode = POLICY_ENFORCE;
		assert_int_equal(build(policy, family, &one, NULL), 0);
		policy->mode = POLICY_OBSERVE;
		assert_int_equal(build(policy, family, &other, NULL), 0);
		enforced = &one.chains[0];
		observed = &other.chains[0];
		assert_int_equal(observed->n, enforced->n);
		for (i = 0; i < observed->n; i++) {
			assert_int_equal(observed->rules[i].target, KRULE_RETURN);
			enforced->rules[i].target = KRULE_RETURN;
			assert_memory_equal(
			    &observed->rules[i], &enforced->rules[i], sizeof(struct krule));
		}
		layout_clear(&one);
		layout_clear(&other);
	}
	arena_free(arena);
}

/* A rule's interface narrows it; what cannot be kept is an error and never a wider rule. */
static void
interfaces_and_limits(void **state)
{
	static const char *const wrong[] = { "", "1234567890123456", "eth 0", "eth+", "e\"0" };
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", "allow tcp/22 10.0.0.0/8; default allow");
	struct layout layout;
	char *text = NULL;
	size_t size = 0, i;
	FILE *out = open_memstream(&text, &size);
	struct why why;

	(void)state;
	policy->egress[0].interface = "eth0.123456789a";
	assert_int_equal(build(policy, FAMILY_IPV4, &layout, NULL), 0);
	text_rule("C", &layout.chains[0].rules[1], FAMILY_IPV4, out);
	fclose(out);
	assert_string_equal(
	    text, "-A C -d 10.0.0.0/8 -o eth0.123456789a -p tcp -m tcp --dport 22 -j RETURN\n");
	free(text);
	layout_clear(&layout);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		policy->egress[0].interface = wrong[i];
		assert_int_equal(build(policy, FAMILY_IPV4, &layout, &why), -EINVAL);
		layout_clear(&layout);
	}
	policy->egress[0].interface = NULL;
	arena_free(arena);
}

/* All rules that one becomes name one table; another place, limit or policy is another name. */
static void
limits(void **state)
{
	static const struct limit wrong[] = { { 1, 0 }, { 1, 2 }, { RULE_LIMIT_MAX + 1, 1 } };
	struct arena *arena = arena_new();
	struct policy *policy =
	    sketch(arena, "vendor", "allow tcp/22 any; allow tcp+udp 10.0.0.1 10.0.0.3");
	struct layout layout;
	struct kchain *chain;
	struct why why;
	uint32_t i;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	policy->egress[0].limit = (struct limit){ 10, 60 };
	policy->egress[1].limit = (struct limit){ 24, 86400 };
	assert_int_equal(build(policy, FAMILY_IPV4, &layout, &why), 0);
	chain = &layout.chains[0];
	assert_int_equal(chain->n, 7);
	assert_int_equal(chain->rules[0].limit.count, 0);
	assert_string_equal(chain->rules[1].limit_name, "NETFENCE:vendor.1.10.60");
	for (i = 2; i < 6; i++)
		assert_string_equal(chain->rules[i].limit_name, "NETFENCE:vendor.2.24.86400");
	assert_int_equal(chain->rules[6].limit.count, 0);
	text_rule("C", &chain->rules[1], FAMILY_IPV4, out);
	text_rule("C", &chain->rules[2], FAMILY_IPV4, out);
	fclose(out);
	assert_string_equal(text,
	    "-A C -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-upto 10/min --hashlimit-burst "
	    "10"
	    " --hashlimit-name NETFENCE:vendor.1.10.60 --hashlimit-htable-size 1 -j RETURN\n"
	    "-A C -d 10.0.0.1/32 -p tcp -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst 24"
	    " --hashlimit-name NETFENCE:vendor.2.24.86400 --hashlimit-htable-size 1"
	    " --hashlimit-htable-expire 86400000 -j RETURN\n");
	free(text);
	layout_clear(&layout);
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		policy->egress[1].limit = wrong[i];
		assert_int_equal(build(policy, FAMILY_IPV4, &layout, &why), -EINVAL);
		assert_non_null(strstr(why.text, "test.yaml:3: "));
		layout_clear(&layout);
	}
	arena_free(arena);
}

static void
prefixes(void **state)
{
	static const struct {
		const char *first, *last;
		enum family family;
		int prefix;
	} cases[] = {
		{ "10.0.0.0", "10.255.255.255", FAMILY_IPV4, 8 },
		{ "10.0.0.1", "10.0.0.1", FAMILY_IPV4, 32 },
		{ "0.0.0.0", "255.255.255.255", FAMILY_IPV4, 0 },
		{ "0.0.0.0", "127.255.255.255", FAMILY_IPV4, 1 },
		{ "128.0.0.0", "255.255.255.255", FAMILY_IPV4, 1 },
		{ "10.0.0.2", "10.0.0.3", FAMILY_IPV4, 31 },
		{ "10.0.0.1", "10.0.0.2", FAMILY_IPV4, -1 },
		{ "10.0.0.0", "10.0.0.2", FAMILY_IPV4, -1 },
		{ "10.0.0.1", "10.0.0.3", FAMILY_IPV4, -1 },
		{ "10.0.0.0", "11.255.255.254", FAMILY_IPV4, -1 },
		{ "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", FAMILY_IPV6, 0 },
		{ "::1", "::1", FAMILY_IPV6, 128 },
		{ "fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", FAMILY_IPV6, 8 },
		{ "2001:db8::", "2001:db8::7", FAMILY_IPV6, 125 },
		{ "2001:db8::1", "2001:db8::7", FAMILY_IPV6, -1 },
	};
	struct krule rule;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		memset(&rule, 0, sizeof(rule));
		sketch_address(cases[i].first, rule.to.first);
		sketch_address(cases[i].last, rule.to.last);
		assert_int_equal(krule_prefix(&rule, cases[i].family), cases[i].prefix);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits),
		cmocka_unit_test(policies_become_chains),
		cmocka_unit_test(what_cannot_be_said_is_an_error),
		cmocka_unit_test(too_many_rules),
		cmocka_unit_test(observing_denies_nothing),
		cmocka_unit_test(interfaces_and_limits),
		cmocka_unit_test(prefixes),
	};

	return cmocka_run_group_tests_name("iptables chains", tests, NULL, NULL);
}
