/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What takes root to have: opened once by the supervisor, and handed to those who have none.
 */
#ifndef NETFENCE_RESOURCES_H
#define NETFENCE_RESOURCES_H

#include "base/why.h"
#include "channel.h"
#include "policy/ruleset.h"
#include "privileges.h"
#include "wire/message.h"

struct places {
	const char *rules; /* folders */
	const char *run;
	const char *state;
};

struct resources {
	int only;      /* the lock that says that a netfenced runs in this run folder */
	int state;     /* the state folder */
	int listening; /* netfenced.sock */
	int window;    /* why.sock */
	int folders[CHANNEL_FOLDERS]; /* in the run folder, the account's */
	int proc;                     /* a /proc that hides nobody */
	struct netns_name netns[2];   /* our own, by its file and by its cookie */
};

/* -EBUSY where another netfenced has the run folder. */
int resources_take_only(const char *run, int *only, struct why *why);

/* Everything else. On failure nothing is left open but what `resources` had. */
int resources_open(const struct places *places, const struct account *account,
    struct resources *resources, struct why *why);

/* A folder again, where it has gone; a new descriptor in the place of the former one. */
int resources_renew_folder(const struct places *places, const struct account *account,
    enum channel_folder which, struct resources *resources, struct why *why);

/* The path of the xtables lock: XTABLES_LOCKFILE, as iptables honours it, or /run/xtables.lock. */
const char *resources_lock_path(void);
int resources_open_lock(const char *path, int *lock, struct why *why);

/* On distribution kernels the tables are modules, and nobody loads iptables' for a process without
 * rights: those that this engine, or auto, needs, but for what the host's modprobe.d forbids. What
 * cannot be loaded shows later, when an engine looks for it. */
void resources_load_modules(enum settings_engine engine);

/* As many descriptors as there may be: each session takes one for as long as it lasts, and the
 * usual 1024 are for programs that use select(2). */
void resources_raise_limits(void);

/* Removes every record below the run folder, and what it tells of the past. */
int resources_forget_records(const char *run, struct why *why);

#endif
