/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log FILE: takes what is said to /dev/log and appends it to a file, a line each. The tests' own
 * is written in Python, and takes a tenth of a login's processor time, which is not netfence's.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"

int
main(int argc, char **argv)
{
	static const struct sockaddr_un name = { AF_UNIX, "/dev/log" };
	static char message[65536];
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), file;
	ssize_t got;

	file = open(argc == 2 ? argv[1] : "", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (sock < 0 || file < 0 || bind(sock, (const struct sockaddr *)&name, sizeof(name)) < 0 ||
	    chmod(name.sun_path, 0666) < 0)
		bench_die("/dev/log");
	while ((got = recv(sock, message, sizeof(message) - 1, 0)) >= 0) {
		message[got++] = '\n';
		if (write(file, message, (size_t)got) != got)
			bench_die(argv[1]);
	}
	return 1;
}
