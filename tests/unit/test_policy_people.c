/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a name service knows of the rules: one that the test has written down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <unistd.h>

#include "policy/people.h"
#include "policy_util.h"

/* "name:uid" and "group:member,member"; an error for a name that begins with "lost". */
struct directory {
	const char *const *users;
	const char *const *groups;
};

static const char *
find(const char *const *entries, const char *name)
{
	size_t length = strlen(name);

	for (; *entries; entries++) {
		if (strncmp(*entries, name, length) == 0 && (*entries)[length] == ':')
			return *entries + length + 1;
	}
	return NULL;
}

static int
directory_user(void *context, const char *name, uint32_t *uid)
{
	const struct directory *directory = context;
	const char *found = find(directory->users, name);

	if (strncmp(name, "lost", 4) == 0)
		return -EIO;
	if (found)
		*uid = (uint32_t)strtoul(found, NULL, 10);
	return found != NULL;
}

static int
directory_group(void *context, const char *name)
{
	const struct directory *directory = context;

	if (strncmp(name, "lost", 4) == 0)
		return -EIO;
	return find(directory->groups, name) != NULL;
}

static int
directory_members(
    void *context, const char *group, int (*each)(const char *member, void *data), void *data)
{
	const struct directory *directory = context;
	const char *found = find(directory->groups, group);
	char *copy = strdup(found ? found : ""), *rest = copy, *member;
	int result = 0;

	if (strncmp(group, "lost", 4) == 0)
		result = -EIO;
	while (!result && (member = strtok_r(rest, ",", &rest)))
		result = each(member, data);
	free(copy);
	return result;
}

static const char *const users[] = { "alice:1000", "al:1000", "ally:1000", "bob:1001", "carol:1002",
	"dave:1003", "toor:0", NULL };
static const char *const groups[] = { "a:alice,bob", "b:bob,carol", "c:dave,carol", "d:dave,carol",
	"e:", "wheel:dave", NULL };

static void
expect(const char *text, const char *expected)
{
	const struct util_text texts[] = { { "netfence.yaml", text, 0 }, { NULL, NULL, 0 } };
	struct directory directory = { users, groups };
	struct people people = {
		.context = &directory,
		.user = directory_user,
		.group = directory_group,
		.members = directory_members,
	};
	struct ruleset *ruleset = util_compile(texts, false);
	char *report = util_report(ruleset);
	struct why why;
	int result;

	/* All of it is new. */
	assert_string_equal(report, "");
	free(report);
	result = people_check(ruleset, &people, &why);
	report = util_report(ruleset);
	assert_string_equal(report, expected);
	assert_int_equal(result, ruleset->report.n_errors ? -EINVAL : 0);
	free(report);
	ruleset_free(ruleset);
}

static void
test_absent(void **state)
{
	(void)state;
	expect("users: {alice: {egress: []}, alise: {egress: []}, 1001: {egress: []}}\n"
	       "groups: {a: {egress: []}, staff: {egress: []}}\n"
	       "exempt: {users: [bob, backup], groups: [wheel, 27]}\n",
	    "netfence.yaml:1:30: warning: there is no user 'alise' on this host\n"
	    "netfence.yaml:1:51: warning: there is no user '1001' on this host (a name is meant, "
	    "no "
	    "number)\n"
	    "netfence.yaml:2:27: warning: there is no group 'staff' on this host\n"
	    "netfence.yaml:3:23: warning: there is no user 'backup' on this host\n"
	    "netfence.yaml:3:48: warning: there is no group '27' on this host (a name is meant, no "
	    "number)\n");
	expect("users: {toor: {egress: []}}\n",
	    "netfence.yaml:1:9: warning: 'toor' has the uid 0, and is never fenced\n");
	expect("exempt: {users: [toor]}\n", "");
	/* Nobody could tell is not nobody, and is said once. */
	expect("users: {lost: {egress: []}, lost2: {egress: []}}\n"
	       "groups: {lostgroup: {egress: []}}\n"
	       "exempt: {groups: [lost3]}\n",
	    "netfence.yaml:1:9: warning: 'lost' could not be looked up (Input/output error), so it "
	    "is not known who is there\n");
}

static void
test_one_uid(void **state)
{
	(void)state;
	expect("policies: {p: {egress: []}}\n"
	       "users: {alice: p, al: p, bob: {egress: []}}\n",
	    "");
	expect("policies: {p: {egress: []}}\n"
	       "users: {al: p, alice: {policy: p, log: all}, bob: {egress: []}}\n",
	    "netfence.yaml:2:16: error: 'alice' and 'al' are one account, uid 1000, and are "
	    "treated differently here and at netfence.yaml:2:9\n");
	expect("exempt: {users: [ally]}\n"
	       "users: {al: {egress: []}}\n",
	    "netfence.yaml:2:9: error: 'al' and 'ally' are one account, uid 1000, and are treated "
	    "differently here and at netfence.yaml:1:18\n");
	expect("exempt: {users: [ally, al]}\n", "");
}

static void
test_sharing(void **state)
{
	(void)state;
	expect("groups: {a: {egress: []}, b: {egress: []}}\n",
	    "netfence.yaml:1:27: warning: 'bob' is a member of 'a' as well, at netfence.yaml:1:10, "
	    "which has the same precedence and decides, its name being the first: give one of them "
	    "a higher 'precedence'\n");
	/* Once for a pair, whoever is first in the file. */
	expect("groups: {d: {egress: []}, c: {egress: []}, e: {egress: []}}\n",
	    "netfence.yaml:1:10: warning: 'dave' is a member of 'c' as well, at "
	    "netfence.yaml:1:27, which has the same precedence and decides, its name being the "
	    "first: give one of them a higher 'precedence'\n");
	expect("policies: {p: {egress: []}}\n"
	       "groups: {a: p, b: {egress: []}, c: p, d: {egress: []}}\n",
	    "netfence.yaml:2:16: warning: 'bob' is a member of 'a' as well, at netfence.yaml:2:10, "
	    "which has the same precedence and decides, its name being the first: give one of them "
	    "a higher 'precedence'\n"
	    "netfence.yaml:2:33: warning: 'carol' is a member of 'b' as well, at "
	    "netfence.yaml:2:16, which has the same precedence and decides, its name being the "
	    "first: give one of them a higher 'precedence'\n"
	    "netfence.yaml:2:39: warning: 'dave' is a member of 'c' as well, at "
	    "netfence.yaml:2:33, which has the same precedence and decides, its name being the "
	    "first: give one of them a higher 'precedence'\n");
	/* For these it does not matter. */
	expect("groups: {a: {egress: []}, b: {egress: [], precedence: 1}}\n", "");
	expect("policies: {p: {egress: []}}\ngroups: {a: p, b: p}\n", "");
	expect("groups: {a: {egress: []}, b: {egress: []}}\nusers: {bob: {egress: []}}\n", "");
	expect("groups: {a: {egress: []}, b: {egress: []}}\nexempt: {users: [bob]}\n", "");
	expect("groups: {c: {egress: []}, d: {egress: []}}\n"
	       "exempt: {users: [carol], groups: [wheel]}\n",
	    "");
	expect("groups: {c: {egress: []}, d: {egress: []}}\nexempt: {groups: [wheel]}\n",
	    "netfence.yaml:1:27: warning: 'carol' is a member of 'c' as well, at "
	    "netfence.yaml:1:10, which has the same precedence and decides, its name being the "
	    "first: give one of them a higher 'precedence'\n");
}

static int
note_root(const char *member, void *data)
{
	*(bool *)data |= strcmp(member, "root") == 0;
	return 0;
}

static int
stop(const char *member, void *data)
{
	(void)member;
	++*(int *)data;
	return -ENOMEM;
}

/* root is on every host, and root's group has root by being its primary one. */
static void
test_host(void **state)
{
	const struct people *host = &people_of_host;
	uint32_t uid = 1;
	bool found = false;
	int n = 0;

	(void)state;
	assert_int_equal(host->user(host->context, "root", &uid), 1);
	assert_int_equal(uid, 0);
	assert_int_equal(host->user(host->context, "no such user", &uid), 0);
	assert_int_equal(host->group(host->context, "no such group"), 0);
	assert_int_equal(host->members(host->context, "no such group", note_root, &found), 0);
	if (host->group(host->context, "root") != 1)
		return;
	assert_int_equal(host->members(host->context, "root", note_root, &found), 0);
	assert_true(found);
	assert_int_equal(host->members(host->context, "root", stop, &n), -ENOMEM);
	assert_int_equal(n, 1);
}

/* The report of a file that was read by itself can be added to as well. */
static void
test_file(void **state)
{
	char path[] = "/tmp/netfence-people.XXXXXX";
	struct directory directory = { users, groups };
	struct people people = { &directory, directory_user, directory_group, directory_members };
	struct ruleset *ruleset;
	int fd = mkstemp(path);
	char expected[128];
	char *report;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(dprintf(fd, "users: {zoe: {egress: []}}\n"), 27);
	close(fd);
	assert_int_equal(ruleset_check_file(path, &ruleset, NULL), 0);
	assert_int_equal(people_check(ruleset, &people, NULL), 0);
	report = util_report(ruleset);
	snprintf(expected, sizeof(expected),
	    "%s:1:9: warning: there is no user 'zoe' on this host\n", path);
	assert_string_equal(report, expected);
	free(report);
	ruleset_free(ruleset);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_one_uid),
		cmocka_unit_test(test_sharing),
		cmocka_unit_test(test_host),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
