/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE (size_t)16384

struct block {
	struct block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* the one being filled first */
};

struct arena *
arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct block *block;

	if (!arena)
		return;
	while ((block = arena->blocks)) {
		arena->blocks = block->next;
		free(block);
	}
	free(arena);
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct block *block = arena->blocks;
	size_t bytes, room;
	void *piece;

	if (__builtin_mul_overflow(n, size, &bytes) || bytes > SIZE_MAX / 2)
		return NULL;
	bytes = (bytes + align - 1) / align * align;
	if (!block || block->size - block->used < bytes) {
		room = bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE;
		block = calloc(1, sizeof(*block) + room);
		if (!block)
			return NULL;
		block->size = room;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	piece = block->bytes + block->used;
	block->used += bytes;
	return piece;
}

char *
arena_string(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_array(arena, length + 1, 1);

	if (copy && length)
		memcpy(copy, text, length);
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	int length;
	char *text;

	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		return NULL;
	text = arena_array(arena, (size_t)length + 1, 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}
