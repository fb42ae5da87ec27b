/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int
privileges_find(const char *name, struct account *account, struct why *why)
{
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry)
		return why_set(why, ENOENT,
		    "there is no account \"%s\" for netfenced to run as (INSTALL says how to make "
		    "it)",
		    name);
	if (!entry->pw_uid || !entry->pw_gid)
		return why_set(why, EINVAL, "the account \"%s\" must not be root's", name);
	account->uid = entry->pw_uid;
	account->gid = entry->pw_gid;
	return 0;
}

static int
choose(enum privileges_kind kind)
{
	const capng_type_t held = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

	capng_clear(CAPNG_SELECT_BOTH);
	switch (kind) {
	case PRIVILEGES_NETWORK:
		return capng_updatev(CAPNG_ADD, held, CAP_NET_ADMIN, CAP_NET_RAW, -1);
	case PRIVILEGES_KILL:
		return capng_update(CAPNG_ADD, held, CAP_KILL);
	case PRIVILEGES_NONE:
		break;
	}
	return 0;
}

int
privileges_drop(
    const struct account *account, enum privileges_kind kind, pid_t parent, struct why *why)
{
	int result;

	if (choose(kind) < 0)
		return why_set(why, EINVAL, "capabilities cannot be chosen");
	result = capng_change_id(
	    (int)account->uid, (int)account->gid, CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING);
	if (result < 0)
		return why_set(
		    why, EPERM, "root's rights cannot be dropped (capng_change_id: %d)", result);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return why_errno(why, errno, "prctl");
	/* A change of uid clears this, so it comes last; and the parent may have gone before. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return why_errno(why, errno, "prctl");
	if (getppid() != parent)
		return why_set(why, ESRCH, "the supervisor has gone");
	if (kind == PRIVILEGES_NONE && capng_have_capabilities(CAPNG_SELECT_BOTH) != CAPNG_NONE)
		return why_set(why, EPERM, "capabilities are left over");
	return 0;
}
