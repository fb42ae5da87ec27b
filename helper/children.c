/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "log.h"

#define RESTART_MIN_MS 50
#define LIVED_WELL_MS  10000

/* How soon one that has ended, or could not be forked, is tried again, at most: a login has to wait
 * for longer, by default 5 s. */
#define RESTART_MOST_MS 2000
#define FORK_AGAIN_MS   1000

const struct child_kind child_kinds[CHILDREN] = {
	[CHILD_IPV4] = { "netfenced-ipv4", PRIVILEGES_NETWORK, CHANNEL_ENGINE },
	[CHILD_IPV6] = { "netfenced-ipv6", PRIVILEGES_NETWORK, CHANNEL_ENGINE },
	[CHILD_REAPER] = { "netfenced-reap", PRIVILEGES_KILL, CHANNEL_REAPER },
	[CHILD_RESOLVER] = { "netfenced-names", PRIVILEGES_NONE, CHANNEL_RESOLVER },
	[CHILD_WINDOW] = { "netfenced-why", PRIVILEGES_NONE, CHANNEL_WINDOW },
	[CHILD_MAIN] = { "netfenced-main", PRIVILEGES_NONE, CHANNEL_READY },
};

bool
children_has(const struct children *children, int which)
{
	return children->list[which].pid != 0;
}

bool
children_no_locker(const struct children *children)
{
	return !children_has(children, CHILD_MAIN) && !children_has(children, CHILD_IPV4) &&
	       !children_has(children, CHILD_IPV6);
}

void
children_kill(const struct children *children, int which)
{
	if (children_has(children, which))
		kill(children->list[which].pid, SIGKILL);
}

void
children_end(struct children *children, int which)
{
	children_kill(children, which);
	if (children_has(children, which))
		while (waitpid(children->list[which].pid, NULL, 0) < 0 && errno == EINTR)
			;
	children->list[which].pid = 0;
}

/* Main first: an engine belongs to the main that it was started for. And main only once the
 * former one's engines are gone, and the lock that they may have had is let go. */
static bool
may_start(const struct children *children, int which)
{
	if (children_has(children, which))
		return false;
	if (which != CHILD_MAIN)
		return children_has(children, CHILD_MAIN);
	return children_no_locker(children);
}

bool
children_due(const struct children *children, int which, int64_t now_ms)
{
	return may_start(children, which) && children->list[which].again_ms <= now_ms;
}

/* This time as long as was said last time, next time longer. */
static void
pause_child(struct child *child, int64_t now_ms)
{
	child->again_ms = now_ms + child->pause_ms;
	child->pause_ms = child->pause_ms ? child->pause_ms * 2 : RESTART_MIN_MS;
	if (child->pause_ms > RESTART_MOST_MS)
		child->pause_ms = RESTART_MOST_MS;
}

void
children_started(struct children *children, int which, pid_t pid, int64_t now_ms)
{
	struct child *child = &children->list[which];

	child->started_ms = now_ms;
	child->pid = pid > 0 ? pid : 0;
	if (pid > 0)
		return;
	log_line(
	    LOG_ERR, "%s cannot be started: %s", child_kinds[which].name, strerrordesc_np(errno));
	child->pause_ms = child->pause_ms ? child->pause_ms * 2 : RESTART_MIN_MS;
	if (child->pause_ms > FORK_AGAIN_MS)
		child->pause_ms = FORK_AGAIN_MS;
	child->again_ms = now_ms + child->pause_ms;
}

int
children_died(struct children *children, pid_t pid, int status, int64_t now_ms)
{
	struct child *child;
	int which;

	for (which = 0; which < CHILDREN; which++)
		if (children->list[which].pid == pid)
			break;
	if (which == CHILDREN)
		return -1;
	child = &children->list[which];
	child->pid = 0;
	if (now_ms - child->started_ms > LIVED_WELL_MS)
		child->pause_ms = 0;
	pause_child(child, now_ms);
	if (WIFSIGNALED(status))
		log_line(LOG_ERR, "%s was ended by signal %d; starting it again",
		    child_kinds[which].name, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		log_line(LOG_ERR, "%s ended with status %d; starting it again",
		    child_kinds[which].name, WEXITSTATUS(status));
	return which;
}

int64_t
children_next(const struct children *children)
{
	int64_t next = INT64_MAX;
	int which;

	for (which = 0; which < CHILDREN; which++)
		if (may_start(children, which) && children->list[which].again_ms < next)
			next = children->list[which].again_ms;
	return next;
}
