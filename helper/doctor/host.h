/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host as the doctor sees it: files below a root, which is another one in tests only, and
 * programs, which are given a deadline and an environment without anybody's wishes. Whatever is
 * read may be a user's: nothing of it is waited for, followed without end or believed in size.
 */
#ifndef NETFENCE_DOCTOR_HOST_H
#define NETFENCE_DOCTOR_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/why.h"

#define HOST_FILE_MAX (16 * 1024 * 1024) /* bytes */
#define HOST_LIST_MAX 20000              /* names in a folder */
#define HOST_RUN_MS   5000               /* for a program; then it is killed */

/* root: "" for this host's own, else a folder in which all paths are looked up. */
struct host {
	const char *root;
};

/* The path below the root; malloc'd, the caller's, or NULL where there is no memory. */
char *host_path(const struct host *host, const char *path);

bool host_exists(const struct host *host, const char *path);

/* As lstat(2): false where there is nothing. */
bool host_stat(const struct host *host, const char *path, struct stat *status);

/* The text, with a final NUL, malloc'd, the caller's. Only regular files; of one longer than
 * HOST_FILE_MAX, or with a NUL in it, what comes before. Errors as open(2) has them; -EINVAL: no
 * regular file. */
int host_read(const struct host *host, const char *path, char **text);

/* The names in a folder, but those beginning with a dot, sorted; *n of them. One malloc'd block
 * each and one for the list: host_list_free(). -errno as opendir(3); -E2BIG. */
int host_list(const struct host *host, const char *path, char ***names, size_t *n);
void host_list_free(char **names, size_t n);

/* One account of /etc/passwd alone: no name service that does not answer holds anybody up. name, or
 * uid where name is NULL, says which. False where it is not in there. *found is malloc'd, the
 * caller's, and may be NULL; *uid is set with a name. */
bool host_account(const struct host *host, const char *name, uint32_t *uid, char **found);

/* Whether a process is in our network namespace, whose connections a fence is about. */
bool host_same_network(const struct host *host, const char *pid);

/* Where a program is, of the usual folders; NULL where it is not. malloc'd, the caller's, without
 * the root. */
char *host_program(const struct host *host, const char *name);

/* Runs a function in a child process that writes its answer to a stream; returns what the
 * child's exit status is, 0 to 255, and the answer, malloc'd, the caller's. -ETIMEDOUT: it has
 * been killed; -errno where there could be no child, or it died. */
int host_child(int (*run)(FILE *answer, void *data), void *data, int64_t timeout_ms, char **answer,
    struct why *why);

/* The same for a program, argv[0] its path: what it prints to standard output and error. Not below
 * another root: -ENOENT. */
int host_run(const struct host *host, const char *const argv[], char **answer, struct why *why);

/* ---------------------------------------------------------------- text */

/* The next line of a text, cut off in place; NULL at the end. *next begins as the text. */
char *host_line(char **next);

/* The next word, cut off in place; NULL at the end. *next begins as the line. */
char *host_word(char **next);

#endif
