/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/text.h"

#include <string.h>

#include "base/utf8.h"

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
		length = utf8_decode(source->text + i, source->length - i, &character);
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
		step = utf8_decode(text + i, length - i, &character);
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
