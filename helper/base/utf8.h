/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Characters in UTF-8, and which of them only show, without moving or turning anything.
 */
#ifndef NETFENCE_UTF8_H
#define NETFENCE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length in bytes of the character at `at`, of which `left` bytes are there, at least one; 0
 * where there is none. Overlong forms and surrogates are none. */
size_t utf8_decode(const char *at, size_t left, uint32_t *character);

/* No control character, none that turns the direction of text, ends a line or cannot be seen. */
bool utf8_shows(uint32_t character);

/* The bytes of the character at `at`, a text with a NUL, where that is one which shows; else 0. */
size_t utf8_step(const char *at);

/* The text, but with \xHH for each byte beyond ASCII that is not part of a character which shows.
 * What ASCII controls stays: JSON has its own way to say that. malloc'd, the caller's; NULL where
 * there is no memory. */
char *utf8_escape(const char *text);

#endif
