/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sender PROTOCOL ADDRESS PORT [PROTOCOL ADDRESS PORT ...]
 *
 * Sends without pause, round and round: over "udp" a byte from a socket kept since the start and
 * one from a new socket, over "tcp" an attempt to connect. How an attempt ends is not asked; what
 * counts is what arrives. Ends with its parent.
 */
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TARGETS 32

struct target {
	struct addrinfo *address;
	int type;
	int kept;
};

static int
open_socket(const struct target *target)
{
	int fd = socket(target->address->ai_family, target->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		abort();
	return fd;
}

static void
send_to(const struct target *target)
{
	const struct addrinfo *address = target->address;
	int fd = open_socket(target);

	if (target->type == SOCK_STREAM) {
		/* The packet leaves within the call, or never. */
		(void)!connect(fd, address->ai_addr, address->ai_addrlen);
	} else {
		(void)!sendto(fd, "x", 1, 0, address->ai_addr, address->ai_addrlen);
		(void)!sendto(target->kept, "x", 1, 0, address->ai_addr, address->ai_addrlen);
	}
	close(fd);
}

int
main(int argc, char **argv)
{
	static struct target targets[TARGETS];
	int n = 0;

	if (argc < 4 || (argc - 1) % 3 || (argc - 1) / 3 > TARGETS)
		return 2;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 1; i < argc; i += 3, n++) {
		struct target *target = &targets[n];
		struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };

		target->type = strcmp(argv[i], "tcp") ? SOCK_DGRAM : SOCK_STREAM;
		hints.ai_socktype = target->type;
		if (getaddrinfo(argv[i + 1], argv[i + 2], &hints, &target->address))
			return 2;
		target->kept = open_socket(target);
	}
	for (;;)
		for (int i = 0; i < n; i++)
			send_to(&targets[i]);
}
