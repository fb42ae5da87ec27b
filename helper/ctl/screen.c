/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/screen.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/cleanup.h"

#define NARROWEST 40
#define WIDEST    500

static unsigned int
width_of(const char *text)
{
	unsigned long number;
	char *end;

	if (!text || text[0] < '1' || text[0] > '9')
		return 0;
	number = strtoul(text, &end, 10);
	return *end || number > WIDEST ? 0 : (unsigned int)number;
}

struct screen
screen_of(FILE *stream)
{
	struct screen screen = { .stream = stream };
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	bool terminal = isatty(fileno(stream));
	struct winsize size;

	screen.columns = width_of(getenv("COLUMNS"));
	if (!screen.columns && terminal && ioctl(fileno(stream), TIOCGWINSZ, &size) == 0)
		screen.columns = size.ws_col;
	if (!screen.columns)
		screen.columns = SCREEN_COLUMNS;
	if (screen.columns < NARROWEST)
		screen.columns = NARROWEST;
	screen.colour = terminal && term && term[0] && strcmp(term, "dumb") != 0 &&
			!(no_colour && no_colour[0]);
	return screen;
}

void
screen_begin(void)
{
	/* Not the user's locale: which bytes are harmless does not depend on that, and a mail from
	 * cron has none. */
	setlocale(LC_CTYPE, "C.UTF-8");
}

/* The character that begins here: its bytes, and its columns in *width, which is 0 where it is to
 * be escaped. */
static size_t
next_character(const char *text, unsigned int *width)
{
	mbstate_t state = { 0 };
	wchar_t wide;
	/* Never more than the text has: a NUL ends any sequence. */
	size_t most = strnlen(text, MB_LEN_MAX), length = mbrtowc(&wide, text, most, &state);
	int columns;

	*width = 0;
	if (length == 0 || length > most)
		return 1;
	columns = wcwidth(wide);
	if (columns > 0)
		*width = (unsigned int)columns;
	return length;
}

char *
screen_clean(const char *text)
{
	size_t length = text ? strlen(text) : 0, used = 0, n;
	char *clean = text ? malloc(length * 4 + 1) : NULL;
	unsigned int width;

	if (!clean)
		return NULL;
	while (*text) {
		n = next_character(text, &width);
		if (width) {
			memcpy(clean + used, text, n);
			used += n;
			text += n;
		} else {
			for (; n; n--)
				used += (size_t)snprintf(
				    clean + used, 5, "\\x%02x", (unsigned char)*text++);
		}
	}
	clean[used] = '\0';
	return clean;
}

unsigned int
screen_width(const char *clean)
{
	unsigned int all = 0, width;

	while (*clean) {
		clean += next_character(clean, &width);
		all += width;
	}
	return all;
}

size_t
screen_head(const char *clean, unsigned int columns)
{
	const char *end = clean;
	unsigned int width;
	size_t n;

	while (*end) {
		n = next_character(end, &width);
		if (width > columns)
			break;
		columns -= width;
		end += n;
	}
	return (size_t)(end - clean);
}

const char *
screen_tail(const char *clean, unsigned int columns)
{
	unsigned int all = screen_width(clean), width;

	while (*clean && all > columns) {
		clean += next_character(clean, &width);
		all -= width;
	}
	return clean;
}

static void
put_clean(const struct screen *screen, enum ink ink, const char *clean)
{
	static const char *const codes[] = {
		[INK_PLAIN] = "",
		[INK_TITLE] = "\033[1m",
		[INK_FAINT] = "\033[2m",
		[INK_GOOD] = "\033[32m",
		[INK_WARN] = "\033[33m",
		[INK_BAD] = "\033[1;31m",
	};

	if (screen->colour && ink != INK_PLAIN && clean[0])
		fprintf(screen->stream, "%s%s\033[0m", codes[ink], clean);
	else
		fputs(clean, screen->stream);
}

void
screen_put(const struct screen *screen, enum ink ink, const char *text)
{
	cleanup_free char *clean = screen_clean(text);

	put_clean(screen, ink, clean ? clean : "?");
}

static void
fill(FILE *stream, unsigned int columns)
{
	fprintf(stream, "%*s", (int)columns, "");
}

/* Words up to the width, and where the next line goes on. */
static char *
take_line(char *text, unsigned int columns)
{
	char *end = text, *word = text, kept;
	bool fits = true;

	while (*word && fits) {
		word += strspn(word, " ");
		word += strcspn(word, " ");
		kept = *word;
		*word = '\0';
		fits = end == text || screen_width(text) <= columns;
		*word = kept;
		if (fits)
			end = word;
	}
	word = end + strspn(end, " ");
	if (*end)
		*end = '\0';
	return word;
}

void
screen_line(const struct screen *screen, unsigned int indent, enum ink label_ink, const char *label,
    const char *text)
{
	cleanup_free char *clean = screen_clean(text), *name = screen_clean(label);
	unsigned int used = name ? screen_width(name) : 0;
	char *line = clean, *next;

	put_clean(screen, label_ink, name ? name : "?");
	if (!line || !line[0]) {
		fputc('\n', screen->stream);
		return;
	}
	fill(screen->stream, used < indent ? indent - used : 1);
	if (used >= indent)
		indent = used + 1;
	for (;;) {
		next = take_line(line, screen->columns > indent ? screen->columns - indent : 1);
		fprintf(screen->stream, "%s\n", line);
		if (!*next)
			break;
		line = next;
		fill(screen->stream, indent);
	}
}
