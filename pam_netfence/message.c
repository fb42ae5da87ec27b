/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "message.h"

#include <stdint.h>
#include <string.h>

/* Bytes of the character that begins at `text`, and which it is; 0 where there is none: cut short,
 * longer than it need be, a surrogate, or beyond Unicode. */
static unsigned int
take(const unsigned char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned int n = text[0] < 0x80    ? 1
			 : text[0] >= 0xf8 ? 0
			 : text[0] >= 0xf0 ? 4
			 : text[0] >= 0xe0 ? 3
			 : text[0] >= 0xc0 ? 2
					   : 0;
	unsigned int i;

	*character = n > 1 ? text[0] & (0xffU >> (n + 1)) : text[0];
	for (i = 1; i < n; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (text[i] & 0x3f);
	}
	if (n && (*character < least[n] || *character > 0x10ffff ||
		     (*character >= 0xd800 && *character <= 0xdfff)))
		return 0;
	return n;
}

/* C0 and C1, DEL, and what turns the direction of writing, so that a text reads as another. */
static int
is_control(uint32_t character)
{
	if (character == '\t' || character == '\n')
		return 0;
	return character < 0x20 || (character >= 0x7f && character < 0xa0) ||
	       (character >= 0x202a && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069);
}

char *
message_clean(const char *text)
{
	char *clean = strdup(text), *from = clean, *to = clean;
	uint32_t character;
	unsigned int n;

	while (clean && *from) {
		n = take((const unsigned char *)from, &character);
		if (!n || is_control(character)) {
			*to++ = '?';
		} else {
			memmove(to, from, n);
			to += n;
		}
		from += n ? n : 1;
	}
	if (clean)
		*to = '\0';
	return clean;
}
