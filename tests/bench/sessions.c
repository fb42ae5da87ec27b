/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sessions crowd FROM TO POLICIES   opens the sessions of these members of the crowd, a hundred at
 *                                   a time, says "ready SECONDS", and holds them until its
 *                                   standard input ends
 * sessions second ROUNDS            another session of somebody who has one, in turn with a bare
 *                                   message and answer over a socket of the same kind
 * sessions send NUMBER ADDRESS PORT   as that member of the crowd (-1: as root), a packet of UDP to
 * an IPv4 address and one to its IPv6 twin, every fifth of a millisecond, until its standard input
 * ends; says how many sessions restart POLICIES COMMAND...   runs netfenced, and says how many
 * milliseconds it took until it answered somebody who has a session
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "clock.h"

#define WORKERS 100U

/* One process, one opener, its share of the crowd. */
static void
hold_share(uint32_t from, uint32_t to, uint32_t policies, int ready, int until)
{
	struct session_name session;
	struct ask ask;
	char byte;
	uint32_t number;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (number = from; number < to; number += WORKERS) {
		ask_member(&ask, number, policies);
		if (ask_open_session(&ask, &session) < 0)
			_exit(1);
	}
	if (write(ready, "", 1) != 1)
		_exit(1);
	_exit(read(until, &byte, 1) < 0);
}

static int
crowd(uint32_t from, uint32_t to, uint32_t policies)
{
	int ready[2], until[2];
	uint32_t worker;
	double began = clock_ns();
	char byte;

	if (pipe(ready) < 0 || pipe(until) < 0)
		bench_die("pipe");
	for (worker = 0; worker < WORKERS; worker++) {
		if (fork() == 0) {
			close(until[1]);
			close(ready[0]);
			hold_share(from + worker, to, policies, ready[1], until[0]);
		}
	}
	close(ready[1]);
	for (worker = 0; worker < WORKERS; worker++) {
		if (read(ready[0], &byte, 1) != 1) {
			fprintf(stderr, "sessions: not all could be opened\n");
			return 1;
		}
	}
	printf("ready %.3f\n", (clock_ns() - began) / 1e9);
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	close(until[1]);
	while (wait(NULL) > 0)
		;
	return 0;
}

/* ---------------------------------------------------------------- a second session */

#define MESSAGE 120 /* bytes, about what OPEN has */
#define ANSWER  64

static const struct sockaddr_un echo_name = { AF_UNIX, "/tmp/echo" };

static void
echo(void)
{
	int listening = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	char message[MESSAGE];

	unlink(echo_name.sun_path);
	if (bind(listening, (const struct sockaddr *)&echo_name, sizeof(echo_name)) < 0 ||
	    listen(listening, 10) < 0)
		bench_die("echo");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (write(3, "", 1) != 1)
		_exit(1);
	for (;;) {
		fd = accept(listening, NULL, NULL);
		if (recv(fd, message, sizeof(message), MSG_WAITALL) != MESSAGE ||
		    send(fd, message, ANSWER, MSG_NOSIGNAL) != ANSWER)
			_exit(1);
		close(fd);
	}
}

static double
round_trip(void)
{
	char message[MESSAGE] = "";
	double began = clock_ns();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)&echo_name, sizeof(echo_name)) < 0 ||
	    send(fd, message, sizeof(message), MSG_NOSIGNAL) != MESSAGE ||
	    recv(fd, message, ANSWER, MSG_WAITALL) != ANSWER)
		bench_die("echo");
	close(fd);
	return clock_ns() - began;
}

static int
second(int rounds)
{
	static struct samples bare, asked;
	struct session_name first, session;
	struct ask ask;
	int ready[2], round;
	double began;
	char byte;

	if (pipe(ready) < 0)
		bench_die("pipe");
	if (fork() == 0) {
		dup2(ready[1], 3);
		echo();
	}
	if (read(ready[0], &byte, 1) != 1)
		bench_die("echo");
	ask_member(&ask, CROWD_MAX + 1, 1);
	if (ask_open_session(&ask, &first) < 0)
		bench_die("first session");
	for (round = 0; round < rounds; round++) {
		samples_add(&bare, round_trip());
		began = clock_ns();
		if (ask_open_session(&ask, &session) < 0)
			bench_die("second session");
		samples_add(&asked, clock_ns() - began);
		ask_close_session(&session);
	}
	printf(
	    "bare %.1f\nsecond %.1f\n", samples_median(&bare) / 1e3, samples_median(&asked) / 1e3);
	ask_close_session(&first);
	return 0;
}

/* ---------------------------------------------------------------- a sender */

static int
send_on(int number, const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = to.sin_port };
	struct pollfd end = { .fd = 0, .events = POLLIN };
	const struct timespec pause = { 0, 200000 };
	unsigned long tries = 0;
	char twin[64];
	uid_t uid = number < 0 ? 0 : crowd_uid((uint32_t)number);
	int fd, fd6;

	snprintf(twin, sizeof(twin), "fd09::%s", strrchr(address, '.') + 1);
	if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    inet_pton(AF_INET6, twin, &to6.sin6_addr) != 1 || setresuid(uid, uid, uid) < 0)
		bench_die("sender");
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fd6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	do {
		/* Whether they go out, the far side says. */
		(void)!sendto(fd, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to));
		(void)!sendto(fd6, "x", 1, 0, (const struct sockaddr *)&to6, sizeof(to6));
		tries += 2;
		nanosleep(&pause, NULL);
	} while (poll(&end, 1, 0) == 0);
	printf("%lu\n", tries);
	return 0;
}

/* ---------------------------------------------------------------- a restart */

static int
restart(uint32_t policies, char **command)
{
	struct session_name session;
	struct ask ask;
	double began;
	int result;

	ask_member(&ask, 0, policies);
	began = clock_ns();
	if (fork() == 0) {
		/* Whoever waits for what we say must not wait for what it does not say. */
		if (!freopen("/dev/null", "w", stdout))
			_exit(127);
		execvp(command[0], command);
		_exit(127);
	}
	do
		result = ask_open_session(&ask, &session);
	while (result < 0 && result != -EACCES && clock_ns() - began < 60e9);
	if (result < 0)
		return 1;
	printf("%.1f\n", (clock_ns() - began) / 1e6);
	ask_close_session(&session);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "crowd"))
		return crowd(
		    (uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]), (uint32_t)atoi(argv[4]));
	if (argc == 3 && !strcmp(argv[1], "second"))
		return second(atoi(argv[2]));
	if (argc == 5 && !strcmp(argv[1], "send"))
		return send_on(atoi(argv[2]), argv[3], argv[4]);
	if (argc > 3 && !strcmp(argv[1], "restart"))
		return restart((uint32_t)atoi(argv[2]), argv + 3);
	fprintf(stderr, "usage: sessions crowd|second|send|restart ...\n");
	return 2;
}
