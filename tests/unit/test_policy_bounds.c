/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where it ends: each bound is met, and then passed by one. And the parts on their own where a
 * whole configuration could not reach their edges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/names.h"
#include "policy_util.h"

#define MAIN "netfence.yaml"

/* A text under construction. */
struct text {
	FILE *stream;
	char *bytes;
	size_t length;
};

static void
text_begin(struct text *text)
{
	text->stream = open_memstream(&text->bytes, &text->length);
	assert_non_null(text->stream);
}

static struct ruleset *
text_compile(struct text *text)
{
	struct util_text texts[] = { { MAIN, NULL, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset;

	fclose(text->stream);
	texts[0].text = text->bytes;
	texts[0].length = text->length;
	ruleset = util_compile(texts, false);
	free(text->bytes);
	return ruleset;
}

/* NULL: no error is expected; else the one error's text holds it. */
static void
text_expect(struct text *text, const char *error)
{
	struct ruleset *ruleset = text_compile(text);
	uint32_t i = 0;

	assert_int_equal(ruleset->report.n_errors, error ? 1 : 0);
	while (i < ruleset->report.n && ruleset->report.diagnostics[i].severity != SEVERITY_ERROR)
		i++;
	if (error && !strstr(ruleset->report.diagnostics[i].text, error))
		fail_msg("'%s' is not in '%s'", error, ruleset->report.diagnostics[i].text);
	ruleset_free(ruleset);
}

static void
test_rules(void **state)
{
	struct text text;
	int i, n;

	(void)state;
	for (n = POLICY_RULES_MAX; n <= POLICY_RULES_MAX + 1; n++) {
		text_begin(&text);
		fputs("policies:\n p:\n  egress:\n", text.stream);
		for (i = 0; i < n; i++)
			fputs("   - {allow: tcp/22, to: 192.0.2.1}\n", text.stream);
		text_expect(
		    &text, n > POLICY_RULES_MAX ? "4097 rules: a policy has at most 4096" : NULL);
	}
}

static void
put_addresses(FILE *stream, int from, int n)
{
	int i;

	for (i = from; i < from + n; i++)
		fprintf(stream, "10.%d.%d.%d,", i >> 15, i >> 7 & 255, i << 1 & 255);
}

/* Every second address, so that none adjoin. */
static void
test_addresses(void **state)
{
	struct text text;
	int n;

	(void)state;
	for (n = POLICY_ADDRESSES_MAX; n <= POLICY_ADDRESSES_MAX + 1; n++) {
		text_begin(&text);
		fputs("define: {a: [", text.stream);
		put_addresses(text.stream, 0, POLICY_ADDRESSES_MAX / 2);
		fputs("]}\npolicies:\n p: {egress: [{allow: any, to: a}, {allow: ssh, to: a}]}\n",
		    text.stream);
		if (n > POLICY_ADDRESSES_MAX)
			fputs(" q: {egress: [{allow: any, to: 192.0.2.1}]}\n"
			      " r: q\n",
			    text.stream);
		text_expect(&text, n > POLICY_ADDRESSES_MAX ? "more than 65536 addresses" : NULL);
	}
}

/* Names of names that would be worth 2^60 addresses, were they all written out. */
static void
test_expansion(void **state)
{
	struct text text;
	int i, j;

	(void)state;
	text_begin(&text);
	fputs("define:\n n0: [", text.stream);
	put_addresses(text.stream, 0, 30000);
	fputs("]\n", text.stream);
	for (i = 1; i < 15; i++) {
		fprintf(text.stream, " n%d: [", i);
		for (j = 0; j < 16; j++)
			fprintf(text.stream, "n%d,", i - 1);
		fputs("]\n", text.stream);
	}
	text_expect(&text, "too many addresses");
}

static void
test_policies(void **state)
{
	struct text text;
	int i, n;

	(void)state;
	for (n = POLICY_COUNT_MAX; n <= POLICY_COUNT_MAX + 1; n++) {
		text_begin(&text);
		fputs("policies: {p: {egress: []}}\nusers:\n", text.stream);
		for (i = 1; i < n; i++)
			fprintf(text.stream, " u%d: {policy: p}\n", i);
		/* A name alone makes no policy. */
		for (i = 0; i < 100; i++)
			fprintf(text.stream, " v%d: p\n", i);
		text_expect(&text, n > POLICY_COUNT_MAX ? "more than 4096 policies" : NULL);
	}
}

static void
test_lengths(void **state)
{
	static const struct {
		const char *format;
		int most;
		const char *error;
	} cases[] = {
		{ "policies: {p: {egress: [], message: %*s}}\n", POLICY_MESSAGE_MAX,
		    "a message has at most 1024 bytes, this one 1025" },
		{ "policies: {p: {egress: [{allow: any, to: any, comment: %*s}]}}\n", 255,
		    "a comment has at most 255 bytes" },
		{ "users: {%*s: {egress: []}}\n", 248, "a name has at most 248 bytes" },
		{ "groups: {%*s: {egress: []}}\n", 248, "a name has at most 248 bytes" },
		{ "policies: {%*s: {egress: []}}\n", 248, "a name has at most 248 bytes" },
		{ "exempt: {users: [%*s]}\n", 248, "a name has at most 248 bytes" },
	};
	struct text text;
	char word[2048];
	const char *place;
	size_t i;
	int more;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (more = 0; more <= 1; more++) {
			memset(word, 'x', sizeof(word));
			word[cases[i].most + more] = '\0';
			place = strstr(cases[i].format, "%*s");
			text_begin(&text);
			fprintf(text.stream, "%.*s%s%s", (int)(place - cases[i].format),
			    cases[i].format, word, place + 3);
			text_expect(&text, more ? cases[i].error : NULL);
		}
	}
}

/* A long value is cut where it is quoted, and not within a character. */
static void
test_quote(void **state)
{
	char text[201];
	size_t i;

	(void)state;
	assert_string_equal(quote("a\nb\tc").text, "a b c");
	assert_string_equal(quote("").text, "");
	for (i = 0; i < 200; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[200] = '\0';
	assert_int_equal(strlen(quote(text).text), 92 + strlen("…"));
	assert_memory_equal(quote(text).text, text, 92);
	assert_string_equal(quote(text).text + 92, "…");
	assert_int_equal(strlen(quote(text + 1).text), 91 + strlen("…"));
}

static void
test_nearest(void **state)
{
	static const struct {
		const char *wanted;
		const char *best;
	} cases[] = {
		{ "egres", "egress" },
		{ "gress", "egress" },
		{ "egerss", "egress" },
		{ "ergess", "egress" },
		{ "regess", "egress" },
		{ "egress", "egress" },
		{ "xxress", "egress" },
		{ "xxxess", NULL },
		{ "t", NULL },
		{ "", NULL },
		{ "an", "any" },
		{ "xyy", NULL },
		{ "yna", NULL },
		{ "nay", "any" },
		{ "this-is-much-longer-than-anything-that-there-is", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nearest nearest = { .wanted = cases[i].wanted };

		nearest_offer(&nearest, "egress");
		nearest_offer(&nearest, "any");
		nearest_offer(&nearest, "tor");
		nearest_offer(&nearest, "this-is-much-longer-than-anything-that-there-may-be");
		if (cases[i].best)
			assert_string_equal(nearest.best, cases[i].best);
		else
			assert_null(nearest.best);
	}
}

/* Many names in one table, each of them found again. */
static void
test_names(void **state)
{
	struct arena *arena = arena_new();
	struct names *names = names_new(arena);
	char name[16];
	int i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_null(names_get(names, name));
		assert_int_equal(
		    names_put(names, arena_string(arena, name, strlen(name)), &names), 0);
		assert_ptr_equal(names_get(names, name), &names);
	}
	for (i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		assert_ptr_equal(names_get(names, name), &names);
	}
	assert_null(names_get(names, ""));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_expansion),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_quote),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
