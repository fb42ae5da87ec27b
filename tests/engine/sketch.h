/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies in a line of text, for tests:
 *
 *   "serve tcp/8080; loopback none; allow tcp/22,80-90+udp/53 10.0.0.0/8 fd00::-fd00::9;
 *    reject icmp/8 any; default drop"
 *
 * What and where as in the rules' own grammar, but '+' between whats and blanks between
 * addresses. Without a word: serve none, loopback all, default reject. A slip aborts.
 */
#ifndef NETFENCE_TESTS_SKETCH_H
#define NETFENCE_TESTS_SKETCH_H

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "netfence/rule.h"

#define SKETCH_LIST_MAX 64

static inline void
sketch_wrong(const char *what, const char *text)
{
	fprintf(stderr, "sketch: %s: %s\n", what, text);
	abort();
}

static inline struct ports
sketch_port(const char *text)
{
	unsigned int first, last;
	int fields = sscanf(text, "%u-%u", &first, &last);

	if (fields < 1)
		sketch_wrong("ports", text);
	return (struct ports){ (uint16_t)first, (uint16_t)(fields == 2 ? last : first) };
}

static inline struct what
sketch_what(struct arena *arena, char *text)
{
	static const struct {
		const char *name;
		int16_t number;
	} names[] = { { "any", WHAT_ANY }, { "tcp", 6 }, { "udp", 17 }, { "sctp", 132 },
		{ "icmp", 1 }, { "icmpv6", 58 } };
	struct what what = { .protocol = -2, .icmp_type = WHAT_ANY, .icmp_code = WHAT_ANY };
	char *rest = text, *name = strsep(&rest, "/"), *port;
	size_t i;
	int type, code, fields;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i].name, name) == 0)
			what.protocol = names[i].number;
	}
	if (what.protocol == -2)
		what.protocol = (int16_t)atoi(name);
	if (rest && (what.protocol == 1 || what.protocol == 58)) {
		fields = sscanf(rest, "%d/%d", &type, &code);
		if (fields < 1)
			sketch_wrong("type", rest);
		what.icmp_type = (int16_t)type;
		what.icmp_code = (int16_t)(fields == 2 ? code : WHAT_ANY);
	} else if (rest) {
		what.ports = arena_new_of(arena, SKETCH_LIST_MAX, struct ports);
		while ((port = strsep(&rest, ",")))
			what.ports[what.n_ports++] = sketch_port(port);
	}
	return what;
}

static inline void
sketch_whats(struct arena *arena, char *text, uint32_t *n, struct what **what)
{
	char *one;

	*what = arena_new_of(arena, SKETCH_LIST_MAX, struct what);
	*n = 0;
	while ((one = strsep(&text, "+")))
		(*what)[(*n)++] = sketch_what(arena, one);
}

static inline enum family
sketch_address(const char *text, uint8_t *bytes)
{
	if (inet_pton(AF_INET, text, bytes) == 1)
		return FAMILY_IPV4;
	if (inet_pton(AF_INET6, text, bytes) != 1)
		sketch_wrong("address", text);
	return FAMILY_IPV6;
}

static inline struct address_range
sketch_everywhere(enum family family)
{
	struct address_range range = { { 0 }, { 0 } };

	memset(range.last, 0xff, family == FAMILY_IPV4 ? 4 : 16);
	return range;
}

static inline void
sketch_to(struct rule *rule, char *text)
{
	struct address_range range = { { 0 }, { 0 } };
	enum family family;
	char *dash = strchr(text, '-'), *slash = strchr(text, '/');
	int bit, bits;

	if (strcmp(text, "any") == 0) {
		for (family = FAMILY_IPV4; family < FAMILIES; family++)
			rule->to[family][rule->n_to[family]++] = sketch_everywhere(family);
		return;
	}
	if (dash)
		*dash = '\0';
	if (slash)
		*slash = '\0';
	family = sketch_address(text, range.first);
	bits = family == FAMILY_IPV4 ? 32 : 128;
	memcpy(range.last, range.first, sizeof(range.last));
	if (dash)
		sketch_address(dash + 1, range.last);
	for (bit = slash ? atoi(slash + 1) : bits; bit < bits; bit++)
		range.last[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	rule->to[family][rule->n_to[family]++] = range;
}

static inline struct passage
sketch_passage(struct arena *arena, char *text)
{
	struct passage passage = { .kind = PASSAGE_LIST };

	if (strcmp(text, "none") == 0)
		passage.kind = PASSAGE_NONE;
	else if (strcmp(text, "all") == 0)
		passage.kind = PASSAGE_ALL;
	else
		sketch_whats(arena, text, &passage.n_what, &passage.what);
	return passage;
}

static inline enum action
sketch_action(const char *text)
{
	if (strcmp(text, "allow") == 0)
		return ACTION_ALLOW;
	if (strcmp(text, "reject") == 0)
		return ACTION_REJECT;
	if (strcmp(text, "drop") != 0)
		sketch_wrong("action", text);
	return ACTION_DROP;
}

static inline void
sketch_rule(struct arena *arena, struct rule *rule, const char *action, char *what, char *rest)
{
	enum family family;
	char *to;

	rule->action = sketch_action(action);
	sketch_whats(arena, what, &rule->n_what, &rule->what);
	for (family = FAMILY_IPV4; family < FAMILIES; family++)
		rule->to[family] = arena_new_of(arena, SKETCH_LIST_MAX, struct address_range);
	while ((to = strsep(&rest, " "))) {
		if (*to)
			sketch_to(rule, to);
	}
}

/* In the arena, as all that hangs on it. */
static inline struct policy *
sketch(struct arena *arena, const char *name, const char *text)
{
	struct policy *policy = arena_new_of(arena, 1, struct policy);
	char *copy = arena_string(arena, text, strlen(text));
	char *part, *word, *next;

	*policy = (struct policy){ .name = name,
		.file = "test.yaml",
		.line = 1,
		.unmatched = ACTION_REJECT,
		.loopback.kind = PASSAGE_ALL,
		.egress = arena_new_of(arena, SKETCH_LIST_MAX, struct rule) };
	while ((part = strsep(&copy, ";"))) {
		part += strspn(part, " \n\t");
		if (!*part)
			continue;
		word = strsep(&part, " ");
		next = strsep(&part, " ");
		if (!next)
			sketch_wrong("word alone", word);
		if (strcmp(word, "default") == 0) {
			policy->unmatched = sketch_action(next);
		} else if (strcmp(word, "serve") == 0) {
			policy->serve = sketch_passage(arena, next);
		} else if (strcmp(word, "loopback") == 0) {
			policy->loopback = sketch_passage(arena, next);
		} else {
			policy->egress[policy->n_egress].file = "test.yaml";
			policy->egress[policy->n_egress].line = policy->n_egress + 2;
			sketch_rule(arena, &policy->egress[policy->n_egress++], word, next, part);
		}
	}
	return policy;
}

#endif
