/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/amount.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "policy/names.h"
#include "policy/report.h"

#define DIGITS     "0123456789"
#define DIGITS_MAX 9 /* of a number that surely fits */

struct unit {
	const char *name;
	uint32_t seconds;
	const char *mend; /* not a unit here, but one that people write */
};

static const struct unit durations[] = {
	{ "s", 1, NULL },
	{ "m", 60, NULL },
	{ "h", 3600, NULL },
	{ "d", 86400, NULL },
	{ "sec", 1, "s" },
	{ "second", 1, "s" },
	{ "seconds", 1, "s" },
	{ "min", 60, "m" },
	{ "mins", 60, "m" },
	{ "minute", 60, "m" },
	{ "minutes", 60, "m" },
	{ "hour", 3600, "h" },
	{ "hours", 3600, "h" },
	{ "hrs", 3600, "h" },
	{ "H", 3600, "h" },
	{ "day", 86400, "d" },
	{ "days", 86400, "d" },
	{ "D", 86400, "d" },
	{ NULL, 0, NULL },
};

static const struct unit rates[] = {
	{ "second", 1, NULL },
	{ "minute", 60, NULL },
	{ "hour", 3600, NULL },
	{ "day", 86400, NULL },
	{ "s", 1, "second" },
	{ "sec", 1, "second" },
	{ "seconds", 1, "second" },
	{ "m", 60, "minute" },
	{ "min", 60, "minute" },
	{ "minutes", 60, "minute" },
	{ "h", 3600, "hour" },
	{ "hours", 3600, "hour" },
	{ "d", 86400, "day" },
	{ "days", 86400, "day" },
	{ NULL, 0, NULL },
};

static const struct unit *
find_unit(const struct unit *units, const char *name)
{
	for (; units->name; units++) {
		if (strcmp(units->name, name) == 0)
			return units;
	}
	return NULL;
}

int
amount_duration(const char *text, uint32_t *seconds, struct why *why)
{
	size_t digits = strspn(text, DIGITS), blanks = strspn(text + digits, " ");
	const struct unit *unit = find_unit(durations, text + digits + blanks);
	unsigned long number = strtoul(text, NULL, 10);

	if (strcmp(text, "none") == 0) {
		*seconds = 0;
		return 0;
	}
	if (!digits)
		return why_set(why, EINVAL,
		    "'%s' is not a time: write a number and s, m, h or d, as in '8h', or 'none'",
		    quote(text).text);
	if (digits > DIGITS_MAX)
		return why_set(
		    why, EINVAL, "'%s' is too long: at most 366d, or 'none'", quote(text).text);
	if (number == 0)
		return why_set(
		    why, EINVAL, "'%s' is no time: write 'none' for without end", quote(text).text);
	if (!text[digits])
		return why_set(why, EINVAL,
		    "'%s' has no unit: write '%lus' for seconds, '%lum' for minutes or '%luh' for "
		    "hours",
		    text, number, number, number);
	if (unit && (unit->mend || blanks))
		return why_set(why, EINVAL, "'%s': write '%lu%s'", quote(text).text, number,
		    unit->mend ? unit->mend : unit->name);
	if (!unit)
		return why_set(why, EINVAL,
		    "'%s' is not a time: one number and one of s, m, h and d, as in '90m'",
		    quote(text).text);
	if (number > POLICY_SESSION_MAX / unit->seconds)
		return why_set(
		    why, EINVAL, "'%s' is too long: at most 366d, or 'none'", quote(text).text);
	*seconds = (uint32_t)number * unit->seconds;
	return 0;
}

int
amount_limit(const char *text, struct limit *limit, struct why *why)
{
	size_t digits = strspn(text, DIGITS);
	unsigned long number = digits <= DIGITS_MAX ? strtoul(text, NULL, 10) : ULONG_MAX;
	const char *rest = text + digits, *name = rest + strspn(rest, "/ ");
	const struct unit *unit = find_unit(rates, name);
	struct nearest nearest = { .wanted = name };

	if (!digits || *rest == '.' || *rest == ',')
		return why_set(why, EINVAL,
		    "'%s' is not a limit: write COUNT/UNIT, as in '10/second' or '3/minute'",
		    quote(text).text);
	if (!*rest)
		return why_set(why, EINVAL,
		    "'%s': in what time? write '%s/second', '%s/minute', '%s/hour' or '%s/day'",
		    quote(text).text, quote(text).text, quote(text).text, quote(text).text,
		    quote(text).text);
	if (number == 0)
		return why_set(why, EINVAL,
		    "'%s' would never match: leave the rule out, or allow at least 1",
		    quote(text).text);
	if (unit && (unit->mend || *rest != '/' || name != rest + 1))
		return why_set(why, EINVAL, "'%s': write '%.*s/%s'", quote(text).text, (int)digits,
		    text, unit->mend ? unit->mend : unit->name);
	if (!unit) {
		for (unit = rates; unit->name; unit++) {
			if (!unit->mend)
				nearest_offer(&nearest, unit->name);
		}
		return why_set(why, EINVAL, "'%s' is not a limit: %s%s%s", quote(text).text,
		    nearest.best ? "did you mean '/" : "it is per second, minute, hour or day",
		    nearest.best ? nearest.best : "", nearest.best ? "'?" : "");
	}
	if (number > RULE_LIMIT_MAX)
		return why_set(why, EINVAL, "'%s': a limit counts at most %d per %s",
		    quote(text).text, RULE_LIMIT_MAX, unit->name);
	*limit = (struct limit){ .count = (uint32_t)number, .seconds = unit->seconds };
	return 0;
}

int
amount_number(const char *text, long least, long most, long *number, struct why *why)
{
	const char *digits = text + (*text == '-' || *text == '+');
	size_t n = strspn(digits, DIGITS);

	if (!n || digits[n])
		return why_set(why, EINVAL, "'%s' is not a whole number", quote(text).text);
	*number = n <= DIGITS_MAX ? strtol(text, NULL, 10) : LONG_MAX;
	if (*number < least || *number > most)
		return why_set(
		    why, EINVAL, "'%s' is not within %ld to %ld", quote(text).text, least, most);
	return 0;
}
