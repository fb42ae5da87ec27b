/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules in files: what is read, in which order, whose files, and what is passed over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "policy_util.h"

#define SUFFIX \
	"error: does not end in .yaml, so that nobody would read it: rename it or take it away\n"

#define ONE_MIB ((size_t)1024 * 1024)

/* The examples that are installed, as they lie in the source; found from its top folder only. */
static char *example_main;
static char *example_group;

/* The test's own folder, which is also its working directory. */
struct world {
	char folder[64];
};

static void
put_bytes(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(write(fd, text, length), (ssize_t)length);
	close(fd);
}

static void
put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static int
set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	strcpy(world->folder, "/tmp/netfence-policy-XXXXXX");
	assert_non_null(mkdtemp(world->folder));
	assert_int_equal(chdir(world->folder), 0);
	assert_int_equal(mkdir("etc", 0755), 0);
	assert_int_equal(mkdir("etc/rules.d", 0755), 0);
	assert_int_equal(mkdir("etc/users", 0755), 0);
	assert_int_equal(mkdir("etc/groups", 0755), 0);
	put("etc/netfence.yaml", "version: 1\n");
	*state = world;
	return 0;
}

static int
take_away(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	(void)status;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int
tear_down(void **state)
{
	struct world *world = *state;

	assert_int_equal(chdir("/"), 0);
	assert_int_equal(nftw(world->folder, take_away, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(world);
	return 0;
}

/* Only root can have files that are root's. */
static void
need_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("skipped: needs root\n");
	skip();
}

static struct ruleset *
load(const char *folder, const char *expected)
{
	struct ruleset *ruleset;
	struct why why = { .text = "" };
	int result = ruleset_load(folder, &ruleset, &why);
	char *report;

	assert_non_null(ruleset);
	report = util_report(ruleset);
	assert_string_equal(report, expected);
	assert_int_equal(result, ruleset->report.n_errors ? -EINVAL : 0);
	assert_int_equal(result != 0, why.text[0] != '\0');
	free(report);
	return ruleset;
}

static void
expect(const char *expected)
{
	ruleset_free(load("etc", expected));
}

static void
test_order(void **state)
{
	struct ruleset *ruleset;
	char *dump;

	(void)state;
	need_root();
	put("etc/netfence.yaml", "policies: {a: {egress: []}}\n");
	put("etc/rules.d/20-b.yaml", "policies: {c: a}\n");
	put("etc/rules.d/10-c.yaml", "policies: {b: c}\n");
	put("etc/users/alice.yaml", "a\n");
	put("etc/groups/x.yaml", "b\n");
	put("etc/groups/.hidden.yaml", "-\n");
	put("etc/groups/x.yaml~", "-\n");
	put("etc/groups/x.yaml.bak", "-\n");
	put("etc/groups/x.yaml.rpmnew", "-\n");
	put("etc/users/x.yaml.rpmsave", "-\n");
	put("etc/rules.d/x.yaml.dpkg-old", "-\n");
	put("etc/rules.d/x.yaml.dpkg-dist", "-\n");
	put("etc/netfence.yaml.dpkg-new", "-\n");
	ruleset = load("etc//", "");
	dump = util_dump(ruleset);
	assert_string_equal(dump,
	    "a etc/netfence.yaml:1 default=reject serve=none loopback=all\n"
	    "c etc/rules.d/20-b.yaml:1 default=reject serve=none loopback=all\n"
	    "b etc/rules.d/10-c.yaml:1 default=reject serve=none loopback=all\n"
	    "user alice: a\n"
	    "group x: b\n");
	assert_int_equal(ruleset->n_files, 5);
	assert_true(ruleset->who.uid_min > 0);
	free(dump);
	ruleset_free(ruleset);
}

static void
check_file(const char *path, int expected_result, const char *expected)
{
	struct ruleset *ruleset;
	struct why why = { .text = "" };
	int result = ruleset_check_file(path, &ruleset, &why);
	char *report;

	assert_int_equal(result, expected_result);
	if (!ruleset) {
		assert_string_equal(why.text, expected);
		return;
	}
	report = util_report(ruleset);
	assert_string_equal(report, expected);
	free(report);
	ruleset_free(ruleset);
}

static char *
slurp(const char *path)
{
	FILE *stream = fopen(path, "re");
	char *text = NULL;
	size_t room = 0;

	if (!stream)
		return NULL;
	assert_true(getdelim(&text, &room, '\0', stream) > 0);
	fclose(stream);
	return text;
}

static void
test_examples(void **state)
{
	struct ruleset *ruleset;

	(void)state;
	need_root();
	if (!example_main || !example_group) {
		print_message("skipped: config/ is not below the working directory\n");
		skip();
	}
	put("etc/netfence.yaml", example_main);
	put("etc/groups/supporters.yaml", example_group);
	ruleset = load("etc", "");
	assert_int_equal(ruleset->who.n_groups, 1);
	ruleset_free(ruleset);
	check_file("etc/groups/supporters.yaml", 0, "");
	check_file("etc/netfence.yaml", 0, "");
}

static void
test_many(void **state)
{
	struct ruleset *ruleset;
	char path[64], name[16];
	uint32_t i;

	(void)state;
	need_root();
	for (i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), "etc/users/u%02u.yaml", 49 - i);
		put(path, "egress: []\n");
	}
	ruleset = load("etc", "");
	assert_int_equal(ruleset->who.n_users, 50);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "u%02u", i);
		assert_string_equal(ruleset->who.users[i].name, name);
	}
	ruleset_free(ruleset);
}

/* By file as they are read, and then by line, whenever it was that an error was found. */
static void
test_order_of_errors(void **state)
{
	struct ruleset *ruleset;
	struct why why;

	(void)state;
	need_root();
	put("etc/netfence.yaml", "# one\n# two\nusers: {zoe: nobody}\nuser: {}\n");
	put("etc/rules.d/a.yaml", "\nothers: nobody\n");
	assert_int_equal(chmod("etc/rules.d/a.yaml", 0666), 0);
	put("etc/users/b.yaml", "\n\negress: [x]\n");
	put("etc/users/a", "");
	expect("etc/netfence.yaml:4:1: error: 'user' is not a key of the rules' top level: write "
	       "'users'\n"
	       "etc/rules.d/a.yaml:1:1: error: mode 0666 lets others than root write: chmod go-w\n"
	       "etc/users/a:1:1: " SUFFIX
	       "etc/users/b.yaml:3:10: error: text where a rule is expected: write '- allow: "
	       "tcp/22', and 'to: …' below it\n");
	assert_int_equal(ruleset_load("etc", &ruleset, &why), -EINVAL);
	assert_string_equal(why.text, "the rules have 4 errors");
	ruleset_free(ruleset);
}

static void
test_folders_are_optional(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(rmdir("etc/rules.d") | rmdir("etc/users") | rmdir("etc/groups"), 0);
	expect("");
}

static void
test_missing(void **state)
{
	(void)state;
	need_root();
	assert_int_equal(unlink("etc/netfence.yaml"), 0);
	put("etc/users/alice.yaml", "vendor\n");
	expect("etc/netfence.yaml:1:1: error: missing: without it there are no rules\n");
	ruleset_free(
	    load("nowhere", "nowhere:1:1: error: cannot be read: No such file or directory\n"));
}

static void
test_whose(void **state)
{
	(void)state;
	need_root();
	put("etc/users/a.yaml", "{egress: []}\n");
	put("etc/users/b.yaml", "{egress: []}\n");
	put("etc/users/c.yaml", "{egress: []}\n");
	put("etc/users/d.yaml", "{egress: []}\n");
	put("etc/users/e.yaml", "{egress: []}\n");
	assert_int_equal(chown("etc/users/a.yaml", 4000, 0), 0);
	assert_int_equal(chmod("etc/users/b.yaml", 0664), 0);
	assert_int_equal(chmod("etc/users/c.yaml", 0646), 0);
	assert_int_equal(chmod("etc/users/d.yaml", 0440), 0);
	assert_int_equal(chown("etc/users/d.yaml", 0, 4000), 0);
	expect("etc/users/a.yaml:1:1: error: belongs to uid 4000, who could change it: chown root\n"
	       "etc/users/b.yaml:1:1: error: mode 0664 lets others than root write: chmod go-w\n"
	       "etc/users/c.yaml:1:1: error: mode 0646 lets others than root write: chmod go-w\n");
}

static void
test_whose_folder(void **state)
{
	(void)state;
	need_root();
	put("etc/users/a.yaml", "nonsense\n");
	put("etc/groups/b.yaml", "nonsense\n");
	assert_int_equal(chown("etc/users", 4000, 0), 0);
	assert_int_equal(chmod("etc/groups", 01777), 0);
	expect("etc/users:1:1: error: belongs to uid 4000, who could change it: chown root\n"
	       "etc/groups:1:1: error: mode 1777 lets others than root write: chmod go-w\n");
	assert_int_equal(chmod("etc", 0775), 0);
	expect("etc:1:1: error: mode 0775 lets others than root write: chmod go-w\n");
	assert_int_equal(chmod("etc", 0755), 0);
	assert_int_equal(chown("etc", 4000, 0), 0);
	expect("etc:1:1: error: belongs to uid 4000, who could change it: chown root\n");
}

static void
test_links(void **state)
{
#define LINK "error: a link: put the file or folder itself in this place\n"
	(void)state;
	need_root();
	put("good.yaml", "{egress: []}\n");
	assert_int_equal(symlink("../../good.yaml", "etc/users/a.yaml"), 0);
	assert_int_equal(symlink("nowhere", "etc/users/b.yaml"), 0);
	assert_int_equal(rmdir("etc/groups"), 0);
	assert_int_equal(symlink("users", "etc/groups"), 0);
	expect("etc/users/a.yaml:1:1: " LINK "etc/users/b.yaml:1:1: " LINK "etc/groups:1:1: " LINK);
	assert_int_equal(symlink("etc", "link"), 0);
	ruleset_free(load("link", "link:1:1: " LINK));
	ruleset_free(load("link//", "link:1:1: " LINK));
	assert_int_equal(unlink("etc/netfence.yaml"), 0);
	assert_int_equal(symlink("../good.yaml", "etc/netfence.yaml"), 0);
	expect("etc/netfence.yaml:1:1: " LINK "etc/users/a.yaml:1:1: " LINK
	       "etc/users/b.yaml:1:1: " LINK "etc/groups:1:1: " LINK);
}

static void
test_kinds(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "etc/users/s.yaml" };
	int fd;

	(void)state;
	need_root();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(mkdir("etc/users/d.yaml", 0755), 0);
	assert_int_equal(mkfifo("etc/users/f.yaml", 0644), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(rmdir("etc/rules.d"), 0);
	put("etc/rules.d", "");
	expect("etc/rules.d:1:1: error: not a folder\n"
	       "etc/users/d.yaml:1:1: error: not a regular file\n"
	       "etc/users/f.yaml:1:1: error: not a regular file\n"
	       "etc/users/s.yaml:1:1: error: not a regular file\n");
}

static void
test_strays(void **state)
{
#define HERE                                                                               \
	"error: nobody reads this here: rules are in netfence.yaml, rules.d/, users/ and " \
	"groups/\n"
	(void)state;
	need_root();
	put("etc/alice.yaml", "egress: []\n");
	put("etc/README", "egress: []\n");
	put("etc/.git", "egress: []\n");
	assert_int_equal(mkdir("etc/user", 0755), 0);
	put("etc/users/alice", "egress: []\n");
	put("etc/users/bob.yml", "egress: []\n");
	put("etc/rules.d/10.conf", "");
	put("etc/groups/x.yaml.orig", "");
	expect("etc/README:1:1: " HERE "etc/alice.yaml:1:1: " HERE "etc/user:1:1: " HERE
	       "etc/rules.d/10.conf:1:1: " SUFFIX "etc/users/alice:1:1: " SUFFIX
	       "etc/users/bob.yml:1:1: " SUFFIX "etc/groups/x.yaml.orig:1:1: " SUFFIX);
}

static void
test_names(void **state)
{
	(void)state;
	need_root();
	put("etc/users/root.yaml", "egress: []\n");
	put("etc/users/a b@example.org.yaml", "egress: []\n");
	put("etc/users/\xff.yaml", "egress: []\n");
	put("etc/users/\x1b[2J\nü.yaml", "egress: []\n");
	put("etc/groups/a:b.yaml", "egress: []\n");
	expect(
	    "etc/users/\\x1b[2J\\x0aü.yaml:1:1: error: a file's name here is the name of a user or "
	    "group, in UTF-8 and without control characters\n"
	    "etc/users/root.yaml:1:1: error: root is never fenced: a fence that root can take "
	    "down is none\n"
	    "etc/users/\\xff.yaml:1:1: error: a file's name here is the name of a user or group, "
	    "in UTF-8 and without control characters\n"
	    "etc/groups/a:b.yaml:1:1: error: 'a:b' cannot be the name of a user or group\n");
}

/* A file that could not be read may have defined anything: no name is then called unknown. */
static void
test_no_cascade(void **state)
{
	(void)state;
	need_root();
	put("etc/rules.d/10.yaml", "policies: {vendor: {egress: []}}\ndefine: {a: 192.0.2.1}\n");
	assert_int_equal(chmod("etc/rules.d/10.yaml", 0666), 0);
	put("etc/users/alice.yaml", "vendor\n");
	put("etc/users/bob.yaml", "egress: [{allow: tcp/0, to: a}]\n");
	expect("etc/rules.d/10.yaml:1:1: error: mode 0666 lets others than root write: chmod go-w\n"
	       "etc/users/bob.yaml:1:18: error: port 0 is none that anything could be sent to: "
	       "ports are 1 to 65535, and the protocol's name alone means every port\n");
}

static void
test_size(void **state)
{
	char *text;

	(void)state;
	need_root();
	text = malloc(ONE_MIB + 1);
	assert_non_null(text);
	memset(text, ' ', ONE_MIB + 1);
	memcpy(text, "egress: []\n#", 12);
	put_bytes("etc/users/a.yaml", text, ONE_MIB);
	put_bytes("etc/users/b.yaml", text, ONE_MIB + 1);
	expect("etc/users/b.yaml:1:1: error: more than 1 MiB\n");
	free(text);
}

/* Its text alone: whoever's it is, and a link will do. */
static void
test_check_file(void **state)
{
	(void)state;
	put("any.yaml", "users: {a: vendor}\npolicies: {vendor: {egress: []}}\n");
	assert_int_equal(chmod("any.yaml", 0666), 0);
	assert_int_equal(symlink("any.yaml", "link"), 0);
	check_file("any.yaml", 0, "");
	check_file("link", 0, "");
	put("any.yaml", "users: {a: vender}\npolicies: {vendor: {egress: []}}\n");
	check_file("any.yaml", -EINVAL,
	    "any.yaml:1:12: error: there is no policy 'vender': did you mean 'vendor'?\n");
	check_file("nowhere", -ENOENT, "nowhere: No such file or directory");
	check_file("etc", -EISDIR, "etc: Is a directory");
	check_file("any.yaml/x", -ENOTDIR, "any.yaml/x: Not a directory");
}

/* What lies in users/ or groups/ is a policy, and may name what another file defines. */
static void
test_check_file_by_place(void **state)
{
	static const char policy[] = "policy: vendor\negress: [{allow: ssh, to: mon}]\n";

	(void)state;
	put("etc/groups/x.yaml", policy);
	check_file("etc/groups/x.yaml", 0, "");
	put("etc/users/x.yaml", "egress: [{allow: tcp/0, to: mon}]\n");
	check_file("etc/users/x.yaml", -EINVAL,
	    "etc/users/x.yaml:1:18: error: port 0 is none that anything could be sent to: ports "
	    "are 1 to 65535, and the protocol's name alone means every port\n");
	put("etc/rules.d/x.yaml", "users: {a: elsewhere}\n");
	check_file("etc/rules.d/x.yaml", 0, "");
	put("x.yaml", policy);
	check_file("x.yaml", -EINVAL,
	    "x.yaml:1:1: error: 'policy' is not a key of the rules' top level: write 'policies'\n"
	    "x.yaml:2:1: error: 'egress' is not a key of the rules' top level: it belongs to a "
	    "policy: below a name under 'policies', 'users' or 'groups', or in users/NAME.yaml or "
	    "groups/NAME.yaml\n");
	assert_int_equal(chdir("etc/groups"), 0);
	check_file("x.yaml", 0, "");
	check_file("../groups/x.yaml", 0, "");
}

static void
check_as(const char *as, const char *path, int expected_result, const char *expected)
{
	struct ruleset *ruleset;
	struct why why = { .text = "" };
	int result = ruleset_check_as("etc", as, path, &ruleset, &why);
	char *report;

	assert_int_equal(result, expected_result);
	if (!ruleset) {
		assert_string_equal(why.text, expected);
		return;
	}
	report = util_report(ruleset);
	assert_string_equal(report, expected);
	free(report);
	ruleset_free(ruleset);
}

static void
test_check_as(void **state)
{
	(void)state;
	need_root();
	put("etc/netfence.yaml", "policies: {vendor: {egress: []}}\nusers: {b: vendor}\n");
	put("etc/users/c.yaml", "vendor\n");
	put("new", "vendor\n");
	assert_int_equal(chmod("new", 0666), 0);
	check_as("users/a.yaml", "new", 0, "");
	check_as("users/c.yaml", "new", 0, "");
	check_as("users/d.yaml", "new", 0, "");
	check_as("groups/d.yaml", "new", 0, "");
	check_as("users/b.yaml", "new", -EINVAL,
	    "new:1:1: error: the user 'b' is there twice: already at etc/netfence.yaml:2:9\n");
	put("new", "vender\n");
	check_as("users/c.yaml", "new", -EINVAL,
	    "new:1:1: error: there is no policy 'vender': did you mean 'vendor'?\n");
	put("new", "policies: {other: {egress: []}}\n");
	check_as("rules.d/10.yaml", "new", 0, "");
	check_as("netfence.yaml", "new", -EINVAL,
	    "etc/users/c.yaml:1:1: error: there is no policy 'vendor' under 'policies'\n");
	/* What it stands for need not be there, nor be good. */
	assert_int_equal(unlink("etc/netfence.yaml") | unlink("etc/users/c.yaml"), 0);
	check_as("netfence.yaml", "new", 0, "");
	assert_int_equal(rmdir("etc/rules.d"), 0);
	put("etc/netfence.yaml", "");
	check_as("rules.d/10.yaml", "new", 0, "");
	assert_int_equal(symlink("nowhere", "etc/users/c.yaml"), 0);
	put("new", "egress: []\n");
	check_as("users/c.yaml", "new", 0, "");
	check_as("users/c.yaml", "nowhere", -ENOENT, "nowhere: No such file or directory");
}

static void
test_check_as_where(void **state)
{
	static const char *const bad[] = { "", "x.yaml", "users/a", "users/", "users/.yaml",
		"users/a.yaml~", "/users/a.yaml", "users/a/b.yaml", "user/a.yaml", "../x.yaml",
		"netfence.yaml/a.yaml" };
	struct ruleset *ruleset;
	struct why why;
	size_t i;

	(void)state;
	put("new", "egress: []\n");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ruleset_check_as("etc", bad[i], "new", &ruleset, &why), -EINVAL);
		assert_null(ruleset);
		assert_non_null(strstr(why.text, "is no place in the rules"));
	}
}

#define in_a_world(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_a_world(test_order),
		in_a_world(test_examples),
		in_a_world(test_many),
		in_a_world(test_order_of_errors),
		in_a_world(test_folders_are_optional),
		in_a_world(test_missing),
		in_a_world(test_whose),
		in_a_world(test_whose_folder),
		in_a_world(test_links),
		in_a_world(test_kinds),
		in_a_world(test_strays),
		in_a_world(test_names),
		in_a_world(test_no_cascade),
		in_a_world(test_size),
		in_a_world(test_check_file),
		in_a_world(test_check_file_by_place),
		in_a_world(test_check_as),
		in_a_world(test_check_as_where),
	};

	int failed;

	example_main = slurp("config/netfence.yaml");
	example_group = slurp("config/groups/supporters.yaml");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(example_main);
	free(example_group);
	return failed;
}
