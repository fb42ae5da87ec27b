/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One command, and what can be told from its usage alone: "reload [--dry-run] [--confirm TIME]"
 * has two options, of which one takes a value; "show USER | --group GROUP" takes one argument, or
 * an option with a value. Help, completion and complaints all go by it.
 */
#ifndef NETFENCE_CTL_COMMAND_H
#define NETFENCE_CTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "ctl/ctl.h"

struct command {
	const char *name;
	const char *usage;
	const char *help; /* what it does, in a few words */
	enum ctl_exit (*run)(const struct ctl *ctl);
};

#define COMMAND_WORD_MAX 32 /* bytes of a word of a usage, its NUL included */

/*
 * A word of the usage, without brackets.
 * option  it begins with "-"
 * value   what the option takes ("TIME"), or ""
 */
struct command_word {
	char text[COMMAND_WORD_MAX];
	char value[COMMAND_WORD_MAX];
	bool option;
};

/* The next word behind the command's name, from *cursor on, which is the usage at first. False
 * where there is none. An option's value comes with it. */
bool command_next_word(const char **cursor, struct command_word *word);

/* Whether the usage has that option. */
bool command_has_option(const char *usage, const char *option, struct command_word *word);

/* The first of the arguments that is an option which the usage does not have, or NULL. */
const char *command_strange_option(const char *usage, int argc, char **argv);

/* The option of the usage that is called nearly so, or NULL; in the word, which is filled in. */
const char *command_nearest_option(
    const char *usage, const char *option, struct command_word *word);

/* All about one command: how it is called, what its options do, an example. */
void command_print_help(FILE *stream, const struct command *command);

#endif
