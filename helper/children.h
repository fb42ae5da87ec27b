/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The supervisor's children: which processes there are, whether each is there, and when one that
 * ended is started again. At once, then after a pause that doubles each time up to the most; one
 * that has lived for a while is started at once again.
 */
#ifndef NETFENCE_CHILDREN_H
#define NETFENCE_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "channel.h"
#include "fence/fence.h"
#include "privileges.h"

enum {
	CHILD_IPV4 = FAMILY_IPV4,
	CHILD_IPV6 = FAMILY_IPV6,
	CHILD_REAPER,
	CHILD_RESOLVER,
	CHILD_WINDOW,
	CHILD_MAIN,
	CHILDREN
};

struct child_kind {
	const char *name;
	enum privileges_kind privileges;
	enum channel_word announced; /* to main, with its socket; not main itself */
};

struct child {
	pid_t pid; /* 0: none */
	int64_t started_ms;
	int64_t again_ms; /* when to start it again */
	int64_t pause_ms;
};

struct children {
	struct child list[CHILDREN];
};

extern const struct child_kind child_kinds[CHILDREN];

bool children_has(const struct children *children, int which);

/* Nobody is left of main and the engines, who share the xtables lock. */
bool children_no_locker(const struct children *children);

/* Sends SIGKILL, where it is there: children_died() is told of its end. */
void children_kill(const struct children *children, int which);

/* The same, and waits until it has gone. */
void children_end(struct children *children, int which);

/* Whether it is missing, may be there as things are, and its pause is over. now_ms, as everywhere
 * here: on wire_clock_ms(). */
bool children_due(const struct children *children, int which, int64_t now_ms);

/* What fork(2) gave: below 0 it is tried again after a pause, and errno is logged. */
void children_started(struct children *children, int which, pid_t pid, int64_t now_ms);

/* A process that has been waited for, with what waitpid(2) said of it. Which one it was, or -1. */
int children_died(struct children *children, pid_t pid, int status, int64_t now_ms);

/* When the next one is due, on wire_clock_ms(); INT64_MAX: none is missing. */
int64_t children_next(const struct children *children);

#endif
