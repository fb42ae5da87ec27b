/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/grid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define GAP   2 /* columns of the screen between two of ours */
#define LEAST 6 /* columns that are left of a text at least */

struct cell {
	char *text;
	unsigned int width;
	enum ink ink;
};

struct grid {
	const struct grid_column *columns;
	unsigned int n;
	struct cell *cells; /* row by row */
	size_t filled;
	size_t room;
	bool failed;
};

struct grid *
grid_new(const struct grid_column *columns, unsigned int n)
{
	struct grid *grid = calloc(1, sizeof(*grid));

	if (!grid)
		return NULL;
	grid->columns = columns;
	grid->n = n;
	return grid;
}

void
grid_free(struct grid *grid)
{
	size_t i;

	if (!grid)
		return;
	for (i = 0; i < grid->filled; i++)
		free(grid->cells[i].text);
	free(grid->cells);
	free(grid);
}

static bool
make_room(struct grid *grid)
{
	size_t room = grid->room ? grid->room * 2 : 64;
	struct cell *cells;

	if (grid->filled < grid->room)
		return true;
	cells = reallocarray(grid->cells, room, sizeof(*cells));
	if (!cells)
		return false;
	grid->cells = cells;
	grid->room = room;
	return true;
}

void
grid_text(struct grid *grid, enum ink ink, const char *text)
{
	char *clean;

	if (!grid || grid->failed)
		return;
	clean = screen_clean(text && text[0] ? text : "-");
	if (!clean || !make_room(grid)) {
		free(clean);
		grid->failed = true;
		return;
	}
	grid->cells[grid->filled++] = (struct cell){ clean, screen_width(clean), ink };
}

void
grid_number(struct grid *grid, int64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, number);
	grid_text(grid, INK_PLAIN, text);
}

unsigned int
grid_rows(const struct grid *grid)
{
	return grid ? (unsigned int)(grid->filled / grid->n) : 0;
}

/* ---------------------------------------------------------------- widths */

static unsigned int
total(const struct grid *grid, const unsigned int *widths)
{
	unsigned int all = GAP * (grid->n - 1), i;

	for (i = 0; i < grid->n; i++)
		all += widths[i];
	return all;
}

static unsigned int
least(const struct grid_column *column)
{
	unsigned int title = screen_width(column->title);

	return title > LEAST ? title : LEAST;
}

/* The widest column that may lose one, or n. */
static unsigned int
widest(const struct grid *grid, const unsigned int *widths)
{
	unsigned int found = grid->n, i;

	for (i = 0; i < grid->n; i++) {
		if (!(grid->columns[i].style & (GRID_CUT | GRID_CUT_HEAD)) ||
		    widths[i] <= least(&grid->columns[i]))
			continue;
		if (found == grid->n || widths[i] > widths[found])
			found = i;
	}
	return found;
}

static void
find_widths(const struct grid *grid, unsigned int columns, unsigned int *widths)
{
	unsigned int column;
	size_t i;

	for (column = 0; column < grid->n; column++)
		widths[column] = screen_width(grid->columns[column].title);
	for (i = 0; i < grid->filled; i++) {
		column = (unsigned int)(i % grid->n);
		if (grid->cells[i].width > widths[column])
			widths[column] = grid->cells[i].width;
	}
	while (total(grid, widths) > columns) {
		column = widest(grid, widths);
		if (column == grid->n)
			break;
		widths[column]--;
	}
}

/* ---------------------------------------------------------------- cells */

static char *
cut(const char *clean, enum grid_style style, unsigned int width)
{
	/* Without UTF-8 it has no width. */
	const char *more = screen_width("…") == 1 ? "…" : "~";
	char *text = NULL;
	int result;

	if (screen_width(clean) <= width)
		return strdup(clean);
	if (style & GRID_CUT_HEAD)
		result = asprintf(&text, "%s%s", more, screen_tail(clean, width - 1));
	else
		result = asprintf(&text, "%.*s%s", (int)screen_head(clean, width - 1), clean, more);
	return result < 0 ? NULL : text;
}

static void
print_cell(const struct grid *grid, const struct screen *screen, unsigned int column, enum ink ink,
    const char *clean, unsigned int width)
{
	enum grid_style style = grid->columns[column].style;
	cleanup_free char *text = cut(clean, style, width);
	unsigned int used = text ? screen_width(text) : 0;
	int gap = used < width ? (int)(width - used) : 0;

	if (style & GRID_RIGHT)
		fprintf(screen->stream, "%*s", gap, "");
	screen_put(screen, ink, text ? text : "");
	if (column + 1 < grid->n)
		fprintf(screen->stream, "%*s", (style & GRID_RIGHT ? 0 : gap) + GAP, "");
	else
		fputc('\n', screen->stream);
}

int
grid_print(const struct grid *grid, const struct screen *screen)
{
	cleanup_free unsigned int *widths = grid ? calloc(grid->n, sizeof(*widths)) : NULL;
	const struct cell *cell;
	unsigned int column;
	size_t i;

	if (!grid || grid->failed || !widths)
		return -ENOMEM;
	find_widths(grid, screen->columns, widths);
	for (column = 0; column < grid->n; column++)
		print_cell(
		    grid, screen, column, INK_TITLE, grid->columns[column].title, widths[column]);
	for (i = 0; i < grid->filled; i++) {
		cell = &grid->cells[i];
		column = (unsigned int)(i % grid->n);
		print_cell(grid, screen, column, cell->ink, cell->text, widths[column]);
	}
	return 0;
}
