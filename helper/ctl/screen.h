/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people see: text that is safe on a terminal, lines that fit it, colour where that is
 * wanted. Everything that is printed for people and was not written by us (names, comments, what
 * a peer says) goes through here.
 */
#ifndef NETFENCE_CTL_SCREEN_H
#define NETFENCE_CTL_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

#define SCREEN_COLUMNS 80 /* where nobody says how wide it is */

enum ink {
	INK_PLAIN,
	INK_TITLE, /* bold */
	INK_FAINT, /* what matters less */
	INK_GOOD,  /* green */
	INK_WARN,  /* yellow */
	INK_BAD,   /* red, bold */
};

/*
 * columns  how wide it is: a terminal's own width, COLUMNS from the environment, or
 *          SCREEN_COLUMNS; never less than 40
 * colour   it is a terminal, TERM is not "dumb", and NO_COLOR is not set
 */
struct screen {
	FILE *stream; /* the caller's */
	unsigned int columns;
	bool colour;
};

struct screen screen_of(FILE *stream);

/* Has characters beyond ASCII told from rubbish, for the whole process: once, at its start. Where
 * that was not done, or the system cannot, all of them are escaped. */
void screen_begin(void);

/* The text with everything that is no printable character of UTF-8 as \xHH: control characters,
 * broken sequences, characters without a width, such as those that turn the direction of text.
 * malloc'd, the caller's; NULL where there is no memory, or text is NULL. */
char *screen_clean(const char *text);

/* How many columns a text of screen_clean() takes. */
unsigned int screen_width(const char *clean);

/* How many bytes of such a text take no more than these columns, from its head on; and where it
 * goes on that takes no more, to its end. */
size_t screen_head(const char *clean, unsigned int columns);
const char *screen_tail(const char *clean, unsigned int columns);

/* The text, cleaned, in this ink. */
void screen_put(const struct screen *screen, enum ink ink, const char *text);

/*
 * A line with a label, as in "policy   groups/supporters": the label in `label_ink`, filled up to
 * `indent` columns, then the text, cleaned, broken between words where the screen ends; further
 * lines are indented as well. label "": nothing but the indent. A word that is longer than the
 * line stays whole.
 */
void screen_line(const struct screen *screen, unsigned int indent, enum ink label_ink,
    const char *label, const char *text);

#endif
