/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services of this host that pass on what a fenced user asks of them over loopback.
 */
#ifndef NETFENCE_DOCTOR_LISTENERS_H
#define NETFENCE_DOCTOR_LISTENERS_H

#include "doctor/doctor.h"

/* One of /proc/net/{tcp,udp}{,6}; cuts the text up. */
void listeners_judge(struct doctor *doctor, enum family family, uint8_t protocol, char *text);

#endif
