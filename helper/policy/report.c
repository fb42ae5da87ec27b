/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct found {
	struct found *next;
	struct mark mark;
	uint32_t sequence; /* two at one place stay in the order in which they were found */
	enum severity severity;
	const char *text;
};

struct reporter {
	struct arena *arena;
	struct found *found;
	uint32_t n;
	uint32_t n_errors;
	bool lost;
};

struct reporter *
reporter_new(struct arena *arena)
{
	struct reporter *reporter = arena_new_of(arena, 1, struct reporter);

	if (reporter)
		reporter->arena = arena;
	return reporter;
}

static int add(struct reporter *reporter, enum severity severity, struct mark mark,
    const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static int
add(struct reporter *reporter, enum severity severity, struct mark mark, const char *format,
    va_list args)
{
	struct found *found = arena_new_of(reporter->arena, 1, struct found);
	va_list again;
	char *text = NULL;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (found && length >= 0)
		text = arena_array(reporter->arena, (size_t)length + 1, 1);
	if (!text) {
		reporter->lost = true;
		return -ENOMEM;
	}
	vsnprintf(text, (size_t)length + 1, format, args);
	*found = (struct found){
		.next = reporter->found,
		.mark = mark,
		.sequence = reporter->n++,
		.severity = severity,
		.text = text,
	};
	reporter->found = found;
	return 0;
}

int
report_error(struct reporter *reporter, struct mark mark, const char *format, ...)
{
	va_list args;
	int result;

	reporter->n_errors++;
	va_start(args, format);
	result = add(reporter, SEVERITY_ERROR, mark, format, args);
	va_end(args);
	return result ? result : -EINVAL;
}

int
report_warning(struct reporter *reporter, struct mark mark, const char *format, ...)
{
	va_list args;
	int result;

	va_start(args, format);
	result = add(reporter, SEVERITY_WARNING, mark, format, args);
	va_end(args);
	return result;
}

uint32_t
report_errors(const struct reporter *reporter)
{
	return reporter->n_errors;
}

static int
order(const void *left, const void *right)
{
	const struct found *a = *(const struct found *const *)left;
	const struct found *b = *(const struct found *const *)right;

	if (a->mark.source->order != b->mark.source->order)
		return a->mark.source->order < b->mark.source->order ? -1 : 1;
	if (a->mark.line != b->mark.line)
		return a->mark.line < b->mark.line ? -1 : 1;
	if (a->mark.column != b->mark.column)
		return a->mark.column < b->mark.column ? -1 : 1;
	return a->sequence < b->sequence ? -1 : 1;
}

/* With \xHH for each byte that does not show: the name of a file, and with it what is said of it,
 * may hold what steers a terminal or is no UTF-8. NULL where there is no memory. */
static const char *
shown(struct arena *arena, const char *text)
{
	const char *at = text;
	char *copy, *end;
	size_t n;

	while ((n = utf8_step(at)))
		at += n;
	if (!*at)
		return text;
	copy = end = arena_array(arena, 4 * strlen(text) + 1, 1);
	while (copy && *text) {
		n = utf8_step(text);
		if (n)
			end = mempcpy(end, text, n);
		else
			end += sprintf(end, "\\x%02x", (unsigned char)*text);
		text += n ? n : 1;
	}
	return copy;
}

int
report_finish(struct reporter *reporter, struct report *report)
{
	struct found **sorted = arena_new_of(reporter->arena, reporter->n, struct found *);
	struct found *found;
	uint32_t i = 0;

	*report = (struct report){
		.n = reporter->n,
		.n_errors = reporter->n_errors,
		.n_warnings = reporter->n - reporter->n_errors,
		.diagnostics = arena_new_of(reporter->arena, reporter->n, struct diagnostic),
	};
	if (reporter->lost || !sorted || !report->diagnostics)
		return -ENOMEM;
	for (found = reporter->found; found; found = found->next)
		sorted[i++] = found;
	if (i)
		qsort(sorted, i, sizeof(struct found *), order);
	for (i = 0; i < report->n; i++) {
		report->diagnostics[i] = (struct diagnostic){
			.severity = sorted[i]->severity,
			.file = shown(reporter->arena, sorted[i]->mark.source->name),
			.line = sorted[i]->mark.line,
			.column = sorted[i]->mark.column,
			.text = shown(reporter->arena, sorted[i]->text),
		};
		if (!report->diagnostics[i].file || !report->diagnostics[i].text)
			return -ENOMEM;
	}
	return 0;
}

void
report_print(const struct report *report, FILE *stream)
{
	const struct diagnostic *diagnostic;
	uint32_t i;

	for (i = 0; i < report->n; i++) {
		diagnostic = &report->diagnostics[i];
		/* The file as a whole is its beginning: every line has the same form. */
		fprintf(stream, "%s:%u:%u: %s: %s\n", diagnostic->file,
		    diagnostic->line ? diagnostic->line : 1,
		    diagnostic->column ? diagnostic->column : 1,
		    diagnostic->severity == SEVERITY_ERROR ? "error" : "warning", diagnostic->text);
	}
}

struct quote
quote(const char *text)
{
	struct quote quoted = { .text = "" };
	const size_t room = sizeof(quoted.text) - sizeof("…");
	size_t used = 0, i;

	for (i = 0; text[i] && used < room; i++) {
		if ((unsigned char)text[i] >= ' ' && text[i] != 0x7f)
			quoted.text[used++] = text[i];
		else if (used == 0 || quoted.text[used - 1] != ' ')
			quoted.text[used++] = ' ';
	}
	if (text[i]) {
		/* Not in the middle of a character. */
		while (used && ((unsigned char)text[i] & 0xc0) == 0x80) {
			i--;
			used--;
		}
		memcpy(quoted.text + used, "…", sizeof("…"));
	}
	return quoted;
}

struct place
place(struct mark mark)
{
	struct place where = { .text = "" };

	if (mark.line == 0)
		snprintf(where.text, sizeof(where.text), "%s", mark.source->name);
	else
		snprintf(where.text, sizeof(where.text), "%s:%u:%u", mark.source->name, mark.line,
		    mark.column);
	return where;
}
