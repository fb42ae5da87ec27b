/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where subordinate ids come from when not from /etc/subuid: the services that a `subid:` line in
 * /etc/nsswitch.conf names, each a libsubid_NAME.so that shadow's tools load and that is asked
 * here in the same way, without libsubid between: libsubid says -1 for a user without ranges as
 * for a directory that is away, writes to stderr, and brings SELinux's libraries into the login.
 */
#ifndef NETFENCE_SUBID_SERVICE_H
#define NETFENCE_SUBID_SERVICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/why.h"

#define SUBID_SERVICE_NAME_MAX 50 /* bytes; shadow takes no longer one */

/* As the services give it: a count of 0 is nothing. */
struct subid_range {
	unsigned long start;
	unsigned long count;
};

/* The next service that a `subid:` line's text names, from *rest on, which moves behind it;
 * actions in brackets are passed over. False where there is none left. */
bool subid_service_next(const char **rest, const char **name, size_t *length);

/* Adds to *ranges, which is malloc'd and the caller's, and to *n. -ENOMEM; -ELIBACC: there is no
 * such service; -EIO: it failed. A user whom it does not know has none. */
int subid_service_ask(const char *service, size_t length, const char *user,
    struct subid_range **ranges, size_t *n, struct why *why);

#endif
