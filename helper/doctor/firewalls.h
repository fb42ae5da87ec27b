/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other firewalls print of themselves; both functions cut the text up.
 */
#ifndef NETFENCE_DOCTOR_FIREWALLS_H
#define NETFENCE_DOCTOR_FIREWALLS_H

#include "doctor/doctor.h"

/* Of `nft list ruleset`. */
void firewalls_judge_nft(struct doctor *doctor, char *ruleset);

/* Of iptables-save; where: which one. */
void firewalls_judge_nat(struct doctor *doctor, const char *where, char *saved);

#endif
