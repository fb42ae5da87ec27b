/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `sudo -ll` and the files beside it say of one user.
 */
#ifndef NETFENCE_DOCTOR_SUDO_H
#define NETFENCE_DOCTOR_SUDO_H

#include "doctor/doctor.h"

/* Of `sudo -ll -U USER`; cuts the text up. */
void sudo_judge(struct doctor *doctor, const struct fenced_user *user, char *listing);

/* Of doas.conf(5); cuts the text up. */
void sudo_judge_doas(struct doctor *doctor, const char *path, char *text);

/* Where in sudoers(5) a right stands: who has it, as whom (NULL: root, for want of another word),
 * and what. False where it cannot be told; *file is malloc'd, the caller's. */
bool sudo_find(const struct host *host, const struct fenced_user *user, const char *as,
    const char *command, char **file, uint32_t *line);

#endif
