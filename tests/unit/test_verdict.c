/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a policy says of a packet, in which words, and whether it holds its tests. The kernel's own
 * opinion is asked in tests/engine/test_verdict.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "../engine/random.h"
#include "../engine/sketch.h"

#include "verdict/tests.h"
#include "verdict/verdict.h"
#include "verdict/words.h"

static struct packet
packet_to(int protocol, uint16_t port, const char *to)
{
	struct packet packet = { .protocol = (uint8_t)protocol,
		.to_port = port,
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN };

	packet.family = sketch_address(to, packet.to);
	return packet;
}

static struct packet
ping(int type, int code, const char *to)
{
	struct packet packet = packet_to(strchr(to, ':') ? 58 : 1, 0, to);

	packet.icmp_type = type;
	packet.icmp_code = code;
	return packet;
}

static void
expect(const struct policy *policy, struct packet packet, enum action action, enum verdict_by by,
    uint32_t line)
{
	struct verdict verdict = verdict_of(policy, &packet);

	assert_int_equal(verdict.action, action);
	assert_int_equal(verdict.by, by);
	assert_int_equal(verdict.rule ? verdict.rule->line : 0, line);
}

static void
the_first_rule_that_matches_decides(void **state)
{
	struct arena *arena = arena_new();
	const struct policy *policy = sketch(arena, "p",
	    "allow tcp/22,80-90 10.0.0.0/8 fd00::-fd00::9;"
	    "reject any 10.0.0.0/8; allow icmp/8+icmpv6/128 any;"
	    "drop udp any; default allow");

	(void)state;
	expect(policy, packet_to(6, 22, "10.0.0.5"), ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 80, "10.0.0.0"), ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 90, "10.255.255.255"), ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 79, "10.0.0.5"), ACTION_REJECT, VERDICT_BY_RULE, 3);
	expect(policy, packet_to(6, 91, "10.0.0.5"), ACTION_REJECT, VERDICT_BY_RULE, 3);
	expect(policy, packet_to(17, 22, "10.0.0.5"), ACTION_REJECT, VERDICT_BY_RULE, 3);
	expect(policy, packet_to(6, 22, "fd00::"), ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 22, "fd00::9"), ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 22, "fd00::a"), ACTION_ALLOW, VERDICT_BY_DEFAULT, 0);
	expect(policy, packet_to(17, 53, "fd00::a"), ACTION_DROP, VERDICT_BY_RULE, 5);
	expect(policy, ping(8, 0, "11.0.0.1"), ACTION_ALLOW, VERDICT_BY_RULE, 4);
	expect(policy, ping(13, 0, "10.0.0.1"), ACTION_REJECT, VERDICT_BY_RULE, 3);
	expect(policy, ping(128, 0, "fd00::1"), ACTION_ALLOW, VERDICT_BY_RULE, 4);
	expect(policy, packet_to(58, 0, "11.0.0.1"), ACTION_ALLOW, VERDICT_BY_DEFAULT, 0);
	arena_free(arena);
}

static void
what_is_not_known_matches_no_name(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p",
	    "allow icmp/3/4 any; reject icmp/8 any; drop icmp any; allow tcp any; default reject");
	struct packet packet = ping(VERDICT_UNKNOWN, VERDICT_UNKNOWN, "192.0.2.1");

	(void)state;
	expect(policy, packet, ACTION_DROP, VERDICT_BY_RULE, 4);
	packet.icmp_type = 3;
	expect(policy, packet, ACTION_DROP, VERDICT_BY_RULE, 4);
	packet.icmp_code = 4;
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_RULE, 2);
	expect(policy, ping(8, VERDICT_UNKNOWN, "192.0.2.1"), ACTION_REJECT, VERDICT_BY_RULE, 3);
	policy->egress[3].interface = "eth0";
	packet = packet_to(6, 22, "192.0.2.1");
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_DEFAULT, 0);
	packet.interface = "eth1";
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_DEFAULT, 0);
	packet.interface = "eth0";
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_RULE, 5);
	arena_free(arena);
}

static void
what_comes_before_the_rules(void **state)
{
	struct arena *arena = arena_new();
	const struct policy *policy =
	    sketch(arena, "p", "serve tcp/8080; loopback tcp/25; reject tcp/25 any; allow any any");
	struct packet packet = packet_to(6, 25, "127.0.0.1");

	(void)state;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_RULE, 2);
	packet.local = true;
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_LOOPBACK, 0);
	packet.to_port = 26;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_LOOPBACK, 0);
	packet.reply = true;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_LOOPBACK, 0);
	packet.from_port = 8080;
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_SERVE, 0);
	packet.reply = false;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_LOOPBACK, 0);
	packet = packet_to(6, 26, "2001:db8::1");
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_RULE, 3);
	packet.routing_header = true;
	packet.reply = true;
	packet.from_port = 8080;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_ROUTING_HEADER, 0);
	arena_free(arena);
}

/* Before all of the policy's own, but for what names another destination than it goes to. */
static void
what_is_granted_comes_first(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", "loopback none; reject any any; default drop");
	const struct policy *granted =
	    sketch(arena, "g", "allow tcp/22 10.0.0.5 2001:db8::5 127.0.0.1; allow icmp 10.0.0.6");
	struct packet packet = packet_to(6, 22, "10.0.0.5");

	(void)state;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_RULE, 2);
	policy->granted = granted->egress;
	policy->n_granted = granted->n_egress;
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_GRANT, 2);
	expect(policy, ping(8, 0, "10.0.0.6"), ACTION_ALLOW, VERDICT_BY_GRANT, 3);
	expect(policy, packet_to(6, 22, "10.0.0.6"), ACTION_REJECT, VERDICT_BY_RULE, 2);
	expect(policy, packet_to(6, 23, "10.0.0.5"), ACTION_REJECT, VERDICT_BY_RULE, 2);
	packet = packet_to(6, 22, "127.0.0.1");
	packet.local = true;
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_GRANT, 2);
	packet.to_port = 23;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_LOOPBACK, 0);
	packet = packet_to(6, 22, "2001:db8::5");
	expect(policy, packet, ACTION_ALLOW, VERDICT_BY_GRANT, 2);
	packet.routing_header = true;
	expect(policy, packet, ACTION_REJECT, VERDICT_BY_ROUTING_HEADER, 0);
	arena_free(arena);
}

static void
limits_fresh_and_used_up(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", "allow tcp/22 any; drop tcp any; allow any any");
	const struct packet packet = packet_to(6, 22, "192.0.2.1");
	const struct packet other = packet_to(17, 22, "192.0.2.1");
	struct verdict verdict;

	(void)state;
	policy->egress[0].limit = (struct limit){ 10, 1 };
	policy->egress[1].limit = (struct limit){ 1, 60 };
	verdict = verdict_of(policy, &packet);
	assert_true(verdict.limited);
	assert_ptr_equal(verdict.rule, &policy->egress[2]);
	verdict = verdict_within(policy, &packet);
	assert_ptr_equal(verdict.rule, &policy->egress[0]);
	verdict = verdict_beyond(policy, &packet, verdict.rule);
	assert_ptr_equal(verdict.rule, &policy->egress[1]);
	verdict = verdict_beyond(policy, &packet, verdict.rule);
	assert_ptr_equal(verdict.rule, &policy->egress[2]);
	verdict = verdict_of(policy, &other);
	assert_false(verdict.limited);
	arena_free(arena);
}

/* ---------------------------------------------------------------- words */

static char *
say_rule(const struct rule *rule)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	words_rule(stream, rule);
	fclose(stream);
	return text;
}

static void
expect_words(const struct rule *rule, const char *words)
{
	char *text = say_rule(rule);

	assert_string_equal(text, words);
	free(text);
}

static void
rules_in_words(void **state)
{
	static const char *const words[] = {
		"allow udp/162 to 192.0.2.10, 2001:db8::10",
		"reject any to 10.0.0.0/8",
		"allow [icmp, icmpv6] to any",
		"drop icmp/3/4 to 0.0.0.0/0",
		"allow sctp/9,20-30 to ::/0",
		"allow 47 to 192.0.2.1-192.0.2.9",
		"allow 47 to 192.0.2.1-192.0.2.3",
		"allow 47 to 192.0.2.0-192.0.2.2",
		"allow tcp/1,3,5,7,9,11 and 2 more to 192.0.2.0/25",
		("allow any to 192.0.2.1, 192.0.2.3, 192.0.2.5, 192.0.2.7, 192.0.2.9, "
		 "fd00::-fd00::2 and 1 more"),
	};
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p",
	    "allow udp/162 192.0.2.10 2001:db8::10; reject any 10.0.0.0/8;"
	    "allow icmp+icmpv6 any; drop icmp/3/4 0.0.0.0/0; allow sctp/9,20-30 ::/0;"
	    "allow 47 192.0.2.1-192.0.2.9; allow 47 192.0.2.1-192.0.2.3; allow 47 "
	    "192.0.2.0-192.0.2.2; allow tcp/1,3,5,7,9,11,13,15 192.0.2.0/25;"
	    "allow any 192.0.2.1 192.0.2.3 192.0.2.5 192.0.2.7 192.0.2.9 fd00::-fd00::2 fd01::");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		expect_words(&policy->egress[i], words[i]);
	policy->egress[1].interface = "eth0";
	policy->egress[1].limit = (struct limit){ 10, 3600 };
	expect_words(&policy->egress[1], "reject any to 10.0.0.0/8 through eth0 up to 10/hour");
	arena_free(arena);
}

static void
expect_packet(struct packet packet, const char *words)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	words_packet(stream, &packet);
	fclose(stream);
	assert_string_equal(text, words);
	free(text);
}

static void
packets_in_words(void **state)
{
	(void)state;
	expect_packet(packet_to(6, 22, "10.0.0.5"), "tcp/22 to 10.0.0.5");
	expect_packet(packet_to(132, 5, "fd00::1"), "sctp/5 to fd00::1");
	expect_packet(packet_to(47, 0, "fd00::1"), "protocol 47 to fd00::1");
	expect_packet(ping(8, 0, "10.0.0.5"), "icmp/8 to 10.0.0.5");
	expect_packet(ping(3, 4, "10.0.0.5"), "icmp/3/4 to 10.0.0.5");
	expect_packet(ping(128, VERDICT_UNKNOWN, "fd00::1"), "icmpv6/128 to fd00::1");
}

/* ---------------------------------------------------------------- tests */

/* A policy's first rules become its tests: sketches know no other. */
static struct policy *
with_tests(struct arena *arena, uint32_t n, const char *text)
{
	struct policy *policy = sketch(arena, "p", text);
	enum family family;
	uint32_t i;

	policy->tests = arena_new_of(arena, n, struct policy_test);
	policy->n_tests = n;
	for (i = 0; i < n; i++) {
		const struct rule *rule = &policy->egress[i];

		policy->tests[i] = (struct policy_test){ .action = rule->action,
			.n_what = rule->n_what,
			.what = rule->what,
			.file = "tests.yaml",
			.line = i + 1 };
		for (family = FAMILY_IPV4; family < FAMILIES; family++) {
			policy->tests[i].n_to[family] = rule->n_to[family];
			policy->tests[i].to[family] = rule->to[family];
		}
	}
	policy->egress += n;
	policy->n_egress -= n;
	return policy;
}

static int
collect(const struct policy *policy, const struct policy_test *test, const char *text, void *data)
{
	(void)policy;
	fprintf(data, "%u: %s\n", test->line, text);
	return 0;
}

static void
expect_tests(const struct policy *policy, const char *expected)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_int_equal(tests_hold(policy, collect, stream), 0);
	fclose(stream);
	assert_string_equal(text, expected);
	free(text);
}

static void
tests_that_hold(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	expect_tests(
	    with_tests(arena, 6,
		"allow udp/162 192.0.2.10; reject tcp/22 10.0.0.5; reject any 10.0.0.0/8 fd00::/8;"
		"allow icmp 192.0.2.0/24; reject udp 192.0.2.10-192.0.2.12; drop udp/7 any;"
		"drop udp/7 any; allow udp/162 192.0.2.10; drop udp 192.0.2.0/24;"
		"allow icmp 192.0.2.0/24"),
	    "5: the test does not hold: udp/162 to 192.0.2.10 is allowed by "
	    "'allow udp/162 to 192.0.2.10' at test.yaml:9\n");
	arena_free(arena);
}

/* The one address in the middle, the one port, the one type, the one protocol: all are found. */
static void
tests_find_the_needle(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy;

	(void)state;
	expect_tests(with_tests(arena, 1, "reject tcp 10.0.0.0/8; allow tcp/22 10.1.2.3"),
	    "1: the test does not hold: tcp/22 to 10.1.2.3 is allowed by "
	    "'allow tcp/22 to 10.1.2.3' at test.yaml:3\n");
	expect_tests(with_tests(arena, 1, "reject any fd00::/8; allow 47 fd00::1:0/112"),
	    "1: the test does not hold: protocol 47 to fd00::1:0 is allowed by "
	    "'allow 47 to fd00::1:0/112' at test.yaml:3\n");
	expect_tests(with_tests(arena, 1, "reject any any; allow icmpv6/128/3 2001:db8::1"),
	    "1: the test does not hold: icmpv6/128/3 to 2001:db8::1 is allowed by "
	    "'allow icmpv6/128/3 to 2001:db8::1' at test.yaml:3\n");
	expect_tests(with_tests(arena, 1,
			 "allow tcp/1000-2000 192.0.2.0/24;"
			 "allow tcp/1000-1499 any; allow tcp/1501-2000 any"),
	    "1: the test does not hold: tcp/1500 to 192.0.2.0 is rejected by 'default', as no "
	    "rule matches\n");
	expect_tests(
	    with_tests(arena, 1, "allow any 192.0.2.0/24; allow any 192.0.2.0-192.0.2.254"),
	    "1: the test does not hold: icmp/0 to 192.0.2.255 is rejected by 'default', as "
	    "no rule matches\n");
	/* The address before, or behind, is in another network. */
	expect_tests(with_tests(arena, 2,
			 "reject any 10.0.0.0-10.1.0.0; reject any fd00::ffff-fd00::1:0;"
			 "reject any 10.1.0.0 fd00::ffff; allow any 10.1.0.0 fd00::ffff"),
	    "");
	policy = with_tests(arena, 1, "drop tcp any; default reject");
	expect_tests(policy, "1: the test does not hold: tcp/1 to 0.0.0.0 is rejected by "
			     "'default', as no rule matches\n");
	policy->unmatched = ACTION_DROP;
	expect_tests(policy, "");
	policy->tests[0].action = ACTION_REJECT;
	expect_tests(policy, "");
	arena_free(arena);
}

static void
tests_of_loopback(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	expect_tests(with_tests(arena, 4,
			 "allow tcp/25 127.0.0.1 ::1; reject tcp/26 127.0.0.0/8;"
			 "reject any 126.0.0.0-128.0.0.0; reject any any;"
			 "loopback tcp/25; reject any any"),
	    "");
	expect_tests(with_tests(arena, 3,
			 "allow tcp/26 ::1; drop tcp/26 127.0.0.1;"
			 "reject tcp/20-30 127.0.0.0/8;"
			 "loopback tcp/25; allow any any"),
	    "1: the test does not hold: tcp/26 to ::1 is rejected by 'loopback'\n"
	    "2: the test does not hold: tcp/26 to 127.0.0.1 is rejected by 'loopback'\n"
	    "3: the test does not hold: tcp/25 to 127.0.0.0 is allowed by 'loopback'\n");
	expect_tests(with_tests(arena, 1, "reject udp ::1; loopback all; default reject"),
	    "1: the test does not hold: udp/1 to ::1 is allowed by 'loopback'\n");
	expect_tests(with_tests(arena, 1, "reject udp ::1; loopback none; default allow"), "");
	arena_free(arena);
}

static void
tests_with_limits_and_interfaces(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = with_tests(arena, 2,
	    "allow tcp/22 192.0.2.1; reject tcp/22 any;"
	    "allow tcp/22 192.0.2.0/24");

	(void)state;
	policy->egress[0].limit = (struct limit){ 1, 1 };
	expect_tests(policy, "2: the test does not hold: tcp/22 to 192.0.2.0 is allowed by "
			     "'allow tcp/22 to 192.0.2.0/24 up to 1/second' at test.yaml:4\n");
	policy->egress[0].limit.count = 0;
	policy->egress[0].interface = "eth0";
	expect_tests(policy,
	    "1: the test does not hold: tcp/22 to 192.0.2.1 is rejected by 'default', as no rule "
	    "matches\n"
	    "2: the test does not hold: tcp/22 to 192.0.2.0 is allowed by 'allow tcp/22 to "
	    "192.0.2.0/24 through eth0' at test.yaml:4 when it leaves through eth0 (a test can "
	    "have an 'interface')\n");
	policy->tests[0].interface = "eth0";
	policy->tests[1].interface = "eth1";
	expect_tests(policy, "");
	policy->tests[1].interface = NULL;
	policy->tests[1].what[0].n_ports = 0;
	policy->egress[0].what[0].ports[0] = (struct ports){ 80, 90 };
	expect_tests(policy,
	    "1: the test does not hold: tcp/22 to 192.0.2.1 is rejected by 'default', as no rule "
	    "matches\n"
	    "2: the test does not hold: tcp/80 to 192.0.2.0 is allowed by 'allow tcp/80-90 to "
	    "192.0.2.0/24 through eth0' at test.yaml:4 when it leaves through eth0 (a test can "
	    "have an 'interface')\n");
	arena_free(arena);
}

/* A policy of 4096 rules, each of which leaves something, against a test of everything. */
static void
tests_of_everything_end(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = with_tests(arena, 1, "reject any any");
	uint32_t i, n = POLICY_RULES_MAX;

	(void)state;
	policy->egress = arena_new_of(arena, n, struct rule);
	policy->n_egress = n;
	for (i = 0; i < n; i++) {
		struct rule *rule = &policy->egress[i];
		struct address_range *to = arena_new_of(arena, 1, struct address_range);
		struct what *what = arena_new_of(arena, 1, struct what);
		struct ports *ports = arena_new_of(arena, 1, struct ports);

		*to = (struct address_range){ { 10, (uint8_t)(i >> 8), (uint8_t)i, 1 },
			{ 10, (uint8_t)(i >> 8), (uint8_t)i, 9 } };
		*ports = (struct ports){ (uint16_t)(i + 1), (uint16_t)(i + 10) };
		*what = (struct what){ 6, WHAT_ANY, WHAT_ANY, 1, ports };
		*rule = (struct rule){ .action = ACTION_REJECT, .n_what = 1, .what = what };
		rule->n_to[FAMILY_IPV4] = 1;
		rule->to[FAMILY_IPV4] = to;
	}
	expect_tests(policy, "");
	policy->egress[n - 1].action = ACTION_ALLOW;
	policy->egress[n - 1].file = "last.yaml";
	expect_tests(policy, "1: the test does not hold: tcp/4096 to 10.15.255.1 is allowed by "
			     "'allow tcp/4096-4105 to 10.15.255.1-10.15.255.9' at last.yaml:0\n");
	arena_free(arena);
}

/* ---------------------------------------------------------------- tests, against all packets */

static int
count(const struct policy *policy, const struct policy_test *test, const char *text, void *data)
{
	(void)policy;
	(void)test;
	(void)text;
	(*(unsigned int *)data)++;
	return 0;
}

static bool
is_as_tested(const struct policy *policy, const struct policy_test *test, struct packet packet)
{
	struct verdict verdict = verdict_within(policy, &packet);
	uint32_t i;
	bool named = false;

	packet.local = packet.family == FAMILY_IPV4 && packet.to[0] == 127;
	if (packet.local)
		verdict = verdict_within(policy, &packet);
	for (i = 0; i < test->n_what; i++)
		named = named || verdict_is_what(&test->what[i], &packet);
	if (!named)
		return true;
	return verdict.action == test->action ||
	       (test->action == ACTION_REJECT && verdict.action == ACTION_DROP);
}

/* Of small ranges and of what rules can tell apart: every packet, one by one. */
static bool
holds_one_by_one(const struct policy *policy, const struct policy_test *test)
{
	static const uint8_t protocols[] = { 2, 6, 17, 132, 47, 50, 200, 1, 58 };
	const enum family family = FAMILY_IPV4;
	uint32_t i, j, k, address;
	bool holds = true;

	for (i = 0; i < test->n_to[family]; i++) {
		const struct address_range *to = &test->to[family][i];

		for (address = to->first[3]; address <= to->last[3]; address++) {
			for (j = 0; j < sizeof(protocols) - 1U; j++) {
				struct packet packet = { .protocol = protocols[j],
					.icmp_type = VERDICT_UNKNOWN,
					.icmp_code = VERDICT_UNKNOWN };

				memcpy(packet.to, to->first, 16);
				packet.to[3] = (uint8_t)address;
				for (k = 0; k < 13U * 4; k++) {
					if (protocols[j] == 1) {
						packet.icmp_type = (int)(k / 4);
						packet.icmp_code = (int)(k % 4);
					} else {
						packet.to_port = (uint16_t)(k + 1);
					}
					holds = holds && is_as_tested(policy, test, packet);
				}
			}
		}
	}
	return holds;
}

/* Ports below 53 and types below 13 only, so that all of them can be gone through. */
static void
make_small(struct what *whats, uint32_t n)
{
	uint32_t i, j;

	for (i = 0; i < n; i++) {
		for (j = 0; j < whats[i].n_ports; j++) {
			whats[i].ports[j].first = (uint16_t)(whats[i].ports[j].first % 52 + 1);
			whats[i].ports[j].last = (uint16_t)(whats[i].ports[j].first + roll(3));
			if (whats[i].ports[j].last > 52)
				whats[i].ports[j].last = 52;
		}
		if (whats[i].icmp_type != WHAT_ANY)
			whats[i].icmp_type %= 13;
	}
}

static void
tests_are_what_one_by_one_says(void **state)
{
	unsigned int i, held = 0, failed, rounds = 4000;

	(void)state;
	random_begin();
	for (i = 0; i < rounds; i++) {
		struct arena *arena = arena_new();
		struct policy *policy = random_policy(arena);
		struct policy *tests = random_policy(arena);
		struct policy_test test = { .action = (enum action)roll(3), .file = "t" };
		struct address_range range = { { 192, 0, 2, 0 }, { 192, 0, 2, 0 } };
		uint32_t j;

		if (!tests->n_egress) {
			arena_free(arena);
			continue;
		}
		for (j = 0; j < policy->n_egress; j++) {
			/* One port each: a rule's ports are sorted, and these no more. */
			uint32_t k;

			for (k = 0; k < policy->egress[j].n_what; k++)
				policy->egress[j].what[k].n_ports =
				    policy->egress[j].what[k].n_ports > 0;
			make_small(policy->egress[j].what, policy->egress[j].n_what);
		}
		test.n_what = 1;
		test.what = tests->egress[0].what;
		test.what[0].n_ports = test.what[0].n_ports > 0;
		make_small(test.what, 1);
		if (!test.what[0].n_ports && test.what[0].icmp_type == WHAT_ANY && roll(4) == 0)
			test.what[0].protocol = 47;
		range.first[0] = range.last[0] = roll(8) ? 192 : 127;
		range.first[3] = (uint8_t)roll(10);
		range.last[3] = (uint8_t)(range.first[3] + roll(4));
		policy->loopback.kind = (enum passage_kind)roll(2);
		test.n_to[FAMILY_IPV4] = 1;
		test.to[FAMILY_IPV4] = &range;
		policy->n_tests = 1;
		policy->tests = &test;
		failed = 0;
		assert_int_equal(tests_hold(policy, count, &failed), 0);
		if ((failed == 0) != holds_one_by_one(policy, &test)) {
			char *text = NULL;
			size_t size;
			FILE *stream = open_memstream(&text, &size);

			tests_hold(policy, collect, stream);
			fprintf(stream, "%s ", words_action(test.action));
			words_what(stream, test.what, 1, WORDS_ALL);
			fputs(" to ", stream);
			words_to(stream, test.n_to, test.to, WORDS_ALL);
			for (j = 0; j < policy->n_egress; j++) {
				fputs("\n", stream);
				words_rule(stream, &policy->egress[j]);
			}
			fprintf(stream, "\ndefault %s", words_action(policy->unmatched));
			fclose(stream);
			fail_msg("round %u: %s", i, text);
		}
		held += failed == 0;
		arena_free(arena);
	}
	/* Neither answer is the only one. */
	assert_in_range(held, rounds / 20, rounds - rounds / 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_rule_that_matches_decides),
		cmocka_unit_test(what_is_not_known_matches_no_name),
		cmocka_unit_test(what_comes_before_the_rules),
		cmocka_unit_test(what_is_granted_comes_first),
		cmocka_unit_test(limits_fresh_and_used_up),
		cmocka_unit_test(rules_in_words),
		cmocka_unit_test(packets_in_words),
		cmocka_unit_test(tests_that_hold),
		cmocka_unit_test(tests_find_the_needle),
		cmocka_unit_test(tests_of_loopback),
		cmocka_unit_test(tests_with_limits_and_interfaces),
		cmocka_unit_test(tests_of_everything_end),
		cmocka_unit_test(tests_are_what_one_by_one_says),
	};

	return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
