/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "asker.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A kernel without audit has no such file; one with it gives UINT32_MAX to what no login began. */
static uint32_t
login_uid_of(int proc, pid_t pid)
{
	char path[40], text[16];
	cleanup_fd int fd = -1;
	ssize_t got;

	snprintf(path, sizeof(path), "%d/loginuid", (int)pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ASKER_NOBODY;
	got = read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return ASKER_NOBODY;
	text[got] = '\0';
	return (uint32_t)strtoul(text, NULL, 10);
}

struct asker
asker_of(const struct connection *connection, int proc, const char *claim)
{
	struct asker asker = {
		.uid = connection_uid(connection),
		.login_uid = login_uid_of(proc, connection_pid(connection)),
	};

	if (claim && claim[0])
		snprintf(asker.name, sizeof(asker.name), "%s", claim);
	else
		snprintf(asker.name, sizeof(asker.name), "uid %u", (unsigned int)asker.uid);
	return asker;
}
