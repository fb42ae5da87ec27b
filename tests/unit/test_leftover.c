/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who is left, and who is not: processes and sockets made for it, in a PID and a network namespace
 * of their own. Needs root.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session/leftover.h"

#define ALICE   4000
#define SUBUIDS 100000

static int proc = -1;
static const struct uid_range alices[] = { { ALICE, ALICE }, { SUBUIDS, SUBUIDS + 65535 } };

static enum leftover_kind
look(pid_t *pid)
{
	struct leftover users[] = { { .ranges = alices, .n_ranges = 2 } };

	leftover_look(proc, users, 1);
	if (pid)
		*pid = users[0].pid;
	return users[0].kind;
}

/* What a process of the test's says to it: one byte when all is as it should be. */
struct child {
	pid_t pid;
	int sock;
};

static struct child
child_start(void (*run)(int sock))
{
	struct child child;
	int pair[2];
	char byte = 0;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	child.pid = fork();
	if (!child.pid) {
		close(pair[0]);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		run(pair[1]);
		(void)!write(pair[1], "x", 1);
		for (;;)
			pause();
	}
	close(pair[1]);
	child.sock = pair[0];
	assert_int_equal(read(child.sock, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	return child;
}

static void
child_end(const struct child *child)
{
	kill(child->pid, SIGKILL);
	assert_int_equal(waitpid(child->pid, NULL, 0), child->pid);
	close(child->sock);
}

static void
must(int result)
{
	if (result < 0)
		_exit(1);
}

/* ------------------------------------------------------------------------------- processes */

static void
be_alice(int sock)
{
	(void)sock;
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
be_subordinate(int sock)
{
	(void)sock;
	must(setresuid(SUBUIDS + 65535, SUBUIDS + 65535, SUBUIDS + 65535));
}

static void
be_next_to_subordinate(int sock)
{
	(void)sock;
	must(setresuid(SUBUIDS + 65536, SUBUIDS + 65536, SUBUIDS + 65536));
}

static void
be_really(int sock)
{
	(void)sock;
	must(setresuid(ALICE, 0, 0));
}

static void
be_effectively(int sock)
{
	(void)sock;
	must(setresuid(0, ALICE, 0));
}

static void
be_saved(int sock)
{
	(void)sock;
	must(setresuid(0, 0, ALICE));
}

static void
be_in_the_filesystem(int sock)
{
	(void)sock;
	setfsuid(ALICE);
}

static void
any_of_the_uids_counts(void **state)
{
	static const struct {
		void (*run)(int sock);
		enum leftover_kind kind;
	} cases[] = {
		{ be_alice, LEFTOVER_PROCESS },
		{ be_subordinate, LEFTOVER_PROCESS },
		{ be_next_to_subordinate, LEFTOVER_NONE },
		{ be_really, LEFTOVER_PROCESS },
		{ be_effectively, LEFTOVER_PROCESS },
		{ be_saved, LEFTOVER_PROCESS },
		{ be_in_the_filesystem, LEFTOVER_PROCESS },
	};
	size_t i;
	pid_t pid;

	(void)state;
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct child child = child_start(cases[i].run);

		assert_int_equal(look(&pid), cases[i].kind);
		if (cases[i].kind == LEFTOVER_PROCESS)
			assert_int_equal(pid, child.pid);
		child_end(&child);
		assert_int_equal(look(NULL), LEFTOVER_NONE);
	}
}

/* Each user of many gets their own answer. */
static void
users_are_told_apart(void **state)
{
	static const struct uid_range bobs[] = { { 4001, 4001 } }, carols[] = { { 4002, 4002 } };
	struct leftover users[] = {
		{ .ranges = bobs, .n_ranges = 1 },
		{ .ranges = alices, .n_ranges = 2 },
		{ .ranges = carols, .n_ranges = 1 },
	};
	struct child child = child_start(be_alice);

	(void)state;
	leftover_look(proc, users, 3);
	assert_int_equal(users[0].kind, LEFTOVER_NONE);
	assert_int_equal(users[1].kind, LEFTOVER_PROCESS);
	assert_int_equal(users[2].kind, LEFTOVER_NONE);
	child_end(&child);
}

static void
a_zombie_does_not_count(void **state)
{
	siginfo_t info;
	pid_t pid = fork();

	(void)state;
	if (!pid) {
		must(setresuid(ALICE, ALICE, ALICE));
		_exit(0);
	}
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void *
live_on(void *sock)
{
	char byte;

	(void)!read(*(const int *)sock, &byte, 1);
	return NULL;
}

static gid_t many_groups[2000];

static void
leave_a_thread(int sock)
{
	static int kept;
	pthread_t thread;

	kept = sock;
	must(setgroups(sizeof(many_groups) / sizeof(many_groups[0]), many_groups));
	must(setresuid(ALICE, ALICE, ALICE));
	must(-pthread_create(&thread, NULL, live_on, &kept));
	(void)!write(sock, "x", 1);
	syscall(SYS_exit, 0);
}

/* Its leader is a zombie, and it is in so many groups that its status is longer than a page. */
static void
a_process_whose_leader_has_ended_counts(void **state)
{
	struct child child;
	char name[32], text[512];
	size_t i;
	pid_t pid;

	(void)state;
	for (i = 0; i < sizeof(many_groups) / sizeof(many_groups[0]); i++)
		many_groups[i] = (gid_t)(100000 + i);
	child = child_start(leave_a_thread);
	snprintf(name, sizeof(name), "%d/stat", (int)child.pid);
	do {
		int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
		ssize_t got = read(fd, text, sizeof(text) - 1);

		assert_true(got > 0);
		text[got] = '\0';
		close(fd);
		sched_yield();
	} while (!strstr(text, ") Z "));
	assert_int_equal(look(&pid), LEFTOVER_PROCESS);
	assert_int_equal(pid, child.pid);
	close(child.sock);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
}

/* ---------------------------------------------------------------------- other namespaces */

static void
be_elsewhere(int sock)
{
	(void)sock;
	must(unshare(CLONE_NEWNET));
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
a_process_elsewhere_does_not_count(void **state)
{
	struct child child = child_start(be_elsewhere);

	(void)state;
	assert_int_equal(look(NULL), LEFTOVER_NONE);
	child_end(&child);
}

static void
leave_a_thread_here(int sock)
{
	static int kept;
	pthread_t thread;

	kept = sock;
	must(-pthread_create(&thread, NULL, live_on, &kept));
	must(unshare(CLONE_NEWNET));
	must(setresuid(ALICE, ALICE, ALICE));
}

static void
a_process_with_one_thread_here_counts(void **state)
{
	struct child child = child_start(leave_a_thread_here);
	pid_t pid;

	(void)state;
	assert_int_equal(look(&pid), LEFTOVER_PROCESS);
	assert_int_equal(pid, child.pid);
	child_end(&child);
}

/* As anybody may, without root. A socket that it has opened before is of our network, and shows
 * nowhere until it is bound: so that such a process counts. */
static void
be_elsewhere_by_oneself(int sock)
{
	(void)sock;
	must(setresuid(ALICE, ALICE, ALICE));
	must(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	must(socket(AF_INET, SOCK_STREAM, 0));
	must(unshare(CLONE_NEWUSER | CLONE_NEWNET));
}

static void
a_process_that_went_elsewhere_by_itself_counts(void **state)
{
	struct child child;
	int unprivileged = open("/proc/sys/user/max_user_namespaces", O_RDONLY | O_CLOEXEC);

	(void)state;
	if (unprivileged < 0)
		skip();
	close(unprivileged);
	child = child_start(be_elsewhere_by_oneself);
	assert_int_equal(look(NULL), LEFTOVER_PROCESS);
	child_end(&child);
	assert_int_equal(look(NULL), LEFTOVER_NONE);
}

/* --------------------------------------------------------------------- forking without end */

static _Atomic int *over; /* shared by all: the forkers' end */

static void
fork_on_and_on(void)
{
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
	while (!*over) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
		if (pid < 0)
			sched_yield();
	}
	_exit(0);
}

static void
fork_as_alice(int sock)
{
	must(setresuid(ALICE, ALICE, ALICE));
	(void)!write(sock, "x", 1);
	fork_on_and_on();
}

struct tally {
	unsigned int none, process, socket, unknown;
};

static struct tally
look_often(unsigned int looks)
{
	struct tally tally = { 0 };

	while (looks--) {
		switch (look(NULL)) {
		case LEFTOVER_NONE:
			tally.none++;
			break;
		case LEFTOVER_PROCESS:
			tally.process++;
			break;
		case LEFTOVER_SOCKET:
			tally.socket++;
			break;
		case LEFTOVER_UNKNOWN:
			tally.unknown++;
			break;
		}
	}
	print_message(
	    "process %u, unknown %u, none %u\n", tally.process, tally.unknown, tally.none);
	return tally;
}

static void
wait_for_nobody(void)
{
	int64_t i;

	for (i = 0; look(NULL) != LEFTOVER_NONE; i++) {
		sched_yield();
		assert_true(i < 10000000);
	}
}

static void
whoever_forks_without_end_is_never_missed(void **state)
{
	struct child child;
	struct tally tally;

	(void)state;
	*over = 0;
	child = child_start(fork_as_alice);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	tally = look_often(5000);
	assert_int_equal(tally.none, 0);
	assert_int_equal(tally.socket, 0);
	assert_true(tally.process > 0);
	*over = 1;
	close(child.sock);
	wait_for_nobody();
}

/* Each look begins a few PIDs before the highest there is, so that they wrap around in it. */
static void
nor_where_pids_wrap_around(void **state)
{
	struct child child;
	char text[32] = "";
	unsigned int i, none = 0;
	long most;
	int fd = open("/proc/sys/kernel/pid_max", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	most = strtol(text, NULL, 10);
	fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		print_message("SKIPPED: no ns_last_pid\n");
		skip();
	}
	*over = 0;
	child = child_start(fork_as_alice);
	assert_int_equal(waitpid(child.pid, NULL, 0), child.pid);
	for (i = 0; i < 3000; i++) {
		int length = snprintf(text, sizeof(text), "%ld", most - 1 - (long)(i % 30));

		assert_int_equal(pwrite(fd, text, (size_t)length, 0), length);
		none += look(NULL) == LEFTOVER_NONE;
	}
	close(fd);
	*over = 1;
	close(child.sock);
	wait_for_nobody();
	/* "In the instant of a fork across such a wrap": seen now and then, never twice a second
	 * apart. */
	print_message("none %u of 3000\n", none);
	assert_true(none <= 3);
}

/* A process whose leader is elsewhere, and whose one thread here begins another and ends, on and
 * on. */
static void *
relay(void *unused)
{
	pthread_attr_t attributes;
	pthread_t next;

	if (*over)
		return unused;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 16384);
	while (pthread_create(&next, &attributes, relay, unused))
		sched_yield();
	pthread_attr_destroy(&attributes);
	return NULL;
}

static void
relay_here(int sock)
{
	(void)sock;
	must(setresuid(ALICE, 0, 0));
	relay(NULL);
	must(unshare(CLONE_NEWNET));
}

static void
nor_whose_threads_do(void **state)
{
	struct child child;
	struct tally tally;

	(void)state;
	*over = 0;
	child = child_start(relay_here);
	tally = look_often(3000);
	assert_int_equal(tally.none, 0);
	*over = 1;
	wait_for_nobody();
	child_end(&child);
}

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

static void
an_orphan_with_unsent_data_counts(void **state)
{
	static const int families[] = { AF_INET, AF_INET6 };
	size_t i;

	(void)state;
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

/* ---------------------------------------------------------------------------- the unreadable */

static void
what_cannot_be_read_is_not_gone(void **state)
{
	struct leftover users[] = { { .ranges = alices, .n_ranges = 2 } };
	int empty = open("/sys", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	leftover_look(empty, users, 1);
	assert_int_equal(users[0].kind, LEFTOVER_UNKNOWN);
	close(empty);
}

/* ------------------------------------------------------------------------------ where it is run */

static int
loopback_up(void)
{
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), range;

	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return -1;
	close(fd);
	range = open("/proc/sys/net/ipv4/ping_group_range", O_WRONLY | O_CLOEXEC);
	if (range < 0 || write(range, "0 2147483647", 12) < 0)
		return -1;
	close(range);
	return 0;
}

static int
all_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_of_the_uids_counts),
		cmocka_unit_test(users_are_told_apart),
		cmocka_unit_test(a_zombie_does_not_count),
		cmocka_unit_test(a_process_whose_leader_has_ended_counts),
		cmocka_unit_test(a_process_elsewhere_does_not_count),
		cmocka_unit_test(a_process_with_one_thread_here_counts),
		cmocka_unit_test(a_process_that_went_elsewhere_by_itself_counts),
		cmocka_unit_test(whoever_forks_without_end_is_never_missed),
		cmocka_unit_test(nor_where_pids_wrap_around),
		cmocka_unit_test(nor_whose_threads_do),
		cmocka_unit_test(a_socket_counts_whoever_holds_it),
		cmocka_unit_test(a_ping_socket_counts_wherever_its_process_is),
		cmocka_unit_test(an_orphan_with_unsent_data_counts),
		cmocka_unit_test(what_cannot_be_read_is_not_gone),
	};

	return cmocka_run_group_tests_name("leftover", tests, NULL, NULL);
}

static void
needs_root(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("SKIPPED: leftovers need root\n");
		skip();
	}
	fail_msg("no namespaces: %s", strerror(errno));
}

/* Process 1 of the new namespace buries everybody's children, as every init does: a forker's
 * zombies would use up all PIDs. The tests run beside it. */
static int
be_init(void)
{
	pid_t tests = fork(), pid;
	int status;

	if (!tests) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		exit(all_tests());
	}
	for (;;) {
		pid = wait(&status);
		if (pid == tests || (pid < 0 && errno != EINTR))
			_exit(pid == tests && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
}

int
main(void)
{
	const struct CMUnitTest excuse[] = { cmocka_unit_test(needs_root) };
	int status;
	pid_t pid;

	over = mmap(NULL, sizeof(*over), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (geteuid() != 0 || over == MAP_FAILED ||
	    unshare(CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS) < 0)
		return cmocka_run_group_tests_name("leftover", excuse, NULL, NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		    mount("proc", "/proc", "proc", 0, NULL) < 0 || loopback_up() < 0)
			_exit(1);
		proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		_exit(be_init());
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
