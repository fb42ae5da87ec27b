/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/kin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/room.h"
#include "session/opener.h"
#include "session/processes.h"

/* theirs: of the user; belongs: to the session. */
struct one {
	pid_t pid;
	pid_t parent;
	uint64_t start;
	bool theirs;
	bool belongs;
};

struct everybody {
	int proc;
	const struct kin *kin;
	const struct uid_range *ranges;
	uint32_t n_ranges;
	struct one *list;
	uint32_t n;
	uint32_t room;
	bool failed;
};

uint32_t
kin_login(int proc_fd, pid_t pid)
{
	char name[40], text[16];
	cleanup_fd int fd = -1;
	ssize_t got;

	snprintf(name, sizeof(name), "%ld/sessionid", (long)pid);
	fd = openat(proc_fd, name, O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (got <= 0)
		return KIN_NO_LOGIN;
	text[got] = '\0';
	return (uint32_t)strtoul(text, NULL, 10);
}

static bool
is_theirs(const struct everybody *all, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < all->n_ranges; i++)
		if (all->ranges[i].first <= uid && uid <= all->ranges[i].last)
			return true;
	return false;
}

static bool
is_same(const struct kin_process *known, const struct one *one)
{
	return known->pid == one->pid && known->start == one->start;
}

/* By itself, whoever its parents are. */
static bool
belongs(const struct everybody *all, const struct one *one)
{
	const struct kin *kin = all->kin;
	uint32_t i;

	if (is_same(&kin->opener, one))
		return true;
	for (i = 0; i < kin->n; i++)
		if (is_same(&kin->list[i], one))
			return true;
	return one->theirs && kin->login != KIN_NO_LOGIN &&
	       kin_login(all->proc, one->pid) == kin->login;
}

static bool
on_process(const struct processes *pass, const struct process *process, void *data)
{
	struct everybody *all = data;
	struct one one = { .pid = process->pid, .parent = process->parent }, *list;

	if (opener_read_start(all->proc, one.pid, &one.start) < 0)
		return true;
	list = room_for(all->list, all->n, &all->room, sizeof(*list));
	if (!list) {
		all->failed = true;
		return false;
	}
	all->list = list;
	one.theirs = !process->error && is_theirs(all, process->uids[UID_REAL]) &&
		     processes_here(pass, one.pid);
	one.belongs = belongs(all, &one);
	list[all->n++] = one;
	return true;
}

static int
by_pid(const void *left, const void *right)
{
	const struct one *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* From parents to children, however deep. */
static void
inherit(struct everybody *all)
{
	const struct one *parent;
	struct one key = { .pid = 0 };
	bool again = true;
	uint32_t i;

	qsort(all->list, all->n, sizeof(*all->list), by_pid);
	while (again) {
		again = false;
		for (i = 0; i < all->n; i++) {
			if (all->list[i].belongs)
				continue;
			key.pid = all->list[i].parent;
			parent = bsearch(&key, all->list, all->n, sizeof(*all->list), by_pid);
			all->list[i].belongs = parent && parent->belongs;
			again |= all->list[i].belongs;
		}
	}
}

int
kin_look(int proc_fd, struct kin *kin, const struct uid_range *ranges, uint32_t n)
{
	struct everybody all = { .proc = proc_fd, .kin = kin, .ranges = ranges, .n_ranges = n };
	struct kin_process *list = NULL;
	uint32_t i, n_list = 0;
	int result = processes_each(proc_fd, on_process, &all);

	/* PIDs that are handed out faster than we follow: those whom we have met are something. */
	if (result == -EAGAIN && all.n)
		result = 0;
	if (all.failed)
		result = -ENOMEM;
	if (result == 0 && all.n) {
		list = calloc(all.n, sizeof(*list));
		result = list ? 0 : -ENOMEM;
	}
	if (result == 0 && all.n) {
		inherit(&all);
		for (i = 0; i < all.n; i++)
			if (all.list[i].belongs && all.list[i].theirs &&
			    (!n_list || list[n_list - 1].pid != all.list[i].pid))
				list[n_list++] =
				    (struct kin_process){ all.list[i].pid, all.list[i].start };
	}
	free(all.list);
	if (result < 0)
		return result;
	free(kin->list);
	kin->list = list;
	kin->n = n_list;
	return 0;
}

void
kin_free(struct kin *kin)
{
	free(kin->list);
	kin->list = NULL;
	kin->n = 0;
}
