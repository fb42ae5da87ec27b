/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules out of what was seen: that they read well, and allow that and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/what.h"
#include "policy_util.h"
#include "suggest/suggest.h"
#include "verdict/verdict.h"

static struct suggest_flow
flow_of(uint8_t protocol, const char *to, int number, uint64_t count)
{
	struct suggest_flow flow = {
		.family = strchr(to, ':') ? FAMILY_IPV6 : FAMILY_IPV4,
		.protocol = protocol,
		.icmp_type = -1,
		.icmp_code = -1,
		.count = count,
		.last = (time_t)count,
	};

	assert_int_equal(
	    inet_pton(flow.family == FAMILY_IPV4 ? AF_INET : AF_INET6, to, flow.to), 1);
	if (protocol == 1 || protocol == 58) {
		flow.icmp_type = number >> 8;
		flow.icmp_code = number & 0xff;
	} else {
		flow.port = (uint16_t)number;
	}
	return flow;
}

/* The rules as YAML, in a form that is easy to compare: "WHAT WHAT to TO TO", a line each. */
static char *
plain(const struct suggestion *suggestion)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	uint32_t i, k;

	for (i = 0; i < suggestion->n_rules; i++) {
		const struct suggest_rule *rule = &suggestion->rules[i];

		for (k = 0; k < rule->n_what; k++)
			fprintf(stream, "%s ", rule->what[k]);
		fputs("to", stream);
		for (k = 0; k < rule->n_to; k++)
			fprintf(stream, " %s", rule->to[k]);
		fprintf(stream, " (%u%s)", (unsigned int)rule->seen.count,
		    rule->seen.at_least ? "+" : "");
		if (rule->wider[0])
			fprintf(stream, " %s", rule->wider);
		putc('\n', stream);
	}
	for (i = 0; i < suggestion->n_rest; i++)
		fprintf(
		    stream, "not %s: %s\n", suggestion->rest[i].packet, suggestion->rest[i].reason);
	fclose(stream);
	return text;
}

static void
expect(const struct suggest_flow *flows, uint32_t n, uint32_t merge, const char *expected)
{
	struct arena *arena = arena_new();
	struct suggestion suggestion;
	char *text;

	assert_true(suggest(arena, flows, n, merge,
	    services_parse(arena, util_services, sizeof(util_services) - 1), &suggestion));
	text = plain(&suggestion);
	assert_string_equal(text, expected);
	free(text);
	arena_free(arena);
}

#define EXPECT(expected, ...)                                                                      \
	expect((const struct suggest_flow[]){ __VA_ARGS__ },                                       \
	    sizeof((const struct suggest_flow[]){ __VA_ARGS__ }) / sizeof(struct suggest_flow), 0, \
	    expected)

static void
names_where_they_say_no_more_than_was_seen(void **state)
{
	(void)state;
	EXPECT("ssh to 10.0.0.5 (3)\n", flow_of(6, "10.0.0.5", 22, 3));
	EXPECT("domain to 192.0.2.53 (5)\n", flow_of(17, "192.0.2.53", 53, 2),
	    flow_of(6, "192.0.2.53", 53, 3));
	EXPECT("udp/domain to 192.0.2.53 (2)\n", flow_of(17, "192.0.2.53", 53, 2));
	EXPECT("tcp/domain to 192.0.2.53 (3)\nudp/domain to 192.0.2.53 192.0.2.54 (4)\n",
	    flow_of(17, "192.0.2.53", 53, 2), flow_of(17, "192.0.2.54", 53, 2),
	    flow_of(6, "192.0.2.53", 53, 3));
	EXPECT("tcp/7777 to 10.0.0.5 (1)\n", flow_of(6, "10.0.0.5", 7777, 1));
}

static void
what_went_to_the_same_hosts_is_one_rule(void **state)
{
	(void)state;
	EXPECT("ssh http tcp/https tcp/7-9,7777 to 10.0.0.5 2001:db8::5 (14)\n",
	    flow_of(6, "10.0.0.5", 22, 1), flow_of(6, "10.0.0.5", 80, 1),
	    flow_of(6, "10.0.0.5", 443, 1), flow_of(6, "10.0.0.5", 7, 1),
	    flow_of(6, "10.0.0.5", 8, 1), flow_of(6, "10.0.0.5", 9, 1),
	    flow_of(6, "10.0.0.5", 7777, 1), flow_of(6, "2001:db8::5", 22, 1),
	    flow_of(6, "2001:db8::5", 80, 1), flow_of(6, "2001:db8::5", 443, 1),
	    flow_of(6, "2001:db8::5", 7, 1), flow_of(6, "2001:db8::5", 8, 1),
	    flow_of(6, "2001:db8::5", 9, 1), flow_of(6, "2001:db8::5", 7777, 1));
}

static void
icmp_and_others_by_number(void **state)
{
	(void)state;
	EXPECT("icmp/8/0 47 to 10.0.0.5 (3)\nicmpv6/128/0 to 2001:db8::5 (1)\n",
	    flow_of(1, "10.0.0.5", 8 << 8, 2), flow_of(47, "10.0.0.5", 0, 1),
	    flow_of(58, "2001:db8::5", 128 << 8, 1));
}

static void
the_same_again_is_counted(void **state)
{
	struct suggest_flow flows[] = { flow_of(17, "10.0.0.5", 123, 40),
		flow_of(17, "10.0.0.5", 123, 2) };

	(void)state;
	flows[1].at_least = true;
	expect(flows, 2, 0, "ntp to 10.0.0.5 (42+)\n");
}

static void
addresses_are_merged_when_asked_for(void **state)
{
	struct suggest_flow flows[12];
	char address[64];
	uint32_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		snprintf(address, sizeof(address), "10.0.0.%u", i * 40 + 1);
		flows[i] = flow_of(6, address, 22, 1);
		snprintf(address, sizeof(address), "2001:db8::%x", i * 40 + 1);
		flows[6 + i] = flow_of(6, address, 22, 1);
	}
	expect(flows, 12, 4,
	    "ssh to 10.0.0.0/24 2001:db8::/64 (12) 6 of 10.0.0.0/24, 6 of 2001:db8::/64\n");
	expect(flows, 3, 4, "ssh to 10.0.0.1 10.0.0.41 10.0.0.81 (3)\n");
	expect(flows, 3, 0, "ssh to 10.0.0.1 10.0.0.41 10.0.0.81 (3)\n");
}

static void
neighbours_are_a_range(void **state)
{
	struct suggest_flow flows[256];
	char address[64];
	uint32_t i;

	(void)state;
	for (i = 0; i < 256; i++) {
		snprintf(address, sizeof(address), "10.0.0.%u", i);
		flows[i] = flow_of(6, address, 22, 1);
	}
	expect(flows, 256, 0, "ssh to 10.0.0.0/24 (256)\n");
	expect(flows, 256, 4, "ssh to 10.0.0.0/24 (256)\n");
	expect(flows + 1, 4, 0, "ssh to 10.0.0.1-10.0.0.4 (4)\n");
	expect(flows + 1, 3, 0, "ssh to 10.0.0.1 10.0.0.2 10.0.0.3 (3)\n");
}

static void
what_no_rule_can_say_is_left(void **state)
{
	struct suggest_flow flows[] = { flow_of(6, "127.0.0.1", 22, 1),
		flow_of(17, "10.0.0.5", 0, 1), flow_of(58, "10.0.0.5", 128 << 8, 1),
		flow_of(1, "10.0.0.5", 255 << 8, 1), flow_of(0, "10.0.0.5", 0, 1) };

	(void)state;
	flows[0].ruled_out = "decided by loopback";
	expect(flows, 5, 0,
	    "not tcp/22 to 127.0.0.1: decided by loopback\n"
	    "not udp/0 to 10.0.0.5: the port is not known: a fragment\n"
	    "not icmpv6/128 to 10.0.0.5: the protocol is none of this family's\n"
	    "not icmp/255 to 10.0.0.5: to the kernel that type is all of them\n"
	    "not protocol 0 to 10.0.0.5: to the kernel the protocol 0 is all of them\n");
}

/* ---------------------------------------------------------------- exactly */

/* A number below n, often a small one, so that flows meet. */
static uint32_t
number_below(uint32_t n)
{
	return (uint32_t)rand() % (rand() % 2 ? n : (n > 8 ? 8 : n));
}

static struct suggest_flow
random_flow(void)
{
	static const uint8_t protocols[] = { 6, 6, 6, 17, 17, 132, 1, 58, 47, 50 };
	static const uint16_t ports[] = { 22, 53, 80, 123, 162, 443, 2905, 1106 };
	struct suggest_flow flow = {
		.family = rand() % 2 ? FAMILY_IPV4 : FAMILY_IPV6,
		.protocol = protocols[rand() % 10],
		.icmp_type = -1,
		.icmp_code = -1,
		.count = 1,
	};
	const bool v4 = flow.family == FAMILY_IPV4;

	flow.to[0] = v4 ? 10 : 0x20;
	flow.to[1] = 1;
	flow.to[v4 ? 2 : 7] = (uint8_t)number_below(3);
	flow.to[v4 ? 3 : 15] = (uint8_t)number_below(256);
	if (flow.protocol == 1 || flow.protocol == 58) {
		flow.protocol = v4 ? 1 : 58;
		flow.icmp_type = (int)number_below(v4 ? 255 : 256);
		flow.icmp_code = (int)number_below(256);
	} else if (flow.protocol != 47 && flow.protocol != 50) {
		flow.port = rand() % 2 ? ports[rand() % 8] : (uint16_t)(1000 + number_below(40));
		if (rand() % 50 == 0)
			flow.port = rand() % 2 ? 65535 : 1;
	}
	return flow;
}

static bool
is_same(const struct suggest_flow *one, const struct suggest_flow *other)
{
	return one->family == other->family && one->protocol == other->protocol &&
	       one->port == other->port && one->icmp_type == other->icmp_type &&
	       one->icmp_code == other->icmp_code && !memcmp(one->to, other->to, sizeof(one->to));
}

static bool
is_among(const struct suggest_flow *flow, const struct suggest_flow *flows, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (is_same(flow, &flows[i]))
			return true;
	return false;
}

static bool
is_allowed(const struct policy *policy, const struct suggest_flow *flow)
{
	struct packet packet = {
		.family = flow->family,
		.protocol = flow->protocol,
		.to_port = flow->port,
		.icmp_type = flow->icmp_type,
		.icmp_code = flow->icmp_code,
	};

	memcpy(packet.to, flow->to, sizeof(packet.to));
	return verdict_of(policy, &packet).action == ACTION_ALLOW;
}

/* As netfencectl writes it, words and addresses quoted. */
static char *
yaml_of(const struct suggestion *suggestion)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	uint32_t i, k;

	fputs("version: 1\nusers:\n  alice:\n    egress:\n", stream);
	for (i = 0; i < suggestion->n_rules; i++) {
		const struct suggest_rule *rule = &suggestion->rules[i];

		fputs("      - allow: [", stream);
		for (k = 0; k < rule->n_what; k++)
			fprintf(stream, "%s\"%s\"", k ? ", " : "", rule->what[k]);
		fputs("]\n        to: [", stream);
		for (k = 0; k < rule->n_to; k++)
			fprintf(stream, "%s\"%s\"", k ? ", " : "", rule->to[k]);
		fputs("]\n", stream);
	}
	fclose(stream);
	return text;
}

#define MOST 120

/* Whatever was seen: the suggestion passes the reader without a word, allows each of it, and of
 * what was not seen nothing; with --merge nothing outside the prefixes in which there were as many.
 */
static void
allows_what_was_seen_and_nothing_else(void **state)
{
	struct suggest_flow flows[MOST];
	unsigned int seed, unseen = 0;
	uint32_t n, i, merge;

	(void)state;
	for (seed = 1; seed <= 1500; seed++) {
		struct arena *arena = arena_new();
		struct suggestion suggestion;
		struct ruleset *set;
		char *text, *report;

		srand(seed);
		n = 1 + (uint32_t)rand() % (seed % 10 ? 20 : MOST);
		merge = seed % 3 ? 0 : 3;
		for (i = 0; i < n; i++)
			flows[i] = random_flow();
		assert_true(suggest(arena, flows, n, merge,
		    services_parse(arena, util_services, sizeof(util_services) - 1), &suggestion));
		assert_int_equal(suggestion.n_rest, 0);
		text = yaml_of(&suggestion);
		set = util_compile(
		    (const struct util_text[]){ { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } },
		    false);
		report = util_report(set);
		assert_string_equal(report, "");
		assert_int_equal(set->n_policies, 1);
		for (i = 0; i < n; i++)
			assert_true(is_allowed(&set->policies[0], &flows[i]));
		for (i = 0; i < 400; i++) {
			struct suggest_flow other = random_flow();

			/* Near misses: all of a flow but one thing. */
			if (rand() % 2) {
				struct suggest_flow one = flows[(uint32_t)rand() % n];

				switch (rand() % 3) {
				case 0:
					other.family = one.family;
					memcpy(other.to, one.to, sizeof(one.to));
					break;
				case 1:
					one.to[one.family == FAMILY_IPV4 ? 3 : 15]++;
					other = one;
					break;
				default:
					if (one.port && one.port < 65535)
						one.port++;
					other = one;
				}
			}
			if ((other.protocol == 1 && other.family != FAMILY_IPV4) ||
			    (other.protocol == 58 && other.family != FAMILY_IPV6) ||
			    is_among(&other, flows, n))
				continue;
			if (!merge) {
				assert_false(is_allowed(&set->policies[0], &other));
				unseen++;
			} else if (is_allowed(&set->policies[0], &other)) {
				uint32_t k, met = 0;
				const size_t prefix = other.family == FAMILY_IPV4 ? 3 : 8;

				for (k = 0; k < n; k++) {
					struct suggest_flow there = flows[k];

					if (is_among(&there, flows, k) ||
					    memcmp(there.to, other.to, prefix) != 0)
						continue;
					memcpy(there.to, other.to, sizeof(there.to));
					met += is_same(&there, &other);
				}
				assert_true(met >= merge);
			}
		}
		free(report);
		free(text);
		ruleset_free(set);
		arena_free(arena);
	}
	assert_true(unseen > 100000);
}

/* Each name that a host's own file has for a port is read as just that. */
static void
every_name_of_this_host_is_read_as_its_port(void **state)
{
	struct arena *arena = arena_new();
	FILE *file = fopen("/etc/services", "re");
	static char text[4 << 20];
	const struct services *services;
	size_t length;
	uint32_t port;
	static const uint8_t protocols[] = { 6, 17, 132 };
	unsigned int i, n = 0;

	(void)state;
	if (!file) {
		print_message("SKIPPED: no /etc/services here\n");
		arena_free(arena);
		return;
	}
	length = fread(text, 1, sizeof(text), file);
	fclose(file);
	services = services_parse(arena, text, length);
	for (port = 1; port <= 65535; port++) {
		for (i = 0; i < 3; i++) {
			struct suggest_flow flow = flow_of(protocols[i], "10.0.0.5", (int)port, 1);
			struct suggestion suggestion;
			struct what_list list;
			struct what *what;
			uint32_t n_what;
			struct why why;

			if (!services_name(services, protocols[i], (uint16_t)port))
				continue;
			assert_true(suggest(arena, &flow, 1, 0, services, &suggestion));
			list = (struct what_list){ 0 };
			assert_int_equal(
			    what_parse(arena, services, suggestion.rules[0].what[0], &list, &why),
			    0);
			assert_int_equal(what_merge(arena, &list, &what, &n_what), 0);
			assert_int_equal(n_what, 1);
			assert_int_equal(what->protocol, protocols[i]);
			assert_int_equal(what->n_ports, 1);
			assert_int_equal(what->ports[0].first, port);
			assert_int_equal(what->ports[0].last, port);
			n++;
		}
	}
	print_message("%u names\n", n);
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_where_they_say_no_more_than_was_seen),
		cmocka_unit_test(what_went_to_the_same_hosts_is_one_rule),
		cmocka_unit_test(icmp_and_others_by_number),
		cmocka_unit_test(the_same_again_is_counted),
		cmocka_unit_test(addresses_are_merged_when_asked_for),
		cmocka_unit_test(neighbours_are_a_range),
		cmocka_unit_test(what_no_rule_can_say_is_left),
		cmocka_unit_test(allows_what_was_seen_and_nothing_else),
		cmocka_unit_test(every_name_of_this_host_is_read_as_its_port),
	};

	return cmocka_run_group_tests_name("suggest", tests, NULL, NULL);
}
