/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/syntax.h"

#include <string.h>

/* The line that the parser stopped in: what is before the place, and the character there. */
struct spot {
	const char *line;
	size_t before; /* bytes of the line before the place */
	char at;       /* '\0' at the end of the text */
};

static struct spot
find_spot(const struct source *source, yaml_mark_t mark)
{
	const char *end = source->text + source->length;
	const char *line = source->text, *place, *next;
	size_t i;

	for (i = 0; i < mark.line; i++) {
		next = memchr(line, '\n', (size_t)(end - line));
		if (!next)
			break;
		line = next + 1;
	}
	place = line;
	for (i = 0; i < mark.column && place < end && *place != '\n'; i++) {
		do
			place++;
		while (place < end && ((unsigned char)*place & 0xc0) == 0x80);
	}
	return (struct spot){
		.line = line,
		.before = (size_t)(place - line),
		.at = place < end ? *place : '\0',
	};
}

static bool
only_blanks_before(const struct spot *spot)
{
	size_t i;

	for (i = 0; i < spot->before; i++) {
		if (spot->line[i] != ' ')
			return false;
	}
	return true;
}

/* Whether a `key:` stands before the place, in the same line. */
static bool
key_before(const struct spot *spot)
{
	return memmem(spot->line, spot->before, ": ", 2) != NULL;
}

static struct mark
mark_of(const struct source *source, yaml_mark_t mark)
{
	return (struct mark){
		.source = source,
		.line = (uint32_t)mark.line + 1,
		.column = (uint32_t)mark.column + 1,
	};
}

#define INDENTATION "the indentation of this line does not fit the lines above it"
#define TAB         "a tab: YAML is indented with blanks"
#define ESCAPE      "within double quotes '\\' begins an escape: use single quotes, or double it"

/* Each of these looks at the spot and gives the words, or NULL where it is not what it seemed. */

static const char *
second_colon(const struct spot *spot)
{
	return key_before(spot) ? "a ':' within the value: quote the value"
				: "a ':' that makes a key of what stands before it: either the "
				  "indentation does not fit the lines above, or a ':' is missing "
				  "there";
}

static const char *
bad_character(const struct spot *spot)
{
	if (spot->at == '\t')
		return TAB;
	return "a value cannot begin with this character: quote it";
}

static const char *
no_content(const struct spot *spot)
{
	switch (spot->at) {
	case ':':
		return "a value that begins with ':' must be quoted within [ ] and { }, as in "
		       "[\"::1\"]";
	case ',':
		return "nothing stands before this ','";
	case '\0':
		return "the file ends before a '[' or '{' has been closed";
	case ']':
	case '}':
		return "nothing here was opened that this could close";
	default:
		return NULL;
	}
}

static const char *
no_key(const struct spot *spot)
{
	if (only_blanks_before(spot))
		return INDENTATION;
	return "this stands behind a value that has ended already: quote the whole value, and "
	       "double a ' within single quotes";
}

/*
 * problem   what libyaml says, or a part of it
 * look, words   what we say instead
 * begin     the place is where the thing began, not where it was missed
 */
static const struct mend {
	const char *problem;
	const char *(*look)(const struct spot *spot);
	const char *words;
	bool begin;
} mends[] = {
	{ "mapping values are not allowed", second_colon, NULL, false },
	{ "cannot start any token", bad_character, NULL, false },
	{ "found a tab character", NULL, TAB, false },
	{ "did not find expected node content", no_content, NULL, false },
	{ "did not find expected key", no_key, NULL, false },
	{ "found unexpected ':'", NULL, "a ':' at the end of the value: quote the value", false },
	{ "did not find expected alphabetic or numeric character", NULL,
	    "'*' and '&' mean something else in YAML: quote the value ('any' is everything)",
	    true },
	{ "did not find expected ',' or ']'", NULL,
	    "the list is not closed: a ',' or ']' is missing", true },
	{ "did not find expected ',' or '}'", NULL,
	    "the mapping is not closed: a ',' or '}' is missing", true },
	{ "found unexpected end of stream", NULL, "the quotation mark is never closed", true },
	{ "found unexpected document indicator", NULL, "the quotation mark is never closed", true },
	{ "block sequence entries are not allowed", NULL,
	    "a list begins on a line of its own, or stands within [ ]", false },
	{ "block mapping entries are not allowed", NULL,
	    "a mapping begins on a line of its own, or stands within { }", false },
	{ "mapping keys are not allowed", NULL, "'?' means something else in YAML: quote the value",
	    false },
	{ "could not find expected ':'", NULL,
	    "a key without its ':' and a blank behind that (or a value that must be quoted)",
	    true },
	{ "did not find expected '-' indicator", NULL,
	    "the list has a '- ' before each entry, and this line has none (or its indentation "
	    "does not fit)",
	    false },
	{ "found unknown escape character", NULL, ESCAPE, false },
	{ "did not find expected hexdecimal number", NULL, ESCAPE, false },
	{ "did not find expected <document start>", NULL,
	    "the document has ended already: a file holds one", false },
	{ "found incompatible YAML document", NULL, "YAML 1.1 and 1.2 are known: remove this line",
	    false },
};

/* A line such as "-allow: tcp/22" above the place, which has been taken for a key. */
static bool
find_dash(const struct source *source, const struct spot *spot, yaml_mark_t *place)
{
	const char *line = spot->line, *dash;

	if (line == source->text)
		return false;
	for (line--; line > source->text && line[-1] != '\n'; line--)
		;
	dash = line + strspn(line, " ");
	if (dash[0] != '-' || strchr("- \t\r\n", dash[1]))
		return false;
	place->line--;
	place->column = (size_t)(dash - line);
	return true;
}

int
syntax_error(struct reporter *reporter, const struct source *source, const yaml_parser_t *parser)
{
	const char *problem = parser->problem ? parser->problem : "it cannot be read";
	struct mark mark = mark_of(source, parser->problem_mark);
	struct spot spot = find_spot(source, parser->problem_mark);
	yaml_mark_t above = parser->problem_mark;
	const struct mend *mend;
	const char *words = NULL;
	size_t i;

	if (parser->error == YAML_MEMORY_ERROR)
		return -ENOMEM;
	if (strstr(problem, "mapping values are not allowed") && !key_before(&spot) &&
	    find_dash(source, &spot, &above))
		return report_error(reporter, mark_of(source, above),
		    "a blank is missing behind the '-' with which an entry of a list begins");
	for (i = 0; i < sizeof(mends) / sizeof(mends[0]) && !words; i++) {
		mend = &mends[i];
		if (!strstr(problem, mend->problem))
			continue;
		words = mend->look ? mend->look(&spot) : mend->words;
		if (words && mend->begin && parser->context)
			mark = mark_of(source, parser->context_mark);
	}
	if (words)
		return report_error(reporter, mark, "%s", words);
	return report_error(reporter, mark, "not YAML: %s", problem);
}
