/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "diag/diag.h"
#include "session/leftover.h"

struct seen {
	struct leftover *users;
	uint32_t n;
};

static void
see(const struct seen *seen, uint32_t uid)
{
	uint32_t i, k;

	for (i = 0; i < seen->n; i++) {
		struct leftover *user = &seen->users[i];

		for (k = 0; k < user->n_ranges && user->kind == LEFTOVER_NONE; k++)
			if (uid >= user->ranges[k].first && uid <= user->ranges[k].last)
				user->kind = LEFTOVER_SOCKET;
	}
}

static void
on_socket(const struct diag_socket *socket, void *data)
{
	see(data, socket->uid);
}

/* Ping sockets have no sock_diag; their table's eighth column is the uid. */
static int
read_ping(int proc_fd, const char *name, const struct seen *seen)
{
	cleanup_file FILE *table = NULL;
	char line[256];
	uint32_t uid;
	int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	table = fdopen(fd, "r");
	if (!table) {
		close(fd);
		return -ENOMEM;
	}
	while (fgets(line, sizeof(line), table))
		if (sscanf(line, " %*d: %*s %*s %*s %*s %*s %*s %" SCNu32, &uid) == 1)
			see(seen, uid);
	return ferror(table) ? -EIO : 0;
}

int
sockets_look(int proc_fd, struct leftover *users, uint32_t n)
{
	/* A kernel may be without the last three; without TCP and UDP we could not tell. */
	static const struct {
		uint8_t protocol;
		bool needed;
	} protocols[] = {
		{ IPPROTO_UDP, true },
		{ IPPROTO_UDPLITE, false },
		{ IPPROTO_SCTP, false },
		{ IPPROTO_RAW, false },
	};
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct seen seen = { users, n };
	struct diag *diag = diag_open();
	size_t i, k;
	int result;

	if (!diag)
		return -errno;
	result = diag_each_tcp(diag, true, on_socket, &seen);
	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++) {
		for (k = 0; k < sizeof(families) && result == 0; k++) {
			result =
			    diag_each(diag, families[k], protocols[i].protocol, on_socket, &seen);
			if (result == -ENOENT && (!protocols[i].needed || families[k] == AF_INET6))
				result = 0;
		}
	}
	diag_close(diag);
	if (result == 0)
		result = read_ping(proc_fd, "self/net/icmp", &seen);
	if (result == 0)
		result = read_ping(proc_fd, "self/net/icmp6", &seen);
	return result;
}
