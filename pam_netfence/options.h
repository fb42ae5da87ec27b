/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands behind pam_netfence.so in a PAM file. Read afresh at each call: nothing of it is
 * kept.
 */
#ifndef PAM_NETFENCE_OPTIONS_H
#define PAM_NETFENCE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"

#define OPTIONS_TIMEOUT_DEFAULT 5    /* seconds */
#define OPTIONS_TIMEOUT_MAX     3600 /* seconds */

struct options {
	const char *socket; /* absolute, and short enough for a socket's address */
	int64_t timeout_ms;
	bool succeed; /* onerr=succeed */
	bool debug;
	bool quiet;
	int argc; /* for options_admin() */
	const char **argv;
};

/* Everything in `options` points into argv, which must outlive it. -EINVAL for an option that is
 * unknown or has no such value, with its words in `why`. */
int options_read(struct options *options, int argc, const char **argv, struct why *why);

/* Whether `group` is one of admin_group=A,B. */
bool options_admin(const struct options *options, const char *group);

#endif
