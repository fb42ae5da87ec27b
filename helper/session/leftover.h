/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is anything of a user left in this network namespace: a process, or a socket whose process may
 * already be gone? What cannot be read is not gone.
 */
#ifndef NETFENCE_LEFTOVER_H
#define NETFENCE_LEFTOVER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "wire/message.h"

enum leftover_kind {
	LEFTOVER_NONE,
	LEFTOVER_PROCESS, /* a living one; `pid` is its number */
	LEFTOVER_SOCKET,
	LEFTOVER_UNKNOWN /* the answer could not be had this time */
};

/* One user to look for; the ranges, the user's own uid among them, are the caller's. */
struct leftover {
	const struct uid_range *ranges;
	uint32_t n_ranges;
	enum leftover_kind kind; /* the answer */
	pid_t pid;
};

/*
 * Looks for n users at once and fills in their answers. A process counts with any of its four uids
 * (real, effective, saved, filesystem), unless all of its threads are in other network namespaces;
 * a zombie does not count.
 *
 * proc_fd  a /proc that hides nobody (hidepid=0) of the caller's own PID namespace
 *
 * The processes are met as processes.h says: two clean looks a second apart are the proof that
 * nothing is left; one is not.
 */
void leftover_look(int proc_fd, struct leftover *users, uint32_t n);

#endif
