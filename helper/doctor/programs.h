/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs that run with more than their caller's rights.
 */
#ifndef NETFENCE_DOCTOR_PROGRAMS_H
#define NETFENCE_DOCTOR_PROGRAMS_H

#include "doctor/doctor.h"

/* Of a program that fenced users can start. capabilities: bits, by linux/capability.h. */
void programs_judge(
    struct doctor *doctor, const char *path, const struct stat *status, uint64_t capabilities);

#endif
