/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main: the process that serves, without any privilege.
 */
#ifndef NETFENCE_DAEMON_H
#define NETFENCE_DAEMON_H

#include <stdbool.h>

#include "channel.h"
#include "policy/ruleset.h"
#include "wire/message.h"

/* Everything that the supervisor has opened for it; the process's own from then on. */
struct daemon_setup {
	const char *rules;           /* folder of the rules */
	const char *lock_path;       /* of the xtables lock */
	enum settings_engine engine; /* with -e, or auto */
	bool chosen;                 /* with -e: not by the rules */
	int listening;               /* netfenced.sock */
	int lock;                    /* the xtables lock, shared with the engines */
	int records;                 /* the folder of records */
	int denials;                 /* the folder of what was denied */
	int state;                   /* the state folder, to read */
	int proc;                    /* a /proc that hides nobody */
	int channel;                 /* to the supervisor */
	struct channel_batch *batch; /* shared with it */
	struct netns_name netns[2];  /* as in struct resources */
};

/* Serves until the supervisor is gone. Returns the process's exit status. */
int daemon_run(const struct daemon_setup *setup);

#endif
