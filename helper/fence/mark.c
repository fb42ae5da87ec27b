/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fence/mark.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "netfence/rule.h"

static const char *const verdicts[MARK_VERDICTS] = {
	[MARK_DENIED] = "denied",
	[MARK_OBSERVED] = "observed",
	[MARK_ALLOWED] = "allowed",
};

static const char *const bys[] = {
	[MARK_BY_RULE] = "rule",
	[MARK_BY_DEFAULT] = "default",
	[MARK_BY_LOOPBACK] = "loopback",
	[MARK_BY_ROUTING_HEADER] = "routing-header",
	[MARK_BY_LIST] = "list",
};

#define HASH_DIGITS 12

const char *
mark_verdict(enum mark_verdict verdict)
{
	return verdicts[verdict];
}

const char *
mark_by(enum mark_by by)
{
	return bys[by];
}

/* 28 bytes of a name with "loopback", 8 and 12 more and three commas at most: longer words stand in
 * chains with short names. */
const char *
mark_print(const struct mark *mark, const char *chain, char buffer[MARK_SIZE])
{
	char number[8];

	snprintf(number, sizeof(number), "%" PRIu16, mark->rule);
	snprintf(buffer, MARK_SIZE, "%.28s,%s,%s,%0*" PRIx64, chain,
	    mark->by == MARK_BY_RULE ? number : bys[mark->by], verdicts[mark->verdict], HASH_DIGITS,
	    mark->policy);
	return buffer;
}

/* The word of that number, of n, that `text` is, or n. */
static size_t
find(const char *const *words, size_t n, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(words[i]) == length && !memcmp(words[i], text, length))
			break;
	return i;
}

static bool
parse_rule(const char *text, size_t length, struct mark *mark)
{
	unsigned int number = 0;
	size_t i, by = find(bys, sizeof(bys) / sizeof(bys[0]), text, length);

	if (by < sizeof(bys) / sizeof(bys[0]) && by != MARK_BY_RULE) {
		mark->by = (enum mark_by)by;
		mark->rule = 0;
		return true;
	}
	for (i = 0; i < length && number <= POLICY_RULES_MAX; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned int)(text[i] - '0');
	}
	mark->by = MARK_BY_RULE;
	mark->rule = (uint16_t)number;
	return number > 0 && number <= POLICY_RULES_MAX;
}

static bool
parse_hash(const char *text, size_t length, uint64_t *hash)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;
	size_t i;

	*hash = 0;
	for (i = 0; i < length; i++) {
		digit = text[i] ? strchr(digits, text[i]) : NULL;
		if (!digit)
			return false;
		*hash = *hash << 4 | (uint64_t)(digit - digits);
	}
	return length == HASH_DIGITS;
}

bool
mark_parse(const char *text, size_t length, struct mark *mark)
{
	const char *parts[4];
	size_t lengths[4], verdict;
	unsigned int n = 0;
	const char *end = text + strnlen(text, length), *comma;

	for (;;) {
		comma = memchr(text, ',', (size_t)(end - text));
		parts[n] = text;
		lengths[n++] = (size_t)((comma ? comma : end) - text);
		if (!comma || n == 4)
			break;
		text = comma + 1;
	}
	if (n != 4 || comma)
		return false;
	verdict = find(verdicts, MARK_VERDICTS, parts[2], lengths[2]);
	if (verdict == MARK_VERDICTS)
		return false;
	mark->verdict = (enum mark_verdict)verdict;
	return parse_rule(parts[1], lengths[1], mark) &&
	       parse_hash(parts[3], lengths[3], &mark->policy);
}
