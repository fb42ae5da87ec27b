/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel protocols that send through sockets of the kernel's own, which have no owner.
 */
#ifndef NETFENCE_DOCTOR_PROTOCOLS_H
#define NETFENCE_DOCTOR_PROTOCOLS_H

#include "doctor/doctor.h"

/* release: of the kernel, below /lib/modules. */
void protocols_judge(struct doctor *doctor, const char *release);

/* limits: of `ip mptcp limits`. */
void protocols_judge_mptcp(struct doctor *doctor, const char *limits);

#endif
