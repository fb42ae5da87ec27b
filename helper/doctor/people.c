/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "doctor/doctor.h"

void
doctor_people(struct doctor *doctor)
{
	struct findings *findings = &doctor->findings;
	struct fenced *fenced = &doctor->fenced;
	struct finding *finding;
	uint32_t i;
	bool flawed = false;

	if (!doctor->set)
		return;
	if (doctor->no_fenced.text[0]) {
		finding = finding_add(findings, FINDING_FAIL, "people.service", "name service",
		    "%s: no user has been looked at, and logins wait for it too",
		    doctor->no_fenced.text);
		finding_mend(finding, "See /etc/nsswitch.conf, and sssd or nscd.");
		return;
	}
	finding_add(findings, FINDING_OK, "people.service", "name service",
	    "answers; %u users are fenced", fenced->n + fenced->more);
	if (fenced->more)
		finding_add(findings, FINDING_UNKNOWN, "people.more", "users",
		    "up to %u more are fenced than the %u that were looked at", fenced->more,
		    fenced->n);
	if (fenced->n > DOCTOR_ASKED_MAX)
		finding_add(findings, FINDING_UNKNOWN, "people.asked", "users",
		    "sshd and sudo were asked about the first %d of %u", DOCTOR_ASKED_MAX,
		    fenced->n);
	for (i = 0; i < fenced->n_twins; i++) {
		finding = finding_add(findings, FINDING_FAIL, "people.twin", fenced->twins[i].twin,
		    "another name of %s's uid, with another policy or none", fenced->twins[i].name);
		finding_mend(finding, "Let both stand under users:, with the same policy.");
	}
	for (i = 0; i < fenced->n; i++) {
		if (!fenced->users[i].flaw[0])
			continue;
		flawed = true;
		finding = finding_add_user(findings, FINDING_WARN, "people.subuid", NULL,
		    fenced->users[i].name, "cannot log in: %s", fenced->users[i].flaw);
		finding_mend(finding, "A range of their own, from 65536 on, or none.");
	}
	if (!flawed && fenced->n)
		finding_add(
		    findings, FINDING_OK, "people.subuid", "subordinate uids", "all can be fenced");
}
