/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/leftover.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "session/sockets.h"

/* PIDs followed beyond the listing before we give up for this time: a few milliseconds. Only a user
 * who forks without end makes it more, and who does is there. */
#define FOLLOW_MAX 512

struct look {
	int proc;
	ino_t netns; /* of our own network namespace's /proc/…/net/dev */
	struct leftover *users;
	uint32_t n;
};

/* What /proc/PID/status says. */
struct status {
	bool zombie;
	unsigned long threads;
	uint32_t uids[4];
};

static bool
in_ranges(const struct leftover *user, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < user->n_ranges; i++)
		if (uid >= user->ranges[i].first && uid <= user->ranges[i].last)
			return true;
	return false;
}

static ssize_t
read_small(int proc, const char *name, char *text, size_t size)
{
	cleanup_fd int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, text, size - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	return got;
}

static bool
gone(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

/* 0, -ESRCH where there is no such process (any more), or another error. */
static int
read_status(int proc, const char *pid, struct status *status)
{
	char name[64], text[4096], *line;
	ssize_t got;

	snprintf(name, sizeof(name), "%s/status", pid);
	got = read_small(proc, name, text, sizeof(text));
	if (got < 0)
		return gone((int)got) ? -ESRCH : (int)got;
	line = strstr(text, "\nState:");
	status->zombie = line && (strchr("ZX", line[8]) != NULL) && line[8];
	line = strstr(text, "\nUid:");
	if (!line ||
	    sscanf(line, "\nUid: %" SCNu32 " %" SCNu32 " %" SCNu32 " %" SCNu32, &status->uids[0],
		&status->uids[1], &status->uids[2], &status->uids[3]) != 4)
		return -EPROTO;
	line = strstr(text, "\nThreads:");
	status->threads = line ? strtoul(line + strlen("\nThreads:"), NULL, 10) : 1;
	return 0;
}

/* Whether the thread `path` ("PID" or "PID/task/TID") is in our network namespace; one that has
 * ended is in none, and what cannot be told is here. The directory's inode is one per namespace,
 * and needs no privilege, as /proc/PID/ns/net would. */
static bool
thread_is_here(const struct look *look, const char *path)
{
	char name[96];
	struct stat found;

	snprintf(name, sizeof(name), "%s/net/dev", path);
	if (fstatat(look->proc, name, &found, 0) < 0)
		return !(errno == ENOENT || errno == ESRCH || errno == EINVAL);
	return found.st_ino == look->netns;
}

/* Threads may have moved to other namespaces one by one, so that the leader alone proves
 * nothing. */
static bool
process_is_here(const struct look *look, const char *pid)
{
	char path[96];
	struct dirent *entry;
	DIR *tasks;
	bool here = false;
	int fd;

	if (thread_is_here(look, pid))
		return true;
	snprintf(path, sizeof(path), "%s/task", pid);
	fd = openat(look->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return !gone(-errno);
	tasks = fdopendir(fd);
	if (!tasks) {
		close(fd);
		return true;
	}
	while (!here && (entry = readdir(tasks))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%.20s/task/%.20s", pid, entry->d_name);
		here = thread_is_here(look, path);
	}
	closedir(tasks);
	return here;
}

static void
look_at(const struct look *look, const char *pid)
{
	struct status status = { 0 };
	int result = read_status(look->proc, pid, &status);
	int here = -1;
	uint32_t i, k;

	if (result == -ESRCH)
		return;
	if (result == 0 && status.zombie && status.threads <= 1)
		return;
	for (i = 0; i < look->n; i++) {
		struct leftover *user = &look->users[i];

		if (user->kind == LEFTOVER_PROCESS)
			continue;
		if (result < 0) {
			user->kind = LEFTOVER_UNKNOWN;
			continue;
		}
		for (k = 0; k < 4 && !in_ranges(user, status.uids[k]); k++)
			;
		if (k == 4)
			continue;
		if (here < 0)
			here = process_is_here(look, pid);
		if (here) {
			user->kind = LEFTOVER_PROCESS;
			user->pid = (pid_t)strtol(pid, NULL, 10);
		}
	}
}

/* The PID handed out last in our PID namespace: the fifth field of /proc/loadavg, proc(5). */
static int
last_pid(int proc, long *pid)
{
	char text[128];
	ssize_t got = read_small(proc, "loadavg", text, sizeof(text));
	const char *last;

	if (got < 0)
		return (int)got;
	last = strrchr(text, ' ');
	if (!last || sscanf(last, " %ld", pid) != 1)
		return -EPROTO;
	return 0;
}

static int
look_at_listed(const struct look *look)
{
	struct dirent *entry;
	DIR *listing;
	int fd = openat(look->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	listing = fdopendir(fd);
	if (!listing) {
		close(fd);
		return -ENOMEM;
	}
	while ((void)(errno = 0), (entry = readdir(listing))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			look_at(look, entry->d_name);
	}
	fd = -errno;
	closedir(listing);
	return fd;
}

static bool
all_found(const struct look *look)
{
	uint32_t i;

	for (i = 0; i < look->n; i++)
		if (look->users[i].kind != LEFTOVER_PROCESS)
			return false;
	return true;
}

/* The order is the proof: a child has a higher PID than its parent and exists before the parent
 * can end, and we go up. Whoever was missed has left a child that we still have to meet. */
static int
look_at_processes(const struct look *look)
{
	long before, after, pid, followed = 0;
	char name[24];
	int result;

	result = last_pid(look->proc, &before);
	if (result == 0)
		result = look_at_listed(look);
	while (result == 0) {
		result = last_pid(look->proc, &after);
		if (result < 0 || after == before || all_found(look))
			break;
		if (after < before || (followed += after - before) > FOLLOW_MAX)
			return -EAGAIN;
		for (pid = before + 1; pid <= after; pid++) {
			snprintf(name, sizeof(name), "%ld", pid);
			look_at(look, name);
		}
		before = after;
	}
	return result;
}

void
leftover_look(int proc_fd, struct leftover *users, uint32_t n)
{
	struct look look = { .proc = proc_fd, .users = users, .n = n };
	struct stat own;
	uint32_t i;
	int result;

	for (i = 0; i < n; i++) {
		users[i].kind = LEFTOVER_NONE;
		users[i].pid = 0;
	}
	if (fstatat(proc_fd, "self/net/dev", &own, 0) < 0) {
		result = -errno;
	} else {
		look.netns = own.st_ino;
		result = look_at_processes(&look);
	}
	if (result == 0)
		result = sockets_look(proc_fd, users, n);
	for (i = 0; i < n; i++)
		if (result < 0 && users[i].kind == LEFTOVER_NONE)
			users[i].kind = LEFTOVER_UNKNOWN;
}
