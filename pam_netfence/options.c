/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>

#include "netfence/paths.h"

#define ADMIN_GROUP "admin_group="

/* What stands behind `key` ("socket="), or NULL. */
static const char *
value_of(const char *argument, const char *key)
{
	size_t length = strlen(key);

	return strncmp(argument, key, length) == 0 ? argument + length : NULL;
}

static int
read_socket(struct options *options, const char *value, struct why *why)
{
	const struct sockaddr_un *address = NULL;

	if (value[0] != '/')
		return why_set(why, EINVAL, "socket=%s: the path must be absolute", value);
	if (strlen(value) >= sizeof(address->sun_path))
		return why_set(why, EINVAL, "socket=%s: longer than %zu bytes", value,
		    sizeof(address->sun_path) - 1);
	options->socket = value;
	return 0;
}

static int
read_timeout(struct options *options, const char *value, struct why *why)
{
	const char *digit;
	int64_t seconds = 0;

	for (digit = value; *digit >= '0' && *digit <= '9' && seconds <= OPTIONS_TIMEOUT_MAX;
	     digit++)
		seconds = seconds * 10 + (*digit - '0');
	if (digit == value || *digit || seconds < 1 || seconds > OPTIONS_TIMEOUT_MAX)
		return why_set(why, EINVAL, "timeout=%s: whole seconds from 1 to %d are wanted",
		    value, OPTIONS_TIMEOUT_MAX);
	options->timeout_ms = seconds * 1000;
	return 0;
}

static int
read_onerr(struct options *options, const char *value, struct why *why)
{
	if (!strcmp(value, "succeed"))
		options->succeed = true;
	else if (!strcmp(value, "fail"))
		options->succeed = false;
	else
		return why_set(why, EINVAL, "onerr=%s: fail or succeed is wanted", value);
	return 0;
}

/* A,B without an empty name: "A,,B" is a slip that should be seen. */
static int
check_admin_group(const char *value, struct why *why)
{
	size_t length = strlen(value);

	if (!length || value[0] == ',' || value[length - 1] == ',' || strstr(value, ",,"))
		return why_set(
		    why, EINVAL, ADMIN_GROUP "%s: names with commas between are wanted", value);
	return 0;
}

static int
read_option(struct options *options, const char *argument, struct why *why)
{
	const char *value;

	if ((value = value_of(argument, "socket=")))
		return read_socket(options, value, why);
	if ((value = value_of(argument, "timeout=")))
		return read_timeout(options, value, why);
	if ((value = value_of(argument, "onerr=")))
		return read_onerr(options, value, why);
	if ((value = value_of(argument, ADMIN_GROUP)))
		return check_admin_group(value, why);
	if (!strcmp(argument, "debug"))
		options->debug = true;
	else if (!strcmp(argument, "quiet"))
		options->quiet = true;
	else
		return why_set(why, EINVAL, "%s: no such option", argument);
	return 0;
}

int
options_read(struct options *options, int argc, const char **argv, struct why *why)
{
	int i, result;

	*options = (struct options){
		.socket = NETFENCE_SOCKET,
		.timeout_ms = OPTIONS_TIMEOUT_DEFAULT * 1000,
		.argc = argc,
		.argv = argv,
	};
	for (i = 0; i < argc; i++) {
		result = read_option(options, argv[i], why);
		if (result < 0)
			return result;
	}
	return 0;
}

static bool
is_listed(const char *list, const char *name)
{
	size_t length = strlen(name), item;

	for (;; list += item + 1) {
		item = strcspn(list, ",");
		if (item == length && !memcmp(list, name, length))
			return true;
		if (!list[item])
			return false;
	}
}

bool
options_admin(const struct options *options, const char *group)
{
	const char *list;
	int i;

	for (i = 0; i < options->argc; i++) {
		list = value_of(options->argv[i], ADMIN_GROUP);
		if (list && is_listed(list, group))
			return true;
	}
	return false;
}
