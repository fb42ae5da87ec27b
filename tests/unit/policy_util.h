/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of the rules: texts in, the report and the compiled policies as text out. The
 * services are the test's own, so that no host's /etc/services decides.
 */
#ifndef TESTS_POLICY_UTIL_H
#define TESTS_POLICY_UTIL_H

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/compile.h"

static const char util_services[] = "# a host's\n"
				    "ssh\t\t22/tcp\t\t\t# SSH\n"
				    "domain\t\t53/tcp\n"
				    "domain\t\t53/udp\n"
				    "http\t\t80/tcp\t\twww\n"
				    "ntp\t\t123/udp\n"
				    "snmp-trap\t162/tcp\tsnmptrap\n"
				    "snmp-trap\t162/udp\tsnmptrap\n"
				    "https\t\t443/tcp\n"
				    "https\t\t443/udp\n"
				    "m3ua\t\t2905/sctp\n"
				    "rtmp\t\t1/ddp\n"
				    "broken\t\tnine/tcp\n"
				    "bare\t\t9\n"
				    "zero\t\t0/tcp\n"
				    "one\t\t1/tcp\n"
				    "last\t\t65535/tcp\n"
				    "beyond\t\t65536/tcp\n"
				    "lonely\n"
				    "\n"
				    "3com\t\t1106/tcp";

/* What the host's resolv.conf holds; a test may change it. */
__attribute__((unused)) static const char *util_resolv_conf = "nameserver 192.0.2.53\n";

struct util_text {
	const char *as;
	const char *text;
	size_t length; /* 0: to the NUL */
};

/* The texts, up to one without a name, as one configuration. The ruleset is the caller's. */
static struct ruleset *
util_compile(const struct util_text *texts, bool alone)
{
	struct arena *arena = arena_new();
	struct ruleset *ruleset = arena_new_of(arena, 1, struct ruleset);
	struct reporter *reporter = reporter_new(arena);
	struct source *sources = arena_new_of(arena, 8, struct source);
	struct compile_input input = { .sources = sources, .alone = alone, .open = alone };
	int result;

	for (; texts[input.n].as; input.n++)
		sources[input.n] = (struct source){
			.name = texts[input.n].as,
			.as = texts[input.n].as,
			.text = texts[input.n].text,
			.length = texts[input.n].length ? texts[input.n].length
							: strlen(texts[input.n].text),
			.order = input.n,
		};
	input.services = services_parse(arena, util_services, sizeof(util_services) - 1);
	input.uid_min = UID_MIN_DEFAULT;
	input.resolv_conf = "resolv.conf";
	input.resolv_conf_text = util_resolv_conf;
	input.resolv_conf_length = strlen(util_resolv_conf);
	ruleset->arena = arena;
	result = compile(arena, reporter, &input, ruleset);
	assert_int_equal(report_finish(reporter, &ruleset->report), 0);
	if (!alone)
		assert_int_equal(result, ruleset->report.n_errors ? -EINVAL : 0);
	return ruleset;
}

static char *
util_report(const struct ruleset *ruleset)
{
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);

	report_print(&ruleset->report, stream);
	fclose(stream);
	return text;
}

/* The texts give this report, and nothing beside it. */
static inline void
util_expect(const struct util_text *texts, const char *expected)
{
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset);

	if (strcmp(report, expected) != 0)
		print_error("for\n%s\n", texts[0].text);
	assert_string_equal(report, expected);
	free(report);
	ruleset_free(ruleset);
}

static inline void
util_expect_main(const char *text, size_t length, const char *expected)
{
	const struct util_text texts[] = { { "netfence.yaml", text, length }, { NULL, NULL, 0 } };

	util_expect(texts, expected);
}

static inline void
util_print_what(FILE *stream, const struct what *what, uint32_t n)
{
	uint32_t i, j;

	for (i = 0; i < n; i++) {
		fprintf(stream, " %d", what[i].protocol);
		if (what[i].icmp_type != WHAT_ANY)
			fprintf(stream, ".%d", what[i].icmp_type);
		if (what[i].icmp_code != WHAT_ANY)
			fprintf(stream, ".%d", what[i].icmp_code);
		for (j = 0; j < what[i].n_ports; j++)
			fprintf(stream, "%c%u-%u", j ? ',' : '/', what[i].ports[j].first,
			    what[i].ports[j].last);
	}
}

static inline void
util_print_rule(FILE *stream, const struct rule *rule)
{
	static const char *const actions[] = { "allow", "reject", "drop" };
	char first[INET6_ADDRSTRLEN], last[INET6_ADDRSTRLEN];
	uint32_t i;
	int family;

	fprintf(stream, "  %s:%u %s", rule->file, rule->line, actions[rule->action]);
	util_print_what(stream, rule->what, rule->n_what);
	fprintf(stream, " ->");
	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		for (i = 0; i < rule->n_to[family]; i++) {
			int af = family == FAMILY_IPV4 ? AF_INET : AF_INET6;

			inet_ntop(af, rule->to[family][i].first, first, sizeof(first));
			inet_ntop(af, rule->to[family][i].last, last, sizeof(last));
			fprintf(stream, " %s-%s", first, last);
		}
	}
	if (rule->interface)
		fprintf(stream, " interface=%s", rule->interface);
	if (rule->limit.count)
		fprintf(stream, " limit=%u/%u", rule->limit.count, rule->limit.seconds);
	if (rule->log)
		fputs(" log", stream);
	fprintf(stream, "%s%s\n", rule->comment ? " # " : "", rule->comment ? rule->comment : "");
}

static inline void
util_print_test(FILE *stream, const struct policy_test *test)
{
	struct rule rule = {
		.action = test->action,
		.n_what = test->n_what,
		.what = test->what,
		.file = test->file,
		.line = test->line,
		.interface = test->interface,
	};

	memcpy(rule.n_to, test->n_to, sizeof(rule.n_to));
	memcpy(rule.to, test->to, sizeof(rule.to));
	fprintf(stream, "  test at column %u:", test->column);
	util_print_rule(stream, &rule);
}

static inline void
util_print_passage(FILE *stream, const char *name, const struct passage *passage)
{
	static const char *const kinds[] = { "none", "all", "list" };

	fprintf(stream, " %s=%s", name, kinds[passage->kind]);
	util_print_what(stream, passage->what, passage->n_what);
}

/* What is not as it is by default. */
static inline void
util_print_keys(FILE *stream, const struct policy *policy)
{
	if (policy->log)
		fprintf(stream, " log=%s", policy->log == POLICY_LOG_ALL ? "all" : "none");
	if (policy->mode)
		fputs(" mode=observe", stream);
	if (policy->on_logout)
		fprintf(
		    stream, " on-logout=%s", policy->on_logout == POLICY_CLOSE ? "close" : "kill");
	if (policy->max_session)
		fprintf(stream, " max-session=%u", policy->max_session);
	if (policy->on_expiry)
		fputs(" on-expiry=kill", stream);
	if (policy->always)
		fputs(" always", stream);
}

/* Every policy with its rules, then who gets which. */
static inline char *
util_dump(const struct ruleset *ruleset)
{
	static const char *const actions[] = { "allow", "reject", "drop" };
	const struct who *who = &ruleset->who;
	char *text = NULL;
	size_t length;
	FILE *stream = open_memstream(&text, &length);
	uint32_t i, j;

	for (i = 0; i < ruleset->n_policies; i++) {
		const struct policy *policy = &ruleset->policies[i];

		fprintf(stream, "%s %s:%u default=%s", policy->name, policy->file, policy->line,
		    actions[policy->unmatched]);
		util_print_passage(stream, "serve", &policy->serve);
		util_print_passage(stream, "loopback", &policy->loopback);
		util_print_keys(stream, policy);
		fprintf(stream, "%s%s\n", policy->message ? " message=" : "",
		    policy->message ? policy->message : "");
		for (j = 0; j < policy->n_egress; j++)
			util_print_rule(stream, &policy->egress[j]);
		for (j = 0; j < policy->n_tests; j++)
			util_print_test(stream, &policy->tests[j]);
	}
	for (i = 0; i < who->n_users; i++)
		fprintf(stream, "user %s: %s\n", who->users[i].name,
		    ruleset->policies[who->users[i].policy].name);
	for (i = 0; i < who->n_groups; i++)
		fprintf(stream, "group %s: %s\n", who->groups[i].name,
		    ruleset->policies[who->groups[i].policy].name);
	if (who->others)
		fprintf(stream, "others: %s\n", ruleset->policies[who->others_policy].name);
	for (i = 0; i < who->n_exempt_users; i++)
		fprintf(stream, "exempt user %s\n", who->exempt_users[i]);
	for (i = 0; i < who->n_exempt_groups; i++)
		fprintf(stream, "exempt group %s\n", who->exempt_groups[i]);
	fclose(stream);
	return text;
}

#endif
