/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which processes belong to one session of a user who may have several? Those that descend from
 * its opener, and those that the kernel's audit counts to the same login, which is inherited, and
 * which nobody can leave. Whoever belonged once goes on doing so, and so do their children.
 *
 * This is exact where audit is there and pam_loginuid in the stack, for one login with one session
 * of the user. Else somebody whose parents have all ended before the first look (nohup, a daemon)
 * is not told from what other sessions have left.
 */
#ifndef NETFENCE_KIN_H
#define NETFENCE_KIN_H

#include <stdint.h>
#include <sys/types.h>

#include "wire/message.h"

#define KIN_NO_LOGIN UINT32_MAX

/* start: as opener_read_start() has it. */
struct kin_process {
	pid_t pid;
	uint64_t start;
};

/* Begins with the first two members; the rest is zero. kin_free() lets go of it. */
struct kin {
	struct kin_process opener;
	uint32_t login; /* audit's session, or KIN_NO_LOGIN: descent alone counts */
	uint32_t n;
	struct kin_process *list; /* of the latest look */
};

/* Audit's session of a process, or KIN_NO_LOGIN. */
uint32_t kin_login(int proc_fd, pid_t pid);

/*
 * Looks who belongs to it now, of the processes in this network namespace whose real uids lie in
 * one of the n ranges. 0; -ENOMEM; others as processes_each() has them, and then `list` is what it
 * was.
 */
int kin_look(int proc_fd, struct kin *kin, const struct uid_range *ranges, uint32_t n);
void kin_free(struct kin *kin);

#endif
