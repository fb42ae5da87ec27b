/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/command.h"

#include <string.h>

#include "policy/names.h"

/* The bytes up to the next blank, without brackets; *closed: one ended behind it. */
static const char *
copy_word(const char *from, char to[COMMAND_WORD_MAX], bool *closed)
{
	size_t n = 0;

	*closed = false;
	for (; *from && *from != ' '; from++) {
		*closed = *closed || *from == ']';
		if (*from != '[' && *from != ']' && n + 1 < COMMAND_WORD_MAX)
			to[n++] = *from;
	}
	to[n] = '\0';
	return from + strspn(from, " ");
}

static const char *
skip_name(const char *usage)
{
	usage += strcspn(usage, " ");
	return usage + strspn(usage, " ");
}

bool
command_next_word(const char **cursor, struct command_word *word)
{
	const char *at = *cursor;
	bool closed;

	while (*at == '|')
		at += 1 + strspn(at + 1, " ");
	if (!*at)
		return false;
	at = copy_word(at, word->text, &closed);
	word->option = word->text[0] == '-';
	word->value[0] = '\0';
	if (word->option && !closed && *at && !strchr("|[-", *at))
		at = copy_word(at, word->value, &closed);
	*cursor = at;
	return true;
}

bool
command_has_option(const char *usage, const char *option, struct command_word *word)
{
	const char *cursor = skip_name(usage);

	while (command_next_word(&cursor, word))
		if (word->option && !strcmp(word->text, option))
			return true;
	return false;
}

const char *
command_strange_option(const char *usage, int argc, char **argv)
{
	struct command_word word;
	int i;

	for (i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1])
			continue;
		if (!command_has_option(usage, argv[i], &word))
			return argv[i];
		i += word.value[0] != '\0';
	}
	return NULL;
}

const char *
command_nearest_option(const char *usage, const char *option, struct command_word *word)
{
	struct nearest nearest = { .wanted = option };
	const char *cursor = skip_name(usage);
	char found[COMMAND_WORD_MAX] = "";

	while (command_next_word(&cursor, word)) {
		const char *before = nearest.best;

		if (!word->option)
			continue;
		nearest_offer(&nearest, word->text);
		/* The next word takes its place. */
		if (nearest.best != before) {
			memcpy(found, word->text, sizeof(found));
			nearest.best = found;
		}
	}
	if (!nearest.best)
		return NULL;
	return command_has_option(usage, found, word) ? word->text : NULL;
}
