/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity/identity.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* linux 5.14, asm-generic/socket.h */
#endif

/* The name service says ERANGE until the buffer is large enough; a group of 100,000 members takes
 * megabytes. A service that says it for ever must end somewhere. */
#define BUFFER_FIRST 4096
#define BUFFER_MOST  (64U * 1024 * 1024)

/* Room for the first try: more than most users have. */
#define GROUPS_FIRST 64

/* *buffer becomes twice as large, or `BUFFER_FIRST`; its contents are lost. */
static int
grow(char **buffer, size_t *size, struct why *why)
{
	size_t larger = *size ? *size * 2 : BUFFER_FIRST;

	if (larger > BUFFER_MOST)
		return why_set(
		    why, EOVERFLOW, "the name service's answer does not fit %u bytes", BUFFER_MOST);
	free(*buffer);
	*size = 0;
	*buffer = malloc(larger);
	if (!*buffer)
		return why_set(why, ENOMEM, "no memory");
	*size = larger;
	return 0;
}

static int
check_length(const char *kind, const char *name, struct why *why)
{
	if (strlen(name) > PROTOCOL_NAME_MAX)
		return why_set(why, EINVAL, "the %s's name %.40s... has more than %d bytes", kind,
		    name, PROTOCOL_NAME_MAX);
	return 0;
}

int
identity_find(const char *user, struct identity *identity, struct why *why)
{
	cleanup_free char *buffer = NULL;
	struct passwd entry, *found = NULL;
	size_t size = 0;
	int error, result;

	memset(identity, 0, sizeof(*identity));
	do {
		result = grow(&buffer, &size, why);
		if (result < 0)
			return result;
		error = getpwnam_r(user, &entry, buffer, size, &found);
	} while (error == ERANGE);

	if (!found && !error)
		return why_set(why, ESRCH, "no such user");
	/* glibc says 0 for "not found", so that ESRCH or ENOENT are a service's failure here. */
	if (!found)
		return why_errno(why, error == ESRCH ? EIO : error, "looking up the user");
	result = check_length("user", entry.pw_name, why);
	if (result < 0)
		return result;
	identity->name = strdup(entry.pw_name);
	if (!identity->name)
		return why_set(why, ENOMEM, "no memory");
	identity->uid = entry.pw_uid;
	identity->gid = entry.pw_gid;
	return 0;
}

/* *gids is malloc'd, the caller's. */
static int
list_gids(const struct identity *identity, gid_t **gids, int *count, struct why *why)
{
	int room = GROUPS_FIRST;
	gid_t *list = NULL, *grown;

	for (;;) {
		grown = reallocarray(list, (size_t)room, sizeof(*list));
		if (!grown) {
			free(list);
			return why_set(why, ENOMEM, "no memory");
		}
		list = grown;
		*count = room;
		if (getgrouplist(identity->name, identity->gid, list, count) >= 0)
			break;
		/* It says how many there are, but the directory may have grown meanwhile. */
		if (*count <= room)
			*count = room * 2;
		if (room >= NGROUPS_MAX) {
			free(list);
			return why_set(why, E2BIG, "in more than %d groups", NGROUPS_MAX);
		}
		room = *count < NGROUPS_MAX ? *count : NGROUPS_MAX;
	}
	*gids = list;
	return 0;
}

/* *name is malloc'd, the caller's, or NULL for a gid without a name. *buffer is kept from one
 * call to the next. */
static int
name_of(gid_t gid, char **buffer, size_t *size, char **name, struct why *why)
{
	struct group entry, *found = NULL;
	int error = ERANGE, result;

	*name = NULL;
	if (*size)
		error = getgrgid_r(gid, &entry, *buffer, *size, &found);
	while (error == ERANGE) {
		result = grow(buffer, size, why);
		if (result < 0)
			return result;
		error = getgrgid_r(gid, &entry, *buffer, *size, &found);
	}
	if (!found && !error)
		return 0;
	/* A group that cannot be looked up may be the very one that a rule names. */
	if (!found)
		return why_errno(
		    why, error == ESRCH ? EIO : error, "looking up group %u", (unsigned int)gid);
	result = check_length("group", entry.gr_name, why);
	if (result < 0)
		return result;
	*name = strdup(entry.gr_name);
	return *name ? 0 : why_set(why, ENOMEM, "no memory");
}

int
identity_find_groups(struct identity *identity, struct why *why)
{
	cleanup_free gid_t *gids = NULL;
	cleanup_free char *buffer = NULL;
	size_t size = 0;
	char *name;
	int count = 0, i, result;

	result = list_gids(identity, &gids, &count, why);
	if (result < 0)
		return result;
	identity->groups = calloc((size_t)count + 1, sizeof(*identity->groups));
	if (!identity->groups)
		return why_set(why, ENOMEM, "no memory");
	for (i = 0; i < count; i++) {
		result = name_of(gids[i], &buffer, &size, &name, why);
		if (result < 0)
			return result;
		if (name)
			identity->groups[identity->n_groups++] = name;
	}
	return 0;
}

bool
identity_has_lost(const struct identity *identity, const char *group)
{
	cleanup_free char *buffer = NULL;
	struct group entry, *found = NULL;
	size_t size = 0;
	char **member;
	int error;

	do {
		if (grow(&buffer, &size, NULL) < 0)
			return false;
		error = getgrnam_r(group, &entry, buffer, size, &found);
	} while (error == ERANGE);
	if (!found || found->gr_gid == identity->gid)
		return false;
	for (member = found->gr_mem; member && *member; member++)
		if (!strcmp(*member, identity->name))
			return false;
	return true;
}

void
identity_clear(struct identity *identity)
{
	uint32_t i;

	free(identity->name);
	for (i = 0; i < identity->n_groups; i++)
		free(identity->groups[i]);
	free(identity->groups);
	memset(identity, 0, sizeof(*identity));
}

int
identity_network(int sock, struct netns_name *netns, struct why *why)
{
	/* A namespace belongs to a thread, not to a process. */
	static const char path[] = "/proc/thread-self/ns/net";
	struct stat status;
	socklen_t size = sizeof(netns->inode);

	/* Fifty times as quick: five folders of /proc that nobody has looked into are made for the
	 * other. */
	netns->device = 0;
	if (sock >= 0 && !getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &netns->inode, &size))
		return 0;
	if (stat(path, &status) < 0)
		return why_errno(why, errno, "telling the network namespace: %s", path);
	netns->device = status.st_dev;
	netns->inode = status.st_ino;
	return 0;
}
