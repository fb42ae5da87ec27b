/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the supervisor takes from main to keep: memory files that can no longer change.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "channel.h"
#include "kept.h"
#include "netfence/paths.h"

struct folder {
	char path[64];
	int fd;
};

static int
set_up(void **state)
{
	static struct folder folder;

	strcpy(folder.path, "/tmp/netfence-kept-XXXXXX");
	if (!mkdtemp(folder.path))
		return -1;
	folder.fd = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &folder;
	return folder.fd < 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	struct folder *folder = *state;

	unlinkat(folder->fd, NETFENCE_WHO_NAME, 0);
	close(folder->fd);
	return rmdir(folder->path);
}

static void
test_sealed(void **state)
{
	const struct folder *folder = *state;
	struct channel_message message;
	struct why why;
	char text[16] = "";
	int pair[2], fd, file;

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(kept_write(pair[0], KEPT_WHO, "user alice", 10, &why), 0);
	assert_int_equal(channel_receive(pair[1], &message, &fd), 1);
	assert_int_equal(message.word, CHANNEL_KEEP);
	assert_int_equal(message.number, KEPT_WHO);
	assert_int_equal(kept_store(folder->fd, KEPT_WHO, fd, getgid(), &why), 0);
	file = openat(folder->fd, NETFENCE_WHO_NAME, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(file, text, sizeof(text)), 10);
	assert_string_equal(text, "user alice");
	close(file);
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

static void
refuses(const struct folder *folder, int fd)
{
	struct why why = { "" };

	assert_true(fd >= 0);
	assert_int_equal(kept_store(folder->fd, KEPT_WHO, fd, getgid(), &why), -EFBIG);
	assert_non_null(strstr(why.text, "no file of ours"));
	assert_int_equal(faccessat(folder->fd, NETFENCE_WHO_NAME, F_OK, 0), -1);
	close(fd);
}

static void
test_not_sealed(void **state)
{
	const struct folder *folder = *state;
	int fd = memfd_create("half", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int pair[2];

	refuses(folder, memfd_create("open", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	refuses(folder, fd);
	refuses(folder, open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	refuses(folder, pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sealed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_sealed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
