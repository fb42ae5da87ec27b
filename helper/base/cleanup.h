/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Variables that let go of what they hold when they go out of scope. `steal_pointer` and
 * `steal_fd` hand the thing over instead.
 */
#ifndef NETFENCE_CLEANUP_H
#define NETFENCE_CLEANUP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
cleanup_free_function(void *where)
{
	free(*(void **)where);
}

static inline void
cleanup_fd_function(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

static inline void
cleanup_file_function(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define cleanup_free __attribute__((cleanup(cleanup_free_function)))
#define cleanup_fd   __attribute__((cleanup(cleanup_fd_function)))
#define cleanup_file __attribute__((cleanup(cleanup_file_function)))

static inline int
steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}

#define steal_pointer(pointer)                               \
	({                                                   \
		__typeof__(*(pointer)) stolen_ = *(pointer); \
		*(pointer) = NULL;                           \
		stolen_;                                     \
	})

#endif
