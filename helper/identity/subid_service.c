/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "identity/subid_service.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What shadow's services have had as their interface since subid became a name service (4.9):
 * the values are part of it. `release` is there from 4.17 on. */
enum id_type { ID_UID = 1 };
enum status { STATUS_SUCCESS, STATUS_UNKNOWN_USER, STATUS_NO_CONNECTION, STATUS_ERROR };

typedef enum status (*list_function)(
    const char *owner, enum id_type type, struct subid_range **ranges, int *count);
typedef void (*release_function)(void *ranges);

#define LIST_NAME    "shadow_subid_list_owner_ranges"
#define RELEASE_NAME "shadow_subid_free"

/* More than these from one service is nonsense. */
#define COUNT_MAX 65536

bool
subid_service_next(const char **rest, const char **name, size_t *length)
{
	static const char blanks[] = " \t\r\n";
	const char *at = *rest;

	at += strspn(at, blanks);
	while (*at == '[') {
		at += strcspn(at, "]");
		at += *at == ']';
		at += strspn(at, blanks);
	}
	*name = at;
	*length = *at == '#' ? 0 : strcspn(at, " \t\r\n[#");
	*rest = at + *length;
	return *length > 0;
}

static int
append(struct subid_range **ranges, size_t *n, const struct subid_range *more, size_t n_more,
    struct why *why)
{
	struct subid_range *grown;

	if (!n_more)
		return 0;
	grown = reallocarray(*ranges, *n + n_more, sizeof(*grown));
	if (!grown)
		return why_set(why, ENOMEM, "no memory");
	memcpy(grown + *n, more, n_more * sizeof(*grown));
	*ranges = grown;
	*n += n_more;
	return 0;
}

static int
ask_loaded(void *library, const char *file, const char *user, struct subid_range **ranges,
    size_t *n, struct why *why)
{
	struct subid_range *given = NULL;
	list_function list;
	release_function release;
	void *symbol;
	int count = 0, result;

	/* dlsym() gives an object pointer for a function: POSIX says that the bits are the same,
	 * ISO C has no cast for it. */
	symbol = dlsym(library, LIST_NAME);
	memcpy(&list, &symbol, sizeof(list));
	symbol = dlsym(library, RELEASE_NAME);
	memcpy(&release, &symbol, sizeof(release));
	if (!list)
		return why_set(why, ELIBACC, "%s has no %s", file, LIST_NAME);

	switch (list(user, ID_UID, &given, &count)) {
	case STATUS_SUCCESS:
		break;
	case STATUS_UNKNOWN_USER: /* sss says so too of a user without ranges */
		return 0;
	case STATUS_NO_CONNECTION:
		return why_set(why, EIO, "%s: the directory does not answer", file);
	default:
		return why_set(why, EIO, "%s: it failed", file);
	}
	if (count < 0 || count > COUNT_MAX || (count && !given))
		result = why_set(why, EIO, "%s: gives %d ranges", file, count);
	else
		result = append(ranges, n, given, (size_t)count, why);
	if (release)
		release(given);
	else
		free(given);
	return result;
}

int
subid_service_ask(const char *service, size_t length, const char *user, struct subid_range **ranges,
    size_t *n, struct why *why)
{
	char file[sizeof("libsubid_.so") + SUBID_SERVICE_NAME_MAX];
	void *library;
	int result;

	if (length > SUBID_SERVICE_NAME_MAX)
		return why_set(why, ELIBACC, "the subid service %.*s... has too long a name",
		    SUBID_SERVICE_NAME_MAX, service);
	/* A name, not a path. */
	if (memchr(service, '/', length))
		return why_set(
		    why, ELIBACC, "the subid service %.*s is a path", (int)length, service);
	snprintf(file, sizeof(file), "libsubid_%.*s.so", (int)length, service);
	library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return why_set(
		    why, ELIBACC, "the subid service in /etc/nsswitch.conf: %s", dlerror());
	result = ask_loaded(library, file, user, ranges, n, why);
	dlclose(library);
	return result;
}
