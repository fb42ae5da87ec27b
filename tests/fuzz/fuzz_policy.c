/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer: any bytes, as netfence.yaml and as a user's policy, give a report and no more harm.
 * `make fuzz` runs it; `make check` gives it what lies in tests/fuzz/policy.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"
#include "policy/people.h"

static const char services_text[] = "ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\n";
static const char resolv_text[] = "nameserver 192.0.2.53\nnameserver fe80::1%eth0\n";

/* Everybody is there but who begins with x, and many share a uid. */
static int
some_user(void *context, const char *name, uint32_t *uid)
{
	(void)context;
	*uid = 1000 + (uint32_t)strlen(name) % 3;
	return name[0] != 'x';
}

static int
some_group(void *context, const char *name)
{
	(void)context;
	return name[0] != 'x';
}

static int
some_members(
    void *context, const char *group, int (*each)(const char *member, void *data), void *data)
{
	int result = each("alice", data);

	(void)context;
	return result ? result : each(group, data);
}

static const struct people some_people = {
	.user = some_user,
	.group = some_group,
	.members = some_members,
};

static void
expect(bool so)
{
	if (!so)
		abort();
}

/* What rule.h promises of these to whoever takes them over. */
static void
expect_what(const struct what *what, uint32_t n)
{
	uint32_t i;

	expect(n > 0);
	for (; n > 0; n--, what++) {
		bool icmp = what->protocol == 1 || what->protocol == 58;
		bool ported = what->protocol == 6 || what->protocol == 17 || what->protocol == 132;

		expect(what->protocol == WHAT_ANY || (what->protocol > 0 && what->protocol < 256));
		expect(what->icmp_type == WHAT_ANY || icmp);
		expect(what->icmp_code == WHAT_ANY || what->icmp_type != WHAT_ANY);
		expect(!(what->protocol == 1 && what->icmp_type == 255));
		expect(!what->n_ports || ported);
		for (i = 0; i < what->n_ports; i++) {
			expect(what->ports[i].first > 0);
			expect(what->ports[i].first <= what->ports[i].last);
			expect(i == 0 || what->ports[i].first > what->ports[i - 1].last + 1);
		}
	}
}

static void
expect_ranges(const struct address_range *ranges, uint32_t n, enum family family)
{
	static const uint8_t zero[12] = { 0 };
	uint32_t i;

	for (i = 0; i < n; i++) {
		expect(memcmp(ranges[i].first, ranges[i].last, 16) <= 0);
		expect(i == 0 || memcmp(ranges[i].first, ranges[i - 1].last, 16) > 0);
		expect(family == FAMILY_IPV6 || !memcmp(ranges[i].last + 4, zero, 12));
	}
}

static void
expect_policy(const struct policy *policy)
{
	enum family family;
	uint32_t i;

	expect(policy->n_egress <= POLICY_RULES_MAX && policy->n_tests <= POLICY_RULES_MAX);
	expect(policy->max_session <= POLICY_SESSION_MAX);
	expect(!policy->message || strlen(policy->message) <= POLICY_MESSAGE_MAX);
	expect(strlen(policy->name) <= POLICY_NAME_MAX);
	if (policy->serve.kind == PASSAGE_LIST)
		expect_what(policy->serve.what, policy->serve.n_what);
	if (policy->loopback.kind == PASSAGE_LIST)
		expect_what(policy->loopback.what, policy->loopback.n_what);
	for (i = 0; i < policy->n_egress; i++) {
		const struct rule *rule = &policy->egress[i];

		expect(rule->file && rule->line > 0);
		expect_what(rule->what, rule->n_what);
		for (family = FAMILY_IPV4; family < FAMILIES; family++)
			expect_ranges(rule->to[family], rule->n_to[family], family);
		expect(rule->limit.count <= RULE_LIMIT_MAX);
		expect(!rule->limit.count == !rule->limit.seconds);
		expect(!rule->interface || strlen(rule->interface) <= RULE_INTERFACE_MAX);
	}
}

static void
try_as(const char *as, const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct source source = {
		.name = as,
		.as = as,
		.text = arena_string(arena, (const char *)data, size),
		.length = size,
	};
	struct compile_input input = {
		.sources = &source,
		.n = 1,
		.uid_min = UID_MIN_DEFAULT,
		.resolv_conf = "resolv.conf",
		.resolv_conf_text = resolv_text,
		.resolv_conf_length = sizeof(resolv_text) - 1,
	};
	struct ruleset ruleset = { .arena = arena };
	struct reporter *reporter = reporter_new(arena);
	uint32_t i;
	int result;

	input.services = services_parse(arena, services_text, sizeof(services_text) - 1);
	result = compile(arena, reporter, &input, &ruleset);
	expect(report_finish(reporter, &ruleset.report) == 0);
	/* Whatever is not usable has been said to be so, and the other way round. */
	expect((result != 0) == (ruleset.report.n_errors != 0));
	for (i = 0; !result && i < ruleset.n_policies; i++)
		expect_policy(&ruleset.policies[i]);
	result = people_check(&ruleset, &some_people, NULL);
	expect((result != 0) == (ruleset.report.n_errors != 0));
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_as("netfence.yaml", data, size);
	try_as("users/alice.yaml", data, size);
	return 0;
}
