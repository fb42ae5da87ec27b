/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every process that there is, exactly.
 *
 * A mere listing of /proc misses a process that forks itself on and on. This one also looks at
 * every PID that was handed out while it read, until none was: then nobody can have slipped by,
 * but where PIDs wrapped around, or in the instant of a fork across such a wrap. Two clean passes
 * a second apart are the proof; one is not.
 */
#ifndef NETFENCE_PROCESSES_H
#define NETFENCE_PROCESSES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { UID_REAL, UID_EFFECTIVE, UID_SAVED, UID_FILESYSTEM, UIDS };

/* One that is alive; a zombie is not. error: 0, or why its uids could not be read. */
struct process {
	pid_t pid;
	pid_t parent; /* 0: none that we could see, or unknown */
	int error;
	uint32_t uids[UIDS];
};

struct processes; /* a pass under way */

/*
 * Calls visit for each process, for some perhaps twice, until it returns false.
 * proc_fd  a /proc that hides nobody (hidepid=0) of the caller's own PID namespace
 * 0 where all were met or visit has ended it; -EAGAIN where PIDs are handed out faster than we
 * follow, or have wrapped around; others where /proc cannot be read.
 */
int processes_each(int proc_fd,
    bool (*visit)(const struct processes *pass, const struct process *process, void *data),
    void *data);

/* The same process again, if it is there still: 0, or -ESRCH, or another error. */
int processes_read(const struct processes *pass, pid_t pid, struct process *process);

/* Whether one of the process's threads is in our network namespace, or could have brought a socket
 * of it elsewhere; what cannot be told is. */
bool processes_here(const struct processes *pass, pid_t pid);

#endif
