/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "suggest/targets.h"

#include <inttypes.h>
#include <string.h>

#include "verdict/words.h"

/* Two or three neighbours are easier to read as they are. */
#define RUN_MIN 4

static const unsigned int lengths[FAMILIES] = { 4, 16 }; /* bytes of an address */
static const unsigned int prefixes[FAMILIES] = { 3, 8 }; /* of what is merged into */

int
targets_compare(const struct target *one, const struct target *other)
{
	if (one->family != other->family)
		return one->family < other->family ? -1 : 1;
	return memcmp(one->range.first, other->range.first, sizeof(one->range.first));
}

bool
targets_equal(
    const struct target *one, uint32_t n_one, const struct target *other, uint32_t n_other)
{
	uint32_t i;

	if (n_one != n_other)
		return false;
	for (i = 0; i < n_one; i++) {
		if (one[i].family != other[i].family || one[i].wider != other[i].wider ||
		    memcmp(&one[i].range, &other[i].range, sizeof(one[i].range)) != 0)
			return false;
	}
	return true;
}

/* How many from the first lie in its prefix. */
static uint32_t
count_prefix(const struct target *targets, uint32_t n)
{
	const unsigned int length = prefixes[targets[0].family];
	uint32_t i;

	for (i = 1; i < n; i++) {
		if (targets[i].family != targets[0].family ||
		    memcmp(targets[i].range.first, targets[0].range.first, length) != 0)
			break;
	}
	return i;
}

static void
widen(struct target *target, uint32_t seen)
{
	const unsigned int length = lengths[target->family], prefix = prefixes[target->family];

	memset(target->range.first + prefix, 0, length - prefix);
	memcpy(target->range.last, target->range.first, length);
	memset(target->range.last + prefix, 0xff, length - prefix);
	target->seen = seen;
	target->wider = !(target->family == FAMILY_IPV4 && seen == 256);
}

static bool
follows(const struct target *one, const struct target *next)
{
	unsigned int i = lengths[one->family];
	uint8_t expected[16];

	if (one->family != next->family || one->wider || next->wider)
		return false;
	memcpy(expected, one->range.last, sizeof(expected));
	while (i-- > 0 && ++expected[i] == 0)
		;
	return memcmp(expected, next->range.first, sizeof(expected)) == 0;
}

static uint32_t
count_run(const struct target *targets, uint32_t n)
{
	uint32_t i;

	for (i = 1; i < n && follows(&targets[i - 1], &targets[i]); i++)
		;
	return i;
}

uint32_t
targets_gather(struct target *targets, uint32_t n, uint32_t merge)
{
	uint32_t i, met, kept = 0;

	for (i = 0; merge && i < n; i += met) {
		met = count_prefix(targets + i, n - i);
		if (met >= merge && met > 1) {
			targets[kept] = targets[i];
			widen(&targets[kept++], met);
		} else {
			memmove(targets + kept, targets + i, met * sizeof(*targets));
			kept += met;
		}
	}
	if (merge)
		n = kept;
	for (i = 0, kept = 0; i < n; i += met) {
		met = count_run(targets + i, n - i);
		memmove(targets + kept, targets + i, met * sizeof(*targets));
		if (met < RUN_MIN) {
			kept += met;
			continue;
		}
		memcpy(targets[kept].range.last, targets[kept + met - 1].range.last,
		    sizeof(targets[kept].range.last));
		targets[kept++].seen = met;
	}
	return kept;
}

const char *
targets_text(struct arena *arena, const struct target *target)
{
	char buffer[WORDS_RANGE_SIZE];

	words_range(target->family, &target->range, buffer);
	return arena_string(arena, buffer, strlen(buffer));
}

const char *
targets_wider(struct arena *arena, const struct target *targets, uint32_t n)
{
	const char *text = "";
	char buffer[WORDS_RANGE_SIZE];
	uint32_t i;

	for (i = 0; text && i < n; i++) {
		if (targets[i].wider)
			text = arena_printf(arena, "%s%s%" PRIu64 " of %s", text,
			    text[0] ? ", " : "", targets[i].seen,
			    words_range(targets[i].family, &targets[i].range, buffer));
	}
	return text;
}
