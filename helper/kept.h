/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files in the state folder. They are root's: main reads them by the folder's descriptor, and
 * asks the supervisor to write them, who gets no more than a sealed memory file.
 */
#ifndef NETFENCE_KEPT_H
#define NETFENCE_KEPT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"

enum kept {
	KEPT_WHO,      /* names: who the rules in force fence, for the module; root's alone */
	KEPT_RULES,    /* the rules in force, as ruleset_bundle() has them */
	KEPT_PREVIOUS, /* the ones before */
	KEPT_PINNED,   /* empty; the rules in force count, not the files, until the next reload */
	KEPT_CONFIRM,  /* until when the rules have to be confirmed: keep_confirm_by() */
	KEPT_GROUPS,   /* which groups users were in, as known_put() has it */
	KEPT_GRANTS,   /* what is granted, as store_bytes() has it */
	KEPT_OFF,      /* for how long no fence is to be; off.c */
	KEPTS
};

#define KEPT_MAX (64 * 1024 * 1024) /* bytes of any of them */

/* In main: has the supervisor write `length` bytes. -errno where that could not be asked. */
int kept_write(int channel, enum kept which, const void *bytes, size_t length, struct why *why);
int kept_remove(int channel, enum kept which, struct why *why);

/* *bytes is malloc'd, the caller's. -ENOENT where there is none. */
int kept_read(int state, enum kept which, char **bytes, size_t *length, struct why *why);

/* In the supervisor: replaces the file in one by what the memory file holds. group: who else may
 * read all but KEPT_WHO. */
int kept_store(int state, enum kept which, int memory, gid_t group, struct why *why);
int kept_unlink(int state, enum kept which, struct why *why);

#endif
