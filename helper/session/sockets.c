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

/* The kernel's tables in /proc/net; all of these have the uid in the eighth column, and sockets
 * whose process has exited. `name` is one of them below self/net. */
static int
read_table(int proc_fd, const char *name, const struct seen *seen)
{
	cleanup_file FILE *table = NULL;
	char path[40], line[512];
	uint32_t uid;
	int fd;

	snprintf(path, sizeof(path), "self/net/%s", name);
	fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
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

/* sock_diag first: to read a table costs more. Where that cannot list the protocol the table tells
 * all the same; and where there is none either, there is no such protocol. */
static int
look_at(struct diag *diag, int proc_fd, uint8_t protocol, const char *const names[2],
    const struct seen *seen)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	int result = 0, read = -ENOENT;
	size_t i;

	for (i = 0; i < 2 && diag && result == 0; i++)
		result = diag_each(diag, families[i], protocol, on_socket, (void *)(uintptr_t)seen);
	if (diag && result != -ENOENT)
		return result;
	for (i = 0; i < 2; i++) {
		result = names[i] ? read_table(proc_fd, names[i], seen) : -ENOENT;
		if (result < 0 && result != -ENOENT)
			return result;
		if (result == 0)
			read = 0;
	}
	return read;
}

int
sockets_look(int proc_fd, struct leftover *users, uint32_t n)
{
	/* A kernel may be without the last three; without TCP and UDP we could not tell. */
	static const struct {
		uint8_t protocol;
		const char *names[2];
		bool needed;
	} protocols[] = {
		{ IPPROTO_TCP, { "tcp", "tcp6" }, true },
		{ IPPROTO_UDP, { "udp", "udp6" }, true },
		{ IPPROTO_UDPLITE, { "udplite", "udplite6" }, false },
		{ IPPROTO_SCTP, { NULL, NULL }, false },
		{ IPPROTO_RAW, { "raw", "raw6" }, false },
	};
	static const char *const ping[] = { "icmp", "icmp6" };
	struct seen seen = { users, n };
	struct diag *diag = diag_open();
	int result = 0;
	size_t i;

	if (!diag && errno != EPROTONOSUPPORT)
		return -errno;
	/* TCP of both families, in one walk. */
	if (diag)
		result =
		    diag_each_tcp(diag, DIAG_OPEN | DIAG_LISTENING | DIAG_BOUND, on_socket, &seen);
	i = diag && result == 0;
	if (result == -ENOENT)
		result = 0;
	for (; i < sizeof(protocols) / sizeof(protocols[0]) && result == 0; i++) {
		result = look_at(diag, proc_fd, protocols[i].protocol, protocols[i].names, &seen);
		if (result == -ENOENT && !protocols[i].needed)
			result = 0;
	}
	diag_close(diag);
	/* Ping sockets have no sock_diag. */
	for (i = 0; i < 2 && result == 0; i++) {
		result = read_table(proc_fd, ping[i], &seen);
		if (result == -ENOENT)
			result = 0;
	}
	return result;
}
