/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

/* PIDs followed beyond the listing before we give up for this time: a few milliseconds. Only a user
 * who forks without end makes it more, and who does is there. */
#define FOLLOW_MAX 512

/* Listings of a process's threads, until one has them all. */
#define LISTINGS_MAX 16

struct processes {
	int proc;
	ino_t netns;       /* of our own network namespace's /proc/…/net/dev */
	char uid_map[128]; /* of our own user namespace, as uid_map has it */
	bool over;
	bool (*visit)(const struct processes *pass, const struct process *process, void *data);
	void *data;
};

/* What /proc/PID/status says. */
struct status {
	bool zombie;
	unsigned long threads;
	long parent;
	uint32_t uids[UIDS];
};

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
	line = strstr(text, "\nPPid:");
	status->parent = line ? strtol(line + strlen("\nPPid:"), NULL, 10) : 0;
	line = strstr(text, "\nThreads:");
	/* A line of very many groups comes before it: then perhaps there are some. */
	status->threads = line ? strtoul(line + strlen("\nThreads:"), NULL, 10) : 2;
	return 0;
}

/* Whether the thread `path` ("PID" or "PID/task/TID") is in our network namespace; one that has
 * ended is in none, and what cannot be told is here. The directory's inode is one per namespace,
 * and needs no privilege, as /proc/PID/ns/net would. */
static bool
thread_is_here(const struct processes *pass, const char *path)
{
	char name[96];
	struct stat found;

	snprintf(name, sizeof(name), "%s/net/dev", path);
	if (fstatat(pass->proc, name, &found, 0) < 0)
		return !(errno == ENOENT || errno == ESRCH || errno == EINVAL);
	return found.st_ino == pass->netns;
}

/* n: how many of the threads that were listed there are still, as a leader is that has ended before
 * the others. */
static bool
one_of_them_is_here(const struct processes *pass, const char *pid, DIR *tasks, nlink_t *n)
{
	char path[96];
	struct dirent *entry;
	bool here = false;

	*n = 0;
	while (!here && (entry = readdir(tasks))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "%.20s/task/%.20s", pid, entry->d_name);
		here = thread_is_here(pass, path);
		*n += faccessat(pass->proc, path, F_OK, 0) == 0;
	}
	return here;
}

/* all: whether the kernel has listed them all. Where a thread ends in the middle of that, whoever
 * comes after it is left out (next_tid() in fs/proc/base.c); the directory has two links, and one
 * for each thread (proc_task_getattr(), there). */
static bool
a_listed_thread_is_here(const struct processes *pass, const char *pid, bool *all)
{
	char path[40];
	struct stat found;
	DIR *tasks;
	nlink_t n;
	bool here;
	int fd;

	*all = true;
	snprintf(path, sizeof(path), "%s/task", pid);
	fd = openat(pass->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return !gone(-errno);
	tasks = fdopendir(fd);
	if (!tasks) {
		close(fd);
		return true;
	}
	here = one_of_them_is_here(pass, pid, tasks, &n);
	*all = fstat(fd, &found) == 0 && found.st_nlink <= n + 2;
	closedir(tasks);
	return here;
}

/* Threads may have moved to other namespaces one by one, so that the leader alone proves
 * nothing. */
static bool
another_thread_is_here(const struct processes *pass, const char *pid)
{
	bool all = false;
	int i;

	for (i = 0; i < LISTINGS_MAX && !all; i++)
		if (a_listed_thread_is_here(pass, pid, &all))
			return true;
	return !all;
}

/* Whoever makes a user namespace may go to another network from there, without root, and keep
 * sockets of this one: those that are not bound yet are in no table of the kernel's, and connect
 * from here later. So such a process counts, wherever it is. One that root has put elsewhere, into
 * a container, is in our user namespace, or has uids of its own. */
static bool
went_by_itself(const struct processes *pass, const char *pid)
{
	char name[40], map[sizeof(pass->uid_map)];
	ssize_t got;

	snprintf(name, sizeof(name), "%s/uid_map", pid);
	got = read_small(pass->proc, name, map, sizeof(map));
	return got < 0 ? !gone((int)got) : strcmp(map, pass->uid_map) != 0;
}

bool
processes_here(const struct processes *pass, pid_t pid)
{
	char name[24];

	snprintf(name, sizeof(name), "%ld", (long)pid);
	/* What costs the most comes last, and nobody who may have as many threads as they like
	 * comes so far without root. */
	return thread_is_here(pass, name) || went_by_itself(pass, name) ||
	       another_thread_is_here(pass, name);
}

int
processes_read(const struct processes *pass, pid_t pid, struct process *process)
{
	struct status status = { 0 };
	char name[24];

	snprintf(name, sizeof(name), "%ld", (long)pid);
	process->pid = pid;
	process->error = read_status(pass->proc, name, &status);
	/* A zombie leader with other threads alive is a living process. */
	if (!process->error && status.zombie && status.threads <= 1)
		process->error = -ESRCH;
	process->parent = (pid_t)status.parent;
	memcpy(process->uids, status.uids, sizeof(process->uids));
	return process->error;
}

static void
meet(struct processes *pass, pid_t pid)
{
	struct process process;

	if (processes_read(pass, pid, &process) != -ESRCH)
		pass->over = !pass->visit(pass, &process, pass->data);
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
meet_listed(struct processes *pass)
{
	struct dirent *entry;
	DIR *listing;
	int error, fd = openat(pass->proc, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	listing = fdopendir(fd);
	if (!listing) {
		close(fd);
		return -ENOMEM;
	}
	errno = 0;
	while (!pass->over && (entry = readdir(listing))) {
		if (isdigit((unsigned char)entry->d_name[0]))
			meet(pass, (pid_t)strtol(entry->d_name, NULL, 10));
		errno = 0;
	}
	error = -errno;
	closedir(listing);
	return error;
}

/* The order is the proof: a child has a higher PID than its parent and exists before the parent
 * can end, and we go up. Whoever was missed has left a child that we still have to meet. */
static int
meet_all(struct processes *pass)
{
	long before, after, pid, followed = 0;
	int result;

	result = last_pid(pass->proc, &before);
	if (result == 0)
		result = meet_listed(pass);
	while (result == 0 && !pass->over) {
		result = last_pid(pass->proc, &after);
		if (result < 0 || after == before)
			break;
		followed += after - before;
		if (after < before || followed > FOLLOW_MAX)
			return -EAGAIN;
		for (pid = before + 1; pid <= after && !pass->over; pid++)
			meet(pass, (pid_t)pid);
		before = after;
	}
	return result;
}

int
processes_each(int proc_fd,
    bool (*visit)(const struct processes *pass, const struct process *process, void *data),
    void *data)
{
	struct processes pass = { .proc = proc_fd, .visit = visit, .data = data };
	struct stat own;
	ssize_t got;

	if (fstatat(proc_fd, "self/net/dev", &own, 0) < 0)
		return -errno;
	pass.netns = own.st_ino;
	got = read_small(proc_fd, "self/uid_map", pass.uid_map, sizeof(pass.uid_map));
	if (got < 0)
		return (int)got;
	return meet_all(&pass);
}
