/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reaper.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "log.h"
#include "session/opener.h"
#include "session/processes.h"

/* A user's own uid and as many subordinate ranges as there may be. */
#define RANGES_MAX (PROTOCOL_RANGES_MAX * 2 + 1)

/* A user who forks without end is met anew in each pass: how many of them one request gets. */
#define PASSES 50

struct request {
	int32_t signal;
	uint32_t n;
	struct uid_range ranges[RANGES_MAX];
	uint32_t n_only; /* 0: everybody with such a uid */
	struct kin_process only[REAPER_ONLY_MAX];
};

int
reaper_ask(int reaper, int signal, const struct uid_range *ranges, uint32_t n,
    const struct kin_process *only, uint32_t n_only, struct why *why)
{
	struct request request;

	/* The holes between the members, too. */
	memset(&request, 0, sizeof(request));
	request.signal = signal;
	request.n = n;
	request.n_only = n_only;
	if (n > RANGES_MAX || n_only > REAPER_ONLY_MAX)
		return why_set(why, E2BIG, "too many ranges of uids, or processes, to end");
	memcpy(request.ranges, ranges, n * sizeof(*ranges));
	if (n_only)
		memcpy(request.only, only, n_only * sizeof(*only));
	if (send(reaper, &request, sizeof(request), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return why_errno(why, errno, "the reaper");
	return 0;
}

struct hunt {
	const struct request *request;
	int proc;
	unsigned int met;
};

static bool
is_theirs(const struct request *request, uint32_t uid)
{
	uint32_t i;

	for (i = 0; i < request->n; i++)
		if (uid >= request->ranges[i].first && uid <= request->ranges[i].last)
			return true;
	return false;
}

static bool
is_meant(const struct hunt *hunt, pid_t pid)
{
	const struct request *request = hunt->request;
	uint64_t start;
	uint32_t i;

	for (i = 0; i < request->n_only; i++)
		if (request->only[i].pid == pid)
			return opener_read_start(hunt->proc, pid, &start) == 0 &&
			       start == request->only[i].start;
	return !request->n_only;
}

/* By the real uid only: a root's process that acts for the user for a moment is not the user's. The
 * pidfd is taken before the uid is read again, so that it is the one that was read. */
static bool
on_process(const struct processes *pass, const struct process *process, void *data)
{
	struct hunt *hunt = data;
	struct process again;
	cleanup_fd int pidfd = -1;

	if (process->error || !is_theirs(hunt->request, process->uids[UID_REAL]) ||
	    !processes_here(pass, process->pid))
		return true;
	pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (pidfd < 0 || processes_read(pass, process->pid, &again) < 0 ||
	    !is_theirs(hunt->request, again.uids[UID_REAL]) || !is_meant(hunt, process->pid))
		return true;
	hunt->met++;
	if (syscall(SYS_pidfd_send_signal, pidfd, hunt->request->signal, NULL, 0) < 0 &&
	    errno != ESRCH)
		log_line(LOG_ERR, "process %ld cannot be ended: %s", (long)process->pid,
		    strerrordesc_np(errno));
	return true;
}

static void
serve(const struct request *request, int proc)
{
	struct hunt hunt = { .request = request, .proc = proc };
	int pass;

	/* Once is enough to ask politely. */
	for (pass = 0; pass < (request->signal == SIGKILL ? PASSES : 1); pass++) {
		hunt.met = 0;
		if (processes_each(proc, on_process, &hunt) == 0 && !hunt.met)
			return;
	}
}

void
reaper_process(int sock, int proc)
{
	struct request request;
	ssize_t got;

	for (;;) {
		got = recv(sock, &request, sizeof(request), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got != sizeof(request) || request.n > RANGES_MAX ||
		    request.n_only > REAPER_ONLY_MAX ||
		    (request.signal != SIGTERM && request.signal != SIGKILL) ||
		    is_theirs(&request, 0))
			break;
		serve(&request, proc);
	}
	if (got > 0)
		log_line(LOG_ERR, "reaper: what main said was not understood");
}
