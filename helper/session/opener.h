/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that is watched: the one that opened a session, or one that a leaving user has left.
 * It is known by its PID and a mark, and held by a pidfd, which becomes readable when it ends.
 */
#ifndef NETFENCE_OPENER_H
#define NETFENCE_OPENER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"

struct event;
struct event_base;

/* Empty: pidfd -1 and event NULL. */
struct opener {
	pid_t pid;
	uint64_t mark; /* no other process that has had this PID since the machine started has it */
	int pidfd;
	struct event *ended; /* or NULL while nobody watches */
};

/* The process at the other end of a connected UNIX socket, as it was at connect().
 * -ESRCH where it is gone, or in a PID namespace that we cannot see. */
int opener_from_peer(int proc_fd, int sock, struct opener *opener, struct why *why);

/* The process `pid`. mark: 0 takes whatever it is; else it must be that one, or -ESRCH. */
int opener_from_pid(int proc_fd, pid_t pid, uint64_t mark, struct opener *opener, struct why *why);

/* When the process began, in clock ticks since boot: field 22 of /proc/PID/stat, proc(5). -ESRCH,
 * or as /proc has it. */
int opener_read_start(int proc_fd, pid_t pid, uint64_t *start);

/* The same of an opener; -ESRCH where it has ended. */
int opener_start(int proc_fd, const struct opener *opener, uint64_t *start);

/* The events of openers' ends in a base that has so many priorities and one more; others have the
 * middle one, and go first. */
#define OPENER_PRIORITY 2

/* Calls `callback` with the data once the process has ended. */
int opener_watch(struct opener *opener, struct event_base *base,
    void (*callback)(int fd, short what, void *data), void *data, struct why *why);

void opener_clear(struct opener *opener); /* leaves it empty */

#endif
