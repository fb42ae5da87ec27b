/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From texts to a ruleset: no file is opened and nobody is asked.
 */
#ifndef NETFENCE_POLICY_COMPILE_H
#define NETFENCE_POLICY_COMPILE_H

#include "policy/report.h"
#include "policy/service.h"

#define UID_MIN_DEFAULT 1000

/*
 * sources   n of them, in the order in which they count; they live as long as the arena
 * services  of this host
 * uid_min   UID_MIN of this host
 * resolv_conf  the path, and the text, of this host's resolv.conf
 * open      names may be defined elsewhere: unknown ones are not errors
 * alone     not a whole configuration: what cannot be resolved is left out without an error
 */
struct compile_input {
	struct source *sources;
	uint32_t n;
	const struct services *services;
	uint32_t uid_min;
	const char *resolv_conf;
	const char *resolv_conf_text;
	size_t resolv_conf_length;
	bool open;
	bool alone;
};

/* Fills *ruleset but for its arena and report. 0, -EINVAL (reported), -ENOMEM. */
int compile(struct arena *arena, struct reporter *reporter, const struct compile_input *input,
    struct ruleset *ruleset);

#endif
