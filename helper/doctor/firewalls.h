/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What other firewalls print of themselves; all of these cut the text up.
 */
#ifndef NETFENCE_DOCTOR_FIREWALLS_H
#define NETFENCE_DOCTOR_FIREWALLS_H

#include "doctor/doctor.h"

/* Of `nft list ruleset`. False, and nothing said, where our table is missing and this is not the
 * last look: it may be mended in a moment. */
bool firewalls_judge_nft(struct doctor *doctor, char *ruleset, bool last);

/* Of a ruleset that is loaded at boot. */
void firewalls_judge_file(struct doctor *doctor, const char *path, char *text);

/* Of iptables-save; where: which one. */
void firewalls_judge_nat(struct doctor *doctor, const char *where, char *saved);

#endif
