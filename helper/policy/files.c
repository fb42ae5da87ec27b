/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "policy/document.h"

#define MAIN_FILE "netfence.yaml"
#define SUFFIX    ".yaml"

static const char *const folders[] = { "rules.d", "users", "groups" };

#define N_FOLDERS (sizeof(folders) / sizeof(folders[0]))

struct loading {
	struct arena *arena;
	struct reporter *reporter;
	const char *folder; /* as given, without slashes at its end */
	const struct source *instead;
	struct files *files;
	uint32_t room;
	uint32_t order; /* of whatever is opened or reported next */
};

static bool
ends_in(const char *text, const char *end)
{
	size_t n_text = strlen(text), n_end = strlen(end);

	return n_text >= n_end && strcmp(text + n_text - n_end, end) == 0;
}

/* What editors and package managers leave behind. */
static bool
is_skipped(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] == '.' || ends_in(name, "~") || ends_in(name, ".bak") ||
	       ends_in(name, ".rpmnew") || ends_in(name, ".rpmsave") ||
	       (dot && strncmp(dot, ".dpkg-", 6) == 0);
}

bool
files_has_place(const char *as)
{
	const char *slash = strchr(as, '/');
	size_t i;

	if (!slash)
		return strcmp(as, MAIN_FILE) == 0;
	if (strchr(slash + 1, '/') || is_skipped(slash + 1) || !ends_in(slash + 1, SUFFIX))
		return false;
	for (i = 0; i < N_FOLDERS; i++) {
		if (strlen(folders[i]) == (size_t)(slash - as) &&
		    strncmp(folders[i], as, (size_t)(slash - as)) == 0)
			return true;
	}
	return false;
}

/* To the end, which must come within `most` bytes. */
static int
read_whole(struct arena *arena, int fd, size_t most, const char **text, size_t *length)
{
	cleanup_free char *scratch = malloc(most + 1);
	ssize_t got;

	*length = 0;
	if (!scratch)
		return -ENOMEM;
	do {
		got = read(fd, scratch + *length, most + 1 - *length);
		if (got < 0 && errno != EINTR)
			return -errno;
		*length += got > 0 ? (size_t)got : 0;
	} while (got != 0 && *length <= most);
	if (*length > most)
		return -EFBIG;
	*text = arena_string(arena, scratch, *length);
	return *text ? 0 : -ENOMEM;
}

int
files_read(struct arena *arena, const char *path, size_t most, const char **text, size_t *length,
    struct why *why)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	int result;

	if (fd < 0)
		return why_errno(why, errno, "%s", path);
	result = read_whole(arena, fd, most, text, length);
	if (result == -EFBIG)
		return why_set(why, EFBIG, "%s: more than %zu bytes", path, most);
	return result ? why_errno(why, -result, "%s", path) : 0;
}

/* What is to be opened or reported next. The mark's source must outlive the report. */
static struct source *
new_source(struct loading *loading, const char *place)
{
	struct source *source = arena_new_of(loading->arena, 1, struct source);

	if (!source)
		return NULL;
	source->name = *place ? arena_printf(loading->arena, "%s/%s", loading->folder, place)
			      : loading->folder;
	source->as = arena_string(loading->arena, place, strlen(place));
	source->order = loading->order++;
	return source->name && source->as ? source : NULL;
}

static int
report(struct loading *loading, const struct source *source, const char *words)
{
	return report_error(loading->reporter, (struct mark){ .source = source }, "%s", words);
}

static int
report_errno(struct loading *loading, const struct source *source, int error)
{
	if (error == ENOMEM)
		return -ENOMEM;
	return report_error(loading->reporter, (struct mark){ .source = source },
	    "cannot be read: %s", strerrordesc_np(error));
}

/* kind: S_IFREG or S_IFDIR. *fd is the caller's to close. -ENOENT is not reported. */
static int
open_root_owned(struct loading *loading, int at, const char *name, const struct source *source,
    mode_t kind, int *fd)
{
	/* Without O_NONBLOCK a FIFO would hold us until somebody writes. */
	cleanup_fd int opened =
	    openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat status;

	if (opened < 0) {
		if (errno == ENOENT)
			return -ENOENT;
		if (errno == ELOOP)
			return report(
			    loading, source, "a link: put the file or folder itself in this place");
		if (errno == ENXIO)
			return report(loading, source, "not a regular file");
		return report_errno(loading, source, errno);
	}
	if (fstat(opened, &status))
		return report_errno(loading, source, errno);
	if ((status.st_mode & S_IFMT) != kind)
		return report(
		    loading, source, kind == S_IFDIR ? "not a folder" : "not a regular file");
	if (status.st_uid != 0)
		return report_error(loading->reporter, (struct mark){ .source = source },
		    "belongs to uid %u, who could change it: chown root", status.st_uid);
	if (status.st_mode & (S_IWGRP | S_IWOTH))
		return report_error(loading->reporter, (struct mark){ .source = source },
		    "mode %04o lets others than root write: chmod go-w", status.st_mode & 07777);
	*fd = steal_fd(&opened);
	return 0;
}

static int
keep(struct loading *loading, const struct source *source)
{
	struct files *files = loading->files;
	struct source *grown;

	if (files->n == loading->room) {
		loading->room = loading->room ? loading->room * 2 : 16;
		grown = arena_new_of(loading->arena, loading->room, struct source);
		if (!grown)
			return -ENOMEM;
		if (files->n)
			memcpy(grown, files->sources, files->n * sizeof(*grown));
		files->sources = grown;
	}
	files->sources[files->n++] = *source;
	return 0;
}

static int
read_file(struct loading *loading, int at, const char *name, const char *place)
{
	struct source *source = new_source(loading, place), other;
	cleanup_fd int fd = -1;
	int result;

	if (!source)
		return -ENOMEM;
	if (loading->instead && strcmp(loading->instead->as, place) == 0) {
		other = *loading->instead;
		other.order = source->order;
		return keep(loading, &other);
	}
	result = open_root_owned(loading, at, name, source, S_IFREG, &fd);
	if (result == -ENOENT && strcmp(place, MAIN_FILE) == 0)
		return report(loading, source, "missing: without it there are no rules");
	if (result == -ENOENT)
		return report(loading, source, "has gone away while it was being read: try again");
	if (result)
		return result;
	result =
	    read_whole(loading->arena, fd, DOCUMENT_LENGTH_MAX, &source->text, &source->length);
	if (result == -EFBIG)
		return report(loading, source, "more than 1 MiB");
	if (result)
		return report_errno(loading, source, -result);
	return keep(loading, source);
}

static int
by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The names in a folder that are not skipped, sorted. */
static int
list_folder(struct loading *loading, int fd, const char ***names, size_t *n)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = again < 0 ? NULL : fdopendir(again);
	const struct dirent *entry;
	const char **grown;
	size_t room = 0;
	int result = 0;

	*names = NULL;
	*n = 0;
	if (!folder) {
		result = -errno;
		if (again >= 0)
			close(again);
		return result;
	}
	while (!result && (errno = 0, entry = readdir(folder))) {
		if (is_skipped(entry->d_name))
			continue;
		if (*n == room) {
			room = room ? room * 2 : 16;
			grown = arena_new_of(loading->arena, room, const char *);
			if (grown && *n)
				memcpy(grown, *names, *n * sizeof(*grown));
			if (!grown) {
				result = -ENOMEM;
				break;
			}
			*names = grown;
		}
		(*names)[*n] = arena_string(loading->arena, entry->d_name, strlen(entry->d_name));
		result = (*names)[(*n)++] ? 0 : -ENOMEM;
	}
	if (!result)
		result = -errno;
	closedir(folder);
	if (!result && *n)
		qsort(*names, *n, sizeof(**names), by_name);
	return result;
}

static int
read_named(struct loading *loading, int at, const char *folder, const char *name)
{
	const char *place = arena_printf(loading->arena, "%s/%s", folder, name);
	struct source *source;

	if (!place)
		return -ENOMEM;
	if (ends_in(name, SUFFIX))
		return read_file(loading, at, name, place);
	source = new_source(loading, place);
	if (!source)
		return -ENOMEM;
	return report(loading, source,
	    "does not end in .yaml, so that nobody would read it: rename it or take it away");
}

/* One of rules.d, users and groups, which need not be there. */
static int
read_folder(struct loading *loading, int at, const char *folder)
{
	struct source *source = new_source(loading, folder);
	const char *extra = NULL; /* the name that `instead` would have here */
	cleanup_fd int fd = -1;
	const char **names = NULL;
	size_t n = 0, i;
	int result = 0, listed;

	if (!source)
		return -ENOMEM;
	if (loading->instead && strncmp(loading->instead->as, folder, strlen(folder)) == 0 &&
	    loading->instead->as[strlen(folder)] == '/')
		extra = loading->instead->as + strlen(folder) + 1;
	listed = open_root_owned(loading, at, folder, source, S_IFDIR, &fd);
	if (!listed) {
		listed = list_folder(loading, fd, &names, &n);
		if (listed)
			listed = report_errno(loading, source, -listed);
	}
	if (listed && listed != -ENOENT)
		result = listed;
	for (i = 0; !listed && i < n; i++) {
		if (extra && strcmp(extra, names[i]) <= 0) {
			result = worse(result, read_named(loading, fd, folder, extra));
			if (strcmp(extra, names[i]) == 0)
				i++;
			extra = NULL;
			if (i == n)
				break;
		}
		result = worse(result, read_named(loading, fd, folder, names[i]));
	}
	return extra ? worse(result, read_named(loading, fd, folder, extra)) : result;
}

/* What lies beside netfence.yaml and would be read by nobody. */
static int
check_strays(struct loading *loading, int fd, const struct source *folder)
{
	const char **names = NULL;
	struct source *source;
	size_t n = 0, i, j;
	int result = list_folder(loading, fd, &names, &n);

	if (result)
		return report_errno(loading, folder, -result);
	for (i = 0; i < n; i++) {
		for (j = 0; j < N_FOLDERS && strcmp(names[i], folders[j]) != 0; j++)
			;
		if (j < N_FOLDERS || strcmp(names[i], MAIN_FILE) == 0)
			continue;
		source = new_source(loading, names[i]);
		if (!source)
			return -ENOMEM;
		result = worse(result,
		    report(loading, source,
			"nobody reads this here: rules are in netfence.yaml, rules.d/, users/ and "
			"groups/"));
	}
	return result;
}

int
files_load(struct arena *arena, struct reporter *reporter, const char *folder,
    const struct source *instead, struct files *files)
{
	struct loading loading = {
		.arena = arena,
		.reporter = reporter,
		.instead = instead,
		.files = files,
	};
	cleanup_fd int fd = -1;
	struct source *source;
	size_t length = strlen(folder), i;
	int result;

	*files = (struct files){ .n = 0 };
	/* With a slash at its end a link would be followed. */
	while (length > 1 && folder[length - 1] == '/')
		length--;
	loading.folder = arena_string(arena, folder, length);
	source = loading.folder ? new_source(&loading, "") : NULL;
	if (!source)
		return -ENOMEM;
	result = open_root_owned(&loading, AT_FDCWD, loading.folder, source, S_IFDIR, &fd);
	if (result) {
		files->lost = true;
		return result == -ENOENT ? report_errno(&loading, source, ENOENT) : result;
	}
	result = worse(
	    check_strays(&loading, fd, source), read_file(&loading, fd, MAIN_FILE, MAIN_FILE));
	for (i = 0; i < N_FOLDERS; i++)
		result = worse(result, read_folder(&loading, fd, folders[i]));
	files->lost = result != 0;
	return result;
}
