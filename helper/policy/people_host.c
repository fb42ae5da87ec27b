/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>

#include "policy/people.h"

#define ENTRY_FIRST 4096               /* bytes for an entry of passwd or group */
#define ENTRY_MAX   (64 * 1024 * 1024) /* a group may have very many members */

/* Those that mean "not there", as the manual pages of getpwnam(3) and getgrnam(3) list them. */
static bool
is_absent(int error)
{
	return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
}

static int
host_user(void *context, const char *name, uint32_t *uid)
{
	struct passwd entry, *found = NULL;
	char *room = NULL, *grown;
	size_t size;
	int error = ERANGE;

	(void)context;
	for (size = ENTRY_FIRST; error == ERANGE && size <= ENTRY_MAX; size *= 4) {
		grown = realloc(room, size);
		error = grown ? getpwnam_r(name, &entry, grown, size, &found) : ENOMEM;
		room = grown ? grown : room;
	}
	if (found)
		*uid = entry.pw_uid;
	free(room);
	return found ? 1 : is_absent(error) ? 0 : -error;
}

/* The entry, which points into *room, the caller's to free. */
static int
find_group(const char *name, struct group *entry, char **room)
{
	struct group *found = NULL;
	char *grown;
	size_t size;
	int error = ERANGE;

	*room = NULL;
	for (size = ENTRY_FIRST; error == ERANGE && size <= ENTRY_MAX; size *= 4) {
		grown = realloc(*room, size);
		error = grown ? getgrnam_r(name, entry, grown, size, &found) : ENOMEM;
		*room = grown ? grown : *room;
	}
	return found ? 1 : is_absent(error) ? 0 : -error;
}

static int
host_group(void *context, const char *name)
{
	struct group entry;
	char *room;
	int result = find_group(name, &entry, &room);

	(void)context;
	free(room);
	return result;
}

static int
host_members(
    void *context, const char *group, int (*each)(const char *member, void *data), void *data)
{
	struct group entry;
	const struct passwd *user;
	char *room, **member;
	int result = find_group(group, &entry, &room);

	(void)context;
	if (result == 1) {
		result = 0;
		for (member = entry.gr_mem; *member && !result; member++)
			result = each(*member, data);
		setpwent();
		while (!result && (user = getpwent())) {
			if (user->pw_gid == entry.gr_gid)
				result = each(user->pw_name, data);
		}
		endpwent();
	}
	free(room);
	return result;
}

const struct people people_of_host = {
	.user = host_user,
	.group = host_group,
	.members = host_members,
};
