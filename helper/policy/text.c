/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/text.h"

#include <string.h>

/* The length in bytes of the UTF-8 character at `at`, 0 where there is none. Overlong forms and
 * surrogates are none. */
static size_t
decode(const unsigned char *at, size_t left, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length, i;

	if (at[0] < 0x80) {
		*character = at[0];
		return 1;
	}
	length = (at[0] & 0xe0) == 0xc0   ? 2
		 : (at[0] & 0xf0) == 0xe0 ? 3
		 : (at[0] & 0xf8) == 0xf0 ? 4
					  : 0;
	if (length == 0 || length > left)
		return 0;
	*character = at[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		*character = *character << 6 | (at[i] & 0x3f);
	}
	if (*character < least[length] || *character > 0x10ffff ||
	    (*character >= 0xd800 && *character <= 0xdfff))
		return 0;
	return length;
}

/* The line separators count as lines for libyaml and for no editor, and a byte order mark inside
 * of a text cannot be seen. */
static bool
allowed(uint32_t character)
{
	if (character < 0x20)
		return character == '\t' || character == '\n';
	return !(character >= 0x7f && character <= 0x9f) && character != 0x2028 &&
	       character != 0x2029 && character != 0xfeff && character != 0xfffe &&
	       character != 0xffff;
}

int
text_check(struct reporter *reporter, const struct source *source)
{
	const unsigned char *bytes = (const unsigned char *)source->text;
	struct mark mark = { .source = source, .line = 1, .column = 1 };
	size_t i = 0, length;
	uint32_t character = 0;

	while (i < source->length) {
		length = decode(bytes + i, source->length - i, &character);
		if (length == 0)
			return report_error(
			    reporter, mark, "not UTF-8 from here on (byte 0x%02x)", bytes[i]);
		if (character == '\r' && i + 1 < source->length && bytes[i + 1] == '\n')
			character = '\t';
		if (!allowed(character))
			return report_error(reporter, mark,
			    "the character U+%04X, which controls or is invisible, cannot stand in "
			    "the rules",
			    character);
		mark.column++;
		if (character == '\n') {
			mark.line++;
			mark.column = 1;
		}
		i += length;
	}
	return 0;
}

bool
text_is_clean(const char *text, size_t length)
{
	uint32_t character = 0;
	size_t i, step;

	for (i = 0; i < length; i += step) {
		step = decode((const unsigned char *)text + i, length - i, &character);
		if (step == 0 || !allowed(character))
			return false;
	}
	return true;
}

bool
text_is_line(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && !strpbrk(text, "\n\t") && text[0] != ' ' && text[length - 1] != ' ';
}
