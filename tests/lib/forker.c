/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * forker FILE ADDRESS PORT [ADDRESS PORT ...]
 *
 * A process that is never there for long: it forks, the parent ends, the child sends one byte
 * over UDP to each target, and so on until FILE exists. Whoever looks for its user's processes
 * one by one may find none.
 */
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void
send_one(const char *address, const char *port)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *target;
	int fd;

	if (getaddrinfo(address, port, &hints, &target))
		abort();
	fd = socket(target->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		abort();
	/* Refused is an answer too. */
	(void)!sendto(fd, "x", 1, 0, target->ai_addr, target->ai_addrlen);
	close(fd);
	freeaddrinfo(target);
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	setsid();
	while (access(argv[1], F_OK) != 0) {
		switch (fork()) {
		case -1:
			abort();
		case 0:
			break;
		default:
			_exit(0);
		}
		for (int i = 2; i + 1 < argc; i += 2)
			send_one(argv[i], argv[i + 1]);
	}
	return 0;
}
