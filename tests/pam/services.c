/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Name services as a test wants them: libnss_scripted.so.2 for users and groups, and, by another
 * name of the same file, libsubid_scripted.so for subordinate ids. What happens depends on the
 * name that is asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum nss_status _nss_scripted_getpwnam_r(
    const char *name, struct passwd *entry, char *buffer, size_t size, int *error);
enum nss_status _nss_scripted_getgrgid_r(
    gid_t gid, struct group *entry, char *buffer, size_t size, int *error);
enum nss_status _nss_scripted_initgroups_dyn(const char *user, gid_t primary, long int *start,
    long int *size, gid_t **groups, long int limit, int *error);

/* As the interface of shadow's subid services has it. */
struct subid_range {
	unsigned long start;
	unsigned long count;
};
int shadow_subid_list_owner_ranges(
    const char *owner, int type, struct subid_range **ranges, int *count);

static const struct {
	const char *name;
	uid_t uid;
	size_t needed; /* bytes of buffer */
} users[] = {
	{ "large", 5001, 300 * 1024 },
	{ "huge", 5002, 48 * 1024 * 1024 },
	{ "endless", 5003, SIZE_MAX },
	{ "many", 5004, 0 },
	{ "slow", 5005, 0 },
	{ "toomany", 5006, 0 },
	{ "Erin", 5007, 0 },
	{ "ranged", 5008, 0 },
	{ "cut-off", 5009, 0 },
	{ "broken", 5010, 0 },
	{ "bursting", 5011, 0 },
	{ "crowded", 5012, 0 },
};

static char nothing[] = "";

enum nss_status
_nss_scripted_getpwnam_r(
    const char *name, struct passwd *entry, char *buffer, size_t size, int *error)
{
	size_t i;
	char end;
	int fd;

	if (!strcmp(name, "trouble")) {
		*error = EIO;
		return NSS_STATUS_UNAVAIL;
	}
	for (i = 0; i < sizeof(users) / sizeof(users[0]); i++)
		if (!strcasecmp(name, users[i].name))
			break;
	if (i == sizeof(users) / sizeof(users[0])) {
		*error = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	/* Until the test opens the other end, and closes it. */
	if (!strcmp(name, "slow")) {
		fd = open("/etc/slow", O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, &end, 1) != 0)
			abort();
		close(fd);
	}
	if (size < users[i].needed || size < strlen(users[i].name) + 1) {
		*error = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	memcpy(buffer, users[i].name, strlen(users[i].name) + 1);
	*entry = (struct passwd){
		.pw_name = buffer,
		.pw_passwd = nothing,
		.pw_uid = users[i].uid,
		.pw_gid = users[i].uid,
		.pw_gecos = nothing,
		.pw_dir = nothing,
		.pw_shell = nothing,
	};
	return NSS_STATUS_SUCCESS;
}

/* 7777 cannot be looked up; 100000 and more are named g100000 and so on, except those of the
 * second hundred thousand, whose names are as long as a name may be. */
enum nss_status
_nss_scripted_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size, int *error)
{
	static char *nobody[] = { NULL };
	size_t length = gid >= 300000 ? 256 : gid >= 200000 ? 255 : 7;
	size_t i;

	if (gid == 7777) {
		*error = EIO;
		return NSS_STATUS_UNAVAIL;
	}
	if (gid < 100000) {
		*error = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	if (size < length + 1) {
		*error = ERANGE;
		return NSS_STATUS_TRYAGAIN;
	}
	memset(buffer, 'g', length);
	buffer[length] = '\0';
	for (i = length - 1; i > length - 7; i--, gid /= 10)
		buffer[i] = (char)('0' + gid % 10);
	*entry = (struct group){ .gr_name = buffer, .gr_passwd = nothing, .gr_mem = nobody };
	return NSS_STATUS_SUCCESS;
}

static enum nss_status
give_gids(gid_t first, long int n, long int *start, long int *size, gid_t **groups, long int limit)
{
	gid_t *grown;
	long int i;

	for (i = 0; i < n; i++) {
		if (limit > 0 && *start >= limit)
			break;
		if (*start == *size) {
			grown = realloc(*groups, 2 * (size_t)*size * sizeof(**groups));
			if (!grown)
				return NSS_STATUS_TRYAGAIN;
			*groups = grown;
			*size *= 2;
		}
		(*groups)[(*start)++] = first + (gid_t)i;
	}
	return NSS_STATUS_SUCCESS;
}

enum nss_status
_nss_scripted_initgroups_dyn(const char *user, gid_t primary, long int *start, long int *size,
    gid_t **groups, long int limit, int *error)
{
	(void)primary;
	*error = ENOENT;
	if (!strcmp(user, "many"))
		return give_gids(100000, 30000, start, size, groups, limit);
	if (!strcmp(user, "toomany"))
		return give_gids(100000, 70000, start, size, groups, limit);
	if (!strcmp(user, "bursting"))
		return give_gids(200000, 10000, start, size, groups, limit);
	if (!strcmp(user, "crowded"))
		return give_gids(300000, 1, start, size, groups, limit);
	return NSS_STATUS_NOTFOUND;
}

int
shadow_subid_list_owner_ranges(const char *owner, int type, struct subid_range **ranges, int *count)
{
	if (type != 1 || !strcmp(owner, "broken"))
		return 3;
	if (!strcmp(owner, "cut-off"))
		return 2;
	if (strcmp(owner, "ranged") != 0)
		return 1;
	*ranges = calloc(2, sizeof(**ranges));
	if (!*ranges)
		return 3;
	(*ranges)[0] = (struct subid_range){ 2147483648, 65536 };
	(*ranges)[1] = (struct subid_range){ 300000, 1000 };
	*count = 2;
	return 0;
}
