/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session/record.h"

static char path[] = "/tmp/netfence-XXXXXX";
static int folder;

static int
make_folder(void **state)
{
	(void)state;
	strcpy(strrchr(path, '-'), "-XXXXXX");
	assert_non_null(mkdtemp(path));
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0;
}

static int
remove_folder(void **state)
{
	DIR *listing = fdopendir(folder);
	struct dirent *entry;

	(void)state;
	rewinddir(listing);
	while ((entry = readdir(listing)))
		if (unlinkat(folder, entry->d_name, 0) < 0)
			unlinkat(folder, entry->d_name, AT_REMOVEDIR);
	closedir(listing);
	return rmdir(path);
}

static struct user *
alice_in(struct table *table, uint32_t uid, uint64_t first_session)
{
	struct uid_range *ranges = calloc(2, sizeof(*ranges));
	struct open_request request = {
		.uid = uid,
		.gid = uid + 1,
		.user = strdup("alice"),
		.n_groups = 2,
		.groups = calloc(2, sizeof(char *)),
		.n_ranges = 1,
		.ranges = ranges,
	};
	struct user *user;
	uint64_t i;

	ranges[0] = (struct uid_range){ uid + 100000, uid + 100009 };
	request.groups[0] = strdup("alice");
	request.groups[1] = strdup("supporters");
	user = table_add_user(table, &request);
	assert_non_null(user);
	open_request_clear(&request);
	for (i = 0; i < 2; i++) {
		const struct session_name name = { first_session + i, 77 + i };
		struct open_request login = {
			.service = strdup("sshd"),
			.tty = strdup("ssh"),
			.from = strdup(i ? "2001:db8::7" : "192.0.2.7"),
			.by = strdup(""),
		};
		struct session *session = table_add_session(table, user, &name, &login);

		assert_non_null(session);
		session->opener.pid = 1000 + (pid_t)i;
		session->opener.mark = 5555 + i;
		session->since = 1700000000 + (time_t)i;
		open_request_clear(&login);
	}
	user->since = 1600000000;
	return user;
}

struct complaints {
	unsigned int n;
	uint32_t uid;
	char reason[128];
};

static void
complain(const char *file, uint32_t uid, const char *reason, void *data)
{
	struct complaints *complaints = data;

	(void)file;
	complaints->n++;
	complaints->uid = uid;
	snprintf(complaints->reason, sizeof(complaints->reason), "%s", reason);
}

/* Everything there is, in a table of its own: the caller's. */
static struct table *
read_all(struct complaints *complaints)
{
	struct table *table = table_new();

	memset(complaints, 0, sizeof(*complaints));
	assert_int_equal(record_read_all(folder, table, complain, complaints, NULL), 0);
	return table;
}

static void
write_alice(uint32_t uid)
{
	struct table *table = table_new();
	struct user *user = alice_in(table, uid, 5);

	assert_int_equal(record_write(folder, user, NULL), 0);
	table_free(table);
}

static bool
is_there(const char *name)
{
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
a_record_comes_back(void **state)
{
	struct complaints complaints;
	struct table *table = table_new();
	struct user *user = alice_in(table, 4000, 5);
	const struct session *session;

	(void)state;
	user->shut = true;
	user->is_free = true;
	user->begun_ms = 123456789;
	assert_int_equal(record_write(folder, user, NULL), 0);
	/* And written again, over itself. */
	assert_int_equal(record_write(folder, user, NULL), 0);
	table_free(table);
	assert_true(is_there("4000"));
	table = read_all(&complaints);
	assert_int_equal(complaints.n, 0);
	user = table_find_user(table, 4000);
	assert_non_null(user);
	assert_string_equal(user->name, "alice");
	assert_int_equal(user->gid, 4001);
	assert_int_equal(user->n_groups, 2);
	assert_string_equal(user->groups[1], "supporters");
	assert_int_equal(user->n_ranges, 2);
	assert_int_equal(user->ranges[1].last, 104009);
	assert_int_equal(user->since, 1600000000);
	assert_int_equal(user->begun_ms, 123456789);
	assert_true(user->shut);
	assert_true(user->is_free);
	assert_int_equal(user->n_sessions, 2);
	session = table_find_session(table, 6);
	assert_non_null(session);
	assert_int_equal(session->name.key, 78);
	assert_int_equal(session->stage, SESSION_OPEN);
	assert_int_equal(session->opener.pid, 1001);
	assert_int_equal(session->opener.mark, 5556);
	assert_int_equal(session->opener.pidfd, -1);
	assert_int_equal(session->since, 1700000001);
	assert_string_equal(session->from, "2001:db8::7");
	assert_string_equal(table_find_session(table, 5)->from, "192.0.2.7");
	table_free(table);
	record_remove(folder, 4000);
	assert_false(is_there("4000"));
	record_remove(folder, 4000);
	table = read_all(&complaints);
	assert_int_equal(table_users(table), 0);
	table_free(table);
}

static void
put_file(const char *name, const void *bytes, size_t length)
{
	int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static size_t
get_file(const char *name, void *bytes, size_t size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = read(fd, bytes, size);

	assert_true(got > 0 && (size_t)got < size);
	close(fd);
	return (size_t)got;
}

/* The other user's must come through, whatever stands beside it. */
static void
is_left_out(uint32_t uid)
{
	struct complaints complaints;
	struct table *table = read_all(&complaints);

	assert_int_equal(complaints.n, 1);
	assert_int_equal(complaints.uid, uid);
	assert_null(table_find_user(table, 4000));
	assert_non_null(table_find_user(table, 9000));
	assert_int_equal(table_users(table), 1);
	assert_int_equal(table_sessions(table), 2);
	table_free(table);
}

static void
a_record_cut_short_is_left_out(void **state)
{
	uint8_t bytes[8192];
	size_t length, whole;

	(void)state;
	write_alice(9000);
	write_alice(4000);
	/* Two users cannot have the same sessions. */
	record_remove(folder, 9000);
	{
		struct table *table = table_new();

		assert_int_equal(record_write(folder, alice_in(table, 9000, 50), NULL), 0);
		table_free(table);
	}
	whole = get_file("4000", bytes, sizeof(bytes));
	for (length = 0; length < whole; length++) {
		put_file("4000", bytes, length);
		is_left_out(4000);
	}
	bytes[whole] = 0;
	put_file("4000", bytes, whole + 1);
	is_left_out(4000);
}

/* A record full of rubbish is none, or it is one with other words in it; nothing worse. */
static void
rubbish_does_no_harm(void **state)
{
	uint8_t bytes[8192], spoilt[8192];
	struct complaints complaints;
	unsigned int seed = 1, round;
	size_t whole;

	(void)state;
	write_alice(4000);
	whole = get_file("4000", bytes, sizeof(bytes));
	for (round = 0; round < 4000; round++) {
		unsigned int changes = 1 + (unsigned int)rand_r(&seed) % 4;
		struct table *table;

		memcpy(spoilt, bytes, whole);
		while (changes--)
			spoilt[(size_t)rand_r(&seed) % whole] = (uint8_t)rand_r(&seed);
		put_file("4000", spoilt, whole);
		table = read_all(&complaints);
		assert_int_equal(table_users(table) + complaints.n, 1);
		table_free(table);
	}
	for (round = 0; round < 200; round++) {
		struct table *table;

		for (whole = 0; whole < sizeof(spoilt); whole++)
			spoilt[whole] = (uint8_t)rand_r(&seed);
		put_file("4000", spoilt, (size_t)rand_r(&seed) % sizeof(spoilt));
		table = read_all(&complaints);
		assert_int_equal(complaints.n, 1);
		table_free(table);
	}
}

static void
a_record_is_known_by_its_name(void **state)
{
	static const char *const others[] = { "4000.bak", "04000", "4000 ", "alice", "4001",
		"+4000", "4294971296" };
	struct complaints complaints;
	uint8_t bytes[8192];
	size_t whole, i;

	(void)state;
	write_alice(4000);
	whole = get_file("4000", bytes, sizeof(bytes));
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct table *table;

		put_file(others[i], bytes, whole);
		table = read_all(&complaints);
		assert_int_equal(complaints.n, 1);
		assert_int_equal(table_users(table), 1);
		assert_non_null(table_find_user(table, 4000));
		table_free(table);
		unlinkat(folder, others[i], 0);
	}
}

static void
what_is_no_file_is_left_out(void **state)
{
	struct complaints complaints;
	struct table *table;

	(void)state;
	assert_int_equal(mkdirat(folder, "1", 0700), 0);
	assert_int_equal(mkfifoat(folder, "2", 0600), 0);
	assert_int_equal(symlinkat("/etc/passwd", folder, "3"), 0);
	put_file("4", "", 0);
	table = read_all(&complaints);
	assert_int_equal(complaints.n, 4);
	assert_int_equal(table_users(table), 0);
	table_free(table);
}

/* A writer that died in the middle of it. */
static void
what_was_never_in_force_is_removed(void **state)
{
	struct complaints complaints;
	struct table *table;

	(void)state;
	write_alice(4000);
	put_file(".4000.new", "half", 4);
	table = read_all(&complaints);
	assert_int_equal(complaints.n, 0);
	assert_int_equal(table_users(table), 1);
	assert_false(is_there(".4000.new"));
	table_free(table);
}

static ino_t
inode_of(const char *name, off_t size)
{
	struct stat found;

	assert_int_equal(fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(found.st_mode));
	assert_int_equal(found.st_size, size);
	return found.st_ino;
}

/* Over a page that is there already; a longer record, one that was cut, and somebody else's link
 * make way for a new file. */
static void
a_record_is_written_over_its_page(void **state)
{
	struct table *table = table_new(), *found;
	struct user *user = alice_in(table, 4000, 5);
	struct complaints complaints;
	char *name = user->name;
	char other[] = "bob", far[] = "../elsewhere";
	uint32_t n_groups = user->n_groups, i;
	char **groups = user->groups;
	char long_name[200], *many[64];
	ino_t first;

	(void)state;
	assert_int_equal(record_write(folder, user, NULL), 0);
	first = inode_of("4000", 4096);
	user->name = other;
	assert_int_equal(record_write(folder, user, NULL), 0);
	assert_int_equal(inode_of("4000", 4096), first);
	found = read_all(&complaints);
	assert_string_equal(table_find_user(found, 4000)->name, "bob");
	assert_int_equal(table_sessions(found), 2);
	table_free(found);

	memset(long_name, 'g', sizeof(long_name));
	long_name[sizeof(long_name) - 1] = '\0';
	for (i = 0; i < 64; i++)
		many[i] = long_name;
	user->groups = many;
	user->n_groups = 64;
	assert_int_equal(record_write(folder, user, NULL), 0);
	found = read_all(&complaints);
	assert_int_equal(table_find_user(found, 4000)->n_groups, 64);
	table_free(found);
	user->groups = groups;
	user->n_groups = n_groups;
	assert_int_equal(record_write(folder, user, NULL), 0);
	first = inode_of("4000", 4096);

	put_file("4000", "short", 5);
	assert_int_equal(record_write(folder, user, NULL), 0);
	inode_of("4000", 4096);
	assert_int_equal(unlinkat(folder, "4000", 0), 0);
	assert_int_equal(symlinkat(far, folder, "4000"), 0);
	assert_int_equal(record_write(folder, user, NULL), 0);
	inode_of("4000", 4096);
	user->name = name;
	table_free(table);
}

/* A full disk, for a writer: the former record stands, and nothing is left lying about. */
static void
a_record_that_cannot_be_written_leaves_the_former(void **state)
{
	const struct rlimit none = { 16, RLIM_INFINITY };
	struct rlimit before;
	struct complaints complaints;
	struct table *table = table_new();
	struct user *user = alice_in(table, 4000, 5);
	struct why why = { "" };

	(void)state;
	assert_int_equal(record_write(folder, user, NULL), 0);
	free(user->name);
	user->name = strdup("mallory");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_int_equal(record_write(folder, user, &why), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_non_null(strstr(why.text, "record"));
	assert_false(is_there(".4000.new"));
	table_free(table);
	table = read_all(&complaints);
	assert_string_equal(table_find_user(table, 4000)->name, "alice");
	table_free(table);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_comes_back),
		TEST(a_record_cut_short_is_left_out),
		TEST(rubbish_does_no_harm),
		TEST(a_record_is_known_by_its_name),
		TEST(what_is_no_file_is_left_out),
		TEST(what_was_never_in_force_is_removed),
		TEST(a_record_is_written_over_its_page),
		TEST(a_record_that_cannot_be_written_leaves_the_former),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
