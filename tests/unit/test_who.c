/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/who.h"

static struct who_entry users[] = { { "alice", 1 }, { "bob", 2 }, { "mallory", 3 } };
static struct who_entry groups[] = { { "vendors", 4 }, { "supporters", 5 } };
static const char *exempt_users[] = { "backup", "bob-admin" };
static const char *exempt_groups[] = { "adm", "wheel" };

static const struct who table = {
	.n_users = 3,
	.users = users,
	.n_groups = 2,
	.groups = groups,
	.n_exempt_users = 2,
	.exempt_users = exempt_users,
	.n_exempt_groups = 2,
	.exempt_groups = exempt_groups,
	.others = true,
	.others_policy = 9,
	.uid_min = 1000,
};

static const struct {
	const char *user;
	uint32_t uid;
	const char *groups[3];
	enum who_reason reason;
	const char *name;
	uint32_t policy;
} matches[] = {
	{ "alice", 4000, { "alice" }, WHO_USER, "alice", 1 },
	{ "alice", 4000, { "vendors", "alice" }, WHO_USER, "alice", 1 },
	{ "alice", 4000, { NULL, "wheel" }, WHO_EXEMPT_GROUP, "wheel", WHO_NO_POLICY },
	{ "alice", 0, { "alice" }, WHO_ROOT, NULL, WHO_NO_POLICY },
	{ "bob", 4001, { NULL }, WHO_USER, "bob", 2 },
	{ "mallory", 4002, { NULL }, WHO_USER, "mallory", 3 },
	{ "backup", 34, { "vendors" }, WHO_EXEMPT_USER, "backup", WHO_NO_POLICY },
	{ "backup", 34, { "wheel" }, WHO_EXEMPT_USER, "backup", WHO_NO_POLICY },
	{ "carol", 4003, { "supporters" }, WHO_GROUP, "supporters", 5 },
	{ "carol", 4003, { "supporters", "vendors" }, WHO_GROUP, "vendors", 4 },
	{ "carol", 4003, { "supporters", NULL, "adm" }, WHO_EXEMPT_GROUP, "adm", WHO_NO_POLICY },
	{ "carol", 4003, { "Supporters" }, WHO_OTHERS, NULL, 9 },
	{ "carol", 4003, { "supporter" }, WHO_OTHERS, NULL, 9 },
	{ "alic", 4003, { NULL }, WHO_OTHERS, NULL, 9 },
	{ "daemon", 999, { "daemon" }, WHO_NOBODY, NULL, WHO_NO_POLICY },
	{ "first", 1000, { NULL }, WHO_OTHERS, NULL, 9 },
	{ "last", 61183, { NULL }, WHO_OTHERS, NULL, 9 },
	{ "dynamic", 61184, { NULL }, WHO_NOBODY, NULL, WHO_NO_POLICY },
	{ "nobody", 65534, { NULL }, WHO_NOBODY, NULL, WHO_NO_POLICY },
	{ "none", 65535, { NULL }, WHO_NOBODY, NULL, WHO_NO_POLICY },
	{ "directory", 65536, { NULL }, WHO_OTHERS, NULL, 9 },
	{ "daemon", 999, { "supporters" }, WHO_GROUP, "supporters", 5 },
};

static void
the_order_of_the_rules_decides(void **state)
{
	struct who_answer answer;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		answer = who_match(&table, matches[i].user, matches[i].uid, matches[i].groups, 3);
		if (answer.reason != matches[i].reason)
			fail_msg("%s (row %zu): reason %d, not %d", matches[i].user, i,
			    answer.reason, matches[i].reason);
		assert_int_equal(answer.policy, matches[i].policy);
		assert_int_equal(answer.fenced, matches[i].policy != WHO_NO_POLICY);
		if (matches[i].name)
			assert_string_equal(answer.name, matches[i].name);
		else
			assert_null(answer.name);
	}
}

static void
an_empty_table_fences_nobody(void **state)
{
	const struct who empty = { .uid_min = 1000 };

	(void)state;
	assert_int_equal(who_match(&empty, "alice", 4000, NULL, 0).reason, WHO_NOBODY);
	assert_false(who_match(&empty, "alice", 4000, NULL, 0).fenced);
}

static void
a_table_comes_back_from_its_text(void **state)
{
	char *text = who_print(&table), *again;
	struct who_answer before, after;
	struct who *who;
	struct why why;
	size_t i;

	(void)state;
	assert_non_null(text);
	assert_int_equal(who_parse(text, strlen(text), &who, &why), 0);
	for (i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		before = who_match(&table, matches[i].user, matches[i].uid, matches[i].groups, 3);
		after = who_match(who, matches[i].user, matches[i].uid, matches[i].groups, 3);
		assert_int_equal(before.reason, after.reason);
		assert_int_equal(before.fenced, after.fenced);
		assert_int_equal(after.policy, WHO_NO_POLICY);
	}
	again = who_print(who);
	assert_string_equal(text, again);
	free(again);
	who_free(who);
	free(text);
}

static void
an_empty_table_comes_back(void **state)
{
	const struct who empty = { .uid_min = 500 };
	char *text = who_print(&empty);
	struct who *who;
	struct why why;

	(void)state;
	assert_int_equal(who_parse(text, strlen(text), &who, &why), 0);
	assert_int_equal(who->uid_min, 500);
	assert_false(who->others);
	assert_int_equal(who->n_users + who->n_groups, 0);
	assert_int_equal(who_match(who, "alice", 4000, NULL, 0).reason, WHO_NOBODY);
	who_free(who);
	free(text);
}

/* Cut anywhere, it is no table: half of one could set somebody free. */
static void
a_text_cut_short_is_none(void **state)
{
	char *text = who_print(&table), *cut;
	size_t length = strlen(text), n;
	struct who *who;
	struct why why;

	(void)state;
	for (n = 0; n < length; n++) {
		cut = malloc(n + 1); /* of that size, so that a read beyond is noticed */
		memcpy(cut, text, n);
		assert_int_equal(who_parse(cut, n, &who, &why), -EBADMSG);
		assert_null(who);
		free(cut);
	}
	free(text);
}

static void
what_is_not_well_formed_is_none(void **state)
{
	static const char *const bad[] = {
		"netfence-who 2\nuid-min 1000\nend\n",
		"netfence-who 1\nend\n",
		"netfence-who 1\nuid-min 1000\nuid-min 1000\nend\n",
		"netfence-who 1\nuid-min \nend\n",
		"netfence-who 1\nuid-min -1\nend\n",
		"netfence-who 1\nuid-min 4294967296\nend\n",
		"netfence-who 1\nuid-min 1000\nuser\nend\n",
		"netfence-who 1\nuid-min 1000\nuser \nend\n",
		"netfence-who 1\nuid-min 1000\nuser bob\nuser alice\nend\n",
		"netfence-who 1\nuid-min 1000\nuser bob\nuser bob\nend\n",
		"netfence-who 1\nuid-min 1000\nexempt-user b\nexempt-user a\nend\n",
		"netfence-who 1\nuid-min 1000\nothers\nothers\nend\n",
		"netfence-who 1\nuid-min 1000\nothers please\nend\n",
		"netfence-who 1\nuid-min 1000\n\nend\n",
		"netfence-who 1\nuid-min 1000\nUser alice\nend\n",
		"netfence-who 1\nuid-min 1000\nend\nuser alice\nend\n",
		"netfence-who 1\nuid-min 1000\nend\n\n",
		"netfence-who 1\r\nuid-min 1000\r\nend\r\n",
		"\nnetfence-who 1\nuid-min 1000\nend\n",
		"",
	};
	static const char nul[] = "netfence-who 1\nuid-min 1000\nuser a\0b\nend\n";
	struct who *who;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why.text[0] = '\0';
		if (who_parse(bad[i], strlen(bad[i]), &who, &why) != -EBADMSG)
			fail_msg("taken: %s", bad[i]);
		assert_true(why.text[0] != '\0');
	}
	assert_int_equal(who_parse(nul, sizeof(nul) - 1, &who, &why), -EBADMSG);
}

static void
a_name_may_hold_blanks(void **state)
{
	static const char text[] = "netfence-who 1\nuid-min 1000\ngroup domain users\nend\n";
	const char *const mine[] = { "domain users" };
	struct who *who;
	struct why why;

	(void)state;
	assert_int_equal(who_parse(text, sizeof(text) - 1, &who, &why), 0);
	assert_int_equal(who_match(who, "alice", 4000, mine, 1).reason, WHO_GROUP);
	who_free(who);
}

/* ---------------------------------------------------------------- the file */

static char folder[] = "/tmp/test_who.XXXXXX";
static char path[64];

static int
make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/who", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void
write_file(const char *text, size_t length, mode_t mode)
{
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, length), length);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
a_good_file_is_read(void **state)
{
	char *text = who_print(&table);
	struct who *who;
	struct why why;

	(void)state;
	write_file(text, strlen(text), 0644);
	free(text);
	if (geteuid() != 0) {
		print_message("not root: the file is not root's, and so it must be refused\n");
		assert_int_equal(who_read(path, &who, &why), -EPERM);
		assert_non_null(strstr(why.text, "not to root"));
		return;
	}
	assert_int_equal(who_read(path, &who, &why), 0);
	assert_int_equal(who->n_users, 3);
	assert_string_equal(who->users[2].name, "mallory");
	who_free(who);

	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(who_read(path, &who, &why), -EPERM);
	assert_non_null(strstr(why.text, "not to root"));
}

static void
a_bad_file_is_not(void **state)
{
	char *text = who_print(&table);
	struct who *who;
	struct why why;
	char other[80];

	(void)state;
	unlink(path);
	assert_int_equal(who_read(path, &who, &why), -ENOENT);
	assert_non_null(strstr(why.text, path));

	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(who_read(path, &who, &why), -EPERM);
	unlink(path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(who_read(path, &who, &why), -EPERM);
	rmdir(path);

	write_file(text, strlen(text), 0644);
	snprintf(other, sizeof(other), "%s/other", folder);
	assert_int_equal(rename(path, other), 0);
	assert_int_equal(symlink(other, path), 0);
	assert_int_equal(who_read(path, &who, &why), -ELOOP);
	unlink(other);
	unlink(path);

	write_file(text, strlen(text), 0664);
	assert_int_equal(who_read(path, &who, &why), -EPERM);
	write_file(text, strlen(text), 0646);
	assert_int_equal(who_read(path, &who, &why), -EPERM);
	free(text);
	if (geteuid() != 0) {
		print_message("not root: what a file of root's holds is not tried\n");
		return;
	}
	write_file("netfence-who 1\n", 15, 0600);
	assert_int_equal(who_read(path, &who, &why), -EBADMSG);
	assert_non_null(strstr(why.text, path));
	write_file("", 0, 0600);
	assert_int_equal(who_read(path, &who, &why), -EBADMSG);
	assert_int_equal(truncate(path, WHO_FILE_MAX + 1), 0);
	assert_int_equal(who_read(path, &who, &why), -EFBIG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_the_rules_decides),
		cmocka_unit_test(an_empty_table_fences_nobody),
		cmocka_unit_test(a_table_comes_back_from_its_text),
		cmocka_unit_test(an_empty_table_comes_back),
		cmocka_unit_test(a_text_cut_short_is_none),
		cmocka_unit_test(what_is_not_well_formed_is_none),
		cmocka_unit_test(a_name_may_hold_blanks),
		cmocka_unit_test(a_good_file_is_read),
		cmocka_unit_test(a_bad_file_is_not),
	};

	return cmocka_run_group_tests_name("who", tests, make_folder, remove_folder);
}
