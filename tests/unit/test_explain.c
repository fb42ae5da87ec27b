/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is asked, why it is answered so, and policies in YAML that read back as they were.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <json-c/json.h>
#include <unistd.h>

#include "../engine/random.h"
#include "../engine/sketch.h"
#include "policy_util.h"

#include "explain/answer.h"
#include "explain/explain.h"
#include "explain/question.h"
#include "explain/target.h"
#include "explain/yaml.h"
#include "rules.h"
#include "verdict/words.h"

/* ---------------------------------------------------------------- what is asked */

/* The packets in words, or the complaint. */
static void
expect_target(const char *what, const char *where, const char *expected)
{
	struct arena *arena = arena_new();
	struct services *services = services_parse(arena, util_services, sizeof(util_services) - 1);
	struct packet *packets = NULL;
	struct why why = { "" };
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	uint32_t n = 0, i;
	int result = target_parse(arena, services, what, where, &packets, &n, &why);

	if (result)
		fprintf(stream, "%d: %s", result, why.text);
	for (i = 0; !result && i < n; i++) {
		fputs(i ? "; " : "", stream);
		words_packet(stream, &packets[i]);
		assert_false(packets[i].local || packets[i].reply || packets[i].interface);
	}
	fclose(stream);
	assert_string_equal(text, expected);
	free(text);
	arena_free(arena);
}

static void
what_and_where_are_packets(void **state)
{
	(void)state;
	expect_target("tcp/22", "10.0.0.5", "tcp/22 to 10.0.0.5");
	expect_target("22/tcp", "fd00::5", "tcp/22 to fd00::5");
	expect_target("ssh", "10.0.0.5", "tcp/22 to 10.0.0.5");
	expect_target("domain", "10.0.0.5", "tcp/53 to 10.0.0.5; udp/53 to 10.0.0.5");
	expect_target("sctp/m3ua", "10.0.0.5", "sctp/2905 to 10.0.0.5");
	expect_target("icmp/echo-request", "10.0.0.5", "icmp/8 to 10.0.0.5");
	expect_target("icmp/3/4", "10.0.0.5", "icmp/3/4 to 10.0.0.5");
	expect_target("icmpv6/128", "fd00::5", "icmpv6/128 to fd00::5");
	expect_target("47", "fd00::5", "protocol 47 to fd00::5");
	expect_target("tcp/22", "10.0.0.5/32", "tcp/22 to 10.0.0.5");
}

/* A type alone means code 0: a packet has one, and rules may name it. */
static void
a_type_has_a_code(void **state)
{
	struct arena *arena = arena_new();
	struct services *services = services_parse(arena, "", 0);
	struct packet *packets;
	struct why why;
	uint32_t n;

	(void)state;
	assert_int_equal(
	    target_parse(arena, services, "icmp/3", "10.0.0.5", &packets, &n, &why), 0);
	assert_int_equal(packets[0].icmp_type, 3);
	assert_int_equal(packets[0].icmp_code, 0);
	assert_int_equal(target_parse(arena, services, "tcp/3", "10.0.0.5", &packets, &n, &why), 0);
	assert_int_equal(packets[0].icmp_type, VERDICT_UNKNOWN);
	assert_int_equal(packets[0].icmp_code, VERDICT_UNKNOWN);
	arena_free(arena);
}

static void
what_is_no_packet_is_said(void **state)
{
	(void)state;
	expect_target(
	    "any", "10.0.0.5", "-22: 'any' is every protocol: ask for one, as in 'tcp/22'");
	expect_target("tcp", "10.0.0.5", "-22: 'tcp' is every port: ask for one, as in 'tcp/22'");
	expect_target(
	    "tcp/22-23", "10.0.0.5", "-22: 'tcp/22-23' is more than one port: ask for one");
	expect_target("tcp/22,25", "10.0.0.5", "-22: 'tcp/22,25': ask for one at a time");
	expect_target("icmp", "10.0.0.5",
	    "-22: 'icmp' is every type: ask for one, as in 'icmp/echo-request'");
	expect_target("icmp/8", "fd00::5",
	    "-22: icmp does not go to an IPv6 address: 'icmpv6/echo-request' does");
	expect_target("icmpv6/128", "10.0.0.5",
	    "-22: icmpv6 does not go to an IPv4 address: 'icmp/echo-request' does");
	expect_target(
	    "tcp/22", "10.0.0.0/8", "-22: '10.0.0.0/8' is more than one address: ask for one");
	expect_target("tcp/22", "10.0.0.1-10.0.0.2",
	    "-22: '10.0.0.1-10.0.0.2' is more than one address: ask for one");
	expect_target("tcp/22", "host.example", "-22: 'host.example' is not an address");
	expect_target("tcp/22", "", "-22: '' is not an IPv4 address");
	expect_target("tcp/22", "any", "-22: 'any' is not an address");
	expect_target(
	    "22", "10.0.0.300", "-22: '10.0.0.300' is not an IPv4 address: 300 is more than 255");
	expect_target("htttp", "10.0.0.1",
	    "-22: 'htttp' is neither a protocol nor a service of /etc/services: did you mean "
	    "'http'?");
}

/* ---------------------------------------------------------------- why */

static struct packet
packet_to(uint8_t protocol, uint16_t port, const char *to)
{
	struct packet packet = { .protocol = protocol,
		.to_port = port,
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN };

	packet.family = sketch_address(to, packet.to);
	return packet;
}

/* "line:miss" of each. */
static void
expect_near(const struct policy *policy, struct packet packet, const char *expected)
{
	static const char *const misses[] = { "interface", "port", "destination", "protocol" };
	struct explanation explanation;
	char text[128] = "";
	uint32_t i;

	explain_packet(policy, &packet, &explanation);
	for (i = 0; i < explanation.n_near; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u:%s", i ? " " : "",
		    explanation.near[i].rule->line, misses[explanation.near[i].miss]);
	assert_string_equal(text, expected);
}

static void
rules_that_nearly_decided(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p",
	    "allow udp/162 192.0.2.10; allow tcp/80 192.0.2.20; allow tcp/22 10.9.9.9;"
	    "reject tcp/23 192.0.2.20; allow tcp/25 any; allow icmp any; reject any 192.0.2.0/24;"
	    "allow tcp/81 192.0.2.20; allow any 10.0.0.0/8; default reject");

	(void)state;
	/* Only what comes before, only what would have allowed it, the nearest first. */
	expect_near(policy, packet_to(6, 81, "192.0.2.20"), "3:port 6:port");
	expect_near(policy, packet_to(6, 22, "192.0.2.20"), "3:port 6:port 4:destination");
	expect_near(policy, packet_to(17, 162, "192.0.2.20"), "2:destination 3:protocol");
	expect_near(policy, packet_to(17, 163, "192.0.2.10"), "2:port");
	/* By the default: all rules. */
	expect_near(
	    policy, packet_to(6, 81, "198.51.100.1"), "6:port 9:destination 10:destination");
	expect_near(policy, packet_to(17, 162, "2001:db8::1"), "2:destination 10:destination");
	/* Of what is allowed: the rules that would not have. */
	expect_near(policy, packet_to(6, 80, "192.0.2.20"), "");
	expect_near(policy, packet_to(6, 25, "192.0.2.20"), "5:port");
	policy = sketch(arena, "p",
	    "allow udp/1 10.0.0.1; allow tcp/1 10.0.0.2; allow tcp/1 10.0.0.3;"
	    "allow tcp/2 10.0.0.1; allow tcp/1 10.0.0.4; allow tcp/3 10.0.0.1;"
	    "allow tcp/1 10.0.0.5");
	expect_near(policy, packet_to(6, 1, "10.0.0.1"), "5:port 7:port 3:destination");
	policy = sketch(arena, "p",
	    "allow udp/162 192.0.2.10; allow tcp/80 192.0.2.20;"
	    "reject tcp/23 192.0.2.20; allow tcp/24 192.0.2.20");
	policy->egress[1].interface = "eth0";
	expect_near(policy, packet_to(6, 80, "192.0.2.20"), "3:interface 5:port");
	expect_near(policy, packet_to(6, 81, "192.0.2.20"), "5:port");
	arena_free(arena);
}

static void
what_is_seen_and_what_counts(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", "allow tcp/22 any; drop tcp/23 any");
	struct packet packet = packet_to(6, 22, "192.0.2.1");
	struct explanation explanation;

	(void)state;
	policy->egress[0].limit = (struct limit){ 2, 60 };
	explain_packet(policy, &packet, &explanation);
	assert_true(explanation.allowed && explanation.limited && !explanation.sees);
	assert_int_equal(explanation.beyond.by, VERDICT_BY_DEFAULT);
	packet.to_port = 23;
	explain_packet(policy, &packet, &explanation);
	assert_false(explanation.allowed || explanation.limited);
	assert_string_equal(explanation.sees, "Connection timed out");
	assert_true(explanation.late);
	policy->mode = POLICY_OBSERVE;
	explain_packet(policy, &packet, &explanation);
	assert_true(explanation.allowed && !explanation.sees);
	assert_int_equal(explanation.verdict.action, ACTION_DROP);
	explain_packet(NULL, &packet, &explanation);
	assert_true(explanation.allowed);
	arena_free(arena);
}

static void
expect_who(
    const struct who *who, const char *user, uint32_t uid, const char *groups, const char *expected)
{
	const char *names[8];
	struct explain_subject subject = { user, uid, names, 0 };
	char *copy = strdup(groups), *rest = copy, *name, *text;

	while ((name = strsep(&rest, " ")))
		names[subject.n_groups++] = name;
	text = explain_who(who, &subject);
	assert_string_equal(text, expected);
	free(text);
	free(copy);
}

static void
who_gets_it_and_why(void **state)
{
	static const struct util_text texts[] = {
		{ "netfence.yaml",
		    "version: 1\n"
		    "policies:\n  p:\n    egress: []\n"
		    "users:\n  alice: p\n"
		    "groups:\n  staff: p\n  vendors: p\n"
		    "  admins:\n    policy: p\n    precedence: -1\n"
		    "others: p\n"
		    "exempt:\n  users: [backup]\n"
		    "  groups: [wheel]\n",
		    0 },
		{ NULL, NULL, 0 }
	};
	struct ruleset *set = util_compile(texts, false);

	(void)state;
	assert_int_equal(set->report.n_errors, 0);
	expect_who(&set->who, "root", 0, "root", "root is uid 0, which is never fenced");
	expect_who(&set->who, "backup", 34, "staff", "backup is exempt");
	expect_who(&set->who, "alice", 4000, "staff wheel", "alice is in wheel, which is exempt");
	expect_who(&set->who, "alice", 4000, "x", "alice has an own entry; not exempt");
	expect_who(&set->who, "alice", 4000, "x vendors staff",
	    "alice has an own entry; not exempt; comes before staff, vendors");
	expect_who(
	    &set->who, "bob", 4001, "vendors", "bob is in vendors; no own entry, not exempt");
	expect_who(&set->who, "bob", 4001, "admins vendors staff",
	    "bob is in staff; no own entry, not exempt; comes before vendors, admins");
	expect_who(&set->who, "carol", 4002, "carol",
	    "carol is one of the others: no own entry, no group with one, not exempt");
	expect_who(&set->who, "daemon", 1, "daemon",
	    "daemon is free: no own entry, no group with one, no account that 'others' takes");
	set->who.others = false;
	expect_who(&set->who, "carol", 4002, "carol",
	    "carol is free: no own entry, no group with one, no 'others'");
	ruleset_free(set);
}

/* ---------------------------------------------------------------- YAML */

static char *
say_ruleset(const struct ruleset *set)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	yaml_ruleset(stream, set);
	fclose(stream);
	return text;
}

static struct ruleset *
read_text(const char *text)
{
	const struct util_text texts[] = { { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *set = util_compile(texts, false);

	if (set->report.n_errors) {
		char *report = util_report(set);

		fail_msg("%s\nfor\n%s", report, text);
	}
	return set;
}

/* What was written, but for where. */
static char *
without_places(const char *text)
{
	char *copy = strdup(text), *from, *to = copy;

	for (from = copy; *from; from++) {
		char *mark = strstr(from, " # ");

		if (mark && mark == from && strncmp(from, " # \"", 4) != 0)
			from += strcspn(from, "\n");
		*to++ = *from;
	}
	*to = '\0';
	return copy;
}

static bool
same_entries(const struct ruleset *one, const struct who_entry *entries, uint32_t n,
    const struct ruleset *other, const struct who_entry *others, uint32_t n_others)
{
	uint32_t i;

	for (i = 0; i < n && n == n_others; i++) {
		if (strcmp(entries[i].name, others[i].name) != 0 ||
		    !rules_same_policy(
			&one->policies[entries[i].policy], &other->policies[others[i].policy]))
			return false;
	}
	return n == n_others;
}

/* The same people get the same; policies may stand in another order. */
static bool
same_meaning(const struct ruleset *one, const struct ruleset *other)
{
	char *who = who_print(&one->who), *other_who = who_print(&other->who);
	bool same = strcmp(who, other_who) == 0 && one->n_policies == other->n_policies &&
		    one->settings.engine == other->settings.engine &&
		    one->settings.nflog_group == other->settings.nflog_group &&
		    one->settings.self_service == other->settings.self_service;

	same = same && same_entries(one, one->who.users, one->who.n_users, other, other->who.users,
			   other->who.n_users);
	same = same && same_entries(one, one->who.groups, one->who.n_groups, other,
			   other->who.groups, other->who.n_groups);
	if (same && one->who.others)
		same = rules_same_policy(&one->policies[one->who.others_policy],
		    &other->policies[other->who.others_policy]);
	free(who);
	free(other_who);
	return same;
}

static void
expect_same_again(const char *text)
{
	struct ruleset *set = read_text(text), *again;
	char *said = say_ruleset(set), *said_again, *one, *other;

	again = read_text(said);
	said_again = say_ruleset(again);
	one = without_places(said);
	other = without_places(said_again);
	assert_string_equal(one, other);
	if (!same_meaning(set, again))
		fail_msg("%s\nis not what it was made of:\n%s", said, text);
	free(one);
	free(other);
	free(said);
	free(said_again);
	ruleset_free(set);
	ruleset_free(again);
}

static const char everything[] =
    "version: 1\n"
    "define:\n  monitoring: [192.0.2.10, '2001:db8::10']\n"
    "policies:\n"
    "  vendor:\n"
    "    egress:\n"
    "      - allow: https\n"
    "        to: 198.51.100.0/24\n"
    "  unused:\n"
    "    egress: []\n"
    "users:\n"
    "  alice: vendor\n"
    "  bob:\n"
    "    policy: vendor\n"
    "    max-session: 2h\n"
    "    on-expiry: kill\n"
    "    on-logout: close\n"
    "  'Dom\\ain': {egress: [], mode: observe, log: none, always: true, max-session: 90s}\n"
    "groups:\n"
    "  supporters:\n"
    "    egress:\n"
    "      - allow: udp/162\n"
    "        to: monitoring\n"
    "      - allow: ['tcp/80,8000-8080', icmp/3/4, icmp/0, 47, sctp/9]\n"
    "        to: [192.0.2.20, 192.0.2.30-192.0.2.50, '2001:db8::/33', '::/1']\n"
    "        comment: 'patch \"server\" # C:\\dir'\n"
    "        log: true\n"
    "        limit: 10/minute\n"
    "        interface: eth0\n"
    "      - include: vendor\n"
    "      - drop: any\n"
    "        to: 0.0.0.0/0\n"
    "    default: drop\n"
    "    serve: [tcp/8080, udp/60000-61000]\n"
    "    loopback: [tcp/25, udp]\n"
    "    precedence: 5\n"
    "    message: \"two\\nlines\\tand: a # b\"\n"
    "    tests:\n"
    "      - allow: udp/162\n"
    "        to: monitoring\n"
    "      - drop: tcp/22\n"
    "        to: 10.0.0.5\n"
    "  admins: {policy: vendor, precedence: 7}\n"
    "  staff: vendor\n"
    "  b: {policy: vendor, precedence: 7, serve: any, loopback: reject, default: allow}\n"
    "others:\n  egress:\n    - allow: domain\n      to: any\n"
    "settings: {engine: iptables, nflog-group: 7, self-service: false}\n"
    "exempt:\n  users: [backup, 'x y']\n  groups: [wheel]\n";

static void
rules_read_back_as_they_were(void **state)
{
	(void)state;
	expect_same_again(everything);
	expect_same_again("version: 1\nothers: p\npolicies:\n  p:\n    egress: []\n");
	expect_same_again("version: 1\n");
}

/* Random policies, one after the other. */
static void
policies_read_back_as_they_were(void **state)
{
	unsigned int i;

	(void)state;
	random_begin();
	for (i = 0; i < 300; i++) {
		struct arena *arena = arena_new();
		struct policy *policy = random_policy(arena);
		char *text = NULL;
		size_t size;
		uint32_t j;
		FILE *stream = open_memstream(&text, &size);

		for (j = 0; j < policy->n_egress; j++) {
			struct rule *rule = &policy->egress[j];
			uint32_t k;

			if (!rule->n_to[FAMILY_IPV4] && !rule->n_to[FAMILY_IPV6]) {
				rule->n_to[FAMILY_IPV4] = 1;
				rule->to[FAMILY_IPV4] =
				    arena_new_of(arena, 1, struct address_range);
			}
			/* Both families, so that no ICMP is out of place. */
			for (k = 0; k < rule->n_what; k++) {
				if (rule->what[k].protocol == 1 || rule->what[k].protocol == 58)
					rule->what[k] =
					    (struct what){ 47, WHAT_ANY, WHAT_ANY, 0, NULL };
			}
		}
		fputs("version: 1\npolicies:\n  p:\n", stream);
		yaml_policy(stream, policy, 4);
		fclose(stream);
		expect_same_again(text);
		free(text);
		arena_free(arena);
	}
}

static void
lines_are_short(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy = sketch(arena, "p", "allow tcp/1+udp/2,4 any; allow any any");
	char *text = NULL, *line;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	uint32_t i;

	(void)state;
	policy->egress[1].n_to[FAMILY_IPV4] = 100;
	policy->egress[1].to[FAMILY_IPV4] = arena_new_of(arena, 100, struct address_range);
	for (i = 0; i < 100; i++) {
		struct address_range *range = &policy->egress[1].to[FAMILY_IPV4][i];

		*range = (struct address_range){ { 10, 200, (uint8_t)(100 + i), 100 },
			{ 10, 200, (uint8_t)(100 + i), 203 } };
	}
	yaml_policy(stream, policy, 4);
	fclose(stream);
	for (line = text; *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 1, 80);
	assert_non_null(strstr(text, "- allow: [tcp/1, \"udp/2,4\"] # line 2\n        to: any\n"));
	free(text);
	arena_free(arena);
}

/* ---------------------------------------------------------------- over the wire */

static struct wire_out
some_question(struct packet *packets)
{
	static const char *const groups[] = { "supporters", "x y" };
	struct question question = { .user = "alice",
		.uid = 4000,
		.n_groups = 2,
		.groups = groups,
		.rules = true,
		.n_packets = 2,
		.packets = packets };
	struct wire_out out = { 0 };

	packets[0] = packet_to(6, 22, "10.0.0.5");
	packets[0].interface = "eth0";
	packets[1] = packet_to(58, 0, "fd00::5");
	packets[1].icmp_type = 128;
	packets[1].icmp_code = 0;
	packets[1].local = true;
	question_put(&out, &question);
	assert_false(out.failed);
	return out;
}

static void
questions_arrive_as_they_were(void **state)
{
	struct packet packets[2];
	struct wire_out out = some_question(packets);
	struct wire_in in = { .data = out.data, .left = out.used };
	struct arena *arena = arena_new();
	struct question got;
	uint32_t i;

	(void)state;
	assert_true(question_get(&in, arena, &got));
	assert_string_equal(got.user, "alice");
	assert_int_equal(got.uid, 4000);
	assert_int_equal(got.n_groups, 2);
	assert_string_equal(got.groups[1], "x y");
	assert_true(got.rules);
	assert_int_equal(got.n_packets, 2);
	assert_string_equal(got.packets[0].interface, "eth0");
	assert_null(got.packets[1].interface);
	for (i = 0; i < 2; i++) {
		assert_int_equal(got.packets[i].family, packets[i].family);
		assert_int_equal(got.packets[i].protocol, packets[i].protocol);
		assert_int_equal(got.packets[i].to_port, packets[i].to_port);
		assert_int_equal(got.packets[i].icmp_type, packets[i].icmp_type);
		assert_int_equal(got.packets[i].icmp_code, packets[i].icmp_code);
		assert_int_equal(got.packets[i].local, packets[i].local);
		assert_memory_equal(got.packets[i].to, packets[i].to, 16);
	}
	arena_free(arena);
	wire_out_free(&out);
}

/* The shortest there is: to where no route leads, so that no interface is known. */
static void
a_packet_of_no_interface(void **state)
{
	struct packet packet = packet_to(6, 22, "10.0.0.5");
	const struct question question = {
		.user = "alice", .uid = 4000, .n_packets = 1, .packets = &packet
	};
	struct wire_out out = { 0 };
	struct arena *arena = arena_new();
	struct question got;

	(void)state;
	question_put(&out, &question);
	assert_true(
	    question_get(&(struct wire_in){ .data = out.data, .left = out.used }, arena, &got));
	assert_int_equal(got.n_packets, 1);
	assert_null(got.packets[0].interface);
	assert_int_equal(got.packets[0].to_port, 22);
	arena_free(arena);
	wire_out_free(&out);
}

/* Cut anywhere, with something behind, or with any one byte changed: refused, or another question,
 * but never a packet of no family or type. */
static void
questions_that_are_damaged(void **state)
{
	struct packet packets[2];
	struct wire_out out = some_question(packets);
	struct arena *arena = arena_new();
	struct question got;
	size_t i;
	unsigned int byte;
	uint32_t j;

	(void)state;
	for (i = 0; i < out.used; i++) {
		struct wire_in in = { .data = out.data, .left = i };

		assert_false(question_get(&in, arena, &got));
	}
	for (i = 0; i < out.used; i++) {
		uint8_t before = out.data[i];

		for (byte = 0; byte < 256; byte += 5) {
			struct wire_in in = { .data = out.data, .left = out.used };

			out.data[i] = (uint8_t)byte;
			if (!question_get(&in, arena, &got))
				continue;
			for (j = 0; j < got.n_packets; j++) {
				assert_in_range(got.packets[j].family, 0, FAMILIES - 1);
				assert_true(got.packets[j].icmp_type >= -1 &&
					    got.packets[j].icmp_type <= 255);
			}
		}
		out.data[i] = before;
	}
	wire_put_u8(&out, 0);
	assert_false(
	    question_get(&(struct wire_in){ .data = out.data, .left = out.used }, arena, &got));
	arena_free(arena);
	wire_out_free(&out);
}

/* ---------------------------------------------------------------- answers */

static const char *
member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return json_object_get_string(value);
}

static void
answers_in_json(void **state)
{
	struct arena *arena = arena_new();
	struct policy *policy =
	    sketch(arena, "groups/x", "allow tcp/22 10.0.0.0/8; drop any 11.0.0.0/8");
	struct packet packets[] = { packet_to(6, 22, "10.0.0.5"), packet_to(17, 22, "10.0.0.5") };
	struct question question = {
		.user = "alice", .uid = 4000, .n_packets = 2, .packets = packets
	};
	struct json_object *object, *list, *entry, *part, *beyond;

	(void)state;
	policy->egress[0].limit = (struct limit){ 10, 1 };
	object = answer_json(&question, policy, "because");
	assert_string_equal(member(object, "verdict"), "denied");
	assert_string_equal(member(object, "policy"), "groups/x");
	assert_string_equal(member(object, "who"), "because");
	assert_false(json_object_object_get_ex(object, "rules", NULL));
	assert_true(json_object_object_get_ex(object, "answers", &list));
	entry = json_object_array_get_idx(list, 0);
	assert_string_equal(member(entry, "packet"), "tcp/22 to 10.0.0.5");
	assert_string_equal(member(entry, "verdict"), "allowed");
	assert_string_equal(member(entry, "by"), "rule");
	assert_string_equal(member(entry, "rule"), "allow tcp/22 to 10.0.0.0/8 up to 10/second");
	assert_string_equal(member(entry, "line"), "2");
	assert_true(json_object_object_get_ex(entry, "limit", &part));
	assert_true(json_object_object_get_ex(part, "beyond", &beyond));
	assert_string_equal(member(beyond, "verdict"), "denied");
	assert_string_equal(member(beyond, "by"), "default");
	packets[1].protocol = 6;
	packets[0].protocol = 17;
	part = answer_json(&question, policy, "because");
	assert_string_equal(member(part, "verdict"), "denied");
	json_object_put(part);
	entry = json_object_array_get_idx(list, 1);
	packets[0].protocol = 6;
	assert_string_equal(member(entry, "verdict"), "denied");
	assert_string_equal(member(entry, "by"), "default");
	assert_string_equal(member(entry, "sees"), "Operation not permitted");
	assert_true(json_object_object_get_ex(entry, "near", &part));
	assert_int_equal(json_object_array_length(part), 1);
	assert_string_equal(member(json_object_array_get_idx(part, 0), "misses"), "protocol");
	json_object_put(object);

	question.n_packets = 1;
	question.rules = true;
	object = answer_json(&question, policy, "because");
	assert_string_equal(member(object, "verdict"), "allowed");
	assert_non_null(strstr(member(object, "rules"), "- allow: tcp/22"));
	json_object_put(object);

	packets[0].to_port = 23;
	object = answer_json(&question, NULL, "free");
	assert_string_equal(member(object, "verdict"), "allowed");
	assert_string_equal(member(object, "policy"), "");
	json_object_put(object);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_and_where_are_packets),
		cmocka_unit_test(a_type_has_a_code),
		cmocka_unit_test(what_is_no_packet_is_said),
		cmocka_unit_test(rules_that_nearly_decided),
		cmocka_unit_test(what_is_seen_and_what_counts),
		cmocka_unit_test(who_gets_it_and_why),
		cmocka_unit_test(rules_read_back_as_they_were),
		cmocka_unit_test(policies_read_back_as_they_were),
		cmocka_unit_test(lines_are_short),
		cmocka_unit_test(questions_arrive_as_they_were),
		cmocka_unit_test(a_packet_of_no_interface),
		cmocka_unit_test(questions_that_are_damaged),
		cmocka_unit_test(answers_in_json),
	};

	return cmocka_run_group_tests_name("explain", tests, NULL, NULL);
}
