/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define LISTEN_FDS_START 3

void
notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path ? strlen(path) : 0;

	if (!length || length >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	cleanup_fd int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock >= 0)
		sendto(sock, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
}

static int
is_listening(int fd)
{
	struct sockaddr_un address;
	socklen_t size = sizeof(address);
	int type = 0, listening = 0;

	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
	    address.sun_family != AF_UNIX)
		return 0;
	size = sizeof(type);
	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM)
		return 0;
	size = sizeof(listening);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening;
}

int
notify_socket(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int flags;

	if (!pid || !fds || strtol(pid, NULL, 10) != (long)getpid())
		return -1;
	if (strcmp(fds, "1") || !is_listening(LISTEN_FDS_START))
		return -EINVAL;
	flags = fcntl(LISTEN_FDS_START, F_GETFL);
	if (flags < 0 || fcntl(LISTEN_FDS_START, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(LISTEN_FDS_START, F_SETFD, FD_CLOEXEC) < 0)
		return -EINVAL;
	return LISTEN_FDS_START;
}
