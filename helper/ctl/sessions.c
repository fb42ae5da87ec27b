/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/ctl.h"
#include "ctl/times.h"

enum { COLUMNS = 7 };

static const char *const titles[COLUMNS] = { "ID", "USER", "POLICY", "SERVICE", "FROM", "SINCE",
	"STATE" };

struct row {
	char cells[COLUMNS][64];
};

static void
set_cell(struct row *row, int column, const char *text)
{
	snprintf(row->cells[column], sizeof(row->cells[column]), "%s", text[0] ? text : "-");
}

static void
fill(struct row *row, struct json_object *session)
{
	char when[TIMES_SIZE];

	set_cell(row, 0, ctl_text(session, "id"));
	set_cell(row, 1, ctl_text(session, "user"));
	set_cell(row, 2, ctl_text(session, "policy"));
	set_cell(row, 3, ctl_text(session, "service"));
	set_cell(row, 4, ctl_text(session, "from"));
	set_cell(row, 5, times_when(ctl_number(session, "since"), when));
	set_cell(row, 6, ctl_text(session, "state"));
}

static void
print_table(struct json_object *list)
{
	size_t n = json_object_array_length(list), i, width[COLUMNS];
	cleanup_free struct row *rows = calloc(n + 1, sizeof(*rows));
	int column;

	if (!rows)
		return;
	for (column = 0; column < COLUMNS; column++)
		set_cell(&rows[0], column, titles[column]);
	for (i = 0; i < n; i++)
		fill(&rows[i + 1], json_object_array_get_idx(list, i));
	memset(width, 0, sizeof(width));
	for (i = 0; i <= n; i++)
		for (column = 0; column < COLUMNS; column++)
			if (strlen(rows[i].cells[column]) > width[column])
				width[column] = strlen(rows[i].cells[column]);
	for (i = 0; i <= n; i++) {
		for (column = 0; column < COLUMNS - 1; column++)
			printf("%-*s  ", (int)width[column], rows[i].cells[column]);
		puts(rows[i].cells[COLUMNS - 1]);
	}
}

enum ctl_exit
ctl_sessions(const struct ctl *ctl)
{
	struct json_object *object = NULL, *list;
	cleanup_free char *text = NULL;
	enum ctl_exit result;

	if (ctl->argc != 1)
		return ctl_usage(ctl, "sessions");
	result = ctl_ask_json(ctl, PROTOCOL_SESSIONS, &text, &object);
	if (result != CTL_YES)
		return result;
	if (ctl->json)
		puts(text);
	else if (json_object_object_get_ex(object, "sessions", &list)) {
		if (json_object_array_length(list))
			print_table(list);
		else
			puts("no fenced sessions");
	}
	json_object_put(object);
	return CTL_YES;
}
