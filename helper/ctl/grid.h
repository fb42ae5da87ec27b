/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table for people, with a line of titles, as wide as it needs to be and no wider than the
 * screen: too much text is cut, where its column says so, and has a … there.
 *
 *	static const struct grid_column columns[] = {
 *		{ "ID", GRID_RIGHT }, { "USER", GRID_CUT }, { "RULE", GRID_CUT_HEAD },
 *	};
 *	struct screen screen = screen_of(stdout);
 *	struct grid *grid = grid_new(columns, 3);
 *
 *	for (…) {
 *		grid_number(grid, id);
 *		grid_text(grid, INK_PLAIN, user);
 *		grid_text(grid, INK_WARN, place);
 *	}
 *	result = grid_print(grid, &screen);
 *	grid_free(grid);
 *
 * Cells are filled from left to right; with the last one the row is complete. None of this has to
 * be checked: where memory ran out, grid_print() says so.
 */
#ifndef NETFENCE_CTL_GRID_H
#define NETFENCE_CTL_GRID_H

#include <stdint.h>

#include "ctl/screen.h"

/* How a column is written; a number is never cut. */
enum grid_style {
	GRID_LEFT = 0,
	GRID_RIGHT = 1,
	GRID_CUT = 2,      /* may be cut: "groups/suppo…" */
	GRID_CUT_HEAD = 4, /* may be cut at its head: "…supporters.yaml:14" */
};

struct grid_column {
	const char *title;
	enum grid_style style;
};

struct grid;

/* The columns stay the caller's, and have to last as long. NULL where there is no memory; the
 * functions below take that. */
struct grid *grid_new(const struct grid_column *columns, unsigned int n);
void grid_free(struct grid *grid);

/* The next cell. The text is copied and cleaned (screen_clean()); NULL or "" is "-". */
void grid_text(struct grid *grid, enum ink ink, const char *text);
void grid_number(struct grid *grid, int64_t number);

unsigned int grid_rows(const struct grid *grid); /* complete ones, without the titles */

/* Prints all of it. 0, or -ENOMEM: then nothing is printed. Where a terminal is too narrow for all
 * that is never cut, lines are longer than it. */
int grid_print(const struct grid *grid, const struct screen *screen);

#endif
