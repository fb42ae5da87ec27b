/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a rule leaves nothing to another one, asked of every packet there is: in a world of few
 * addresses, ports and types, each of which stands for itself, and one more of each that stands
 * for all others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/lint.h"
#include "policy_util.h"
#include "verdict/verdict.h"

#define PAIRS     10000
#define ADDRESSES 5 /* the last is in no list */
#define NUMBERS   5 /* ports from 1, types and codes from 0; the last is in no list */

/* The same pairs each time. */
static uint32_t
draw(uint32_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed % below;
}

static void
put_what(FILE *stream, uint32_t *seed)
{
	static const char *const whole[] = { "any", "tcp", "udp", "icmp", "icmpv6", "47" };
	uint32_t kind = draw(seed, 4), first = draw(seed, NUMBERS - 1);
	uint32_t last = first + draw(seed, NUMBERS - 1 - first);

	if (kind == 0)
		fputs(whole[draw(seed, 6)], stream);
	else if (kind == 1)
		fprintf(stream, "icmp%s/%u", draw(seed, 2) ? "v6" : "", first);
	else if (kind == 2 && draw(seed, 2))
		fprintf(stream, "icmp/%u/%u", first, last);
	else
		fprintf(stream, "%s/%u-%u", draw(seed, 2) ? "tcp" : "udp", first + 1, last + 1);
}

static void
put_to(FILE *stream, uint32_t *seed)
{
	uint32_t first = draw(seed, ADDRESSES - 1);
	uint32_t last = first + draw(seed, ADDRESSES - 1 - first);

	switch (draw(seed, 6)) {
	case 0:
		fputs("any", stream);
		break;
	case 1:
		fputs(draw(seed, 2) ? "0.0.0.0/0" : "\"::/0\"", stream);
		break;
	case 2:
	case 3:
		fprintf(stream, "\"2001:db8::%u-2001:db8::%u\"", first, last);
		break;
	default:
		fprintf(stream, "10.0.0.%u-10.0.0.%u", first, last);
	}
}

static void
put_rule(FILE *stream, uint32_t *seed)
{
	uint32_t n;

	fputs(" - {allow: [", stream);
	for (n = 1 + draw(seed, 3); n > 0; n--) {
		put_what(stream, seed);
		fputs(n > 1 ? ", " : "], to: [", stream);
	}
	for (n = 1 + draw(seed, 3); n > 0; n--) {
		put_to(stream, seed);
		fputs(n > 1 ? ", " : "]", stream);
	}
	if (draw(seed, 6) == 0)
		fprintf(stream, ", interface: eth%u", draw(seed, 2));
	if (draw(seed, 12) == 0)
		fputs(", limit: 1/day", stream);
	fputs("}\n", stream);
}

/* Whether some packet of that protocol and destination meets the rule, and not the one before. */
static bool
goes_past(const struct rule *before, const struct rule *rule, struct packet *packet)
{
	static const char *const interfaces[] = { "eth0", "eth1", "eth9" };
	uint32_t i, j, k;

	for (i = 0; i < 3; i++) {
		packet->interface = interfaces[i];
		for (j = 0; j < NUMBERS; j++) {
			packet->to_port = (uint16_t)(j + 1);
			packet->icmp_type = (int)j;
			for (k = 0; k < NUMBERS; k++) {
				packet->icmp_code = (int)k;
				if (verdict_matches(rule, packet) &&
				    (before->limit.count || !verdict_matches(before, packet)))
					return true;
			}
		}
	}
	return false;
}

static bool
hides(const struct rule *before, const struct rule *rule)
{
	static const uint8_t protocols[] = { 1, 6, 17, 47, 58, 99 };
	static const char *const networks[] = { "10.0.0.0", "2001:db8::" };
	struct packet packet = { .from_port = 1 };
	uint32_t i, address;
	int family;

	for (family = FAMILY_IPV4; family < FAMILIES; family++) {
		packet.family = (enum family)family;
		for (i = 0; i < sizeof(protocols); i++) {
			packet.protocol = protocols[i];
			for (address = 0; address < ADDRESSES; address++) {
				memset(packet.to, 0, sizeof(packet.to));
				inet_pton(family == FAMILY_IPV4 ? AF_INET : AF_INET6,
				    networks[family], packet.to);
				packet.to[family == FAMILY_IPV4 ? 3 : 15] = (uint8_t)address;
				if (goes_past(before, rule, &packet))
					return false;
			}
		}
	}
	return true;
}

static bool
is_warned_of(const struct report *report)
{
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		if (strstr(report->diagnostics[i].text, "never decides") ||
		    strstr(report->diagnostics[i].text, "no rule below it ever decides"))
			return true;
	}
	return false;
}

static void
test_pairs(void **state)
{
	uint32_t seed = 20260101, hidden = 0, compared = 0, i;

	(void)state;
	for (i = 0; i < PAIRS; i++) {
		struct util_text texts[] = { { "netfence.yaml", NULL, 0 }, { NULL, NULL, 0 } };
		struct ruleset *ruleset;
		const struct rule *rules;
		size_t length;
		char *text;
		FILE *stream = open_memstream(&text, &length);

		fputs("policies: \n p: \n  egress:\n", stream);
		fputs(" ", stream);
		put_rule(stream, &seed);
		fputs(" ", stream);
		put_rule(stream, &seed);
		fclose(stream);
		texts[0].text = text;
		ruleset = util_compile(texts, false);
		/* A rule that no family can carry is an error, and not compared. */
		if (!ruleset->report.n_errors) {
			rules = ruleset->policies[0].egress;
			if (lint_hides(&rules[0], &rules[1]) != hides(&rules[0], &rules[1]))
				fail_msg("not so: %s", text);
			if (is_warned_of(&ruleset->report) != lint_hides(&rules[0], &rules[1]))
				fail_msg("a warning, or none: %s", text);
			hidden += lint_hides(&rules[0], &rules[1]);
			compared++;
		}
		ruleset_free(ruleset);
		free(text);
	}
	/* Enough of both. */
	assert_true(hidden > PAIRS / 50);
	assert_true(compared - hidden > PAIRS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
