/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is built up piece by piece and let go of in one go, as a configuration is.
 */
#ifndef NETFENCE_ARENA_H
#define NETFENCE_ARENA_H

#include <stddef.h>

struct arena;

/* NULL where there is no memory. The caller owns it. */
struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is allowed */

/* n zeroed elements of `size` bytes, aligned for any type; NULL where there is no memory or where
 * n * size overflows. n == 0 gives a pointer that must not be read through. */
void *arena_array(struct arena *arena, size_t n, size_t size);
#define arena_new_of(arena, n, type) ((type *)arena_array((arena), (n), sizeof(type)))

/* A copy with a final NUL, or NULL. */
char *arena_string(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
