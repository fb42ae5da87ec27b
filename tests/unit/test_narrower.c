/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which policies may take the place of another at a login.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "../engine/random.h"
#include "policy_util.h"
#include "verdict/narrower.h"
#include "verdict/verdict.h"
#include "verdict/words.h"

static const char *const bodies[] = {
	/* 0 */ "egress: []",
	/* 1 */ "egress:\n      - allow: udp/162\n        to: 192.0.2.10",
	/* 2 */ "egress:\n      - allow: udp/160-170\n        to: 192.0.2.0/24",
	/* 3 */ "egress:\n      - allow: any\n        to: any",
	/* 4 */
	("egress:\n      - reject: any\n        to: 192.0.2.10\n"
	 "      - allow: any\n        to: any"),
	/* 5 */ "egress: []\n    default: allow",
	/* 6 */ "egress: []\n    serve: [tcp/8080]",
	/* 7 */ "egress: []\n    serve: any",
	/* 8 */ "egress: []\n    loopback: reject",
	/* 9 */ "egress: []\n    mode: observe",
	/* 10 */ "egress:\n      - allow: tcp/22\n        to: 192.0.2.1\n        limit: 5/second",
	/* 11 */ "egress:\n      - allow: tcp/22\n        to: 192.0.2.1",
	/* 12 */ "egress:\n      - allow: udp/162\n        to: \"2001:db8::10\"",
};

/* Of each pair: is the first surely narrower than the second, or the same? */
static const struct {
	int one;
	int than;
	bool narrower;
} cases[] = {
	{ 0, 0, true },
	{ 0, 1, true },
	{ 1, 0, false },
	{ 1, 1, true },
	{ 1, 2, true },
	{ 2, 1, false },
	{ 2, 3, true },
	{ 3, 2, false },
	{ 4, 3, true },
	{ 3, 4, false },
	{ 2, 4, false }, /* its prefix holds the address that 4 rejects */
	{ 1, 4, false },
	{ 5, 0, false },
	{ 5, 5, true },
	{ 5, 3, false },
	{ 3, 5, true },
	{ 6, 0, false },
	{ 0, 6, true },
	{ 6, 6, true },
	{ 6, 7, true },
	{ 7, 6, false },
	{ 8, 0, true },
	{ 0, 8, false },
	{ 9, 3, false },
	{ 3, 9, true },
	{ 9, 9, true },
	{ 11, 10, false }, /* beyond the limit, 10 does not allow */
	{ 10, 11, true },
	{ 12, 2, false },
	{ 12, 3, true },
};

static struct ruleset *
policy_of(const char *body, const struct policy **policy)
{
	char text[512];
	struct ruleset *ruleset;

	snprintf(text, sizeof(text), "users:\n  alice:\n    %s\n", body);
	ruleset = util_compile(
	    (const struct util_text[]){ { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } }, false);
	if (ruleset->report.n_errors)
		fail_msg("%s", util_report(ruleset));
	*policy = &ruleset->policies[ruleset->who.users[0].policy];
	return ruleset;
}

static void
test_pairs(void **state)
{
	const struct policy *one, *than;
	struct ruleset *first, *second;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		first = policy_of(bodies[cases[i].one], &one);
		second = policy_of(bodies[cases[i].than], &than);
		if (narrower(one, than) != cases[i].narrower)
			fail_msg(
			    "%d than %d: not %d", cases[i].one, cases[i].than, cases[i].narrower);
		ruleset_free(first);
		ruleset_free(second);
	}
}

/* Something of the other policy with a word changed, so that the two are often alike. */
static struct policy *
variant(struct arena *arena, const struct policy *of)
{
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	struct rule *rule;
	uint32_t i;

	*policy = *of;
	policy->egress = arena_new_of(arena, of->n_egress, struct rule);
	policy->n_egress = 0;
	for (i = 0; i < of->n_egress; i++) {
		if (roll(6) == 0)
			continue;
		rule = &policy->egress[policy->n_egress++];
		*rule = of->egress[i];
		if (roll(8) == 0)
			rule->action = (enum action)roll(3);
		if (roll(8) == 0)
			rule->n_what = 1;
		if (roll(8) == 0)
			random_to(arena, rule, (enum family)roll(2));
		if (roll(10) == 0)
			rule->limit = (struct limit){ 1, 60 };
		if (roll(10) == 0)
			rule->interface = roll(2) ? "near" : "side";
	}
	if (roll(6) == 0)
		policy->unmatched = (enum action)roll(3);
	if (roll(6) == 0)
		policy->loopback.kind = (enum passage_kind)roll(2);
	policy->serve.kind = (enum passage_kind)roll(3);
	if (policy->serve.kind == PASSAGE_LIST)
		random_whats(arena, &policy->serve.n_what, &policy->serve.what);
	if (roll(20) == 0)
		policy->mode = POLICY_OBSERVE;
	return policy;
}

static struct packet
some_packet(void)
{
	struct packet packet = { .family = (enum family)roll(2),
		.icmp_type = VERDICT_UNKNOWN,
		.icmp_code = VERDICT_UNKNOWN };
	const char *to = some_address(packet.family);

	sketch_address(to, packet.to);
	packet.protocol =
	    (uint8_t)some_protocols[roll(sizeof(some_protocols) / sizeof(*some_protocols))];
	if (packet.protocol == 1 || packet.protocol == 58) {
		packet.protocol = packet.family == FAMILY_IPV4 ? 1 : 58;
		packet.icmp_type = some_icmp[roll(sizeof(some_icmp))];
		packet.icmp_code = (int)roll(3);
	} else {
		packet.to_port = some_ports[roll(sizeof(some_ports) / sizeof(*some_ports))];
		packet.from_port = some_ports[roll(sizeof(some_ports) / sizeof(*some_ports))];
	}
	packet.local = packet.to[0] == 127 || strcmp(to, "::1") == 0 || roll(8) == 0;
	packet.reply = roll(4) == 0;
	packet.interface = packet.local ? "lo" : roll(2) ? "near" : "side";
	return packet;
}

/* Whatever the one lets out at some time the other lets out at any. */
static void
whoever_is_narrower_lets_out_no_more(void **state)
{
	unsigned int i, k, narrow = 0, rounds = 60000;

	(void)state;
	random_begin();
	for (i = 0; i < rounds; i++) {
		struct arena *arena = arena_new();
		const struct policy *base = random_policy(arena);
		const struct policy *one = variant(arena, base), *than = variant(arena, base);

		if (!narrower(one, than)) {
			arena_free(arena);
			continue;
		}
		narrow++;
		for (k = 0; k < 300 && than->mode != POLICY_OBSERVE; k++) {
			const struct packet packet = some_packet();

			if (verdict_within(one, &packet).action == ACTION_ALLOW &&
			    (verdict_within(than, &packet).action != ACTION_ALLOW ||
				verdict_of(than, &packet).action != ACTION_ALLOW)) {
				words_packet(stderr, &packet);
				fail_msg("round %u: lets that out, and is called narrower", i);
			}
		}
		arena_free(arena);
	}
	assert_in_range(narrow, rounds / 20, rounds - rounds / 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(whoever_is_narrower_lets_out_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
