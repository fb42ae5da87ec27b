/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Users who are named one by one; of others, how many they are. */
#define NAMED_MAX 3

static void
clear(struct finding *finding)
{
	size_t i;

	for (i = 0; i < finding->n_users; i++)
		free(finding->users[i]);
	free(finding->users);
	free(finding->subject);
	free(finding->what);
	free(finding->file);
	free(finding->mend);
}

void
findings_free(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->n; i++) {
		clear(findings->list[i]);
		free(findings->list[i]);
	}
	free(findings->list);
	clear(&findings->spare);
	*findings = (struct findings){ .n = 0 };
}

static struct finding *
spare(struct findings *findings)
{
	findings->lost = true;
	return &findings->spare;
}

/* Takes `what` over. */
static struct finding *
add(struct findings *findings, enum finding_grade grade, const char *id, const char *subject,
    char *what)
{
	struct finding **grown;
	struct finding *finding = calloc(1, sizeof(*finding));

	grown = realloc(findings->list, (findings->n + 1) * sizeof(struct finding *));
	if (grown)
		findings->list = grown;
	if (finding && subject)
		finding->subject = strdup(subject);
	if (!grown || !finding || !what || (subject && !finding->subject)) {
		free(finding ? finding->subject : NULL);
		free(finding);
		free(what);
		return spare(findings);
	}
	finding->grade = grade;
	finding->id = id;
	finding->what = what;
	findings->list[findings->n++] = finding;
	findings->count[grade]++;
	return finding;
}

__attribute__((format(printf, 1, 0))) static char *
format_text(const char *format, va_list arguments)
{
	char *text;

	return vasprintf(&text, format, arguments) < 0 ? NULL : text;
}

struct finding *
finding_add(struct findings *findings, enum finding_grade grade, const char *id,
    const char *subject, const char *format, ...)
{
	va_list arguments;
	char *what;

	va_start(arguments, format);
	what = format_text(format, arguments);
	va_end(arguments);
	return add(findings, grade, id, subject, what);
}

static bool
same_text(const char *one, const char *other)
{
	return one && other ? strcmp(one, other) == 0 : one == other;
}

static struct finding *
find(const struct findings *findings, enum finding_grade grade, const char *id, const char *subject,
    const char *what)
{
	size_t i;

	for (i = 0; i < findings->n; i++) {
		struct finding *finding = findings->list[i];

		if (finding->n_users && finding->grade == grade && !strcmp(finding->id, id) &&
		    same_text(finding->subject, subject) && !strcmp(finding->what, what))
			return finding;
	}
	return NULL;
}

static bool
add_user(struct finding *finding, const char *user)
{
	char **grown;
	size_t i;

	for (i = 0; i < finding->n_users; i++) {
		if (!strcmp(finding->users[i], user))
			return true;
	}
	grown = realloc(finding->users, (finding->n_users + 1) * sizeof(*grown));
	if (!grown)
		return false;
	finding->users = grown;
	grown[finding->n_users] = strdup(user);
	if (!grown[finding->n_users])
		return false;
	finding->n_users++;
	return true;
}

struct finding *
finding_add_user(struct findings *findings, enum finding_grade grade, const char *id,
    const char *subject, const char *user, const char *format, ...)
{
	struct finding *finding;
	va_list arguments;
	char *what;

	va_start(arguments, format);
	what = format_text(format, arguments);
	va_end(arguments);
	finding = what ? find(findings, grade, id, subject, what) : NULL;
	if (finding)
		free(what);
	else
		finding = add(findings, grade, id, subject, what);
	if (finding != &findings->spare && !add_user(finding, user))
		findings->lost = true;
	return finding;
}

void
finding_at(struct finding *finding, const char *file, uint32_t line)
{
	free(finding->file);
	finding->file = file ? strdup(file) : NULL;
	finding->line = line;
}

void
finding_mend(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	free(finding->mend);
	va_start(arguments, format);
	finding->mend = format_text(format, arguments);
	va_end(arguments);
}

static bool
same_users(const struct finding *one, const struct finding *other)
{
	size_t i;

	for (i = 0; i < one->n_users && i < other->n_users; i++) {
		if (strcmp(one->users[i], other->users[i]) != 0)
			return false;
	}
	return one->n_users == other->n_users;
}

static bool
same_place(const struct finding *one, const struct finding *other)
{
	return one->file && other->file && !strcmp(one->file, other->file) &&
	       one->line == other->line;
}

/* Takes the other's subject over. */
static bool
join(struct finding *one, const struct finding *other)
{
	char *subject;

	if (one->grade != other->grade || strcmp(one->id, other->id) != 0 ||
	    strcmp(one->what, other->what) != 0 || !one->subject || !other->subject ||
	    !same_place(one, other) || !same_users(one, other) ||
	    asprintf(&subject, "%s, %s", one->subject, other->subject) < 0)
		return false;
	free(one->subject);
	one->subject = subject;
	return true;
}

void
findings_join(struct findings *findings)
{
	size_t i, j, n = 0;

	for (i = 0; i < findings->n; i++) {
		struct finding *finding = findings->list[i];

		for (j = 0; j < n && !join(findings->list[j], finding);)
			j++;
		if (j == n) {
			findings->list[n++] = finding;
			continue;
		}
		findings->count[finding->grade]--;
		clear(finding);
		free(finding);
	}
	findings->n = n;
}

static void
put_users(FILE *stream, const struct finding *finding)
{
	size_t i, named = finding->n_users;

	if (named > NAMED_MAX + 1)
		named = NAMED_MAX;
	for (i = 0; i < named; i++)
		fprintf(stream, "%s%s",
		    !i                                            ? ""
		    : i + 1 == named && named == finding->n_users ? " and "
								  : ", ",
		    finding->users[i]);
	if (named < finding->n_users)
		fprintf(stream, " and %zu more", finding->n_users - named);
}

char *
finding_text(const struct finding *finding)
{
	cleanup_free char *place = NULL;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	if (finding->subject)
		fprintf(stream, "%s: ", finding->subject);
	if (finding->n_users) {
		put_users(stream, finding);
		fputs(finding->subject ? " " : ": ", stream);
	}
	fputs(finding->what, stream);
	if (finding->file) {
		if (finding->line ? asprintf(&place, "%s:%u", finding->file, finding->line) < 0
				  : asprintf(&place, "%s", finding->file) < 0)
			place = NULL;
		/* Some name it where it fits in. */
		if (place && !strstr(finding->what, place))
			fprintf(stream, " (%s)", place);
	}
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}
