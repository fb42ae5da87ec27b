/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that may end other people's processes, and can do nothing else: what a policy's
 * `kill` asks for.
 */
#ifndef NETFENCE_REAPER_H
#define NETFENCE_REAPER_H

#include <stdint.h>

#include "base/why.h"
#include "session/kin.h"
#include "wire/message.h"

#define REAPER_ONLY_MAX 128

/* Asks the reaper at the other end of the socket to send a signal (SIGTERM or SIGKILL) to every
 * process in this network namespace whose real uid lies in one of the n ranges; only: to none but
 * these n_only, at most REAPER_ONLY_MAX, where that is not 0. No answer: what is
 * left shows at the next look. -EAGAIN where it is busy, -EPIPE where it has gone. */
int reaper_ask(int reaper, int signal, const struct uid_range *ranges, uint32_t n,
    const struct kin_process *only, uint32_t n_only, struct why *why);

/* The process: serves until main hangs up. proc: a /proc that hides nobody. */
void reaper_process(int sock, int proc);

#endif
