/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is it in force, and which ways round it does this host offer? Each check looks at one thing,
 * changes nothing, and adds what it found to the findings; one that cannot tell says so.
 */
#ifndef NETFENCE_DOCTOR_H
#define NETFENCE_DOCTOR_H

#include "base/why.h"
#include "doctor/fenced.h"
#include "doctor/finding.h"
#include "doctor/host.h"
#include "policy/ruleset.h"

struct json_object;

/* Fenced users about whom other programs (sshd, sudo) are asked, each of which takes its time. */
#define DOCTOR_ASKED_MAX 64

/*
 * What is known before the checks begin. Everything is the caller's.
 * rules, run, state  netfence's folders
 * set       the rules of the files, or NULL where they are not to be used, with the reason
 * status, sessions, dry_run  netfenced's answers, each NULL where there is none; away: why not
 * refresh   asks for status and sessions again, since fences come and go while the doctor looks;
 *           or NULL. data is the caller's
 * fenced    whom the rules fence; no_fenced says why they are not known, else it is ""
 * findings  begins all zero
 */
struct doctor {
	struct host host;
	const char *rules;
	const char *run;
	const char *state;
	struct ruleset *set;
	struct why no_set;
	struct json_object *status;
	struct json_object *sessions;
	struct json_object *dry_run;
	struct why away;
	void (*refresh)(struct doctor *doctor);
	const void *data;
	struct fenced fenced;
	struct why no_fenced;
	struct findings findings;
};

/* All checks, in the order in which an administrator would look. */
void doctor_run(struct doctor *doctor);

/* What netfenced says now. */
void doctor_refresh(struct doctor *doctor);

/* What netfenced says of being switched off by hand, or NULL: it is not. */
struct json_object *doctor_off(const struct doctor *doctor);

/* A member of an object that may not be there: "", 0 or false then. */
const char *doctor_text(struct json_object *object, const char *key);
int64_t doctor_number(struct json_object *object, const char *key);
bool doctor_flag(struct json_object *object, const char *key);

/* ---------------------------------------------------------------- the checks */

void doctor_daemon(struct doctor *doctor);    /* it answers; families, engine, rules */
void doctor_rules(struct doctor *doctor);     /* what the files say */
void doctor_places(struct doctor *doctor);    /* owners and modes; started at boot */
void doctor_people(struct doctor *doctor);    /* the name service, subordinate uids */
void doctor_pam(struct doctor *doctor);       /* the stacks of all services but sshd */
void doctor_module(struct doctor *doctor);    /* pam_netfence.so */
void doctor_sshd(struct doctor *doctor);      /* UsePAM, forwarding */
void doctor_tables(struct doctor *doctor);    /* the jump; others' rules */
void doctor_firewalls(struct doctor *doctor); /* nftables, redirections */
void doctor_processes(struct doctor *doctor); /* fenced users' processes without a fence */
void doctor_jobs(struct doctor *doctor);      /* crontabs, at, lingering, units */
void doctor_sudo(struct doctor *doctor);      /* sudo, su, doas */
void doctor_groups(struct doctor *doctor);    /* docker and others that make root */
void doctor_programs(struct doctor *doctor);  /* setuid, capabilities */
void doctor_listeners(struct doctor *doctor); /* resolvers and proxies over loopback */
void doctor_protocols(struct doctor *doctor); /* the kernel's own sockets */

/* One service's stack. True where there was nothing to say against it. */
bool doctor_pam_service(struct doctor *doctor, const char *name);

#endif
