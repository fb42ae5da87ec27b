/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which sockets count, when their processes have gone.
 */
#include "leftover_util.h"

#include <sys/utsname.h>

#include "diag/diag.h"

/* --------------------------------------------------------------------------------- sockets */

static int
receive_fd(int sock)
{
	char byte;
	struct iovec piece = { &byte, 1 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	const struct cmsghdr *passed;
	int fd = -1;

	assert_int_equal(recvmsg(sock, &message, MSG_CMSG_CLOEXEC), 1);
	passed = CMSG_FIRSTHDR(&message);
	if (passed)
		memcpy(&fd, CMSG_DATA(passed), sizeof(fd));
	assert_true(fd >= 0);
	return fd;
}

static void
send_fd(int sock, int fd)
{
	char byte = 'f';
	struct iovec piece = { &byte, 1 };
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct msghdr message = { .msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	control.header.cmsg_level = SOL_SOCKET;
	control.header.cmsg_type = SCM_RIGHTS;
	control.header.cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	must((int)sendmsg(sock, &message, 0));
}

static struct {
	int family, type, protocol;
} wanted;

static union {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
} target;
static socklen_t target_size;

static void
aim(int family, uint16_t port)
{
	memset(&target, 0, sizeof(target));
	target.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		target.four.sin_port = htons(port);
		target.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		target_size = sizeof(target.four);
	} else {
		target.six.sin6_port = htons(port);
		target.six.sin6_addr = in6addr_loopback;
		target_size = sizeof(target.six);
	}
}

/* A socket of alice's, in the hands of others when she has gone. */
static void
hand_over(int sock)
{
	int fd;

	must(setresuid(ALICE, ALICE, ALICE));
	fd = socket(wanted.family, wanted.type, wanted.protocol);
	must(fd);
	must(bind(fd, &target.any, target_size));
	if (wanted.type == SOCK_STREAM)
		must(listen(fd, 1));
	send_fd(sock, fd);
	_exit(0);
}

static int
socket_of_alice(int family, int type, int protocol)
{
	struct child child;
	int pair[2], fd, status;

	wanted.family = family;
	wanted.type = type;
	wanted.protocol = protocol;
	aim(family, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child.pid = fork();
	if (!child.pid)
		hand_over(pair[1]);
	close(pair[1]);
	assert_int_equal(waitpid(child.pid, &status, 0), child.pid);
	assert_int_equal(status, 0);
	fd = receive_fd(pair[0]);
	close(pair[0]);
	return fd;
}

static void
a_socket_counts_whoever_holds_it(void **state)
{
	static const struct {
		int family, type, protocol;
	} kinds[] = {
		{ AF_INET, SOCK_STREAM, 0 },
		{ AF_INET6, SOCK_STREAM, 0 },
		{ AF_INET, SOCK_DGRAM, 0 },
		{ AF_INET6, SOCK_DGRAM, 0 },
		{ AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
		{ AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
		{ AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		int there = socket(kinds[i].family, kinds[i].type, kinds[i].protocol), fd;

		/* A kernel may be without. */
		if (there < 0 && errno == EPROTONOSUPPORT)
			continue;
		close(there);
		fd = socket_of_alice(kinds[i].family, kinds[i].type, kinds[i].protocol);
		if (look(NULL) != LEFTOVER_SOCKET)
			fail_msg("a socket of kind %zu was not seen", i);
		close(fd);
		assert_int_equal(look(NULL), LEFTOVER_NONE);
	}
}

/* Whoever holds it is in another network namespace, and the socket is in this one. */
static void
keep_a_ping_elsewhere(int sock)
{
	int fd;

	(void)sock;
	must(setresuid(ALICE, ALICE, 0));
	fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	must(fd);
	must(bind(fd, &target.any, target_size));
	must(setresuid(0, 0, 0));
	must(unshare(CLONE_NEWNET));
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
a_ping_socket_counts_wherever_its_process_is(void **state)
{
	struct child child;

	(void)state;
	aim(AF_INET, 0);
	child = child_start(keep_a_ping_elsewhere);
	assert_int_equal(look(NULL), LEFTOVER_SOCKET);
	child_end(&child);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
}

/* Sends more than the far end takes, and ends. */
static void
leave_unsent(int sock)
{
	static const char bytes[65536];
	int fd;

	must(setresuid(ALICE, ALICE, ALICE));
	fd = socket(target.any.sa_family, SOCK_STREAM, 0);
	must(connect(fd, &target.any, target_size));
	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	(void)!write(sock, "x", 1);
	_exit(0);
}

/* Linux 6.17 and later tell whose. */
static bool
orphans_have_owners(void)
{
	unsigned int major, minor;
	struct utsname name;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
	return major > 6 || (major == 6 && minor >= 17);
}

static void
an_orphan_with_unsent_data_counts(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	(void)state;
	if (!orphans_have_owners()) {
		fprintf(stderr, "SKIPPED: before Linux 6.17 an orphan's owner is not told\n");
		skip();
	}
	for (i = 0; i < 2; i++) {
		int listening = socket(families[i], SOCK_STREAM | SOCK_CLOEXEC, 0), peer;
		struct child child;
		socklen_t size = sizeof(target);

		aim(families[i], 0);
		assert_int_equal(bind(listening, &target.any, target_size), 0);
		assert_int_equal(listen(listening, 1), 0);
		assert_int_equal(getsockname(listening, &target.any, &size), 0);
		child = child_start(leave_unsent);
		peer = accept(listening, NULL, NULL);
		assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
		close(child.sock);
		assert_int_equal(look(NULL), LEFTOVER_SOCKET);
		/* Closed with bytes unread: reset, and the orphan is gone. */
		close(peer);
		close(listening);
		wait_for_nobody();
	}
}

struct listed {
	uint16_t port;
	unsigned int n;
};

static void
count_if_from(const struct diag_socket *socket, void *data)
{
	struct listed *listed = data;

	listed->n += socket->from_port == listed->port;
}

static unsigned int
listed_from(uint16_t port, bool by_family)
{
	struct listed listed = { .port = port };
	struct diag *diag = diag_open();

	assert_non_null(diag);
	if (by_family)
		assert_int_equal(diag_each(diag, AF_INET, IPPROTO_TCP, count_if_from, &listed), 0);
	else
		assert_int_equal(diag_each_tcp(diag, DIAG_OPEN, count_if_from, &listed), 0);
	diag_close(diag);
	return listed.n;
}

/* The kernel remembers it for a minute, and it is nobody's. */
static void
a_connection_that_has_ended_is_passed_over(void **state)
{
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), peer, tries;
	socklen_t size = sizeof(target);
	struct sockaddr_in own;
	uint16_t port;

	(void)state;
	aim(AF_INET, 0);
	assert_int_equal(bind(listening, &target.any, target_size), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, &target.any, &size), 0);
	assert_int_equal(connect(fd, &target.any, target_size), 0);
	peer = accept(listening, NULL, NULL);
	size = sizeof(own);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
	port = ntohs(own.sin_port);
	assert_int_equal(listed_from(port, false), 1);
	close(fd);
	assert_int_equal(listed_from(port, false), 1);
	close(peer);
	close(listening);
	for (tries = 0; tries < 5000 && listed_from(port, false); tries++)
		usleep(1000);
	assert_int_equal(listed_from(port, false), 0);
	assert_int_equal(listed_from(port, true), 1);
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_counts_whoever_holds_it),
		cmocka_unit_test(a_ping_socket_counts_wherever_its_process_is),
		cmocka_unit_test(an_orphan_with_unsent_data_counts),
		cmocka_unit_test(a_connection_that_has_ended_is_passed_over),
	};

	return cmocka_run_group_tests_name("leftover_sockets", tests, NULL, NULL);
}

int
main(void)
{
	return run_beside("leftover_sockets", all_tests);
}
