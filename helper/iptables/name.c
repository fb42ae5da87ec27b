/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "iptables/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define POLICY_PREFIX CHAIN_PREFIX ":"
#define STEM_MAX      (CHAIN_NAME_MAX - (int)sizeof(POLICY_PREFIX) + 1)
#define HASH_DIGITS   6
#define CUT_STEM_MAX  (STEM_MAX - 1 - HASH_DIGITS)

static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

/* One policy on its way to a name. */
struct candidate {
	const char *policy; /* the whole name */
	const char *stem;   /* its last part */
	struct chain_name *name;
};

static uint32_t
hash(const char *text, uint32_t salt)
{
	uint32_t sum = 2166136261u ^ salt; /* FNV-1a */

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * 16777619u;
	return (sum ^ sum >> 24) & 0xffffff;
}

static const char *
last_part(const char *policy)
{
	const char *slash = strrchr(policy, '/');

	return slash ? slash + 1 : policy;
}

static bool
fits(const char *stem)
{
	size_t length = strlen(stem);

	return length > 0 && length <= STEM_MAX && strspn(stem, kept) == length;
}

/* '~' is not among the kept characters: no policy's plain name can look like a hashed one. */
static void
name_hashed(struct candidate *candidate, uint32_t salt)
{
	char stem[CUT_STEM_MAX + 1];
	size_t i;

	snprintf(stem, sizeof(stem), "%.*s", CUT_STEM_MAX, candidate->stem);
	for (i = 0; stem[i]; i++) {
		if (!strchr(kept, stem[i]))
			stem[i] = '_';
	}
	snprintf(candidate->name->text, sizeof(candidate->name->text), POLICY_PREFIX "%s~%06x",
	    stem, (unsigned int)hash(candidate->policy, salt));
}

static int
by_stem(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	return strcmp(left->stem, right->stem);
}

static int
by_name(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;
	int order = strcmp(left->name->text, right->name->text);

	return order ? order : strcmp(left->policy, right->policy);
}

/* Two names with one hash: the later one, by the policy's name, takes the next salt. */
static void
part_equals(struct candidate *candidates, uint32_t n)
{
	uint32_t salt, i;
	bool again = true;

	for (salt = 1; again; salt++) {
		again = false;
		qsort(candidates, n, sizeof(*candidates), by_name);
		for (i = 1; i < n; i++) {
			if (strcmp(candidates[i].name->text, candidates[i - 1].name->text) != 0)
				continue;
			name_hashed(&candidates[i], salt);
			again = true;
		}
	}
}

bool
chain_name_ours(const char *name)
{
	return strncmp(name, CHAIN_PREFIX, sizeof(CHAIN_PREFIX) - 1) == 0;
}

struct chain_name
chain_name_dispatch(uint32_t number)
{
	struct chain_name name = { CHAIN_PREFIX };

	if (number)
		snprintf(name.text, sizeof(name.text), CHAIN_PREFIX "#%u", (unsigned int)number);
	return name;
}

struct chain_name
chain_name_list(uint64_t list)
{
	struct chain_name name;

	snprintf(name.text, sizeof(name.text), CHAIN_PREFIX "=%016" PRIx64, list);
	return name;
}

struct chain_name
chain_name_routing(bool observed)
{
	struct chain_name name;

	snprintf(
	    name.text, sizeof(name.text), CHAIN_PREFIX "%%%s", observed ? "observed" : "routing");
	return name;
}

/* None of '/', '+' and '%' is in a policy's own name. The hash has 56 bits: there are few names
 * that need it, and two that have one hash are noticed. */
struct chain_name
chain_name_part(const struct chain_name *first, enum chain_part part, uint16_t number)
{
	struct chain_name name = *first;
	uint64_t sum = UINT64_C(14695981039346656037); /* FNV-1a */
	const char *text;
	char end[8];
	size_t length = strlen(first->text);

	if (length + (size_t)snprintf(end, sizeof(end), "%c%hu", part, number) <= CHAIN_NAME_MAX) {
		strcpy(name.text + length, end);
		return name;
	}
	for (text = first->text; *text; text++)
		sum = (sum ^ (unsigned char)*text) * UINT64_C(1099511628211);
	snprintf(
	    name.text, sizeof(name.text), CHAIN_PREFIX "%c%014" PRIx64 "%s", part, sum >> 8, end);
	return name;
}

int
chain_names(const struct fence_plan *plan, struct chain_name **names, struct why *why)
{
	cleanup_free struct candidate *candidates = NULL;
	cleanup_free struct chain_name *result = NULL;
	uint32_t n = plan->n_policies;
	uint32_t i;
	bool shared;

	candidates = calloc((size_t)n + 1, sizeof(*candidates));
	result = calloc((size_t)n + 1, sizeof(*result));
	if (!candidates || !result)
		return why_errno(why, ENOMEM, "names of %u chains", (unsigned int)n);

	for (i = 0; i < n; i++) {
		candidates[i].policy = plan->policies[i]->name;
		candidates[i].stem = last_part(plan->policies[i]->name);
		candidates[i].name = &result[i];
	}
	qsort(candidates, n, sizeof(*candidates), by_stem);
	for (i = 0; i < n; i++) {
		shared = (i > 0 && by_stem(&candidates[i], &candidates[i - 1]) == 0) ||
			 (i + 1 < n && by_stem(&candidates[i], &candidates[i + 1]) == 0);
		if (shared || !fits(candidates[i].stem))
			name_hashed(&candidates[i], 0);
		else
			snprintf(candidates[i].name->text, sizeof(candidates[i].name->text),
			    POLICY_PREFIX "%s", candidates[i].stem);
	}
	part_equals(candidates, n);

	*names = steal_pointer(&result);
	return 0;
}
