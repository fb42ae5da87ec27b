/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wire/client.h"

#define SOON (wire_clock_ms() + 5000)

static char folder[] = "/tmp/netfence-XXXXXX", path[64];

static int
make_folder(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static int
listen_there(int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, path);
	unlink(path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

static void
make_pair(int pair[2])
{
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void
nobody_is_there(void **state)
{
	char long_path[200];
	int fd = -1, listening;

	(void)state;
	unlink(path);
	assert_int_equal(wire_connect(path, SOON, &fd, NULL), -ENOENT);
	listening = listen_there(1);
	close(listening);
	assert_int_equal(wire_connect(path, SOON, &fd, NULL), -ECONNREFUSED);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(wire_connect(long_path, SOON, &fd, NULL), -ENAMETOOLONG);
	assert_int_equal(fd, -1);
}

/* A full backlog is waited for, but not for ever. */
static void
a_full_backlog_has_a_deadline(void **state)
{
	int listening = listen_there(0), first = -1, second = -1, third = -1;
	int64_t begun;

	(void)state;
	assert_int_equal(wire_connect(path, SOON, &first, NULL), 0);
	begun = wire_clock_ms();
	assert_int_equal(wire_connect(path, begun + 200, &second, NULL), -ETIMEDOUT);
	assert_true(wire_clock_ms() - begun >= 200);
	assert_int_equal(second, -1);
	close(accept(listening, NULL, NULL));
	assert_int_equal(wire_connect(path, SOON, &third, NULL), 0);
	assert_true(fcntl(third, F_GETFD) & FD_CLOEXEC);
	close(first);
	close(third);
	close(listening);
}

static void
messages_arrive_whole(void **state)
{
	enum { SIZE = 4 * 1024 * 1024 };
	struct protocol_header header;
	struct wire_out out = { 0 };
	uint8_t *payload, *bytes = malloc(SIZE);
	int pair[2], status;
	pid_t pid;

	(void)state;
	memset(bytes, 7, SIZE);
	wire_put_bytes(&out, bytes, SIZE);
	make_pair(pair);
	/* More than a socket's buffer: both ends have to wait for each other. */
	pid = fork();
	if (!pid)
		_exit(wire_send(pair[1], PROTOCOL_TEXT, &out, SOON, NULL) < 0 ||
		      wire_send(pair[1], PROTOCOL_DONE, NULL, SOON, NULL) < 0);
	assert_int_equal(wire_receive(pair[0], &header, &payload, SOON, NULL), 0);
	assert_int_equal(header.operation, PROTOCOL_TEXT);
	assert_int_equal(header.version, PROTOCOL_VERSION);
	assert_int_equal(header.length, SIZE);
	assert_memory_equal(payload, bytes, SIZE);
	free(payload);
	assert_int_equal(wire_receive(pair[0], &header, &payload, SOON, NULL), 0);
	assert_int_equal(header.operation, PROTOCOL_DONE);
	assert_int_equal(header.length, 0);
	assert_non_null(payload);
	free(payload);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	wire_out_free(&out);
	free(bytes);
	close(pair[0]);
	close(pair[1]);
}

static int
received(const void *bytes, size_t length, bool hang_up)
{
	struct protocol_header header;
	uint8_t *payload = NULL;
	int pair[2], result;

	make_pair(pair);
	assert_int_equal(send(pair[1], bytes, length, 0), length);
	if (hang_up)
		close(pair[1]);
	result = wire_receive(pair[0], &header, &payload, wire_clock_ms() + 100, NULL);
	free(payload);
	close(pair[0]);
	if (!hang_up)
		close(pair[1]);
	return result;
}

static void
what_is_no_message_is_told_apart(void **state)
{
	struct {
		struct protocol_header header;
		uint8_t payload[4];
	} message = { { 4, PROTOCOL_VERSION, PROTOCOL_TEXT }, { 0 } };
	size_t length;

	(void)state;
	assert_int_equal(received(&message, sizeof(message), false), 0);
	for (length = 1; length < sizeof(message); length++) {
		assert_int_equal(received(&message, length, false), -ETIMEDOUT);
		assert_int_equal(received(&message, length, true), -ECONNRESET);
	}
	message.header.version = 0;
	assert_int_equal(received(&message, sizeof(message), false), -EPROTO);
	message.header.version = PROTOCOL_VERSION + 1;
	assert_int_equal(received(&message, sizeof(message), false), -EPROTO);
	message.header.version = PROTOCOL_VERSION;
	message.header.length = PROTOCOL_ANSWER_MAX + 1;
	assert_int_equal(received(&message, sizeof(message), false), -EPROTO);
}

/* In somebody else's process: no signal may come of it. */
static void
a_peer_that_is_gone_is_an_error_and_no_signal(void **state)
{
	struct protocol_header header;
	uint8_t *payload;
	int pair[2];

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	make_pair(pair);
	close(pair[1]);
	assert_int_equal(wire_send(pair[0], PROTOCOL_TAKEN, NULL, SOON, NULL), -EPIPE);
	assert_int_equal(wire_receive(pair[0], &header, &payload, SOON, NULL), -ECONNRESET);
	close(pair[0]);
}

static void
a_peer_that_does_not_read_has_a_deadline(void **state)
{
	struct wire_out out = { 0 };
	int pair[2];
	int64_t begun = wire_clock_ms();
	uint32_t i;

	(void)state;
	for (i = 0; i < 1024 * 1024; i++)
		wire_put_u32(&out, i);
	make_pair(pair);
	assert_int_equal(wire_send(pair[0], PROTOCOL_OPEN, &out, begun + 150, NULL), -ETIMEDOUT);
	assert_true(wire_clock_ms() - begun >= 150);
	wire_out_free(&out);
	close(pair[0]);
	close(pair[1]);
}

static void
a_payload_that_failed_is_not_sent(void **state)
{
	const struct wire_out broken = { .failed = true };
	int pair[2];
	char byte;

	(void)state;
	make_pair(pair);
	assert_int_equal(wire_send(pair[0], PROTOCOL_OPEN, &broken, SOON, NULL), -ENOMEM);
	assert_int_equal(recv(pair[1], &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	close(pair[0]);
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(a_full_backlog_has_a_deadline),
		cmocka_unit_test(messages_arrive_whole),
		cmocka_unit_test(what_is_no_message_is_told_apart),
		cmocka_unit_test(a_peer_that_is_gone_is_an_error_and_no_signal),
		cmocka_unit_test(a_peer_that_does_not_read_has_a_deadline),
		cmocka_unit_test(a_payload_that_failed_is_not_sent),
	};

	return cmocka_run_group_tests_name("client", tests, make_folder, remove_folder);
}
