/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/leftover.h"

#include <stdbool.h>

#include "session/processes.h"
#include "session/sockets.h"

struct look {
	struct leftover *users;
	uint32_t n;
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

static bool
has_uid(const struct leftover *user, const struct process *process)
{
	int i;

	for (i = 0; i < UIDS; i++)
		if (in_ranges(user, process->uids[i]))
			return true;
	return false;
}

/* Goes on until all users have a process. */
static bool
on_process(const struct processes *pass, const struct process *process, void *data)
{
	const struct look *look = data;
	bool on = false;
	uint32_t i;
	int here = -1;

	for (i = 0; i < look->n; i++) {
		struct leftover *user = &look->users[i];

		if (user->kind == LEFTOVER_PROCESS)
			continue;
		if (process->error) {
			user->kind = LEFTOVER_UNKNOWN;
		} else if (has_uid(user, process)) {
			if (here < 0)
				here = processes_here(pass, process->pid);
			if (here) {
				user->kind = LEFTOVER_PROCESS;
				user->pid = process->pid;
			}
		}
		on |= user->kind != LEFTOVER_PROCESS;
	}
	return on;
}

void
leftover_look(int proc_fd, struct leftover *users, uint32_t n)
{
	struct look look = { users, n };
	uint32_t i;
	int result;

	for (i = 0; i < n; i++) {
		users[i].kind = LEFTOVER_NONE;
		users[i].pid = 0;
	}
	result = processes_each(proc_fd, on_process, &look);
	if (result == 0)
		result = sockets_look(proc_fd, users, n);
	for (i = 0; i < n; i++)
		if (result < 0 && users[i].kind == LEFTOVER_NONE)
			users[i].kind = LEFTOVER_UNKNOWN;
}
