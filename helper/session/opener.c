/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/opener.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* linux 6.5, asm-generic/socket.h */
#endif

#define PIDFS_MAGIC 0x50494446 /* linux 6.9, linux/magic.h: PID_FS_MAGIC */

/* In a mark that is an inode, and in no start time. */
#define MARK_INODE (UINT64_C(1) << 63)

int
opener_read_start(int proc_fd, pid_t pid, uint64_t *start)
{
	char name[40], text[1024], *field;
	ssize_t got;
	int i;

	snprintf(name, sizeof(name), "%ld/stat", (long)pid);
	cleanup_fd int fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	got = read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return -errno;
	text[got] = '\0';
	/* The second field is the command's name in brackets, which may hold anything: begin
	 * behind the last bracket, at field 3. */
	field = strrchr(text, ')');
	for (i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	if (!field || sscanf(field, " %" SCNu64, start) != 1)
		return -EPROTO;
	return 0;
}

static bool
has_ended(int pidfd)
{
	struct pollfd poller = { .fd = pidfd, .events = POLLIN };

	return poll(&poller, 1, 0) != 0;
}

/* From Linux 6.9 on pidfds have a file system of their own, in which each process has an inode that
 * no other has had; where an inode is 64 bits wide, that is. Before, all pidfds have the same one,
 * and the start time is the mark: ten times as long to be had. */
static int
read_mark(int proc_fd, pid_t pid, int pidfd, uint64_t *mark)
{
	struct statfs system;
	struct stat file;

	if (sizeof(long) == 8 && fstatfs(pidfd, &system) == 0 && system.f_type == PIDFS_MAGIC &&
	    fstat(pidfd, &file) == 0) {
		*mark = file.st_ino | MARK_INODE;
		return has_ended(pidfd) ? -ESRCH : 0;
	}
	return opener_read_start(proc_fd, pid, mark);
}

int
opener_from_peer(int proc_fd, int sock, struct opener *opener, struct why *why)
{
	cleanup_fd int pidfd = -1;
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int result;

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return why_errno(why, errno, "SO_PEERCRED");
	if (peer.pid <= 0)
		return why_set(why, ESRCH, "the caller is in another PID namespace");
	size = sizeof(pidfd);
	if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &size) < 0) {
		pidfd = -1;
		/* EINVAL: it has been reaped, and its PID may be anybody's. */
		if (errno != ENOPROTOOPT)
			return why_errno(
			    why, errno == EINVAL ? ESRCH : errno, "the caller's pidfd");
		/* Before Linux 6.5. The PID may have been taken by another process since connect();
		 * the mark in the record keeps it from being confused later. */
		pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
		if (pidfd < 0)
			return why_errno(why, errno, "pidfd_open of the caller");
	}
	result = read_mark(proc_fd, peer.pid, pidfd, &opener->mark);
	if (result < 0)
		return why_errno(why, -result, "the caller, process %ld", (long)peer.pid);
	opener->pid = peer.pid;
	opener->ended = NULL;
	opener->pidfd = steal_fd(&pidfd);
	return 0;
}

int
opener_from_pid(int proc_fd, pid_t pid, uint64_t mark, struct opener *opener, struct why *why)
{
	cleanup_fd int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	uint64_t found;
	int result;

	if (pidfd < 0)
		return why_errno(why, errno, "process %ld", (long)pid);
	/* Read after the pidfd was taken: if it is that one now, the pidfd is its. A record of a
	 * former netfenced's may have the start time where this one has an inode. */
	if (!mark || mark & MARK_INODE)
		result = read_mark(proc_fd, pid, pidfd, &found);
	else
		result = opener_read_start(proc_fd, pid, &found);
	if (result < 0)
		return why_errno(why, -result, "process %ld", (long)pid);
	if (mark && found != mark)
		return why_set(why, ESRCH, "process %ld is another one now", (long)pid);
	opener->pid = pid;
	opener->mark = found;
	opener->ended = NULL;
	opener->pidfd = steal_fd(&pidfd);
	return 0;
}

int
opener_start(int proc_fd, const struct opener *opener, uint64_t *start)
{
	int result = opener_read_start(proc_fd, opener->pid, start);

	/* If it is there now, it was there then, and nobody else had its PID. */
	return has_ended(opener->pidfd) ? -ESRCH : result;
}

int
opener_watch(struct opener *opener, struct event_base *base,
    void (*callback)(int fd, short what, void *data), void *data, struct why *why)
{
	opener->ended = event_new(base, opener->pidfd, EV_READ, callback, data);
	/* Only main's loop has priorities; elsewhere this says no, and does not matter. */
	if (opener->ended)
		event_priority_set(opener->ended, OPENER_PRIORITY);
	if (!opener->ended || event_add(opener->ended, NULL) < 0)
		return why_set(why, ENOMEM, "no memory to watch process %ld", (long)opener->pid);
	return 0;
}

void
opener_clear(struct opener *opener)
{
	if (opener->ended)
		event_free(opener->ended);
	if (opener->pidfd >= 0)
		close(opener->pidfd);
	*opener = (struct opener){ .pidfd = -1 };
}
