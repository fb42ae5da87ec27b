/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the doctor has found, one thing each: how bad, about whom, where, and the mend.
 */
#ifndef NETFENCE_DOCTOR_FINDING_H
#define NETFENCE_DOCTOR_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_grade {
	FINDING_OK,
	FINDING_UNKNOWN, /* could not be told: neither good nor bad */
	FINDING_WARN,    /* worth knowing, or a way round that has to be weighed */
	FINDING_FAIL,    /* open, and probably believed closed */
	FINDING_GRADES
};

/*
 * id       what kind, for programs: "pam.line"; never changes its meaning
 * subject  what it is about ("sshd"), or NULL where it is the users
 * users    whom it concerns; what is found of several users in the same words is one finding
 * what     one line
 * file, line  where it stands; NULL and 0 where there is no such place
 * mend     what to do about it, or NULL
 * first    to be shown even if all is well
 */
struct finding {
	enum finding_grade grade;
	const char *id;
	char *subject;
	size_t n_users;
	char **users;
	char *what;
	char *file;
	uint32_t line;
	char *mend;
	bool first;
};

/* Begins all zero; findings_free() lets go of it. lost: memory ran out, and something is missing.
 * spare is what finding_add() gives then. */
struct findings {
	size_t n;
	struct finding **list;
	size_t count[FINDING_GRADES];
	bool lost;
	struct finding spare;
};

void findings_free(struct findings *findings);

/* The new finding, to be added to; the list's. id is not copied. Never NULL. */
struct finding *finding_add(struct findings *findings, enum finding_grade grade, const char *id,
    const char *subject, const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same about one user: joins what was found of another one in the same words. */
struct finding *finding_add_user(struct findings *findings, enum finding_grade grade,
    const char *id, const char *subject, const char *user, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

void finding_at(struct finding *finding, const char *file, uint32_t line);
void finding_mend(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What is found of several subjects at one place, in the same words, becomes one. */
void findings_join(struct findings *findings);

/* In one line: "alice, bob and 3 more: WHAT (FILE:LINE)". malloc'd, the caller's, or NULL. */
char *finding_text(const struct finding *finding);

#endif
