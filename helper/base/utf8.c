/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST 4 /* bytes of a character */

size_t
utf8_decode(const char *at, size_t left, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *bytes = (const unsigned char *)at;
	size_t length, i;

	if (bytes[0] < 0x80) {
		*character = bytes[0];
		return 1;
	}
	length = (bytes[0] & 0xe0) == 0xc0   ? 2
		 : (bytes[0] & 0xf0) == 0xe0 ? 3
		 : (bytes[0] & 0xf8) == 0xf0 ? 4
					     : 0;
	if (length == 0 || length > left)
		return 0;
	*character = bytes[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (bytes[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length;
}

bool
utf8_shows(uint32_t character)
{
	static const struct {
		uint32_t first;
		uint32_t last;
	} hidden[] = {
		{ 0x0000, 0x001f }, { 0x007f, 0x009f }, { 0x00ad, 0x00ad },
		{ 0x061c, 0x061c },                     /* directions, here and below */
		{ 0x200b, 0x200f }, { 0x2028, 0x202e }, /* ends of lines, and directions */
		{ 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff },
		{ 0xe0000, 0xe0fff }, /* tags */
	};
	size_t i;

	for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (character >= hidden[i].first && character <= hidden[i].last)
			return false;
	return true;
}

size_t
utf8_step(const char *at)
{
	uint32_t character = 0;
	size_t length = at[0] ? utf8_decode(at, strnlen(at, LONGEST), &character) : 0;

	return length && utf8_shows(character) ? length : 0;
}

char *
utf8_escape(const char *text)
{
	char *escaped = malloc(strlen(text) * 4 + 1);
	size_t used = 0, length;

	if (!escaped)
		return NULL;
	while (*text) {
		length = (unsigned char)text[0] < 0x80 ? 1 : utf8_step(text);
		if (length) {
			memcpy(escaped + used, text, length);
			used += length;
			text += length;
		} else {
			used +=
			    (size_t)snprintf(escaped + used, 5, "\\x%02x", (unsigned char)*text++);
		}
	}
	escaped[used] = '\0';
	return escaped;
}
