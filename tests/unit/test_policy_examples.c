/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules that come with netfence as examples are without fault, do what their tests say, and
 * their tests would notice if they did not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "policy_util.h"

/* The caller's; the path is below the folder of examples. */
static char *
read_text(const char *path)
{
	char whole[4096], *text = NULL;
	size_t room = 0;
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", CONFIG, path);
	file = fopen(whole, "r");
	if (!file)
		fail_msg("%s cannot be read", whole);
	if (getdelim(&text, &room, '\0', file) < 0)
		fail_msg("%s is empty", whole);
	fclose(file);
	return text;
}

static void
expect_report(const struct util_text *texts, const char *expected)
{
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset);

	assert_string_equal(report, expected);
	free(report);
	ruleset_free(ruleset);
}

/* Everything that anybody can get is tested. */
static uint32_t
count_tests(const struct util_text *texts)
{
	struct ruleset *ruleset = util_compile(texts, false);
	uint32_t n = 0, i;

	for (i = 0; i < ruleset->n_policies; i++) {
		if (!ruleset->policies[i].n_tests)
			fail_msg("%s has no tests", ruleset->policies[i].name);
		n += ruleset->policies[i].n_tests;
	}
	ruleset_free(ruleset);
	return n;
}

/* Swaps allow and reject in one test after the other: each must fail then. A test begins with
 * "- allow:" or the like, and stands below "tests:". */
static void
expect_noticed(struct util_text *texts, size_t changed, uint32_t n_tests)
{
	const char *original = texts[changed].text;
	const char *tests = original, *test;
	uint32_t n = 0;

	while ((tests = strstr(tests, "tests:\n"))) {
		const char *end = strstr(tests, "\n\n");

		tests += strlen("tests:\n");
		for (test = tests; (test = strstr(test, "- ")) && (!end || test < end); test++) {
			struct ruleset *ruleset;
			bool allows = strncmp(test, "- allow:", 8) == 0;
			char *text;

			if (!allows && strncmp(test, "- reject:", 9) != 0 &&
			    strncmp(test, "- drop:", 7) != 0)
				continue;
			assert_true(asprintf(&text, "%.*s- %s%s", (int)(test - original), original,
					allows ? "reject" : "allow", strchr(test, ':')) > 0);
			texts[changed].text = text;
			ruleset = util_compile(texts, false);
			if (ruleset->report.n_errors != 1)
				fail_msg("%s: '%.40s' turned round: %u errors", texts[changed].as,
				    test, ruleset->report.n_errors);
			ruleset_free(ruleset);
			free(text);
			n++;
		}
	}
	texts[changed].text = original;
	assert_int_equal(n, n_tests);
}

/* The rules that one begins with. */
static void
test_seed(void **state)
{
	char *base = read_text("netfence.yaml"), *supporters = read_text("groups/supporters.yaml");
	struct util_text texts[] = {
		{ "netfence.yaml", base, 0 },
		{ "groups/supporters.yaml", supporters, 0 },
		{ NULL, NULL, 0 },
	};
	struct util_text alone[] = { { "netfence.yaml", base, 0 }, { NULL, NULL, 0 } };

	(void)state;
	expect_report(texts, "");
	expect_noticed(alone, 0, count_tests(alone));
	expect_noticed(texts, 1, count_tests(texts) - count_tests(alone));
	free(base);
	free(supporters);
}

/* Each by itself. */
static void
test_others(void **state)
{
	static const char *const names[] = { "ci", "students", "jump-host", "upload" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		struct util_text texts[] = { { path, NULL, 0 }, { NULL, NULL, 0 } };
		char *text;

		snprintf(path, sizeof(path), "examples/%s.yaml", names[i]);
		text = read_text(path);
		texts[0].text = text;
		expect_report(texts, "");
		expect_noticed(texts, 0, count_tests(texts));
		free(text);
	}
}

/* And all together, as nothing in them has the same name. */
static void
test_together(void **state)
{
	struct util_text texts[8] = {
		{ "netfence.yaml", read_text("netfence.yaml"), 0 },
		{ "groups/supporters.yaml", read_text("groups/supporters.yaml"), 0 },
	};
	char paths[8][300];
	const struct dirent *entry;
	DIR *folder = opendir(CONFIG "/examples");
	size_t n = 2, i;

	(void)state;
	assert_non_null(folder);
	while ((entry = readdir(folder))) {
		if (!strstr(entry->d_name, ".yaml") || strcmp(entry->d_name, "complete.yaml") == 0)
			continue;
		assert_true(n < 7);
		snprintf(paths[n], sizeof(paths[n]), "examples/%s", entry->d_name);
		texts[n].as = paths[n];
		texts[n].text = read_text(paths[n]);
		n++;
	}
	closedir(folder);
	assert_int_equal(n, 6);
	expect_report(texts, "");
	for (i = 0; i < n; i++)
		free((void *)(uintptr_t)texts[i].text);
}

/* Every key, as it came to be. */
static void
test_complete(void **state)
{
	char *text = read_text("examples/complete.yaml");
	const struct util_text texts[] = { { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } };
	struct ruleset *ruleset;
	char *dump;

	(void)state;
	expect_report(texts, "");
	ruleset = util_compile(texts, false);
	dump = util_dump(ruleset);
	assert_string_equal(dump,
	    "vendor netfence.yaml:11 default=reject serve=none loopback=all\n"
	    "  netfence.yaml:13 allow 6/443-443 17/443-443 -> 198.51.100.0-198.51.100.255\n"
	    "users/bob netfence.yaml:18 default=reject serve=none loopback=all max-session=7200\n"
	    "  netfence.yaml:13 allow 6/443-443 17/443-443 -> 198.51.100.0-198.51.100.255\n"
	    "groups/supporters netfence.yaml:23 default=reject serve=none loopback=all "
	    "max-session=28800 message=Outbound access is limited; ask noc@example.com.\n"
	    "  netfence.yaml:25 allow 17/162-162 -> 192.0.2.10-192.0.2.10 "
	    "2001:db8::10-2001:db8::10\n"
	    "  netfence.yaml:27 allow 17/123-123 -> 192.0.2.1-192.0.2.2\n"
	    "  netfence.yaml:29 allow 6/80-80,8000-8080 -> 192.0.2.20-192.0.2.20 # patch server\n"
	    "  netfence.yaml:13 allow 6/443-443 17/443-443 -> 198.51.100.0-198.51.100.255\n"
	    "  netfence.yaml:33 reject -1 -> 10.0.0.0-10.255.255.255\n"
	    "  netfence.yaml:35 allow 1 58 -> 0.0.0.0-255.255.255.255 "
	    "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff\n"
	    "  test at column 9:  netfence.yaml:50 allow 17/162-162 -> 192.0.2.10-192.0.2.10\n"
	    "  test at column 9:  netfence.yaml:52 reject 6/22-22 -> 10.0.0.5-10.0.0.5\n"
	    "user alice: vendor\n"
	    "user bob: users/bob\n"
	    "group supporters: groups/supporters\n"
	    "others: vendor\n"
	    "exempt user backup\n"
	    "exempt group wheel\n");
	free(dump);
	ruleset_free(ruleset);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
