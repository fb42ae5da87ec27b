/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From files to sources. In the configuration's folder everything is opened once, relative to its
 * folder's descriptor, and judged by that descriptor: nobody but root may have had a hand in it.
 */
#ifndef NETFENCE_POLICY_FILES_H
#define NETFENCE_POLICY_FILES_H

#include "policy/report.h"

/*
 * sources  n of them, in the order of reading: netfence.yaml, rules.d, users, groups, each folder
 *          in byte order of the names
 * lost     something could not be read that may hold names (reported)
 */
struct files {
	struct source *sources;
	uint32_t n;
	bool lost;
};

/*
 * Reads the configuration below `folder`. instead: NULL, or a source that takes its place, by its
 * `as`, of the file that is there or not there. All is the arena's. 0, -EINVAL (reported, with
 * `files` holding what could be read), -ENOMEM.
 */
int files_load(struct arena *arena, struct reporter *reporter, const char *folder,
    const struct source *instead, struct files *files);

/* One file by itself, whoever's it is; a pipe will do. The text is the arena's. -errno, -EFBIG
 * for more than `most` bytes. */
int files_read(struct arena *arena, const char *path, size_t most, const char **text,
    size_t *length, struct why *why);

/* Whether files_load() could meet such a place: "netfence.yaml", "users/alice.yaml", … */
bool files_has_place(const char *as);

#endif
