/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A family's filter table, as far as the doctor wants to know it.
 */
#ifndef NETFENCE_DOCTOR_TABLES_H
#define NETFENCE_DOCTOR_TABLES_H

#include "doctor/doctor.h"
#include "iptables/xtable.h"

/* How the table stands to the fence: `fenced`: there ought to be one. False where the jump is not
 * in its place, to be looked at again before anything is said; then, or with `last`, all is added
 * to the findings. The table's chains have been found. */
bool tables_judge(struct doctor *doctor, const struct xtable *table, bool fenced, bool last);

#endif
